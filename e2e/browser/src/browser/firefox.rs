//! What is particular to Firefox: preferences, and BiDi for what Chromium does by DevTools.

use anyhow::{Context, Result};
use fantoccini::Client;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;

use super::bidi::Bidi;
use super::{Options, Screen};
use crate::settings;

pub(super) fn driver(profile: &Path) -> Command {
    let mut command = Command::new(settings::geckodriver());
    command
        .args(["--port", "0", "--websocket-port", "0", "--profile-root"])
        .arg(profile)
        .env("MOZ_HEADLESS", "1");
    command
}

/// Preferences of every run. Host candidates stay readable and loopback is allowed, since both
/// browsers are on one machine; everything that calls home is off.
fn preferences() -> Map<String, Value> {
    [
        (
            "media.peerconnection.ice.obfuscate_host_addresses",
            json!(false),
        ),
        ("media.peerconnection.ice.loopback", json!(true)),
        ("intl.accept_languages", json!("en-US")),
        ("intl.locale.requested", json!("en-US")),
        ("app.update.disabledForTesting", json!(true)),
        (
            "browser.safebrowsing.downloads.remote.enabled",
            json!(false),
        ),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        ("services.settings.server", json!("data:,")),
        ("browser.startup.page", json!(0)),
        ("dom.min_background_timeout_value", json!(4)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(super) fn capabilities(options: &Options) -> Value {
    let mut preferences = preferences();
    preferences.extend(options.firefox_preferences.iter().cloned());
    json!({
        "browserName": "firefox",
        "webSocketUrl": true,
        "moz:firefoxOptions": {
            "binary": settings::firefox(),
            "args": ["-headless"],
            "prefs": preferences,
        },
    })
}

pub(super) async fn connect_bidi(client: &Client) -> Result<Bidi> {
    let capabilities = client.capabilities().context("no capabilities")?;
    let url = capabilities
        .get("webSocketUrl")
        .and_then(Value::as_str)
        .context("no BiDi address")?;
    let bidi = Bidi::connect(url).await?;
    bidi.call("session.subscribe", json!({ "events": ["log.entryAdded"] }))
        .await?;
    Ok(bidi)
}

pub(super) async fn resize(bidi: &Bidi, client: &Client, screen: Screen) -> Result<()> {
    let tab: String = client.window().await?.into();
    let viewport = json!({ "width": screen.width, "height": screen.height });
    bidi.call(
        "browsingContext.setViewport",
        json!({ "context": tab, "viewport": viewport }),
    )
    .await
    .map(drop)
}
