//! Channels through a supernode's relay.

mod transfer;

use anyhow::{Context, Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::network::own_address;
use e2e_browser::person::{Person, State};
use e2e_browser::supernode::Supernode;
use e2e_browser::wait::{LONG_PATIENCE, until_within};
use e2e_browser::world::World;
use e2e_browser::{http, journey};
use serde_json::{Value, json};

use crate::friends::meet;
use crate::network::REMEMBER;
use crate::screens::open_section;

const SWITCH: &str = "Always relay";

/// The last connection: its ICE servers' first user, which candidates are known of both sides, the selected
/// pair's own port, and the beginning of its ICE.
const ASK: &str = r"
const done = arguments[arguments.length - 1];
const last = window.connections.at(-1);
last.getStats().then(report => {
    const all = [...report.values()];
    const kinds = type => [...new Set(all.filter(it => it.type === type).map(it => it.candidateType))];
    const transport = all.find(it => it.type === 'transport');
    const pair = report.get(transport?.selectedCandidatePairId) ?? all.find(it => it.type === 'candidate-pair' && it.selected);
    const local = report.get(pair?.localCandidateId);
    const [server] = last.getConfiguration().iceServers;
    done({
        made: window.connections.length, state: last.connectionState, user: server?.username,
        theirs: kinds('remote-candidate'), port: local?.port, kind: local?.candidateType,
        other: report.get(pair?.remoteCandidateId)?.candidateType,
        fragment: last.localDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1],
        told: last.remoteDescription.sdp,
    });
}, error => done({ error: String(error) }));";

async fn ask(person: &Person) -> Result<Value> {
    person.page.run_async(ASK, json!([])).await
}

/// A supernode that relays, and more flags.
async fn relaying(world: &World, flags: &[&str]) -> Result<Supernode> {
    let udp = format!("{}:0", own_address()?);
    let flags = [&["--udp", &udp], flags].concat();
    world.supernode_with(&flags).await
}

/// Ann and Ben, with each other's chat open.
async fn pair(world: &World, kinds: [Kind; 2], url: &str) -> Result<(Person, Person)> {
    let ann = world.person("Ann", kinds[0]).await?;
    let ben = world.person("Ben", kinds[1]).await?;
    for person in [&ann, &ben] {
        person.page.browser().run_before_pages(REMEMBER).await?;
    }
    meet(&ann, &ben, url).await?;
    Ok((ann, ben))
}

async fn always_relay(person: &Person) -> Result<()> {
    person.page.click("button", "Settings").await?;
    open_section(person, "Privacy").await?;
    person.page.click("switch", SWITCH).await
}

async fn paths_become(people: [&Person; 2], path: &str) -> Result<()> {
    for person in people {
        if let Err(error) = person.path_becomes(&[path]).await {
            let [one, other] = [ask(people[0]).await?, ask(people[1]).await?];
            return Err(error.context(format!("{one}\n{other}")));
        }
    }
    Ok(())
}

/// Bytes that a supernode has relayed.
async fn relayed_bytes(node: &Supernode) -> Result<u64> {
    let metrics = http::get(node.address(), "/metrics", &[]).await?;
    let text = String::from_utf8(metrics.body)?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("kith_turn_month_bytes "));
    Ok(line.context("no such metric")?.parse()?)
}

/// Ann's page hides her address: from Ben, who came by her invite, until she writes; and then from all, if
/// she wants it so.
async fn ann_hides(world: &World, kinds: [Kind; 2]) -> Result<()> {
    let node = relaying(world, &[]).await?;
    let (ann, ben) = pair(world, kinds, &node.url()).await?;
    paths_become([&ann, &ben], "relayed").await?;
    let seen = ask(&ben).await?;
    ensure!(seen["theirs"] == json!(["relay"]), "Ben learned {seen}");
    let told = seen["told"].as_str().context("no description")?;
    ensure!(!told.contains("typ host"), "Ben was told {told}");
    ben.say("hello, may I?").await?;
    ann.sees("hello, may I?").await?;
    ann.path_becomes(&["relayed"]).await?;
    ann.say("welcome").await?;
    ben.sees("welcome").await?;
    paths_become([&ann, &ben], "direct").await?;

    always_relay(&ann).await?;
    ann.page
        .reads("One of your supernodes offers a relay.")
        .await?;
    world.keep_picture(&ann, "8-always-relay").await?;
    ann.open_chat("Ben").await?;
    paths_become([&ann, &ben], "relayed").await?;
    let seen = ask(&ben).await?;
    ensure!(seen["theirs"] == json!(["relay"]), "Ben learned {seen}");
    let before = relayed_bytes(&node).await?;
    ann.say("you do not see where I am").await?;
    ben.sees("you do not see where I am").await?;
    until_within("bytes to be counted", LONG_PATIENCE, async || {
        Ok((relayed_bytes(&node).await? > before).then_some(()))
    })
    .await?;
    world.keep_picture(&ann, "8-relayed").await?;

    ann.reload().await?;
    ann.to_chat("Ben").await?;
    paths_become([&ann, &ben], "relayed").await?;
    ben.say("still there?").await?;
    ann.sees("still there?").await?;
    always_relay(&ann).await?;
    ann.open_chat("Ben").await?;
    paths_become([&ann, &ben], "direct").await
}

#[test]
fn an_address_is_hidden_by_the_relay_in_chromium() {
    journey::run(
        "an_address_is_hidden_by_the_relay_in_chromium",
        async |world| ann_hides(world, [Kind::Chromium; 2]).await,
    );
}

#[test]
fn an_address_is_hidden_by_the_relay_in_firefox() {
    journey::run(
        "an_address_is_hidden_by_the_relay_in_firefox",
        async |world| ann_hides(world, [Kind::Firefox; 2]).await,
    );
}

#[test]
fn without_a_relay_always_relay_leaves_the_mailbox() {
    journey::run(
        "without_a_relay_always_relay_leaves_the_mailbox",
        async |world| {
            let node = world.supernode().await?;
            let (ann, ben) = pair(world, [Kind::Chromium; 2], &node.url()).await?;
            paths_become([&ann, &ben], "direct").await?;
            always_relay(&ann).await?;
            let none =
                "None of your supernodes offers a relay right now. Messages travel by mailbox";
            ann.page.reads(none).await?;
            world.keep_picture(&ann, "8-no-relay").await?;
            ann.open_chat("Ben").await?;
            paths_become([&ann, &ben], "supernode").await?;
            ann.say("by mailbox").await?;
            ben.sees("by mailbox").await?;
            ann.reaches("by mailbox", &[State::Delivered, State::Read])
                .await?;
            ann.page.reads("No relay right now").await
        },
    );
}

#[test]
fn credentials_are_renewed_while_two_people_are_linked() {
    const SECONDS: &str = "8";
    journey::run(
        "credentials_are_renewed_while_two_people_are_linked",
        async |world| {
            let node = relaying(world, &["--turn-credential-seconds", SECONDS]).await?;
            let (ann, ben) = pair(world, [Kind::Chromium; 2], &node.url()).await?;
            paths_become([&ann, &ben], "relayed").await?;
            let first = ask(&ann).await?;
            let expiry = |it: &Value| -> Result<u64> {
                let user = it["user"].as_str().context("no user")?;
                Ok(user.split(':').next().unwrap_or_default().parse()?)
            };
            let end = expiry(&first)?;
            let much_later = until_within("credentials to be others", LONG_PATIENCE, async || {
                let now = ask(&ann).await?;
                Ok((expiry(&now)? > end + 15).then_some(now))
            });
            let much_later = much_later.await?;
            for what in ["made", "state", "fragment"] {
                ensure!(
                    much_later[what] == first[what],
                    "not the same connection: {first}, {much_later}"
                );
            }
            ben.say("half a minute on one line").await?;
            ann.sees("half a minute on one line").await?;

            // Another network: ICE begins anew, with a credential that was not there at first.
            ann.page
                .run("window.dispatchEvent(new Event('online'));", json!([]))
                .await?;
            until_within("another allocation", LONG_PATIENCE, async || {
                let now = ask(&ann).await?;
                ensure!(now["made"] == first["made"], "a new connection: {now}");
                let again = now["fragment"] != first["fragment"] && now["port"] != first["port"];
                Ok((again && now["kind"] == "relay").then_some(()))
            })
            .await?;
            paths_become([&ann, &ben], "relayed").await?;
            ben.say("and on").await?;
            ann.sees("and on").await
        },
    );
}
