//! Real browsers, their drivers and the accessibility checker.

use super::{apt, cargo_tool, npm};
use crate::process;
use anyhow::{Result, bail};
use std::path::PathBuf;

const GECKODRIVER_VERSION: &str = "0.37.1";
const AXE_VERSION: &str = "4.14.1";

/// What the journeys in real browsers need.
pub struct Browsers {
    chromium: PathBuf,
    chromedriver: PathBuf,
    firefox: PathBuf,
    geckodriver: PathBuf,
    axe: PathBuf,
    ip: PathBuf,
}

impl Browsers {
    /// The environment that `e2e-browser` reads.
    pub fn environment(&self) -> [(&'static str, &PathBuf); 6] {
        [
            ("KITH_CHROMIUM", &self.chromium),
            ("KITH_CHROMEDRIVER", &self.chromedriver),
            ("KITH_FIREFOX", &self.firefox),
            ("KITH_GECKODRIVER", &self.geckodriver),
            ("KITH_AXE", &self.axe),
            ("KITH_IP", &self.ip),
        ]
    }
}

/// A program that the system's packages bring.
struct Packaged {
    /// Environment variable that names it, if a person has their own.
    variable: &'static str,
    /// What it is called, here and there.
    names: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
}

const CHROMIUM: Packaged = Packaged {
    variable: "KITH_CHROMIUM",
    names: &["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
};
const CHROMEDRIVER: Packaged = Packaged {
    variable: "KITH_CHROMEDRIVER",
    names: &["chromedriver"],
    package: "chromium-driver",
};
const FIREFOX: Packaged = Packaged {
    variable: "KITH_FIREFOX",
    names: &["firefox-esr", "firefox"],
    package: "firefox-esr",
};
/// Makes the network that a journey moves from one address to another. It stands where only root's
/// path leads.
const IP: Packaged = Packaged {
    variable: "KITH_IP",
    names: &["ip", "/usr/sbin/ip"],
    package: "iproute2",
};

impl Packaged {
    fn find(&self) -> Option<PathBuf> {
        match std::env::var_os(self.variable) {
            Some(path) => Some(path.into()),
            None => self.names.iter().find_map(|name| process::find(name)),
        }
    }
}

/// Finds or installs browsers, drivers and checker.
///
/// # Errors
/// When one is missing and cannot be installed; the message says by which command it can.
pub fn browsers() -> Result<Browsers> {
    let missing: Vec<_> = [CHROMIUM, CHROMEDRIVER, FIREFOX, IP]
        .iter()
        .filter(|program| program.find().is_none())
        .map(|program| program.package)
        .collect();
    if !missing.is_empty() {
        apt::install(&missing)?;
    }
    let [Some(chromium), Some(chromedriver), Some(firefox), Some(ip)] =
        [CHROMIUM, CHROMEDRIVER, FIREFOX, IP].map(|it| it.find())
    else {
        bail!("a browser, its driver or `ip` is still missing after its packages were installed");
    };
    let geckodriver = match std::env::var_os("KITH_GECKODRIVER") {
        Some(path) => path.into(),
        None => geckodriver()?,
    };
    let axe = match std::env::var_os("KITH_AXE") {
        Some(path) => path.into(),
        None => npm::file("axe-core", AXE_VERSION, "node_modules/axe-core/axe.min.js")?,
    };
    Ok(Browsers {
        chromium,
        chromedriver,
        firefox,
        geckodriver,
        axe,
        ip,
    })
}

fn geckodriver() -> Result<PathBuf> {
    let package = "geckodriver";
    cargo_tool::Tool {
        package,
        program: package,
        version: GECKODRIVER_VERSION,
        locked: true,
        features: None,
    }
    .path()
}
