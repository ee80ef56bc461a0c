//! The supernode's binary, carrying the site.

use crate::site::Site;
use crate::{process, step, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Names the site's directory to the supernode's build and to the tests.
pub const SITE_VARIABLE: &str = "KITH_DIST";

/// Builds the supernode with `site` inside and returns its binary.
///
/// # Errors
/// When it does not build.
pub fn build(site: &Site, release: bool) -> Result<PathBuf> {
    step::step("Building the supernode", || {
        let mut cargo = process::cargo();
        cargo
            .args(["build", "--package", "supernode"])
            .env(SITE_VARIABLE, &site.directory);
        if release {
            cargo.arg("--release");
        }
        process::run(&mut cargo)
    })?;
    built(release)
}

/// Builds the release supernode without the page and returns its binary.
///
/// # Errors
/// When it does not build.
pub fn build_alone() -> Result<PathBuf> {
    step::step("Building the supernode without the page", || {
        let mut cargo = process::cargo();
        process::run(cargo.args(["build", "--release", "--package", "supernode"]))
    })?;
    built(true)
}

fn built(release: bool) -> Result<PathBuf> {
    let binary = workspace::target()
        .join(if release { "release" } else { "debug" })
        .join("supernode");
    if !binary.is_file() {
        bail!("cargo left no {}", binary.display());
    }
    Ok(binary)
}
