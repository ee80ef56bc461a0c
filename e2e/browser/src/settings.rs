//! Where the programs of a test run are, and where its artefacts go.
//!
//! Every place has a default that suits a checkout built by `cargo xtask build` on Debian, and an
//! environment variable that overrides it.

use std::env;
use std::path::{Path, PathBuf};

/// Root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The supernode under test: `KITH_SUPERNODE`, else `target/release/supernode`.
#[must_use]
pub fn supernode() -> PathBuf {
    place(
        "KITH_SUPERNODE",
        workspace().join("target/release/supernode"),
    )
}

/// The static site under test: `KITH_DIST`, else `dist`.
#[must_use]
pub fn dist() -> PathBuf {
    place("KITH_DIST", workspace().join("dist"))
}

/// Chromium's driver: `KITH_CHROMEDRIVER`, else `chromedriver` on the path.
#[must_use]
pub fn chromedriver() -> PathBuf {
    place("KITH_CHROMEDRIVER", "chromedriver")
}

/// Firefox's driver: `KITH_GECKODRIVER`, else `geckodriver` on the path.
#[must_use]
pub fn geckodriver() -> PathBuf {
    place("KITH_GECKODRIVER", "geckodriver")
}

/// Chromium itself: `KITH_CHROMIUM`, else `/usr/bin/chromium`.
#[must_use]
pub fn chromium() -> PathBuf {
    place("KITH_CHROMIUM", "/usr/bin/chromium")
}

/// Firefox itself: `KITH_FIREFOX`, else `/usr/bin/firefox-esr`.
#[must_use]
pub fn firefox() -> PathBuf {
    place("KITH_FIREFOX", "/usr/bin/firefox-esr")
}

/// iproute2's `ip`: `KITH_IP`, else `ip` on the path.
#[must_use]
pub fn ip() -> PathBuf {
    place("KITH_IP", "ip")
}

/// The axe-core script (`axe.min.js`): `KITH_AXE`, else where `npm install axe-core` leaves it in
/// the workspace's `target/tools`.
#[must_use]
pub fn axe() -> PathBuf {
    place(
        "KITH_AXE",
        workspace().join("target/tools/node_modules/axe-core/axe.min.js"),
    )
}

/// Folder for screenshots and logs: `KITH_ARTEFACTS`, else `e2e/artefacts`.
#[must_use]
pub fn artefacts() -> PathBuf {
    place("KITH_ARTEFACTS", workspace().join("e2e/artefacts"))
}

/// How many journeys of one test program run at the same time: `KITH_JOURNEYS_AT_ONCE`, else 1.
#[must_use]
pub fn journeys_at_once() -> usize {
    env::var("KITH_JOURNEYS_AT_ONCE")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1)
        .max(1)
}

fn place(variable: &str, default: impl Into<PathBuf>) -> PathBuf {
    env::var_os(variable).map_or_else(|| default.into(), PathBuf::from)
}
