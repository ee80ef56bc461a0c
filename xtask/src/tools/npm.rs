//! Files from the npm registry.

use super::{apt, cached};
use crate::process;
use anyhow::Result;
use std::path::PathBuf;

/// `file` of `package` at `version`, installed into the cache unless it is there.
///
/// # Errors
/// When npm is missing and cannot be installed, or does not succeed.
pub fn file(package: &str, version: &str, file: &str) -> Result<PathBuf> {
    cached(&format!("{package}-{version}"), file, |directory| {
        if process::find("npm").is_none() {
            apt::install(&["nodejs", "npm"])?;
        }
        let mut npm = process::command("npm");
        npm.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        process::run(npm.arg(directory).arg(format!("{package}@{version}")))
    })
}
