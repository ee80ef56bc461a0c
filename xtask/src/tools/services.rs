//! Programs and libraries that tests of the supernode use.

use super::apt;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Lets a test change a program's clock.
const FAKETIME: &str = "libfaketime";

/// Where the tests find them.
pub struct Services {
    faketime: PathBuf,
}

impl Services {
    /// The environment that the tests read.
    pub fn environment(&self) -> [(&'static str, &PathBuf); 1] {
        [("KITH_FAKETIME", &self.faketime)]
    }
}

/// Finds or installs them.
///
/// # Errors
/// When one is missing and cannot be installed; the message says by which command it can.
pub fn services() -> Result<Services> {
    if faketime().is_none() {
        apt::install(&[FAKETIME])?;
    }
    let faketime = faketime().context("libfaketime is still missing after it was installed")?;
    Ok(Services { faketime })
}

/// `/usr/lib/MACHINE/faketime/libfaketime.so.1`, or what a person says.
fn faketime() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("KITH_FAKETIME") {
        return Some(path.into());
    }
    let machines = std::fs::read_dir("/usr/lib").ok()?;
    let paths =
        machines.filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketime.so.1")));
    paths.into_iter().find(|path| path.exists())
}
