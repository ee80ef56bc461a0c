//! The servers under test, each started anew with a data folder of its own.

pub mod iroh;
pub mod mosquitto;
pub mod nats;
pub mod redis;
pub mod supernode;
