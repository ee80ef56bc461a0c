//! iroh's relay, over plain WebSocket. Not a package of Debian's: whoever wants to compare with it installs it
//! (`cargo install iroh-relay --features server`) and names the program.

use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::process::{Process, free_address};

/// A running relay.
pub struct IrohRelay {
    /// For its figures.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
    _data: TempDir,
}

impl IrohRelay {
    /// Starts `program`, without what is not measured.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start(program: &OsStr) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let address = free_address()?;
        let config = format!(
            "http_bind_addr = \"{address}\"\nenable_metrics = false\n\
             enable_quic_addr_discovery = false\n"
        );
        let file = data.path().join("relay.toml");
        fs::write(&file, config)?;
        let mut command = Command::new(program);
        command.arg("--dev").arg("--config-path").arg(file);
        Ok(Self {
            process: Process::serving(&mut command, address)?,
            address,
            _data: data,
        })
    }
}
