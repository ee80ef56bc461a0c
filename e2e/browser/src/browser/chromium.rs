//! What is particular to Chromium: flags, DevTools commands, the browser log.

use anyhow::Result;
use fantoccini::Client;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

use super::{Options, Screen, raw};
use crate::settings;

/// Widths up to this many CSS pixels are shown as a phone: touch, overlay scroll bars.
const PHONE_WIDTH_MAX: u32 = 600;

/// Both browsers are on one machine, so channels may go over loopback.
const LOOPBACK: &str = "--allow-loopback-in-peer-connection";

/// Flags of every run. Host candidates stay readable; everything that calls home is off.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--metrics-recording-only",
    "--lang=en-US",
    "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter,Translate",
];

pub(super) fn driver() -> Command {
    let mut command = Command::new(settings::chromedriver());
    command.arg("--port=0");
    command
}

pub(super) fn capabilities(profile: &Path, options: &Options) -> Value {
    let mut flags: Vec<String> = FLAGS.iter().map(ToString::to_string).collect();
    flags.push(format!("--user-data-dir={}", profile.display()));
    if !options.without_loopback {
        flags.push(LOOPBACK.to_owned());
    }
    flags.extend(options.chromium_flags.iter().cloned());
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": settings::chromium(),
            "args": flags,
            "prefs": { "intl.accept_languages": "en-US" },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

pub(super) async fn resize(client: &Client, screen: Screen) -> Result<()> {
    let phone = screen.width <= PHONE_WIDTH_MAX;
    let metrics = json!({
        "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": phone,
    });
    for (method, params) in [
        // A phone's overlay scroll bars show themselves at each resize, and fade while a picture is
        // taken.
        ("Emulation.setScrollbarsHidden", json!({ "hidden": phone })),
        ("Emulation.setDeviceMetricsOverride", metrics),
        (
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": phone }),
        ),
    ] {
        raw::post(
            client,
            "goog/cdp/execute",
            json!({ "cmd": method, "params": params }),
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn drain_console(client: &Client) -> Result<Vec<String>> {
    let entries = raw::post(client, "se/log", json!({ "type": "browser" })).await?;
    let line = |entry: &Value| {
        format!(
            "{} {} {}",
            entry["timestamp"],
            entry["level"].as_str().unwrap_or("?"),
            entry["message"].as_str().unwrap_or("")
        )
    };
    Ok(entries.as_array().into_iter().flatten().map(line).collect())
}
