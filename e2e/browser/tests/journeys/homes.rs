//! Three supernodes by three operators, named beside a page on a static host.

use std::fs;

use anyhow::{Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::person::{Person, State};
use e2e_browser::site::Site;
use e2e_browser::supernode::Supernode;
use e2e_browser::wait::{LONG_PATIENCE, until_within};
use e2e_browser::world::World;
use e2e_browser::{http, journey, settings};
use serde_json::{Value, json};

use crate::friends::meet;

/// Supernodes with folders of their own.
async fn supernodes(world: &World, flags: [&[&str]; 3]) -> Result<[Supernode; 3]> {
    let start = async |number: usize| {
        let folder = world.folder().join(format!("home-{number}"));
        fs::create_dir_all(&folder)?;
        Supernode::start(&folder, flags[number]).await
    };
    Ok([start(0).await?, start(1).await?, start(2).await?])
}

/// The built page, with a `kith.json` that names these.
async fn site(nodes: &[Supernode]) -> Result<Site> {
    let mut named = Vec::new();
    for node in nodes {
        let own = http::get(node.address(), "/kith.json", &[]).await?;
        let own: Value = serde_json::from_slice(&own.body)?;
        let route = format!("ws://localhost:{}/ws", node.address().port());
        named.push(json!({ "key": own["supernodes"][0]["key"], "routes": [route] }));
    }
    let kith = json!({ "supernodes": named }).to_string();
    Site::serve(&settings::dist(), "", &[("kith.json", kith.into_bytes())]).await
}

/// Waits until exactly these messages are shown, in this order.
async fn reads(person: &Person, texts: &[&str]) -> Result<()> {
    until_within(
        &format!("{} to read it all, once", person.name),
        LONG_PATIENCE,
        async || Ok((person.order_of(texts).await? == texts).then_some(())),
    )
    .await
}

/// Scrolls down, since a chat opens where the unread messages begin, and reads these last ones.
async fn goes_to_the_end(person: &Person, newest: &[&str]) -> Result<()> {
    until_within("the end of the chat", LONG_PATIENCE, async || {
        if let Some(down) = person
            .page
            .look("button", "Go to the latest message")
            .await?
        {
            // It goes away by itself at the end.
            let _ = person.page.press(&down).await;
        }
        Ok((person.order_of(newest).await? == newest).then_some(()))
    })
    .await
}

#[test]
fn one_home_of_three_dies_for_ever() {
    journey::run("one_home_of_three_dies_for_ever", async |world| {
        let mut nodes = supernodes(world, [&[]; 3]).await?;
        let site = site(&nodes).await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        let ben = world.person("Ben", Kind::Firefox).await?;
        meet(&ann, &ben, &site.url()).await?;
        ben.close_tab().await?;
        ann.say("one").await?;
        ann.reaches_within(LONG_PATIENCE, "one", &[State::Sent])
            .await?;

        nodes[0].kill();
        ann.say("two").await?;
        ann.reaches_within(LONG_PATIENCE, "two", &[State::Sent])
            .await?;

        // With one home left, a message is not safe yet, and says so.
        nodes[1].stop().await?;
        ann.say("three").await?;
        ann.page
            .reads_within(LONG_PATIENCE, "Kept at 1 of 3 supernodes so far.")
            .await?;
        ensure!(ann.state_of("three").await? == Some(State::Queued));
        nodes[1].resume().await?;
        ann.reaches_within(LONG_PATIENCE, "three", &[State::Sent])
            .await?;
        ann.close_tab().await?;

        ben.open(&site.url()).await?;
        ben.open_chat("Ann").await?;
        let letters = ["one", "two", "three"];
        reads(&ben, &letters).await?;
        ben.say("four").await?;
        ben.reaches_within(LONG_PATIENCE, "four", &[State::Sent])
            .await?;
        ben.close_tab().await?;

        ann.open(&site.url()).await?;
        ann.open_chat("Ben").await?;
        reads(&ann, &["one", "two", "three", "four"]).await?;
        for letter in letters {
            ann.reaches_within(LONG_PATIENCE, letter, &[State::Delivered, State::Read])
                .await?;
        }
        Ok(())
    });
}

#[test]
fn a_page_that_reloads_again_and_again_while_it_fetches_loses_nothing() {
    journey::run(
        "a_page_that_reloads_again_and_again_while_it_fetches_loses_nothing",
        async |world| {
            let nodes = supernodes(world, [&[]; 3]).await?;
            let site = site(&nodes).await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            meet(&ann, &ben, &site.url()).await?;
            ben.close_tab().await?;
            let letters: Vec<String> = (0..40).map(|n| format!("letter {n}")).collect();
            let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
            for letter in &letters {
                ann.say(letter).await?;
            }
            ann.reaches_within(LONG_PATIENCE, "letter 39", &[State::Sent])
                .await?;
            // Nobody answers Ben in person: all of it comes from his homes.
            ann.close_tab().await?;

            ben.open(&site.url()).await?;
            for _ in 0..4 {
                ben.open_chat("Ann").await?;
                ben.reload().await?;
            }
            ben.open_chat("Ann").await?;
            let newest = &letters[32..];
            goes_to_the_end(&ben, newest).await?;
            ben.reload().await?;
            ben.open_chat("Ann").await?;
            goes_to_the_end(&ben, newest).await
        },
    );
}

#[test]
fn an_operator_s_invite_is_brought_by_hand_and_work_is_done_by_itself() {
    journey::run(
        "an_operator_s_invite_is_brought_by_hand_and_work_is_done_by_itself",
        async |world| {
            let work: &[&str] = &["--registration", "work", "--registration-work-bits", "14"];
            let invite: &[&str] = &["--registration", "invite"];
            let nodes = supernodes(world, [work, invite, &[]]).await?;
            let site = site(&nodes).await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            ann.arrive(&site.url()).await?;
            ann.page.click("button", "Settings").await?;
            ann.page.click("link", "Network").await?;
            ann.page
                .reads_within(
                    LONG_PATIENCE,
                    "Keeps mailboxes only for people its operator has invited.",
                )
                .await?;
            let printed = nodes[1].call(&["invite"])?;
            let name = format!("Invite for localhost:{}", nodes[1].address().port());
            let field = ann.page.find("textbox", &name).await?;
            ann.page.type_into(&field, printed.trim()).await?;
            ann.page.click("button", "Use it").await?;
            ann.page.gone("textbox", &name).await?;
            // The one that asks for work is connected without anybody's doing.
            until_within("three connected supernodes", LONG_PATIENCE, async || {
                let shown = ann.page.text().await?;
                Ok((shown.matches("Connected since").count() == 3).then_some(()))
            })
            .await
        },
    );
}
