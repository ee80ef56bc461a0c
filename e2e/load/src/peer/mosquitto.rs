//! Eclipse Mosquitto, over WebSocket.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::process::{Process, free_address};

/// A running broker.
pub struct Mosquitto {
    /// For its figures.
    pub process: Process,
    /// Where it speaks WebSocket.
    pub address: SocketAddr,
    _data: TempDir,
}

impl Mosquitto {
    /// Starts it as its manual advises for many queued messages. Its second listener is not used:
    /// 2.0.11 refuses to run with WebSocket alone.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let (plain, address) = (free_address()?, free_address()?);
        let config = format!(
            "listener {} 127.0.0.1\nlistener {}\nprotocol websockets\nallow_anonymous true\n\
             user root\npersistence true\npersistence_location {}/\nmax_queued_messages 0\n\
             max_inflight_messages 1000\nset_tcp_nodelay true\n",
            plain.port(),
            address.port(),
            data.path().display()
        );
        let file = data.path().join("mosquitto.conf");
        fs::write(&file, config)?;
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(file);
        Ok(Self {
            process: Process::serving(&mut command, address)?,
            address,
            _data: data,
        })
    }
}
