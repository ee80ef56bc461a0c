//! Every screen: pictures on a phone and a desktop, light and dark; no accessibility rule broken.

use anyhow::Result;
use e2e_browser::browser::{Kind, PHONE};
use e2e_browser::journey;
use e2e_browser::person::Person;
use e2e_browser::screens::{Gallery, SMALL_TALK, small_talk};
use e2e_browser::wait;
use serde_json::json;

use crate::friends::{friends, meet};
use crate::words::{SETTINGS_SECTIONS, USE_HERE};

#[test]
fn screens_on_the_way_in() {
    journey::run("screens_on_the_way_in", async |world| {
        let mut gallery = Gallery::new(world);
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.open(&node.url()).await?;
        ann.page.find("textbox", "Your name").await?;
        gallery.keep(&ann, "1-welcome").await?;
        ann.enter_name().await?;
        ann.is_home().await?;
        gallery.keep(&ann, "2-empty-home").await?;
        ann.open_add_contact().await?;
        let link = ann.read_invite_link().await?;
        ann.scan_invite().await?;
        gallery.keep(&ann, "5-invite").await?;
        ann.paste_invite("no invite at all").await?;
        ann.page.find("dialog", "Add contact").await?;
        gallery.keep(&ann, "5-invite-refused").await?;

        let ben = world.person("Ben", Kind::Chromium).await?;
        ben.open(&link).await?;
        ben.enter_name().await?;
        ben.page.find("dialog", "Connect with Ann?").await?;
        gallery.keep(&ben, "6-accept").await?;
        gallery.verify()
    });
}

#[test]
fn screens_of_a_chat() {
    journey::run("screens_of_a_chat", async |world| {
        let mut gallery = Gallery::new(world);
        let mut node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        small_talk(&ann, &ben).await?;
        ann.path_becomes(&["direct"]).await?;
        ann.reaches(
            SMALL_TALK[SMALL_TALK.len() - 1].1,
            &[e2e_browser::person::State::Read],
        )
        .await?;
        gallery.keep(&ann, "4-chat").await?;
        let details = "How messages travel to Ben";
        ann.page.click("button", details).await?;
        ann.page.find("dialog", details).await?;
        gallery.keep(&ann, "4-connection").await?;
        ann.page.keys(e2e_browser::page::typing::ESCAPE).await?;
        ann.page.gone("dialog", details).await?;

        let cleo = world.person("Cleo", Kind::Chromium).await?;
        cleo.accept(&ann.invite_link().await?, "Ann").await?;
        cleo.open_chat("Ann").await?;
        cleo.say("My train gets in at ten").await?;
        ann.page.reads("My train gets in at ten").await?;
        gallery.keep(&ann, "3-chats-with-unread").await?;

        ben.close_tab().await?;
        cleo.close_tab().await?;
        node.stop().await?;
        ann.path_becomes(&["offline"]).await?;
        ann.say("Written on the train").await?;
        gallery.keep(&ann, "10-offline").await?;
        gallery.verify()
    });
}

#[test]
fn screens_of_the_settings() {
    journey::run("screens_of_the_settings", async |world| {
        let mut gallery = Gallery::new(world);
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.arrive(&node.url()).await?;
        ann.page.click("button", "Settings").await?;
        for section in SETTINGS_SECTIONS {
            open_section(&ann, section).await?;
            gallery
                .keep(&ann, &format!("8-settings-{}", section.to_lowercase()))
                .await?;
        }
        gallery.verify()
    });
}

/// Opens a section of the settings, whatever its control is.
pub async fn open_section(person: &Person, section: &str) -> Result<()> {
    wait::until(&format!("the section {section}"), async || {
        for role in ["tab", "link", "button", "radio"] {
            if let Some(control) = person.page.look(role, section).await? {
                return person.page.press(&control).await.map(Some);
            }
        }
        Ok(None)
    })
    .await
}

#[test]
fn screens_of_trouble() {
    journey::run("screens_of_trouble", async |world| {
        world.provokes("RuntimeError");
        let mut gallery = Gallery::new(world);
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.arrive(&node.url()).await?;
        let client = &ann.page.browser().client;
        let first = client.window().await?;
        ann.page.browser().new_tab().await?;
        ann.open(&node.url()).await?;
        ann.page.find("button", USE_HERE).await?;
        gallery.keep(&ann, "10-second-tab").await?;
        client.close_window().await?;
        client.switch_to_window(first).await?;
        let crash = "window.dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }));";
        ann.page.run(crash, json!([])).await?;
        gallery.keep(&ann, "10-crash").await?;

        let ben = world.person("Ben", Kind::Chromium).await?;
        ben.page
            .browser()
            .run_before_pages("Object.defineProperty(window, 'indexedDB', { value: undefined });")
            .await?;
        ben.open(&node.url()).await?;
        ben.page.gone("button", "Start chatting").await?;
        gallery.keep(&ben, "10-no-storage").await?;
        gallery.verify()
    });
}

#[test]
fn two_people_talk_on_phones() {
    journey::run("two_people_talk_on_phones", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        let ben = world.person("Ben", Kind::Firefox).await?;
        for person in [&ann, &ben] {
            person.page.browser().resize(PHONE).await?;
        }
        ann.arrive(&node.url()).await?;
        let link = ann.invite_link().await?;
        ben.open(&link).await?;
        ben.enter_name().await?;
        ben.connect_with("Ann").await?;
        // One pane: the chat has it, or the list, until somebody goes back.
        ben.to_chat("Ann").await?;
        ann.open_chat("Ben").await?;
        ben.say("from my phone").await?;
        ann.sees("from my phone").await?;
        world.keep_picture(&ann, "ann").await?;
        world.keep_picture(&ben, "ben").await?;
        ann.page.run("history.back()", json!([])).await?;
        ann.is_home().await?;
        ann.page.gone("textbox", "Message").await?;
        ann.open_chat("Ben").await?;
        ann.sees("from my phone").await
    });
}

#[test]
fn a_person_reads_german() {
    journey::run("a_person_reads_german", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        let ben = world.person("Ben", Kind::Chromium).await?;
        meet(&ann, &ben, &node.url()).await?;
        ann.page.click("button", "Settings").await?;
        open_section(&ann, "Appearance").await?;
        choose_german(&ann).await?;
        ann.page.reads("Darstellung").await?;
        world.keep_picture(&ann, "german").await?;
        anyhow::ensure!(
            ann.page
                .run("return document.documentElement.lang", json!([]))
                .await?
                == "de"
        );
        ann.reload().await?;
        ann.page.find("button", "Kontakt hinzufügen").await?;
        world.keep_picture(&ann, "german-home").await.map(drop)
    });
}

/// Chooses the language, whatever its control is.
async fn choose_german(person: &Person) -> Result<()> {
    wait::until("a choice of languages", async || {
        for role in ["radio", "button"] {
            if let Some(control) = person.page.look(role, "Deutsch").await? {
                return person.page.press(&control).await.map(Some);
            }
        }
        let choose = "const option = [...document.querySelectorAll('option')].find(option => option.textContent.includes('Deutsch'));
            if (!option) return false;
            option.selected = true;
            option.closest('select').dispatchEvent(new Event('change', { bubbles: true }));
            return true;";
        Ok((person.page.run(choose, json!([])).await? == true).then_some(()))
    })
    .await
}
