//! From opening an invite in a fresh browser to the first message on the inviter's screen.
//!
//! A script stands for the newcomer and answers each screen the moment it is there, so that only
//! the machines' time is measured.

use anyhow::Result;
use serde_json::json;

use crate::bench::clock;
use crate::bench::samples::Samples;
use crate::browser::Kind;
use crate::person::Person;
use crate::wait;
use crate::world::World;

/// The newcomer: name, connect, first message; notes when each screen came (`performance.now()`).
const NEWCOMER: &str = r"
(() => {
    const times = window.kithBenchInvite = {};
    const press = button => setTimeout(() => button.click());
    const steps = [
        ['name', () => {
            const field = document.querySelector('input[name=name]:not([data-shell] *)');
            if (!field) return false;
            field.focus();
            document.execCommand('insertText', false, 'Ben');
            press(field.form.querySelector('button'));
            return true;
        }],
        ['question', () => {
            const dialog = [...document.querySelectorAll('dialog, [role=dialog]')].find(dialog => dialog.textContent.includes('Connect with'));
            const button = dialog && [...dialog.querySelectorAll('button')].find(button => button.textContent.trim() === 'Connect');
            if (!button || button.disabled) return false;
            press(button);
            return true;
        }],
        ['composer', () => {
            const field = document.querySelector('textarea');
            if (!field || field.closest('dialog, [role=dialog], [inert]') || document.querySelector('dialog[open]')) return false;
            field.focus();
            if (!document.execCommand('insertText', false, TEXT)) return false;
            setTimeout(() => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })));
            return true;
        }],
    ];
    const look = () => {
        while (steps.length && steps[0][1]()) times[steps.shift()[0]] = performance.now();
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    addEventListener('load', look);
})();
";

/// Notes when a text is first on the page, wherever.
const WATCH: &str = r"
const text = arguments[0];
window.kithBenchShown = null;
const observer = new MutationObserver(() => {
    if (!document.body.textContent.includes(text)) return;
    window.kithBenchShown = kithBenchNow();
    observer.disconnect();
});
observer.observe(document.body, { subtree: true, childList: true, characterData: true });
";

/// Opens Ann's invite `runs` times, each time as someone new.
///
/// # Errors
/// When a first message does not arrive.
pub async fn run(world: &World, url: &str, runs: usize) -> Result<Vec<Samples>> {
    let ann = world.person("Ann", Kind::Chromium).await?;
    ann.arrive(url).await?;
    clock::set_up(&ann.page).await?;
    let mut question = Samples::new("invite", "open_to_question_ms");
    let mut first = Samples::new("invite", "open_to_first_message_ms");
    for run in 0..runs {
        eprintln!("invite {} of {runs}", run + 1);
        let link = ann.invite_link().await?;
        let (asked, shown) = accept(world, &ann, &link, run).await?;
        question.add(asked);
        first.add(shown);
    }
    Ok(vec![question, first])
}

async fn accept(world: &World, ann: &Person, link: &str, run: usize) -> Result<(f64, f64)> {
    let text = format!("first words {run}.");
    ann.page.run(WATCH, json!([text])).await?;
    let ben = world.person(&format!("Ben {run}"), Kind::Chromium).await?;
    ben.page
        .browser()
        .run_before_pages(&NEWCOMER.replace("TEXT", &serde_json::to_string(&text)?))
        .await?;
    ben.open(link).await?;
    let shown = wait::until("the first message", async || {
        Ok(ann
            .page
            .run("return kithBenchShown", json!([]))
            .await?
            .as_f64())
    })
    .await?;
    let offset = clock::set_up(&ben.page).await?;
    let opened = ben
        .page
        .run("return performance.timeOrigin", json!([]))
        .await?
        .as_f64()
        .unwrap_or(f64::NAN)
        + offset;
    let asked = ben
        .page
        .run("return kithBenchInvite.question", json!([]))
        .await?
        .as_f64()
        .unwrap_or(f64::NAN);
    world.dismiss(&ben);
    Ok((asked, shown - opened))
}
