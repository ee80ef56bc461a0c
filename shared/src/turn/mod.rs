//! STUN and TURN servers' logic: what to answer, and where to send what is relayed.
//!
//! The way of one datagram: the driver reads it into a [`Packet`], with room before and after, and asks
//! [`Server::handle_client`] or [`Server::handle_peer`]. Headers are rewritten in place, and the
//! [`Verdict`] says to whom the packet goes. Relayed data takes one lookup by five-tuple and some in
//! small sorted lists, allocates nothing, and does not depend on how many others there are. What goes
//! from one allocation to another of the same server never touches a socket.
//!
//! Not here: sockets ([`Relays`] lends them), TLS, allocations over TCP (RFC 6062), mobility (RFC 8016),
//! ICE's own checks.
//!
//! RFC 8489 (STUN), RFC 8656 (TURN), RFC 7983 (what shares the port).

mod credentials;
pub mod limits;
mod meter;
mod nonce;
mod packet;
mod policy;
mod server;
pub mod stream;
mod throttle;
pub(crate) mod wire;

pub use credentials::{Credentials, Issued, secret};
pub use meter::Month;
pub use packet::{HEADROOM, Packet, TAILROOM};
pub use policy::Policy;
pub use server::{
    Client, Config, DROPPED, Donation, Dropped, Link, Relay, Relays, Server, Stats, Verdict,
};

#[cfg(test)]
mod tests;
