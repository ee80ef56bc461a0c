//! Clients by other people, which the tests set on the supernode.

use super::{apt, cached, npm};
use crate::process;
use anyhow::Result;
use std::path::PathBuf;

const WEBSOCKETS_VERSION: &str = "17.4";
const WS_VERSION: &str = "8.23.0";
const AIORTC_VERSION: &str = "1.16.0";

/// Where they are.
pub struct Strangers {
    websockets: PathBuf,
    ws: PathBuf,
    aiortc: PathBuf,
}

impl Strangers {
    /// The environment that `e2e-browser` reads.
    pub fn environment(&self) -> [(&'static str, &PathBuf); 3] {
        [
            ("KITH_WEBSOCKETS", &self.websockets),
            ("KITH_WS", &self.ws),
            ("KITH_AIORTC", &self.aiortc),
        ]
    }
}

/// Finds or installs them: PyPI's `websockets` and `aiortc`, and npm's `ws`.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn strangers() -> Result<Strangers> {
    if process::find("node").is_none() {
        apt::install(&["nodejs", "npm"])?;
    }
    let ws = npm::file("ws", WS_VERSION, "node_modules/ws/wrapper.mjs")?;
    Ok(Strangers {
        websockets: python("websockets", WEBSOCKETS_VERSION, &["--no-deps"])?,
        aiortc: python("aiortc", AIORTC_VERSION, &[])?,
        ws,
    })
}

/// A folder for `PYTHONPATH` with a package of PyPI.
fn python(name: &str, version: &str, flags: &[&str]) -> Result<PathBuf> {
    let marker = format!("{name}/__init__.py");
    let file = cached(&format!("{name}-{version}"), &marker, |directory| {
        let pip = ["-m", "pip"];
        let has_pip = || {
            process::find("python3").is_some()
                && process::read(process::command("python3").args(pip).arg("--version")).is_ok()
        };
        if !has_pip() {
            apt::install(&["python3", "python3-pip"])?;
        }
        let mut python = process::command("python3");
        python.args(pip).args(["install", "--quiet"]).args(flags);
        python.args(["--disable-pip-version-check", "--root-user-action=ignore"]);
        python.arg("--target").arg(directory);
        process::run(python.arg(format!("{name}=={version}")))
    })?;
    let package = file.parent().and_then(|package| package.parent());
    Ok(package.unwrap_or(&file).to_owned())
}
