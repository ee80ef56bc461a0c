//! Storage that is full or forbidden, and a page that crashed.

use anyhow::ensure;
use e2e_browser::browser::{Kind, Options};
use e2e_browser::journey;
use e2e_browser::person::State;
use e2e_browser::wait;
use serde_json::{Value, json};
use std::time::Duration;

use crate::friends::friends;
use crate::words::{RELOAD, TRY_AGAIN};

/// Bytes of storage left to a page: a short message fits, a long one does not.
const FREE_BYTES: u64 = 6 * 1024;
/// How long Chromium keeps a database at hand that no page uses.
const DATABASE_CLOSES: Duration = Duration::from_secs(3);

#[test]
fn a_full_storage_loses_nothing() {
    journey::run("a_full_storage_loses_nothing", async |world| {
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        let origin = node.url();
        let origin = origin.trim_end_matches('/');
        let browser = ann.page.browser();
        ann.path_becomes(&["direct"]).await?;

        let estimate = "const done = arguments[arguments.length - 1];
            navigator.storage.estimate().then(({ usage }) => done(usage));";
        let used = ann.page.run_async(estimate, json!([])).await?;
        let quota = used.as_u64().unwrap_or(0) + FREE_BYTES;
        // A browser counts the free space anew when a page opens its database.
        ann.open("about:blank").await?;
        tokio::time::sleep(DATABASE_CLOSES).await;
        browser
            .cdp(
                "Storage.overrideQuotaForOrigin",
                json!({ "origin": origin, "quotaSize": quota }),
            )
            .await?;
        ann.open(&node.url()).await?;
        ann.open_chat("Ben").await?;
        let question = "is there room? ".repeat(FREE_BYTES as usize / 8) + "No.";
        ann.say(&question).await?;
        ann.page
            .find_within(wait::LONG_PATIENCE, "button", TRY_AGAIN)
            .await?;
        ben.does_not_see(&question).await?;

        browser
            .cdp(
                "Storage.overrideQuotaForOrigin",
                json!({ "origin": origin }),
            )
            .await?;
        ann.page.click("button", TRY_AGAIN).await?;
        if ann.order_of(&[&question]).await?.is_empty() {
            // It may also have stayed in the composer.
            ann.page.click("button", "Send").await?;
        }
        ben.sees_within(wait::LONG_PATIENCE, &question).await?;
        ann.reaches(&question, &[State::Delivered, State::Read])
            .await?;
        ann.reload().await?;
        ann.open_chat("Ben").await?;
        ann.sees_own(&question).await
    });
}

/// Waits for a page that says what is wrong instead of staying empty or dead.
async fn says_storage_is_forbidden(ann: &e2e_browser::person::Person) -> anyhow::Result<()> {
    wait::until_within("words about storage", wait::LONG_PATIENCE, async || {
        let text = ann.page.text().await?.to_lowercase();
        Ok(["storage", "store", "private"]
            .iter()
            .any(|word| text.contains(word))
            .then_some(()))
    })
    .await?;
    ensure!(
        ann.page.look("button", "Start chatting").await?.is_none(),
        "a person could start and lose all"
    );
    Ok(())
}

#[test]
fn forbidden_storage_is_said_in_chromium() {
    journey::run("forbidden_storage_is_said_in_chromium", async |world| {
        let node = world.supernode().await?;
        for forbid in [
            "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('denied', 'SecurityError'); } });",
            "Object.defineProperty(window, 'indexedDB', { value: undefined });",
            "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); };",
        ] {
            let ann = world.person("Ann", Kind::Chromium).await?;
            ann.page.browser().run_before_pages(forbid).await?;
            ann.open(&node.url()).await?;
            says_storage_is_forbidden(&ann).await?;
            world.dismiss(&ann);
        }
        Ok(())
    });
}

#[test]
fn forbidden_storage_is_said_in_firefox() {
    journey::run("forbidden_storage_is_said_in_firefox", async |world| {
        let node = world.supernode().await?;
        let off: (String, Value) = ("dom.indexedDB.enabled".to_owned(), json!(false));
        let options = Options {
            firefox_preferences: vec![off],
            ..Options::default()
        };
        let ann = world.person_with("Ann", Kind::Firefox, &options).await?;
        // Some versions have no such preference any more.
        ann.page
            .browser()
            .run_before_pages("Object.defineProperty(window, 'indexedDB', { value: undefined });")
            .await?;
        ann.open(&node.url()).await?;
        says_storage_is_forbidden(&ann).await
    });
}

#[test]
fn a_crash_shows_a_way_on() {
    journey::run("a_crash_shows_a_way_on", async |world| {
        world.provokes("RuntimeError");
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        ann.say("before the crash").await?;
        ben.sees("before the crash").await?;
        let crash = "window.dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }));";
        ann.page.run(crash, json!([])).await?;
        let reload = ann.page.find("button", RELOAD).await?;
        let has_focus = ann
            .page
            .run(
                "return document.activeElement === arguments[0]",
                json!([reload]),
            )
            .await?;
        ensure!(has_focus == true, "Enter does not reload");
        ann.page.click("button", RELOAD).await?;
        ann.open_chat("Ben").await?;
        ann.sees_own("before the crash").await?;
        ben.say("welcome back").await?;
        ann.sees_within(wait::LONG_PATIENCE, "welcome back").await
    });
}
