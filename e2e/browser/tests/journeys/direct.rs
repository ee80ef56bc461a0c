//! Supernodes without WebSocket, without a name and without a certificate of any authority.

use std::fs;
use std::net::UdpSocket;

use anyhow::{Result, ensure};
use e2e_browser::browser::{Kind, Options};
use e2e_browser::network::own_address;
use e2e_browser::person::{Person, State};
use e2e_browser::site::Site;
use e2e_browser::supernode::Supernode;
use e2e_browser::wait::{LONG_PATIENCE, until_within};
use e2e_browser::world::World;
use e2e_browser::{http, journey, settings};
use serde_json::json;

use crate::friends::{friends_with, meet};
use crate::screens::open_section;

/// A supernode that is reached by its address alone, at a port that it has again after a restart.
async fn nameless(world: &World) -> Result<Supernode> {
    let free = UdpSocket::bind((own_address()?, 0))?.local_addr()?;
    let udp = free.to_string();
    world
        .supernode_with(&["--udp", &udp, "--websocket", "false"])
        .await
}

/// What the settings say of the ways to the supernode.
async fn routes(person: &Person) -> Result<String> {
    person.page.click("button", "Settings").await?;
    open_section(person, "Network").await?;
    let script = "document.querySelectorAll('details.routes').forEach(it => it.open = true); \
        return [...document.querySelectorAll('.route')].map(it => it.innerText).join('\\n');";
    let mut text = String::new();
    until_within("the routes", LONG_PATIENCE, async || {
        text = person
            .page
            .run(script, json!([]))
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(text.contains("In use").then_some(()))
    })
    .await?;
    Ok(text)
}

async fn two_people_talk(world: &World, kinds: [Kind; 2], options: &Options) -> Result<()> {
    let mut node = nameless(world).await?;
    let (ann, ben) = friends_with(world, &node.url(), kinds, options).await?;
    ann.say("no name").await?;
    ben.sees("no name").await?;
    ben.say("and no certificate").await?;
    ann.sees("and no certificate").await?;
    ben.path_becomes(&["direct"]).await?;
    // What is written to somebody away waits at the supernode, and is there after a reload.
    ben.close_tab().await?;
    ann.say("wait for Ben").await?;
    ann.reaches_within(LONG_PATIENCE, "wait for Ben", &[State::Sent])
        .await?;
    ann.reload().await?;
    ben.open(&node.url()).await?;
    ben.open_chat("Ann").await?;
    ben.sees_within(LONG_PATIENCE, "wait for Ben").await?;
    // Both come back by themselves when the supernode does.
    node.kill();
    node.resume().await?;
    ben.close_tab().await?;
    ann.open_chat("Ben").await?;
    ann.say("after the power cut").await?;
    ann.reaches_within(LONG_PATIENCE, "after the power cut", &[State::Sent])
        .await?;
    ben.open(&node.url()).await?;
    ben.open_chat("Ann").await?;
    ben.sees_within(LONG_PATIENCE, "after the power cut")
        .await?;
    let routes = routes(&ann).await?;
    world.keep_picture(&ann, "routes").await?;
    ensure!(
        routes.contains("By address") && !routes.contains("WebSocket"),
        "{routes}"
    );
    Ok(())
}

#[test]
fn two_people_talk_by_a_nameless_supernode_in_chromium() {
    journey::run(
        "two_people_talk_by_a_nameless_supernode_in_chromium",
        async |world| two_people_talk(world, [Kind::Chromium; 2], &Options::default()).await,
    );
}

#[test]
fn two_people_talk_by_a_nameless_supernode_from_firefox_to_chromium() {
    journey::run(
        "two_people_talk_by_a_nameless_supernode_from_firefox_to_chromium",
        async |world| {
            let kinds = [Kind::Firefox, Kind::Chromium];
            two_people_talk(world, kinds, &Options::default()).await
        },
    );
}

/// The page on a static host that names one nameless supernode.
async fn beside(world: &World, name: &str) -> Result<(Supernode, Site)> {
    let folder = world.folder().join(name);
    fs::create_dir_all(&folder)?;
    let udp = format!("{}:0", own_address()?);
    let node = Supernode::start(&folder, &["--udp", &udp, "--websocket", "false"]).await?;
    let named = http::get(node.address(), "/kith.json", &[]).await?.body;
    let files = [("kith.json", named.to_vec())];
    let site = Site::serve(&settings::dist(), "", &files).await?;
    Ok((node, site))
}

#[test]
fn two_people_at_different_nameless_supernodes_find_each_other() {
    journey::run(
        "two_people_at_different_nameless_supernodes_find_each_other",
        async |world| {
            let (_one, anns) = beside(world, "one").await?;
            let (_other, bens) = beside(world, "other").await?;
            let ann = world.person("Ann", Kind::Firefox).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            ann.arrive(&anns.url()).await?;
            let link = ann.invite_link().await?;
            ben.arrive(&bens.url()).await?;
            ben.open_add_contact().await?;
            ben.paste_invite(&link).await?;
            ben.connect_with("Ann").await?;
            ann.has_chat("Ben").await?;
            ann.open_chat("Ben").await?;
            ben.open_chat("Ann").await?;
            ann.say("from one box").await?;
            ben.sees("from one box").await?;
            ben.say("to another").await?;
            ann.sees("to another").await?;
            ann.close_tab().await?;
            ben.say("when you are back").await?;
            ben.reaches_within(LONG_PATIENCE, "when you are back", &[State::Sent])
                .await?;
            ann.open(&anns.url()).await?;
            ann.open_chat("Ben").await?;
            ann.sees_within(LONG_PATIENCE, "when you are back").await
        },
    );
}

/// Browsers may come to refuse descriptions in which a page has changed the ICE credentials.
#[test]
fn nothing_that_the_browser_offers_is_changed() {
    journey::run(
        "nothing_that_the_browser_offers_is_changed",
        async |world| {
            let node = nameless(world).await?;
            let strict = "--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/";
            let options = Options {
                chromium_flags: vec![strict.to_owned()],
                ..Options::default()
            };
            let ann = world.person_with("Ann", Kind::Chromium, &options).await?;
            let ben = world.person_with("Ben", Kind::Chromium, &options).await?;
            meet(&ann, &ben, &node.url()).await?;
            ann.say("as it is").await?;
            ben.sees("as it is").await
        },
    );
}
