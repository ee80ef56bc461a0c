//! Which engine, by the settings.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::Store;
use super::embedded::Embedded;
use super::memory::Memory;
use crate::config::{Config, Engine};

/// Opens the store that `config` names.
///
/// # Errors
/// When it cannot be used, or is not part of this program.
pub fn open(config: &Config) -> Result<Arc<dyn Store>> {
    Ok(match config.store {
        Engine::Embedded => {
            let store = Embedded::open(&config.data.join("store"));
            Arc::new(
                store.context(
                    "cannot open the store; is another supernode using this data folder?",
                )?,
            )
        }
        Engine::Memory => Arc::new(Memory::default()),
        Engine::Nats => open_nats(config)?,
    })
}

#[cfg(feature = "nats")]
fn open_nats(config: &Config) -> Result<Arc<dyn Store>> {
    use super::nats::{Nats, Settings};

    if config.nats_servers.0.is_empty() {
        anyhow::bail!("store = \"nats\" needs nats_servers");
    }
    let settings = Settings {
        servers: config.nats_servers.0.clone(),
        stream: config.nats_stream.clone(),
        replicas: config.nats_replicas,
    };
    let store = Nats::open(&settings).context("cannot open the store on NATS")?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "nats"))]
fn open_nats(_: &Config) -> Result<Arc<dyn Store>> {
    anyhow::bail!(
        "this program was built without NATS: cargo build --release -p supernode --features nats"
    )
}
