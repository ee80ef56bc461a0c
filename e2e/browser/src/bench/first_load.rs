//! First load: what a stranger's browser moves and how long it takes until the page is of use.
//!
//! Every run has a browser with a fresh profile. A page is *usable* when the application itself
//! (not its painted shell) shows the element that a person needs first. For our own page the bench
//! then really types a name and starts, and measures that too.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::samples::Samples;
use crate::browser::{Browser, Kind, Options};
use crate::page::Page;
use crate::person::Person;
use crate::wait;

/// How long a page may take to become usable on a slow connection.
const LOAD_PATIENCE: Duration = Duration::from_secs(60);
/// Throughput of the slow condition, in bytes per second: 10 Mbit/s.
const SLOW_BYTES_PER_SECOND: u32 = 10_000_000 / 8;
/// Latency that the slow condition adds to every request, in milliseconds.
const SLOW_LATENCY_MS: u32 = 40;
/// How much slower the processor is in the slow condition.
const SLOW_CPU_FACTOR: u32 = 4;

/// What our own page shows first that is drawn by the application, not by its shell.
pub const OWN_SELECTOR: &str = "input[name=name]:not([data-shell] *)";

/// Notes when the selector first matches something that is shown.
const WATCH: &str = r"
(() => {
    const selector = SELECTOR;
    const watch = () => {
        const found = document.querySelector(selector);
        if (!found || !found.checkVisibility()) return;
        window.kithBenchUsable = performance.now();
        observer.disconnect();
    };
    const observer = new MutationObserver(watch);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    addEventListener('load', watch);
})();
";

/// What the page moved and when, once it is usable; null before.
const READ: &str = r"
if (window.kithBenchUsable === undefined) return null;
const paint = performance.getEntriesByName('first-contentful-paint')[0];
// Some pages are of use before anything that counts as content is painted, and some never count.
if (!paint && performance.now() < window.kithBenchUsable + 2000) return null;
const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
const sum = list => list.reduce((sum, entry) => sum + entry.transferSize, 0);
return {
    usable_ms: window.kithBenchUsable,
    paint_ms: paint ? paint.startTime : null,
    bytes: sum(entries.filter(entry => entry.responseEnd <= window.kithBenchUsable)),
    requests: entries.filter(entry => entry.responseEnd <= window.kithBenchUsable).length,
};
";

/// Notes the times of a first start in milliseconds: button pressed, chats shown.
const START: &str = r"
const [name, done] = arguments;
const field = document.querySelector('input[name=name]');
field.focus();
document.execCommand('insertText', false, name);
const pressed = performance.now();
const observer = new MutationObserver(() => {
    if (document.querySelector('input[name=name]')) return;
    observer.disconnect();
    done(performance.now() - pressed);
});
observer.observe(document, { subtree: true, childList: true });
field.form.querySelector('button').click();
";

/// What to load.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in the report.
    pub name: String,
    /// Where it is.
    pub source: Source,
    /// Selector of what makes it usable.
    pub selector: String,
}

/// Where a subject is.
#[derive(Clone, Debug)]
pub enum Source {
    /// At an address of this machine.
    Url(String),
    /// In a folder, to be served as brotli by the harness.
    Folder(PathBuf),
}

impl FromStr for Subject {
    type Err = anyhow::Error;

    /// Reads `NAME=FOLDER,SELECTOR` or `NAME=URL,SELECTOR`.
    fn from_str(text: &str) -> Result<Self> {
        let (name, rest) = text
            .split_once('=')
            .context("wanted NAME=FOLDER,SELECTOR")?;
        let (place, selector) = rest
            .split_once(',')
            .context("wanted NAME=FOLDER,SELECTOR")?;
        if name.is_empty() || place.is_empty() || selector.is_empty() {
            bail!("wanted NAME=FOLDER,SELECTOR");
        }
        let source = if place.contains("://") {
            Source::Url(place.to_owned())
        } else {
            Source::Folder(place.into())
        };
        Ok(Self {
            name: name.to_owned(),
            source,
            selector: selector.to_owned(),
        })
    }
}

/// Under what conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// As fast as the machine is.
    Plain,
    /// 10 Mbit/s, 40 ms, a processor four times slower.
    Slow,
}

#[derive(Deserialize)]
struct Load {
    usable_ms: f64,
    paint_ms: Option<f64>,
    bytes: f64,
    requests: f64,
}

/// Measures of one subject under one condition.
pub struct Measures {
    load: [Samples; 4],
    start: Samples,
}

impl Measures {
    /// No runs yet.
    #[must_use]
    pub fn new(subject: &str, condition: Condition) -> Self {
        let subject = match condition {
            Condition::Plain => subject.to_owned(),
            Condition::Slow => format!("{subject}, slow"),
        };
        let load = ["transferred_kb", "requests", "first_paint_ms", "usable_ms"]
            .map(|measure| Samples::new(&subject, measure));
        Self {
            load,
            start: Samples::new(&subject, "name_to_chats_ms"),
        }
    }

    /// Loads `url` once in a fresh browser.
    ///
    /// # Errors
    /// When it does not become usable.
    pub async fn run(
        &mut self,
        url: &str,
        selector: &str,
        condition: Condition,
        is_ours: bool,
    ) -> Result<()> {
        let browser = Arc::new(Browser::launch(Kind::Chromium, &Options::default()).await?);
        browser.cdp("Network.enable", json!({})).await?;
        if condition == Condition::Slow {
            slow_down(&browser).await?;
        }
        browser
            .run_before_pages(&WATCH.replace("SELECTOR", &serde_json::to_string(selector)?))
            .await?;
        let page = Page::new(browser);
        page.open(url).await?;
        let load: Load = wait::until_within("the page to be usable", LOAD_PATIENCE, async || {
            Ok(serde_json::from_value(page.run(READ, json!([])).await?)?)
        })
        .await?;
        for (samples, value) in self.load.iter_mut().zip([
            load.bytes / 1000.0,
            load.requests,
            load.paint_ms.unwrap_or(f64::NAN),
            load.usable_ms,
        ]) {
            samples.add(value);
        }
        if is_ours {
            let ann = Person::new("Ann", page);
            let started = ann.page.run_async(START, json!([ann.name])).await?;
            ann.is_home().await?;
            self.start.add(started.as_f64().unwrap_or(f64::NAN));
        }
        Ok(())
    }

    /// What was measured.
    #[must_use]
    pub fn into_samples(self) -> Vec<Samples> {
        self.load
            .into_iter()
            .chain(Some(self.start).filter(|start| !start.is_empty()))
            .collect()
    }
}

async fn slow_down(browser: &Browser) -> Result<()> {
    let network = json!({
        "offline": false, "latency": SLOW_LATENCY_MS,
        "downloadThroughput": SLOW_BYTES_PER_SECOND, "uploadThroughput": SLOW_BYTES_PER_SECOND,
    });
    browser
        .cdp("Network.emulateNetworkConditions", network)
        .await?;
    browser
        .cdp(
            "Emulation.setCPUThrottlingRate",
            json!({ "rate": SLOW_CPU_FACTOR }),
        )
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_a_name_a_place_and_a_selector() -> Result<()> {
        let folder: Subject = "chat=target/chat,#login, .ready".parse()?;
        assert!(matches!(folder.source, Source::Folder(_)));
        assert_eq!(folder.selector, "#login, .ready");
        let url: Subject = "chat=http://localhost:9/a?b=c,main".parse()?;
        assert!(matches!(url.source, Source::Url(url) if url == "http://localhost:9/a?b=c"));
        assert!("chat=folder".parse::<Subject>().is_err());
        Ok(())
    }
}
