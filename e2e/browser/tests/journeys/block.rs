//! Somebody who does not want to hear from a contact, and then does again.

use anyhow::{Result, ensure};
use e2e_browser::journey;
use e2e_browser::page::typing::{ENTER, ESCAPE};
use e2e_browser::person::{Person, State};
use e2e_browser::screens::Gallery;

use crate::friends::friends;
use crate::keyboard::{has_focus, tab_to};
use crate::screens::open_section;
use crate::words::TRY_AGAIN;

const DETAILS: &str = "How messages travel to Ben";
const REFUSED: &str = "Ann’s supernode does not take messages from you.";

/// Asks the question, by keyboard.
async fn ask(ann: &Person) -> Result<()> {
    tab_to(ann, "button", DETAILS).await?;
    ann.page.keys(ENTER).await?;
    ann.page.find("dialog", DETAILS).await?;
    tab_to(ann, "button", "Block Ben").await?;
    ann.page.keys(ENTER).await?;
    ann.page.find("group", "Block Ben?").await?;
    ensure!(
        has_focus(ann, "button", "Cancel").await?,
        "the focus is not on the answer that changes nothing"
    );
    Ok(())
}

#[test]
fn a_contact_is_blocked_and_let_in_again() {
    journey::run("a_contact_is_blocked_and_let_in_again", async |world| {
        let mut gallery = Gallery::new(world);
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        ben.say("hello").await?;
        ann.sees("hello").await?;
        ann.path_becomes(&["direct"]).await?;

        ask(&ann).await?;
        gallery.keep(&ann, "7-block-question").await?;
        ann.page.keys(ENTER).await?;
        ann.page.gone("group", "Block Ben?").await?;
        ensure!(
            has_focus(&ann, "button", "Block Ben").await?,
            "the focus is lost with the question"
        );
        ann.page.keys(ESCAPE).await?;
        ann.page.gone("dialog", DETAILS).await?;
        ann.path_becomes(&["direct"]).await?;

        ask(&ann).await?;
        tab_to(&ann, "button", "Block Ben").await?;
        ann.page.keys(ENTER).await?;
        ann.page.gone("group", "Block Ben?").await?;
        ensure!(
            has_focus(&ann, "button", "Unblock Ben").await?,
            "the focus is lost with the question"
        );
        gallery.keep(&ann, "7-blocked-details").await?;
        ann.page.keys(ESCAPE).await?;
        ann.page.gone("dialog", DETAILS).await?;
        ann.page.reads("You have blocked Ben.").await?;
        ann.page.gone("textbox", "Message").await?;
        gallery.keep(&ann, "7-blocked-chat").await?;

        ben.say("are you there?").await?;
        ben.reaches("are you there?", &[State::Failed]).await?;
        ben.page.reads(REFUSED).await?;
        ben.path_becomes(&["supernode"]).await?;
        gallery.keep(&ben, "7-refused").await?;
        ann.does_not_see("are you there?").await?;

        ann.reload().await?;
        ben.reload().await?;
        ann.page.reads("You have blocked Ben.").await?;
        ben.open_chat("Ann").await?;
        ben.page.reads(REFUSED).await?;
        ann.page.click("button", "Settings").await?;
        open_section(&ann, "Privacy").await?;
        ann.page.find("list", "Blocked contacts").await?;
        gallery.keep(&ann, "7-blocked-list").await?;
        tab_to(&ann, "button", "Unblock Ben").await?;
        ann.page.keys(ENTER).await?;
        ann.page.gone("list", "Blocked contacts").await?;

        ann.open_chat("Ben").await?;
        ann.path_becomes(&["direct"]).await?;
        ben.page.click("button", TRY_AGAIN).await?;
        ann.sees("are you there?").await?;
        ben.reaches("are you there?", &[State::Delivered, State::Read])
            .await?;
        ann.say("I am").await?;
        ben.sees("I am").await?;
        gallery.verify()
    });
}
