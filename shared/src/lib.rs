//! Kith's protocol: everything that two of {browser, supernode, simulator} run.
//!
//! No I/O, no clock, no global randomness: time, random bytes and input come in, [`base::effects`]
//! go out, and whoever drives the core performs them. Modules are listed in dependency order; each
//! uses only those above it.
//!
//! - [`base`]: ids, time, limits, codec, signatures, hashes, effects
//! - [`identity`]: personas, devices, device lists
//! - [`invite`]: what a link or QR code carries
//! - [`gates`]: what strangers must show
//! - [`mailbox`]: envelopes, capabilities, store and forward
//! - [`session`]: one authenticated connection between a client and a supernode
//! - `signalling`, `transport`, `conversation`, `peer` (feature `client`): a whole client
//! - `turn` (feature `turn`): the relay of packets between clients that cannot reach each other
//! - [`relay`]: a whole supernode
//! - [`planted`]: faults for the simulator to find; used by all, uses none
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
#![deny(missing_docs)]

extern crate alloc;

pub mod base;
#[cfg(feature = "client")]
pub mod conversation;
pub mod direct;
pub mod gates;
pub mod identity;
#[cfg(feature = "client")]
pub mod invite;
pub mod mailbox;
#[cfg(feature = "client")]
pub mod peer;
pub mod planted;
pub mod relay;
pub mod session;
#[cfg(feature = "client")]
pub mod signalling;
#[cfg(feature = "turn")]
pub mod turn;
