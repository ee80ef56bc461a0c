//! A NATS server with JetStream, for a supernode of several processes.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use anyhow::Result;
use tempfile::TempDir;

use super::supernode::Supernode;
use crate::process::{Process, free_address};

/// Two supernode processes that are one, and the server between them.
pub struct Cluster {
    /// The one that leads, and one that follows.
    pub supernodes: [Supernode; 2],
    /// For its figures.
    pub nats: Process,
    _data: TempDir,
}

impl Cluster {
    /// Starts them. The supernode must be built with `--features nats`.
    ///
    /// # Errors
    /// When a program is missing or does not start.
    pub fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = free_address()?;
        let mut command = Command::new("nats-server");
        command
            .args(["--jetstream", "--addr", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .arg("--store_dir")
            .arg(data.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut nats = Process::start(&mut command)?;
        nats.listening(address)?;
        let leads = member(address)?;
        leads.admits()?;
        let follows = member(address)?;
        follows.admits()?;
        Ok(Self {
            supernodes: [leads, follows],
            nats,
            _data: data,
        })
    }

    /// All of them.
    #[must_use]
    pub fn processes(&self) -> Vec<&Process> {
        let [leads, follows] = &self.supernodes;
        vec![&leads.process, &follows.process, &self.nats]
    }
}

fn member(nats: SocketAddr) -> Result<Supernode> {
    let servers = format!("nats://{nats}");
    Supernode::start(&[
        "--store",
        "nats",
        "--nats-servers",
        &servers,
        "--nats-replicas",
        "1",
    ])
}
