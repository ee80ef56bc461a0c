//! One message after the other: Enter → own screen, Enter → the other's screen, Enter → delivered.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::time::Duration;

use super::pair::Pair;
use crate::bench::raw_channel;
use crate::bench::samples::Samples;
use crate::page::typing;
use crate::wait;

/// Bytes of a bare message that stands beside a short chat message.
const RAW_BYTES: usize = 256;
/// Messages sent before measuring starts: code is compiled, buffers have grown.
const WARM_UP: usize = 10;
/// Longer than most messages take.
const BEFORE_ASKING: Duration = Duration::from_millis(80);
/// Pause between messages, as nobody types faster.
const PAUSE: Duration = Duration::from_millis(30);

/// Notes when a press of Enter, a message and its delivery are first seen, by the message's text.
const WATCH: &str = r"
const times = window.kithBenchTimes = { pressed: {}, me: {}, them: {}, delivered: {} };
addEventListener('keydown', event => {
    if (event.key === 'Enter') times.pressed[event.target.value] ??= kithBenchNow();
}, { capture: true });
const textOf = message => message.textContent.match(/ping-\d+;/)?.[0];
new MutationObserver(() => {
    const now = kithBenchNow();
    for (const message of [...document.querySelectorAll('[role=log] [data-from]')].slice(-2)) {
        const text = textOf(message);
        if (!text) continue;
        times[message.dataset.from][text] ??= now;
        if (['delivered', 'read'].includes(message.dataset.state)) times.delivered[text] ??= now;
    }
}).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
";

/// Sends `count` messages from Ann to Ben.
///
/// # Errors
/// When a message does not arrive.
pub async fn run(pair: &Pair, subject: &str, count: usize) -> Result<Vec<Samples>> {
    pair.ben().await?.page.run(WATCH, json!([])).await?;
    pair.ann().await?.page.run(WATCH, json!([])).await?;
    let texts: Vec<String> = (0..WARM_UP + count)
        .map(|number| format!("ping-{number};"))
        .collect();
    for text in &texts {
        send(pair, text).await?;
    }
    let ann = times(pair, true).await?;
    let ben = times(pair, false).await?;
    let mut echo = Samples::new(subject, "enter_to_own_screen_ms");
    let mut across = Samples::new(subject, "enter_to_other_screen_ms");
    let mut delivered = Samples::new(subject, "enter_to_delivered_ms");
    for text in &texts[WARM_UP..] {
        let at = |times: &Value, what: &str| times[what][text].as_f64().unwrap_or(f64::NAN);
        let pressed = at(&ann, "pressed");
        echo.add(at(&ann, "me") - pressed);
        across.add(at(&ben, "them") - pressed);
        delivered.add(at(&ann, "delivered") - pressed);
    }
    let mut all = vec![echo, across, delivered];
    if let Some((ann, ben)) = pair.pages() {
        raw_channel::open(ann, ben).await?;
        let mut raw = Samples::new(subject, "bare_channel_round_trip_ms");
        for time in raw_channel::round_trips(ann, RAW_BYTES, count).await? {
            raw.add(time);
        }
        all.push(raw);
    }
    Ok(all)
}

async fn send(pair: &Pair, text: &str) -> Result<()> {
    let page = &pair.ann().await?.page;
    let composer = page
        .look("textbox", "Message")
        .await?
        .context("no composer")?;
    page.paste_into(&composer, text).await?;
    page.keys(typing::ENTER).await?;
    // Asking is work for the page too: not while the message is on its way.
    tokio::time::sleep(BEFORE_ASKING).await;
    wait::until(&format!("{text} to be delivered"), async || {
        let arrived = page
            .run(
                "return arguments[0] in kithBenchTimes.delivered",
                json!([text]),
            )
            .await?;
        Ok((arrived == true).then_some(()))
    })
    .await?;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

async fn times(pair: &Pair, of_ann: bool) -> Result<Value> {
    let person = if of_ann {
        pair.ann().await?
    } else {
        pair.ben().await?
    };
    person.page.run("return kithBenchTimes", json!([])).await
}
