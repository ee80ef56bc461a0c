//! The release supernode.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::Process;
use crate::talk::kith;

/// How long it may take until sessions are admitted.
const ADMIT_TIMEOUT: Duration = Duration::from_secs(60);

/// Settings that let one machine play thousands of clients.
const SETTINGS: [&str; 8] = [
    "--http",
    "127.0.0.1:0",
    "--frames-burst",
    "1000000",
    "--frames-per-second",
    "1000000",
    "--connects-per-second",
    "1000000",
];

/// A running supernode.
pub struct Supernode {
    /// For its figures.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    data: TempDir,
}

impl Supernode {
    /// Starts it, with `settings` beside those that let one machine play thousands of clients.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start(settings: &[&str]) -> Result<Self> {
        Self::start_on(tempfile::tempdir()?, settings)
    }

    /// Like [`Self::start`], with what is in the folder `data`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_on(data: TempDir, settings: &[&str]) -> Result<Self> {
        let mut command = Command::new(program()?);
        command.args(SETTINGS).args(settings).arg("--data");
        command.arg(data.path()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let log = process.child().stderr.take().context("no log")?;
        let mut log = BufReader::new(log);
        let port: u16 = loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                bail!("the supernode ended at once");
            }
            if let Some((_, port)) = line.split_once("listening port=") {
                break port.trim().parse()?;
            }
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

    /// Waits until sessions are admitted, which takes a cluster a while.
    ///
    /// # Errors
    /// When it takes too long.
    pub fn admits(&self) -> Result<()> {
        let began = Instant::now();
        while let Err(failure) = kith::connect(self.address, 0, None) {
            if began.elapsed() > ADMIT_TIMEOUT {
                return Err(failure).context("no session is admitted");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }
}

/// Where it is.
///
/// # Errors
/// When it is nowhere.
pub fn program() -> Result<PathBuf> {
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
