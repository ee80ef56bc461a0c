//! Kith's supernode: sockets, disk and process around the pure [`shared::relay`].
//!
//! The way of one frame: [`listen`] reads it from a WebSocket and tells [`drive`], which lets the
//! relay handle it, commits what it wants kept to the [`store`], and fills the outboxes of those it
//! wants told. Not here: what frames mean.
#![deny(missing_docs)]

#[cfg(feature = "nats")]
pub mod cluster;
pub mod config;
pub mod drive;
pub mod identity;
pub mod listen;
pub mod metrics;
mod node;
pub mod random;
mod room;
pub mod routes;
pub mod store;

pub use node::Node;
