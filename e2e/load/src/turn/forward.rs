//! The mark: a forwarder that does to packets what a relay must, in batches, and nothing else.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use anyhow::Result;
use nix::sys::socket::{MultiHeaders, SockaddrIn};
use serde::{Deserialize, Serialize};

use super::hosts::{Side, host, whose};
use super::wire::{BATCH, Received, Wire};

/// Which ports clients and peers have.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Forward {
    /// Its own port.
    pub port: u16,
    /// That of all clients.
    pub clients: u16,
    /// That of all peers.
    pub peers: u16,
}

/// How long it waits before it looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_secs(1);

/// Forwards until the process that started it has ended.
///
/// # Errors
/// As the operating system says.
pub fn run(forward: Forward) -> Result<()> {
    let wire = Wire::open(Ipv4Addr::LOCALHOST, forward.port)?;
    let mut received = Received::default();
    let mut heads = MultiHeaders::preallocate(BATCH, None);
    let mut to = Vec::with_capacity(BATCH);
    let parent = nix::unistd::getppid();
    while nix::unistd::getppid() == parent {
        wire.wait_for_packets(PATIENCE)?;
        loop {
            let count = wire.receive(&mut received)?;
            let froms = received.packets.iter();
            to.clear();
            to.extend(froms.map(|(from, ..)| forward.destination(*from).map(SockaddrIn::from)));
            wire.forward(&mut heads, &received, &to)?;
            if count < BATCH {
                break;
            }
        }
    }
    Ok(())
}

impl Forward {
    fn destination(&self, from: SocketAddrV4) -> Option<SocketAddrV4> {
        let (side, number) = whose(*from.ip())?;
        let (other, port) = match side {
            Side::Client => (Side::Peer, self.peers),
            Side::Peer => (Side::Client, self.clients),
        };
        Some(SocketAddrV4::new(host(other, number), port))
    }
}
