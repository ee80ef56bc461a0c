//! Which Rust compiles the page, and with which flags.
//!
//! The page's release build is one flavour wherever possible: the standard library built from
//! source for size, with panics that trap at once (`-Cpanic=immediate-abort`). A trap reaches the
//! page as a `RuntimeError`, and `www/boot.js` shows the "reload" screen. Its source comes from
//! rustup's component `rust-src` or, on Debian, from the packages `rustc-web`, `cargo-web` and
//! `rust-web-src`. Only when neither is to be had does the prebuilt library of rustup's target
//! serve: the page works the same and is larger. `docs/decisions/` has the measurements.

mod choose;

pub use choose::choose;

use crate::process;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one target of the page.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// `-C`/`-Z` flags of a release build on a standard library built from source: no unwinding and
/// no messages of panics, no source locations, no `{:?}` bodies. None is stable yet, hence
/// [`UNLOCK`]. Equal functions are not merged here, or those of the first screen would go by the
/// names of later ones and come second with them; wasm-opt merges them after the split.
const SIZE_FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none \
    -Zfmt-debug=none -Zmerge-functions=disabled";
/// What of them works with the prebuilt standard library.
const SIZE_FLAGS_PREBUILT: &str =
    "-Zlocation-detail=none -Zfmt-debug=none -Zmerge-functions=disabled";
/// Lets a stable compiler take `-Z` flags.
const UNLOCK: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");
/// The parts of the standard library that the page links.
const BUILD_STD: &str = "std,panic_abort";

/// A way to compile for [`TARGET`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The active toolchain, its standard library built from `rust-src`.
    RustupFromSource,
    /// The active toolchain and its prebuilt standard library.
    RustupPrebuilt,
    /// Debian's compiler and sources, linking with the active toolchain's `rust-lld`.
    Debian,
}

impl Toolchain {
    /// Names the flavour: in target directories and in `docs/budget.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RustupFromSource => "rustup-from-source",
            Self::RustupPrebuilt => "rustup-prebuilt",
            Self::Debian => "debian-from-source",
        }
    }

    /// Sets what cargo, started directly or by Trunk, needs to compile the page.
    ///
    /// `release` adds the size flags. The command's `PATH` gets `tools` first.
    ///
    /// # Errors
    /// When the active toolchain has no linker for wasm.
    pub fn apply(self, command: &mut Command, release: bool, tools: &[&Path]) -> Result<()> {
        let from_source = self != Self::RustupPrebuilt;
        let flags = match (release, from_source) {
            (false, _) => "",
            (true, true) => SIZE_FLAGS,
            (true, false) => SIZE_FLAGS_PREBUILT,
        };
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        command
            .env("CARGO_TARGET_DIR", self.target_directory())
            .env(UNLOCK.0, UNLOCK.1);
        if from_source {
            command.env("CARGO_UNSTABLE_BUILD_STD", BUILD_STD);
        }
        let mut path = tools.to_vec();
        if self == Self::Debian {
            command
                .env("RUSTC", debian::RUSTC)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
            // Both name programs of the active toolchain, which are not the ones meant here.
            command.env_remove("CARGO").env_remove("LD_LIBRARY_PATH");
            path.push(Path::new(debian::BIN));
        }
        command.env("PATH", process::path_with(path)?);
        Ok(())
    }

    /// A cargo that compiles the page, for checks.
    ///
    /// # Errors
    /// As [`Toolchain::apply`].
    pub fn cargo(self) -> Result<Command> {
        let mut cargo = match self {
            Self::Debian => process::command(Path::new(debian::BIN).join("cargo")),
            _ => process::cargo(),
        };
        self.apply(&mut cargo, false, &[])?;
        Ok(cargo)
    }

    /// Where this flavour's objects go, apart from the native ones: two compilers sharing one
    /// directory would build everything anew at each change.
    pub fn target_directory(self) -> PathBuf {
        crate::workspace::target().join("page").join(self.name())
    }

    /// The compiler's version, for stamps.
    ///
    /// # Errors
    /// When the compiler cannot be asked.
    pub fn version(self) -> Result<String> {
        match self {
            Self::Debian => process::read(process::command(debian::RUSTC).arg("-vV")),
            _ => process::read(process::command("rustc").arg("-vV")),
        }
    }
}

/// Where Debian puts its Rust.
mod debian {
    /// The directory of `cargo` and `rustc`.
    pub const BIN: &str = "/usr/bin";
    /// The compiler.
    pub const RUSTC: &str = "/usr/bin/rustc";
    /// The packages of the compiler kept fit for browsers, and its sources.
    pub const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
}

/// The active toolchain's own directory.
fn sysroot() -> Result<PathBuf> {
    Ok(process::read(process::command("rustc").args(["--print", "sysroot"]))?.into())
}

/// The active toolchain's linker for wasm.
fn linker() -> Result<PathBuf> {
    let host = process::read(process::command("rustc").args(["--print", "host-tuple"]))?;
    let linker = sysroot()?
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    if !linker.is_file() {
        bail!(
            "the active Rust toolchain has no rust-lld at {}",
            linker.display()
        );
    }
    Ok(linker)
}
