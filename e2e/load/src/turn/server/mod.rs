//! The servers that are compared.

mod coturn;
mod kith;
mod plain;
mod turn_rs;

use std::net::{SocketAddr, SocketAddrV4};
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::stun::Account;
use crate::process::Process;

/// Where servers run, and generators where nothing is to be seen of delays.
pub const CORE: &str = "0";
/// Where generators run otherwise.
pub const OTHER_CORE: &str = "1";

/// Which server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// This project's.
    Kith,
    /// Forwards and nothing else.
    Plain,
    /// The program at this path, as it is.
    Coturn(String),
    /// The same with one socket for all peers, and segmentation by the kernel, which 4.17 can.
    CoturnMux(String),
    /// The program at this path.
    TurnRs(String),
}

/// A running server.
pub struct Server {
    /// Which one.
    pub kind: Kind,
    /// What it is called in tables.
    pub name: String,
    /// For its figures.
    pub process: Process,
    /// Where its metrics are, if it is ours.
    pub http: Option<SocketAddr>,
    /// Where it listens.
    pub address: SocketAddrV4,
    /// Which ports clients and peers must have.
    pub ports: [u16; 2],
    _data: TempDir,
}

impl Server {
    /// Starts one, as a batch job on its core.
    ///
    /// # Errors
    /// When the program is missing or does not start.
    pub fn start(kind: Kind) -> Result<Self> {
        match &kind {
            Kind::Kith => kith::start(),
            Kind::Plain => plain::start(),
            Kind::Coturn(path) => coturn::start(kind.clone(), path, false),
            Kind::CoturnMux(path) => coturn::start(kind.clone(), path, true),
            Kind::TurnRs(path) => turn_rs::start(kind.clone(), path),
        }
    }

    /// The name by which clients come in.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        (self.kind != Kind::Plain).then(account)
    }

    /// Lets all of its threads run before any other program's, or as batch jobs again.
    ///
    /// # Errors
    /// When this user may not.
    pub fn set_urgent(&self, urgent: bool) -> Result<()> {
        let class: &[&str] = match urgent {
            true => &["-f", "-a", "-p", "10"],
            false => &["-b", "-a", "-p", "0"],
        };
        let id = self.process.id().to_string();
        let status = Command::new("chrt").args(class).arg(id).status();
        if !status.context("cannot start chrt")?.success() {
            bail!("cannot change the scheduling of {}: be root", self.name);
        }
        Ok(())
    }
}

fn account() -> Account {
    Account {
        user: "ann".to_owned(),
        password: "north".to_owned(),
    }
}

/// Runs a program as a batch job on `core`: others do not make it give way at once, and it does not
/// make others.
#[must_use]
pub fn batch(core: &str, program: &str) -> Command {
    let mut command = Command::new("chrt");
    command.args(["-b", "0", "taskset", "-c", core, program]);
    command
}

/// Runs a program on `core` before any other.
#[must_use]
pub fn urgent(core: &str, program: &str) -> Command {
    let mut command = Command::new("chrt");
    command.args(["-f", "10", "taskset", "-c", core, program]);
    command
}

/// A UDP address of this machine that nobody has.
fn free_address() -> Result<SocketAddrV4> {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
    match socket.local_addr()? {
        SocketAddr::V4(address) => Ok(address),
        SocketAddr::V6(_) => bail!("no IPv4"),
    }
}
