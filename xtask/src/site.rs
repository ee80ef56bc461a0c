//! The static site: Trunk builds it, xtask finishes it.
//!
//! `client-wasm` and `www` go through Trunk (cargo, wasm-bindgen, hashed names), then [`modules`]
//! splits a release's WebAssembly in two with [`split`] and shrinks both parts, [`stylesheet`] joins the style sheets into one request, [`squeeze`] takes out comments, [`compress`] lays `.br` and `.gz`
//! beside each file and [`publish`] moves the whole into `dist/`, but only when it differs, so
//! that the supernode that carries it is built anew only then. All URLs are relative: the site
//! works in any sub-folder of any static host.

mod budget;
mod compress;
mod inputs;
mod modules;
mod publish;
mod split;
mod squeeze;
mod stylesheet;

pub use budget::check_size;

use crate::{process, step, tools, workspace};
use anyhow::Result;
use std::path::PathBuf;

/// A finished site.
pub struct Site {
    /// Where it lies.
    pub directory: PathBuf,
    /// What compiled it.
    pub toolchain: crate::wasm::Toolchain,
}

/// Where the finished site lies: the release in `dist/`, a development build out of the way.
fn directory(release: bool) -> Result<PathBuf> {
    match release {
        true => Ok(workspace::root().join("dist")),
        false => Ok(workspace::state()?.join("dist-dev")),
    }
}

/// Builds the site unless nothing it is made of has changed.
///
/// # Errors
/// When a tool is missing or a part does not build.
pub fn build(release: bool) -> Result<Site> {
    let tools = step::step("Checking the page's tools", tools::page)?;
    let directory = directory(release)?;
    let site = Site {
        directory: directory.clone(),
        toolchain: tools.toolchain,
    };
    let inputs = inputs::fingerprint(&tools, release)?;
    let mark = workspace::state()?.join(if release { "site-release" } else { "site-dev" });
    let is_fresh = std::fs::read_to_string(&mark).is_ok_and(|last| last == inputs);
    if is_fresh && directory.join("index.html").is_file() {
        step::note("the page is up to date");
        return Ok(site);
    }
    let staging = workspace::state()?.join(if release { "staging" } else { "staging-dev" });
    let heading = "Building the page (the first time takes minutes)";
    step::step(heading, || trunk(&tools, release, &staging))?;
    step::step("Finishing the page", || {
        stylesheet::join(&staging)?;
        if release {
            modules::divide(&staging, &tools.wasm_opt)?;
            squeeze::all(&staging)?;
            compress::all(&staging)?;
        }
        publish::publish(&staging, &directory)
    })?;
    std::fs::write(mark, inputs)?;
    Ok(site)
}

fn trunk(tools: &tools::PageTools, release: bool, staging: &std::path::Path) -> Result<()> {
    let mut trunk = process::command(&tools.trunk);
    let directories = [&tools.wasm_bindgen, &tools.wasm_opt].map(|program| program.parent());
    let directories: Vec<_> = directories.into_iter().flatten().collect();
    tools.toolchain.apply(&mut trunk, release, &directories)?;
    // `NO_COLOR=1`, which many people set, is not a value Trunk takes.
    trunk
        .env_remove("NO_COLOR")
        .args(["--log", "warn", "build", "--dist"])
        .arg(staging);
    if release {
        trunk.arg("--release");
    }
    process::run(&mut trunk)
}
