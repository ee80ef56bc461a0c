//! `cargo xtask swarm [--seed S] [--people N] [--supernodes M] [--hours H] [--with MIX]
//! [--weather KINDS] [--until-fails]`: one simulated world, optimized, with its table. What it does is in
//! `e2e/swarm`.

use crate::args::Arguments;
use crate::process;
use anyhow::Result;

/// `cargo xtask swarm`.
///
/// # Errors
/// When a promise was broken; what is printed names the command that repeats it.
pub fn swarm(arguments: Arguments) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["run", "--quiet", "--release", "--package", "e2e-swarm"]);
    process::run(cargo.args(["--bin", "swarm", "--"]).args(arguments.rest()))
}
