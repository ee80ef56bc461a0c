//! The supernode under load, and what it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::unistd::{SysconfVar, sysconf};
use tempfile::TempDir;

/// A running supernode with a data folder of its own; killed when dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    data: TempDir,
}

impl Server {
    /// Starts it, with frame rates that one machine can test.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start() -> Result<Self> {
        let program = program()?;
        let data = tempfile::tempdir()?;
        let mut process = Command::new(&program)
            .args([
                "--http",
                "127.0.0.1:0",
                "--frames-burst",
                "1000000",
                "--frames-per-second",
                "1000000",
                "--data",
            ])
            .arg(data.path())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut log = BufReader::new(process.stderr.take().context("no log")?);
        let port = loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                bail!("the supernode ended at once");
            }
            if let Some((_, port)) = line.split_once("listening port=") {
                break port.trim().parse()?;
            }
            eprint!("supernode: {line}");
        };
        std::thread::spawn(move || {
            log.lines()
                .map_while(Result::ok)
                .for_each(|line| eprintln!("supernode: {line}"))
        });
        Ok(Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            data,
        })
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("no VmRSS")?;
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1024)
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// When the data folder cannot be read.
    pub fn disk(&self) -> Result<u64> {
        size(self.data.path())
    }

    /// CPU time so far, in user and kernel.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn cpu_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The second field is the name in parentheses, which may hold anything.
        let (_, rest) = stat.rsplit_once(')').context("an unreadable stat")?;
        let ticks: u64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse().unwrap_or(0_u64))
            .sum();
        let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock tick")?;
        Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file may go while we look: the store compacts.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        bytes += if metadata.is_dir() {
            size(&entry.path())?
        } else {
            metadata.blocks() * 512
        };
    }
    Ok(bytes)
}

fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("KITH_SUPERNODE") {
        return Ok(PathBuf::from(path));
    }
    let beside = std::env::current_exe()?.with_file_name("supernode");
    let fallback = PathBuf::from("target/release/supernode");
    [beside, fallback]
        .into_iter()
        .find(|path| path.exists())
        .context("no supernode; build it with `cargo build --release -p supernode` or set KITH_SUPERNODE")
}
