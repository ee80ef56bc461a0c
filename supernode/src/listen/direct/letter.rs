//! What the thread is told.

use std::net::SocketAddr;

use shared::base::effects::LinkId;

/// Where a datagram came in, and from whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Way {
    /// Number of the listening socket.
    pub listener: u16,
    /// The other side.
    pub address: SocketAddr,
}

/// Something for the thread.
#[derive(Debug)]
pub enum Letter {
    /// A datagram of somebody who may send them.
    Datagram(Way, Vec<u8>),
    /// Something waits in the outbox of a link, or it is to end.
    Filled(LinkId),
    /// End.
    Stop,
}
