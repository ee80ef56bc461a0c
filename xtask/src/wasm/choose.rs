//! Choosing the toolchain: what is there first, then what can be had in a minute.

use super::{TARGET, Toolchain, debian, sysroot};
use crate::{process, step, tools, workspace};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Forces one choice: `rustup`, `prebuilt` (rustup's, without its sources) or `debian`.
const FORCE: &str = "KITH_WASM_TOOLCHAIN";
/// How long rustup may take to fetch a part of its toolchain.
const FETCH_LIMIT: Duration = Duration::from_secs(60);
/// How long a fetch that failed is not tried again, so that it costs a machine off the network
/// one minute and not a minute each run.
const RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Chooses a toolchain, installing what it needs.
///
/// # Errors
/// When no way is open; the message names the commands that would open one.
pub fn choose() -> Result<Toolchain> {
    let forced = std::env::var(FORCE).unwrap_or_default();
    let chosen = match forced.as_str() {
        "" => return automatic(),
        "debian" => return debian(),
        "rustup" => rustup_from_source()?.or(rustup_prebuilt()?),
        "prebuilt" => rustup_prebuilt()?,
        other => bail!("{FORCE} is `rustup`, `prebuilt` or `debian`, not `{other}`"),
    };
    chosen.with_context(|| {
        format!("rustup could not fetch `rust-src` or `{TARGET}`; try `rustup target add {TARGET}`")
    })
}

fn automatic() -> Result<Toolchain> {
    if let Some(toolchain) = rustup_from_source()? {
        return Ok(toolchain);
    }
    if debian_is_there() {
        return Ok(Toolchain::Debian);
    }
    match rustup_prebuilt()? {
        Some(toolchain) => Ok(toolchain),
        None => debian(),
    }
}

fn rustup_from_source() -> Result<Option<Toolchain>> {
    let source = sysroot()?.join("lib/rustlib/src/rust/library/std");
    let there =
        source.is_dir() || rustup_fetches(&["component", "add", "rust-src"])? && source.is_dir();
    Ok(there.then_some(Toolchain::RustupFromSource))
}

fn rustup_prebuilt() -> Result<Option<Toolchain>> {
    let library = sysroot()?.join("lib/rustlib").join(TARGET).join("lib");
    let there = library.is_dir() || rustup_fetches(&["target", "add", TARGET])? && library.is_dir();
    Ok(there.then_some(Toolchain::RustupPrebuilt))
}

fn rustup_fetches(words: &[&str]) -> Result<bool> {
    let Some(rustup) = process::find("rustup") else {
        return Ok(false);
    };
    let failed = workspace::state()?.join(format!("failed rustup {}", words.join(" ")));
    if is_recent(&failed) {
        return Ok(false);
    }
    step::note(&format!(
        "rustup {} (at most {} s)",
        words.join(" "),
        FETCH_LIMIT.as_secs()
    ));
    let done = process::succeeds_within(process::command(rustup).args(words), FETCH_LIMIT);
    if !done {
        std::fs::write(&failed, "")?;
    }
    Ok(done)
}

fn is_recent(mark: &Path) -> bool {
    let modified = mark.metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|at| {
        SystemTime::now()
            .duration_since(at)
            .is_ok_and(|age| age < RETRY_AFTER)
    })
}

fn debian_is_there() -> bool {
    Path::new(debian::RUSTC).is_file()
        && Path::new(debian::BIN).join("cargo").is_file()
        && debian_source_is_there()
}

/// Debian links the sources of its default Rust here, whichever package brings them.
fn debian_source_is_there() -> bool {
    process::read(
        process::command(debian::RUSTC)
            .args(["--print", "sysroot"])
            .env_remove("LD_LIBRARY_PATH"),
    )
    .is_ok_and(|root| {
        Path::new(&root)
            .join("lib/rustlib/src/rust/library/std")
            .is_dir()
    })
}

fn debian() -> Result<Toolchain> {
    if !debian_is_there() {
        tools::apt::install(&debian::PACKAGES)?;
        if !debian_is_there() {
            bail!(
                "Debian's packages {} brought no Rust with sources",
                debian::PACKAGES.join(", ")
            );
        }
    }
    Ok(Toolchain::Debian)
}
