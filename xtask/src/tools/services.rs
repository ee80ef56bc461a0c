//! Programs and libraries that tests of the supernode use.

use super::apt;
use crate::process;
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Lets a test change a program's clock.
const FAKETIME: &str = "libfaketime";
/// Lets a test fail a program's system calls.
const STRACE: &str = "strace";
/// Programs, and the packages they come in.
const SERVERS: [&str; 2] = ["mosquitto", "redis-server"];

/// One of the clients by which the relay is tested, and the package they come in.
const TURN_CLIENT: &str = "turnutils_uclient";
const TURN_CLIENTS: &str = "coturn";
/// The server in it.
const TURN_SERVER: &str = "turnserver";

/// Keeps what a supernode stores, on several machines.
const NATS_SERVER: &str = "nats-server";

/// Where the tests find them.
pub struct Services {
    faketime: PathBuf,
    nats_server: PathBuf,
}

impl Services {
    /// The environment that the tests read.
    pub fn environment(&self) -> [(&'static str, &PathBuf); 2] {
        [
            ("KITH_FAKETIME", &self.faketime),
            ("KITH_NATS_SERVER", &self.nats_server),
        ]
    }
}

/// Finds or installs them.
///
/// # Errors
/// When one is missing and cannot be installed; the message says by which command it can.
pub fn services() -> Result<Services> {
    let wanted = [
        (FAKETIME, faketime()),
        (NATS_SERVER, nats_server()),
        (STRACE, process::find(STRACE)),
        (TURN_CLIENTS, process::find(TURN_CLIENT)),
    ];
    let missing: Vec<_> = wanted
        .iter()
        .filter(|(_, found)| found.is_none())
        .map(|(package, _)| *package)
        .collect();
    if !missing.is_empty() {
        apt::install(&missing)?;
    }
    Ok(Services {
        faketime: faketime().context("libfaketime is still missing after it was installed")?,
        nats_server: nats_server()
            .context("nats-server is still missing after it was installed")?,
    })
}

/// Where packages put servers, which `PATH` does not name for everybody.
fn nats_server() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("KITH_NATS_SERVER") {
        return Some(path.into());
    }
    let packaged = PathBuf::from("/usr/sbin").join(NATS_SERVER);
    process::find(NATS_SERVER).or_else(|| packaged.exists().then_some(packaged))
}

/// Finds or installs the servers that measurements compare the supernode with.
///
/// # Errors
/// When one is missing and cannot be installed; the message says by which command it can.
pub fn servers() -> Result<()> {
    let missing: Vec<_> = SERVERS
        .into_iter()
        .filter(|name| process::find(name).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt::install(&missing)
}

/// Finds or installs coturn, server and clients.
///
/// # Errors
/// When it is missing and cannot be installed; the message says by which command it can.
pub fn coturn() -> Result<()> {
    match process::find(TURN_SERVER) {
        Some(_) => Ok(()),
        None => apt::install(&[TURN_CLIENTS]),
    }
}

/// `/usr/lib/MACHINE/faketime/libfaketime.so.1`, or what a person says.
fn faketime() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("KITH_FAKETIME") {
        return Some(path.into());
    }
    let machines = std::fs::read_dir("/usr/lib").ok()?;
    let paths =
        machines.filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketime.so.1")));
    paths.into_iter().find(|path| path.exists())
}
