//! `cargo xtask fuzz [TARGET] [--runs N] [--seconds S] [--keep]`: builds the program of `e2e/fuzz` with
//! cargo-fuzz and lets libFuzzer drive each target from its corpus.
//!
//! Everything compiles with the one toolchain there is: libFuzzer needs coverage counters, which the
//! compiler has in every release, and no sanitizer, since the code is free of `unsafe`.

mod corpus;
mod program;

use crate::args::Arguments;
use crate::{process, step, tools, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;

use program::{Limits, Program};

/// Inputs that a target is given beside its corpus, unless told otherwise.
const RUNS: u64 = 500;
/// Longest time one target may take for them, in seconds.
const SECONDS: u64 = 4;
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// `cargo xtask fuzz`.
///
/// # Errors
/// When an input broke something, or a target executed nothing.
pub fn fuzz(mut arguments: Arguments) -> Result<()> {
    let keep = arguments.flag("--keep");
    let runs = arguments.number("--runs")?;
    let seconds = arguments.number("--seconds")?;
    let name = arguments.word();
    arguments.finish()?;
    let limits = match (runs, seconds) {
        (None, None) => Limits::of(RUNS, SECONDS),
        (runs, seconds) => Limits { runs, seconds },
    };
    run(name.as_deref(), limits, keep)
}

/// What a run of all tests does: each corpus again, and a bounded number of new inputs.
///
/// # Errors
/// As [`fuzz`].
pub fn briefly() -> Result<()> {
    run(None, Limits::of(RUNS, SECONDS), false)
}

fn run(name: Option<&str>, limits: Limits, keep: bool) -> Result<()> {
    let targets: Vec<String> = corpus::targets()?
        .into_iter()
        .filter(|target| name.is_none_or(|name| name == target))
        .collect();
    if targets.is_empty() {
        bail!(
            "no such target; there are: {}",
            corpus::targets()?.join(", ")
        );
    }
    step::step("Building the fuzz targets", build)?;
    println!(
        "  {:<16} {:>9} {:>8} {:>7}",
        "target", "executed", "a second", "edges"
    );
    let mut broken = Vec::new();
    for target in &targets {
        let program = Program::new(target, program())?;
        match program.run(limits) {
            Ok(report) => println!(
                "  {target:<16} {:>9} {:>8} {:>7}",
                report.executed, report.per_second, report.edges
            ),
            Err(error) => {
                eprintln!("✗ {target}: {error:#}");
                broken.push(target.clone());
            }
        }
        if keep {
            program.keep()?;
        }
    }
    if !broken.is_empty() {
        bail!("broken: {}", broken.join(", "));
    }
    Ok(())
}

fn build() -> Result<()> {
    let fuzz = tools::fuzz()?;
    let mut command = process::command(fuzz);
    command.args([
        "fuzz",
        "build",
        "--fuzz-dir",
        "e2e/fuzz",
        "--sanitizer",
        "none",
    ]);
    // Some crates are others under `cfg(fuzzing)`; what is shipped is what is fuzzed.
    command.args(["--no-cfg-fuzzing", "--codegen-units", "16"]);
    command.args(["--features", "libfuzzer", "--target", TRIPLE]);
    command.env("CARGO_TARGET_DIR", workspace::target());
    // cargo-fuzz is made for nightly compilers; nothing here asks for what only they have.
    command.env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2");
    process::run(&mut command)
}

fn program() -> PathBuf {
    workspace::target().join(TRIPLE).join("release/fuzz")
}
