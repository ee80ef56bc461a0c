//! The mark, in a process of its own.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{CORE, Kind, Server, batch, free_address};
use crate::process::Process;
use crate::turn::forward::Forward;

/// How long it takes to listen, amply.
const START: Duration = Duration::from_millis(200);

pub fn start() -> Result<Server> {
    let [address, clients, peers] = [free_address()?, free_address()?, free_address()?];
    let ports = [clients.port(), peers.port()];
    let forward = Forward {
        port: address.port(),
        clients: ports[0],
        peers: ports[1],
    };
    let program = std::env::current_exe()?;
    let mut command = batch(CORE, program.to_str().context("an odd path")?);
    command.args(["forward", &serde_json::to_string(&forward)?]);
    let process = Process::start(&mut command)?;
    std::thread::sleep(START);
    Ok(Server {
        kind: Kind::Plain,
        name: "plain forwarder".to_owned(),
        process,
        http: None,
        address,
        ports,
        _data: tempfile::tempdir()?,
    })
}
