//! In a program without NATS there are no members.

use anyhow::{Result, bail};

use super::Node;
use crate::config::Config;

/// Says how to get one with it.
pub async fn start(_: &Config) -> Result<Node> {
    bail!("this program was built without NATS: cargo build --release -p supernode --features nats")
}
