//! What other programs check: formatting, lints, dependencies.

use crate::wasm::{TARGET, Toolchain};
use crate::{process, step, tools};
use anyhow::Result;

/// Finds or installs the parts of the toolchain that check: a minimal rustup has neither.
///
/// # Errors
/// When one is missing and rustup cannot fetch it.
pub fn set_up() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if process::read(process::cargo().args([subcommand, "--version"])).is_err() {
            process::run(process::command("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// `cargo fmt --check`.
///
/// # Errors
/// When a file is not formatted.
pub fn format() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

/// The features of `shared` in each form that somebody builds: its bare rules, a native client beside a
/// supernode, the page, and a supernode.
pub const FORMS_OF_SHARED: [&str; 4] = ["", "client,turn", "client", "turn"];

/// What the supernode is tested with beside what is always in it.
pub const SUPERNODE_FEATURES: &str = "supernode/nats";

/// Clippy on everything native, each warning an error.
///
/// # Errors
/// When clippy finds something.
pub fn lints() -> Result<()> {
    clippy(&["--workspace", "--exclude", "client-wasm"])?;
    clippy(&[
        "--workspace",
        "--exclude",
        "client-wasm",
        "--features",
        SUPERNODE_FEATURES,
    ])?;
    clippy(&["--package", "e2e-swarm", "--features", "planted"])?;
    FORMS_OF_SHARED
        .iter()
        .try_for_each(|features| clippy(&["--package", "shared", "--features", features]))
}

fn clippy(words: &[&str]) -> Result<()> {
    process::run(
        process::cargo()
            .args(["clippy", "--quiet", "--all-targets"])
            .args(words)
            .args(DENY),
    )
}

/// Clippy on the page. Debian has no clippy of its own for its compiler: there, the compiler's
/// own warnings must do.
///
/// # Errors
/// When clippy finds something.
pub fn lints_of_page(toolchain: Toolchain) -> Result<()> {
    let mut cargo = toolchain.cargo()?;
    match toolchain {
        Toolchain::Debian => {
            step::note("Debian's toolchain has no clippy: the compiler's own warnings are checked");
            cargo.arg("check").env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Dwarnings",
            )
        }
        _ => cargo.arg("clippy"),
    };
    cargo.args(["--quiet", "--package", "client-wasm", "--target", TARGET]);
    if toolchain != Toolchain::Debian {
        cargo.args(DENY);
    }
    process::run(&mut cargo)
}

const DENY: [&str; 3] = ["--", "--deny", "warnings"];

/// The dependencies against `deny.toml`: licences, sources and bans. Advisories change from day to
/// day and would fail a build that nobody touched, so they are no part of this.
///
/// # Errors
/// When a dependency breaks a rule, or `cargo-deny` is to be installed and cannot be.
pub fn dependencies() -> Result<()> {
    let Some(deny) = tools::deny()? else {
        return Ok(());
    };
    let checks = ["bans", "licenses", "sources"];
    process::run(
        process::command(deny)
            .args(["--locked", "--log-level", "error", "check"])
            .args(checks),
    )
}
