//! Conversations over MLS: people with devices, whose state is written and read back as a driver would.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

mod changes;
mod key_packages;
mod people;
mod talk;
