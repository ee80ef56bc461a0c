//! Redis, with an fsync before every answer.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::process::{Process, free_address};

/// A running server.
pub struct Redis {
    /// For its figures.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    _data: TempDir,
}

impl Redis {
    /// Starts it with an append-only file that is synchronised for every group of commands.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = free_address()?;
        let mut command = Command::new("redis-server");
        command
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--save", "", "--dir"])
            .arg(data.path());
        Ok(Self {
            process: Process::serving(&mut command, address)?,
            address,
            _data: data,
        })
    }
}
