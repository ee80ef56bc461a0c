//! Stories: named people, one relay, time that is moved.

mod claims;
mod delivery;
mod deposits;
mod failure;
mod flood;
mod garbage;
mod gates;
mod handshake;
mod packages;
mod people;
mod public;
mod requests;
#[cfg(feature = "turn")]
mod turn;
mod vectors;
mod world;
