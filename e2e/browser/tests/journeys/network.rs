//! The device moves to another network.

use anyhow::{Result, ensure};
use e2e_browser::browser::{Kind, Options};
use e2e_browser::journey;
use e2e_browser::network::{self, Network};
use e2e_browser::person::{Person, State};
use e2e_browser::wait::{LONG_PATIENCE, until_within};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

const HOME: Ipv4Addr = Ipv4Addr::new(10, 77, 1, 5);
const CAFE: Ipv4Addr = Ipv4Addr::new(10, 77, 2, 9);

/// Remembers the connections a page makes, so that the browser can be asked about them.
pub const REMEMBER: &str = r"
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...words) { super(...words); window.connections.push(this); }
};";

/// The connections a page has made, the address of the last one's selected pair, and how often its ICE
/// has begun: each has a user fragment of its own (RFC 8445 §2.4).
const ASK: &str = r"
const done = arguments[arguments.length - 1];
const last = window.connections.at(-1);
last.getStats().then(report => {
    const transport = [...report.values()].find(entry => entry.type === 'transport');
    const pair = report.get(transport?.selectedCandidatePairId);
    const local = report.get(pair?.localCandidateId);
    const fragment = last.localDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1];
    done({ made: window.connections.length, state: last.connectionState, address: local?.address, fragment });
}, error => done({ error: String(error) }));";

async fn ask(person: &Person) -> Result<Value> {
    person.page.run_async(ASK, json!([])).await
}

#[test]
fn a_channel_moves_to_another_network_by_an_ice_restart() {
    const NAME: &str = "a_channel_moves_to_another_network_by_an_ice_restart";
    network::inside(NAME, || {
        journey::run(NAME, async |world| {
            let mut network = Network::start(HOME)?;
            let node = world.supernode().await?;
            // Over loopback nothing would be lost when the address goes.
            let options = Options {
                without_loopback: true,
                ..Options::default()
            };
            let ann = world.person_with("Ann", Kind::Chromium, &options).await?;
            let ben = world.person_with("Ben", Kind::Chromium, &options).await?;
            for person in [&ann, &ben] {
                person.page.browser().run_before_pages(REMEMBER).await?;
            }
            crate::friends::meet(&ann, &ben, &node.url()).await?;
            ann.path_becomes(&["direct"]).await?;
            ben.path_becomes(&["direct"]).await?;
            ann.say("from home").await?;
            ben.sees("from home").await?;
            let before = ask(&ann).await?;
            ensure!(before["address"] == HOME.to_string(), "at home: {before}");

            network.leave()?;
            ann.say("on the way").await?;
            network.join(CAFE)?;
            ben.sees_within(LONG_PATIENCE, "on the way").await?;
            until_within(
                "the channel to be at the new address",
                LONG_PATIENCE,
                async || {
                    let now = ask(&ann).await?;
                    Ok(
                        (now["address"] == CAFE.to_string() && now["state"] == "connected")
                            .then_some(()),
                    )
                },
            )
            .await?;
            let after = ask(&ann).await?;
            ensure!(
                after["made"] == before["made"],
                "a new channel: {before}, {after}"
            );
            ensure!(
                after["fragment"] != before["fragment"],
                "no restart: {before}, {after}"
            );
            ann.path_becomes(&["direct"]).await?;
            ben.path_becomes(&["direct"]).await?;
            ben.say("you are quick").await?;
            ann.sees("you are quick").await?;
            ann.reaches("on the way", &[State::Delivered, State::Read])
                .await
        });
    });
}
