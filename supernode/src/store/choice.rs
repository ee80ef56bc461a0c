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
        Engine::Nats => anyhow::bail!("the store on NATS is opened by the process that leads"),
    })
}
