//! The main story: a link, a chat, a reload.

use anyhow::{Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::person::State;
use e2e_browser::world::World;
use serde_json::json;

use crate::friends::friends;

/// Reads the clipboard in Chromium without a question to the person.
async fn allow_clipboard(person: &e2e_browser::person::Person) -> Result<()> {
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    person
        .page
        .browser()
        .cdp("Browser.grantPermissions", permissions)
        .await
        .map(drop)
}

async fn two_people_talk(world: &World, [ann_uses, ben_uses]: [Kind; 2]) -> Result<()> {
    let node = world.supernode().await?;
    let ann = world.person("Ann", ann_uses).await?;
    ann.arrive(&node.url()).await?;
    let link = ann.invite_link().await?;

    let ben = world.person("Ben", ben_uses).await?;
    ben.accept(&link, "Ann").await?;
    ben.open_chat("Ann").await?;
    ann.has_chat("Ben").await?;
    ann.open_chat("Ben").await?;

    ann.say("Hello Ben").await?;
    ann.sees_own("Hello Ben").await?;
    ben.sees("Hello Ben").await?;
    ben.say("Hello Ann, good to see you").await?;
    ann.sees("Hello Ann, good to see you").await?;
    ann.reaches("Hello Ben", &[State::Read]).await?;
    ben.reaches("Hello Ann, good to see you", &[State::Read])
        .await?;
    ann.path_becomes(&["direct"]).await?;
    ben.path_becomes(&["direct"]).await?;
    ann.say("Now directly").await?;
    ben.sees("Now directly").await?;
    ann.reaches("Now directly", &[State::Read]).await?;

    let story = ["Hello Ben", "Hello Ann, good to see you", "Now directly"];
    for person in [&ann, &ben] {
        person.reload().await?;
        person
            .open_chat(if person.name == "Ann" { "Ben" } else { "Ann" })
            .await?;
        person
            .sees_own(if person.name == "Ann" {
                "Now directly"
            } else {
                "Hello Ann, good to see you"
            })
            .await?;
        ensure!(
            person.order_of(&story).await? == story,
            "{} has another history",
            person.name
        );
    }
    ensure!(
        ann.state_of("Now directly").await? == Some(State::Read),
        "states are history too"
    );
    ben.say("Still here").await?;
    ann.sees("Still here").await?;
    ann.path_becomes(&["direct"]).await?;
    ben.path_becomes(&["direct"]).await
}

#[test]
fn two_people_talk_in_chromium() {
    journey::run("two_people_talk_in_chromium", async |world| {
        two_people_talk(world, [Kind::Chromium; 2]).await
    });
}

#[test]
fn two_people_talk_from_chromium_to_firefox() {
    journey::run("two_people_talk_from_chromium_to_firefox", async |world| {
        two_people_talk(world, [Kind::Chromium, Kind::Firefox]).await
    });
}

#[test]
fn two_people_talk_from_firefox_to_chromium() {
    journey::run("two_people_talk_from_firefox_to_chromium", async |world| {
        two_people_talk(world, [Kind::Firefox, Kind::Chromium]).await
    });
}

#[test]
fn an_invite_is_a_link_a_code_and_a_copy() {
    journey::run("an_invite_is_a_link_a_code_and_a_copy", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.arrive(&node.url()).await?;
        allow_clipboard(&ann).await?;
        ann.open_add_contact().await?;
        let link = ann.read_invite_link().await?;
        ensure!(link.starts_with(&node.url()), "{link} leads elsewhere");
        ensure!(
            ann.scan_invite().await? == link,
            "the code says something else"
        );
        ann.page.click("button", "Copy link").await?;
        e2e_browser::wait::until("the link on the clipboard", async || {
            Ok((ann.clipboard().await? == link).then_some(()))
        })
        .await?;
        let field = ann.page.find("textbox", "Your invite link").await?;
        ensure!(
            ann.page
                .run("return arguments[0].readOnly", json!([field]))
                .await?
                == true,
            "the link can be changed"
        );
        ann.close_dialog("Add contact").await
    });
}

#[test]
fn someone_already_in_connects_by_a_pasted_link() {
    journey::run(
        "someone_already_in_connects_by_a_pasted_link",
        async |world| {
            let node = world.supernode().await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            let cleo = world.person("Cleo", Kind::Chromium).await?;
            cleo.arrive(&node.url()).await?;
            cleo.paste_invite(&ann.invite_link().await?).await?;
            cleo.connect_with("Ann").await?;
            cleo.open_chat("Ann").await?;
            cleo.say("It is me, Cleo").await?;
            ann.open_chat("Cleo").await?;
            ann.sees("It is me, Cleo").await?;
            ben.does_not_see("It is me, Cleo").await
        },
    );
}

#[test]
fn not_now_connects_nobody() {
    journey::run("not_now_connects_nobody", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.arrive(&node.url()).await?;
        let ben = world.person("Ben", Kind::Chromium).await?;
        ben.open(&ann.invite_link().await?).await?;
        ben.enter_name().await?;
        ben.page.find("dialog", "Connect with Ann?").await?;
        ben.page.click("button", "Not now").await?;
        ben.page.gone("dialog", "Connect with Ann?").await?;
        ben.is_home().await?;
        e2e_browser::wait::never("a chat with Ben", async || {
            Ok(ann.page.look("listitem", "Ben").await?.is_some())
        })
        .await?;
        ensure!(ben.page.look("listitem", "Ann").await?.is_none());
        Ok(())
    });
}
