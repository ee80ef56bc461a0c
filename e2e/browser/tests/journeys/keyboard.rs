//! The main story without a pointer.

use anyhow::{Result, bail, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::page::typing::{ENTER, ESCAPE, TAB};
use e2e_browser::person::Person;
use e2e_browser::wait;
use serde_json::json;

/// More presses of Tab than any screen has stops.
const TABS_MAX: usize = 40;

/// True when the focus is on something with this role and name; what is replaced while it is being asked
/// about is looked up again.
pub async fn has_focus(person: &Person, role: &str, name: &str) -> Result<bool> {
    wait::until("an answer about the focus", async || {
        let Some(element) = person.page.look(role, name).await? else {
            return Ok(Some(false));
        };
        let script = "return document.activeElement === arguments[0]";
        let answer = person.page.run(script, json!([element])).await?;
        Ok(Some(answer == true))
    })
    .await
}

/// Presses Tab until something with this role and name has the focus, which must be visible.
pub async fn tab_to(person: &Person, role: &str, name: &str) -> Result<()> {
    for _ in 0..TABS_MAX {
        if has_focus(person, role, name).await? {
            let visible = "return document.activeElement.matches(':focus-visible')";
            ensure!(
                person.page.run(visible, json!([])).await? == true,
                "the focus on {role} `{name}` cannot be seen"
            );
            return Ok(());
        }
        person.page.keys(TAB).await?;
    }
    bail!("{} does not get to {role} `{name}` by Tab", person.name)
}

/// Presses Tab until the focus is inside the item of the chat list.
async fn tab_to_chat(person: &Person, friend: &str) -> Result<()> {
    person.has_chat(friend).await?;
    let inside = "return document.activeElement.closest('[aria-label], li')?.closest('li')?.getAttribute('aria-label') === arguments[0]
        || document.activeElement.closest('li')?.textContent.includes(arguments[0])";
    for _ in 0..TABS_MAX {
        if person.page.run(inside, json!([friend])).await? == true {
            return Ok(());
        }
        person.page.keys(TAB).await?;
    }
    bail!(
        "{} does not get to the chat with {friend} by Tab",
        person.name
    )
}

#[test]
fn two_people_meet_by_keyboard() {
    journey::run("two_people_meet_by_keyboard", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        let ben = world.person("Ben", Kind::Chromium).await?;
        for person in [&ann, &ben] {
            person.open(&node.url()).await?;
            person.page.find("textbox", "Your name").await?;
            tab_to(person, "textbox", "Your name").await?;
            person.page.keys(&person.name).await?;
            tab_to(person, "button", "Start chatting").await?;
            person.page.keys(ENTER).await?;
            person.is_home().await?;
        }

        tab_to(&ann, "button", "Add contact").await?;
        ann.page.keys(ENTER).await?;
        ann.page.find("dialog", "Add contact").await?;
        tab_to(&ann, "textbox", "Your invite link").await?;
        let link = ann.read_invite_link().await?;
        tab_to(&ann, "button", "Copy link").await?;
        ann.page.keys(ESCAPE).await?;
        ann.page.gone("dialog", "Add contact").await?;
        ensure!(
            has_focus(&ann, "button", "Add contact").await?,
            "the focus is lost when the dialog closes"
        );

        tab_to(&ben, "button", "Add contact").await?;
        ben.page.keys(ENTER).await?;
        ben.page.find("dialog", "Add contact").await?;
        tab_to(&ben, "textbox", "Paste an invite link").await?;
        ben.page.keys(&link).await?;
        ben.page.keys(ENTER).await?;
        ben.page.find("dialog", "Connect with Ann?").await?;
        tab_to(&ben, "button", "Connect").await?;
        ben.page.keys(ENTER).await?;
        ben.page.gone("dialog", "Connect with Ann?").await?;
        ben.page.find("textbox", "Message").await?;
        tab_to(&ben, "textbox", "Message").await?;
        ben.page.keys(&format!("no mouse here{ENTER}")).await?;

        tab_to_chat(&ann, "Ben").await?;
        ann.page.keys(ENTER).await?;
        ann.sees("no mouse here").await?;
        tab_to(&ann, "textbox", "Message").await?;
        ann.page.keys(&format!("nor here{ENTER}")).await?;
        ben.sees("nor here").await?;
        tab_to(&ann, "button", "Settings").await?;
        ann.page.keys(ENTER).await?;
        ann.page.reads("Appearance").await
    });
}
