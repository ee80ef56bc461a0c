//! One target's program: run within limits, and what it says of itself.

use super::corpus::{self, INPUT_BYTES_MAX, hex};
use crate::{process, workspace};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// By which the program knows its target.
const TARGET: &str = "KITH_FUZZ";
/// One input may take so many seconds.
const INPUT_SECONDS_MAX: u64 = 20;
/// Memory of a program, in MiB.
const MEMORY_MIB_MAX: u64 = 2048;

/// How long to go on; without any, until something breaks.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Inputs beside the corpus.
    pub runs: Option<u64>,
    /// Seconds.
    pub seconds: Option<u64>,
}

impl Limits {
    /// Both.
    pub fn of(runs: u64, seconds: u64) -> Self {
        Self {
            runs: Some(runs),
            seconds: Some(seconds),
        }
    }
}

/// What a run was.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Inputs.
    pub executed: u64,
    /// Inputs a second.
    pub per_second: u64,
    /// Edges of the program's flow that were reached.
    pub edges: u64,
}

/// See the module.
pub struct Program {
    target: String,
    path: PathBuf,
    /// Its corpus, as files; new finds join it.
    folder: PathBuf,
    kept: usize,
}

impl Program {
    /// With its corpus unpacked.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn new(target: &str, path: PathBuf) -> Result<Self> {
        let folder = emptied(&workspace::state()?.join("fuzz").join(target))?;
        let kept = corpus::unpack(target, &folder)?;
        Ok(Self {
            target: target.to_owned(),
            path,
            folder,
            kept,
        })
    }

    /// Runs it.
    ///
    /// # Errors
    /// When an input broke something (it is printed in hexadecimal), or nothing was executed.
    pub fn run(&self, limits: Limits) -> Result<Report> {
        let found = self.folder.with_extension("broken");
        if found.exists() {
            fs::remove_file(&found)?;
        }
        let mut command = process::command(&self.path);
        command.env(TARGET, &self.target);
        command.arg(&self.folder);
        command.arg(format!("-exact_artifact_path={}", found.display()));
        command.args([
            "-print_final_stats=1",
            "-seed=1",
            "-reload=0",
            "-use_value_profile=1",
        ]);
        command.arg(format!("-max_len={INPUT_BYTES_MAX}"));
        command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
        command.arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"));
        if let Some(runs) = limits.runs {
            command.arg(format!("-runs={}", runs + self.kept as u64 + 1));
        }
        if let Some(seconds) = limits.seconds {
            command.arg(format!("-max_total_time={seconds}"));
        }
        let output = command.output().context("cannot start the program")?;
        let says = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let tail: Vec<&str> = says.lines().rev().take(40).collect();
            for line in tail.iter().rev() {
                eprintln!("    {line}");
            }
            let input = fs::read(&found).map(|bytes| hex(&bytes));
            bail!(
                "this input broke it; when that is mended, it is a line for the corpus:\n{}",
                input.unwrap_or_else(|_| "(none was kept)".to_owned())
            );
        }
        let report = Report::read(&says).context("the program said nothing of what it did")?;
        if report.executed <= self.kept as u64 {
            bail!("executed nothing but its corpus of {} inputs", self.kept);
        }
        Ok(report)
    }

    /// Makes what was found the corpus: as few and short inputs as reach the same.
    ///
    /// # Errors
    /// When an input breaks the program.
    pub fn keep(&self) -> Result<()> {
        let few = emptied(&self.folder.with_extension("few"))?;
        let mut command = process::command(&self.path);
        command.env(TARGET, &self.target);
        // How often an edge is passed makes ten times as many inputs of it.
        command.args(["-set_cover_merge=1", "-use_counters=0"]);
        command.args([&few, &self.folder]);
        command.arg(format!("-max_len={INPUT_BYTES_MAX}"));
        let output = command.output().context("cannot start the program")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        let kept = corpus::pack(&self.target, &few)?;
        println!("  {:<16} keeps {kept} inputs", self.target);
        Ok(())
    }
}

impl Report {
    /// From what libFuzzer prints at its end.
    fn read(says: &str) -> Option<Self> {
        let stat = |name: &str| {
            let line = says.lines().find(|line| line.starts_with(name))?;
            line.rsplit(' ').next()?.parse().ok()
        };
        let edges = says.lines().rev().find_map(|line| {
            let (_, rest) = line.split_once(" cov: ")?;
            rest.split(' ').next()?.parse().ok()
        });
        Some(Self {
            executed: stat("stat::number_of_executed_units:")?,
            per_second: stat("stat::average_exec_per_sec:")?,
            edges: edges?,
        })
    }
}

fn emptied(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_read_and_silence_is_noticed() {
        let says = "#2\tINITED cov: 12 ft: 13 corp: 1/1b\n#99\tDONE   cov: 321 ft: 400 corp: 9/1Kb\n\
                    stat::number_of_executed_units: 99\nstat::average_exec_per_sec:     33\n";
        let report = Report {
            executed: 99,
            per_second: 33,
            edges: 321,
        };
        assert_eq!(Report::read(says), Some(report));
        assert_eq!(Report::read("INFO: Loaded 1 modules"), None);
    }
}
