//! The real supernode, on a port and a data folder of its own.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::Process;
use crate::{http, settings, wait};

/// How long a supernode may take to answer `/healthz` after its start.
const START_PATIENCE: Duration = Duration::from_secs(15);
/// How long a supernode may take to drain after SIGTERM.
const DRAIN_PATIENCE: Duration = Duration::from_secs(15);

/// A supernode that can be stopped, killed and started again with the same data and port.
pub struct Supernode {
    address: SocketAddr,
    data: PathBuf,
    log: PathBuf,
    flags: Vec<String>,
    process: Option<Process>,
}

impl Supernode {
    /// Starts a supernode on a free port; its data and log live in `folder`.
    ///
    /// # Errors
    /// When the program is missing or does not become healthy.
    pub async fn start(folder: &Path, flags: &[&str]) -> Result<Self> {
        let mut node = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            data: folder.join("supernode-data"),
            log: folder.join("supernode.log"),
            flags: flags.iter().map(ToString::to_string).collect(),
            process: None,
        };
        fs::create_dir_all(&node.data)?;
        node.resume().await?;
        Ok(node)
    }

    /// Where people open the page. `localhost`, since browsers only give a secure context (and so
    /// WebCrypto and Web Locks) to plain HTTP there.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}/", self.address.port())
    }

    /// Where its WebSocket and documents are reached.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it without warning, as a power cut would.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Asks it to drain and end (SIGTERM).
    ///
    /// # Errors
    /// When it does not end in time, or ends with a failure.
    pub async fn stop(&mut self) -> Result<()> {
        let mut process = self
            .process
            .take()
            .context("the supernode is not running")?;
        let status = process.terminate(DRAIN_PATIENCE).await?;
        ensure!(status.success(), "the supernode ended with {status}");
        Ok(())
    }

    /// Starts it again with the same data, port and flags.
    ///
    /// # Errors
    /// When it does not become healthy.
    pub async fn resume(&mut self) -> Result<()> {
        let program = settings::supernode();
        let mut command = Command::new(&program);
        command
            .arg("--http")
            .arg(self.address.to_string())
            .arg("--data")
            .arg(&self.data)
            .args(&self.flags);
        let mut process = Process::spawn(&mut command, &self.log)?;
        let address = self.address;
        let ready = wait::until_within("the supernode to be healthy", START_PATIENCE, async || {
            ensure!(process.is_running(), "it ended: {}", process.output());
            Ok((http::get(address, "/healthz", &[]).await?.status == 200).then_some(()))
        });
        ready.await?;
        self.process = Some(process);
        Ok(())
    }

    /// What the program prints when it is called so on the same data folder.
    ///
    /// # Errors
    /// When it fails.
    pub fn call(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(settings::supernode())
            .args(arguments)
            .arg("--data")
            .arg(&self.data)
            .output()?;
        ensure!(output.status.success(), "it ended with {}", output.status);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// True while it runs; a journey ends by asking.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Its log so far, over all its lives.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// A TCP port that was free a moment ago.
///
/// # Errors
/// When the machine has none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
