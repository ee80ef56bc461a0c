//! WebSocket clients by other people, which the tests set on the supernode.

use super::{apt, cached, npm};
use crate::process;
use anyhow::Result;
use std::path::PathBuf;

const WEBSOCKETS_VERSION: &str = "17.4";
const WS_VERSION: &str = "8.23.0";

/// Where they are.
pub struct Strangers {
    websockets: PathBuf,
    ws: PathBuf,
}

impl Strangers {
    /// The environment that `e2e-browser` reads.
    pub fn environment(&self) -> [(&'static str, &PathBuf); 2] {
        [("KITH_WEBSOCKETS", &self.websockets), ("KITH_WS", &self.ws)]
    }
}

/// Finds or installs them: PyPI's `websockets` and npm's `ws`.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn strangers() -> Result<Strangers> {
    if process::find("node").is_none() {
        apt::install(&["nodejs", "npm"])?;
    }
    let ws = npm::file("ws", WS_VERSION, "node_modules/ws/wrapper.mjs")?;
    let file = cached(
        &format!("websockets-{WEBSOCKETS_VERSION}"),
        "websockets/__init__.py",
        |directory| {
            let pip = ["-m", "pip"];
            let has_pip = || {
                process::find("python3").is_some()
                    && process::read(process::command("python3").args(pip).arg("--version")).is_ok()
            };
            if !has_pip() {
                apt::install(&["python3", "python3-pip"])?;
            }
            let mut python = process::command("python3");
            python.args(pip).args(["install", "--quiet", "--no-deps"]);
            python.args(["--disable-pip-version-check", "--root-user-action=ignore"]);
            python.arg("--target").arg(directory);
            process::run(python.arg(format!("websockets=={WEBSOCKETS_VERSION}")))
        },
    )?;
    let package = file.parent().and_then(|package| package.parent());
    Ok(Strangers {
        websockets: package.unwrap_or(&file).to_owned(),
        ws,
    })
}
