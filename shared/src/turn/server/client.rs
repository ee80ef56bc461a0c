//! Those at both ends, as the driver and the server name them to each other.

use core::net::{IpAddr, SocketAddr};

use super::stats::Dropped;

/// By what a client comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// The driver's UDP socket of this number.
    Datagrams(u16),
    /// The driver's connection of this number. Numbers are not used again while something is to be sent.
    Stream(u64),
}

/// One client: the five-tuple of RFC 8656 §3.2, with the server's end by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    /// The server's end.
    pub link: Link,
    /// The client's address, canonical (no IPv4-mapped IPv6 addresses).
    pub address: SocketAddr,
}

impl Client {
    /// It as bytes that no other client has.
    pub(crate) fn name(&self) -> [u8; 28] {
        let (kind, number) = match self.link {
            Link::Datagrams(number) => (0, u64::from(number)),
            Link::Stream(number) => (1, number),
        };
        let ip = match self.address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let ends = [kind, u8::from(self.address.is_ipv6())];
        let parts = ends
            .into_iter()
            .chain(number.to_be_bytes())
            .chain(ip.octets())
            .chain(self.address.port().to_be_bytes());
        let mut name = [0; 28];
        for (to, from) in name.iter_mut().zip(parts) {
            *to = from;
        }
        name
    }

    /// Whether what is sent to it must be padded (RFC 8656 §12.5).
    pub(super) fn pads(&self) -> bool {
        matches!(self.link, Link::Stream(_))
    }
}

/// The number of an allocation, and of the socket for its relayed address. Used again after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relay(pub u32);

/// Sockets for relayed addresses, lent to the server for a call.
pub trait Relays {
    /// Opens a socket that peers see as `address`. Says whether it could be had.
    fn open(&mut self, relay: Relay, address: SocketAddr) -> bool;
    /// Closes it.
    fn close(&mut self, relay: Relay);
}

/// What to do with the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Drop(Dropped),
    /// Send it to a client: an answer.
    ToClient(Client),
    /// Send it to the client of an allocation: data.
    Relayed(Relay, Client),
    /// Send it from a relayed address to a peer.
    ToPeer(Relay, SocketAddr),
}

impl Verdict {
    /// The client that it is to be sent to, if it is one.
    #[must_use]
    pub fn client(self) -> Option<Client> {
        match self {
            Self::ToClient(client) | Self::Relayed(_, client) => Some(client),
            Self::Drop(_) | Self::ToPeer(..) => None,
        }
    }
}
