//! The programs that building and testing need, and where each comes from.
//!
//! A program of the right version on `PATH` is used. Else it is installed once per user, into
//! [`crate::workspace::cache`], in a directory that names its version: a fresh clone finds it
//! there. Browsers come from the system's packages.

pub mod apt;
mod browsers;
mod cargo_tool;
mod npm;
mod services;
mod strangers;

pub use browsers::{Browsers, browsers};
pub use services::{servers, services};
pub use strangers::strangers;

use crate::args::Arguments;
use crate::{process, step, wasm, workspace};
use anyhow::{Context as _, Result};
use std::fs::File;
use std::path::PathBuf;

/// The bundler.
const TRUNK_VERSION: &str = "0.21.14";
/// `wasm-opt`'s package on npm; its major number is what `wasm-opt --version` prints.
const BINARYEN_VERSION: &str = "132.0.0";

/// Builds programs that libFuzzer drives.
const FUZZ_VERSION: &str = "0.13.2";

/// Checks licences, sources and bans of dependencies.
const DENY_VERSION: &str = "0.20.2";

/// turn-rs, which the relay is measured beside.
const TURN_RS_VERSION: &str = "4.1.5";

/// What building the page needs.
pub struct PageTools {
    /// The bundler.
    pub trunk: PathBuf,
    /// Makes the JavaScript side of the module.
    pub wasm_bindgen: PathBuf,
    /// Shrinks the module.
    pub wasm_opt: PathBuf,
    /// What compiles the page.
    pub toolchain: wasm::Toolchain,
}

/// Finds or installs what building the page needs.
///
/// # Errors
/// When something is missing and cannot be installed; the message says by which command it can.
pub fn page() -> Result<PageTools> {
    let toolchain = wasm::choose()?;
    let bindgen_version = workspace::locked_version("wasm-bindgen")?;
    let wasm_bindgen = cargo_tool::Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: &bindgen_version,
        // Its lock file pins a build dependency that no longer compiles.
        locked: false,
        features: None,
    };
    let trunk = cargo_tool::Tool {
        package: "trunk",
        program: "trunk",
        version: TRUNK_VERSION,
        locked: true,
        features: None,
    };
    Ok(PageTools {
        toolchain,
        wasm_bindgen: wasm_bindgen.path()?,
        trunk: trunk.path()?,
        wasm_opt: wasm_opt()?,
    })
}

/// `cargo-deny`. It takes minutes to build, so it is installed unasked only where `CI` is set; else
/// `None`, and the command is named.
///
/// # Errors
/// When it does not build.
pub fn deny() -> Result<Option<PathBuf>> {
    let tool = cargo_tool::Tool {
        package: "cargo-deny",
        program: "cargo-deny",
        version: DENY_VERSION,
        locked: true,
        features: None,
    };
    if std::env::var_os("CI").is_some() {
        return tool.path().map(Some);
    }
    let found = tool.found()?;
    if found.is_none() {
        step::note(&format!(
            "skipped; install it with: cargo install --locked cargo-deny@{DENY_VERSION}"
        ));
    }
    Ok(found)
}

/// `cargo-fuzz`.
///
/// # Errors
/// When it does not build.
pub fn fuzz() -> Result<PathBuf> {
    let tool = cargo_tool::Tool {
        package: "cargo-fuzz",
        program: "cargo-fuzz",
        version: FUZZ_VERSION,
        locked: true,
        features: None,
    };
    tool.path()
}

/// Finds or installs the STUN and TURN servers that the relay is measured beside; gives turn-rs.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn relays() -> Result<PathBuf> {
    services::coturn()?;
    let tool = cargo_tool::Tool {
        package: "turn-server",
        program: "turn-server",
        version: TURN_RS_VERSION,
        locked: true,
        // Without its remote control, which takes another compiler to build.
        features: Some("udp"),
    };
    tool.path()
}

fn wasm_opt() -> Result<PathBuf> {
    let major = BINARYEN_VERSION
        .split('.')
        .next()
        .unwrap_or(BINARYEN_VERSION);
    if let Some(found) = process::find("wasm-opt") {
        let says = process::read(process::command(&found).arg("--version")).unwrap_or_default();
        if says.split_whitespace().any(|word| word == major) {
            return Ok(found);
        }
    }
    npm::file("binaryen", BINARYEN_VERSION, "node_modules/.bin/wasm-opt")
}

/// `cargo xtask setup`: everything, for all commands.
///
/// # Errors
/// As [`page`] and [`browsers`].
pub fn set_up_everything(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    step::step("Setting up the toolchain", crate::checks::set_up)?;
    let page = step::step("Setting up the page's tools", page)?;
    let browsers = step::step("Setting up the browsers", browsers)?;
    let services = step::step("Setting up what the supernode's tests need", services)?;
    let strangers = step::step("Setting up strangers' clients", strangers)?;
    println!("page:     {} toolchain", page.toolchain.name());
    for path in [&page.trunk, &page.wasm_bindgen, &page.wasm_opt] {
        println!("          {}", path.display());
    }
    println!("browsers:");
    for (_, path) in browsers.environment() {
        println!("          {}", path.display());
    }
    println!("services:");
    for (_, path) in services.environment() {
        println!("          {}", path.display());
    }
    println!("strangers:");
    for (_, path) in strangers.environment() {
        println!("          {}", path.display());
    }
    Ok(())
}

/// Installs into `cache/name` unless `wanted` is already there, one process at a time.
///
/// `install` fills the directory it is given; only when it succeeds does that directory take its
/// place, so a half-finished install is never found.
fn cached(
    name: &str,
    wanted: &str,
    install: impl FnOnce(&std::path::Path) -> Result<()>,
) -> Result<PathBuf> {
    let home = workspace::cache()?.join(name);
    let file = home.join(wanted);
    if file.exists() {
        return Ok(file);
    }
    let lock = File::create(workspace::cache()?.join(format!("{name}.lock")))?;
    lock.lock().context("cannot lock the tool cache")?;
    if file.exists() {
        return Ok(file);
    }
    let partial = workspace::cache()?.join(format!("{name}.partial"));
    std::fs::create_dir_all(&partial)?;
    step::step(&format!("Installing {name}"), || install(&partial))?;
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::rename(&partial, &home)?;
    Ok(file)
}
