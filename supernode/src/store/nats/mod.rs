//! A store on a cluster of NATS servers: a replicated JetStream stream, used as a log.
//!
//! The way of a batch: it becomes one message or a few ([`message`]), each appended under the condition
//! that nobody else has written since ([`stream`]), and acknowledged when most replicas have it. Where
//! each record is, is held in memory ([`places`]) and read from the whole stream at the start. The
//! process that opens the store last is the one that writes: it appends a takeover, after which the
//! condition of everybody before it fails.
//!
//! Not here: who should open it, and when.

mod log;
mod message;
mod places;
mod stream;
#[cfg(test)]
mod tests;

use std::future::Future;

use shared::base::effects::Batch;
use tokio::runtime::{Builder, Runtime};

use super::{Record, Store, StoreError};
use log::Log;
use message::{entries, parts};
pub use stream::{Settings, connect};

/// A store in a stream.
pub struct Nats {
    log: Log,
    runtime: Option<Runtime>,
}

impl Nats {
    /// Opens the store and takes it over from whoever wrote to it before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("nats")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let log = runtime.block_on(Log::open(settings))?;
        Ok(Self {
            log,
            runtime: Some(runtime),
        })
    }

    /// Where in the stream this process took over, the last time it did.
    #[must_use]
    pub fn takeover(&self) -> u64 {
        self.log.takeover()
    }

    /// Waits for `work`. Not for threads that run a runtime's tasks.
    fn wait<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let closed = || StoreError::Failed("closed".to_owned());
        self.runtime.as_ref().ok_or_else(closed)?.block_on(work)
    }
}

impl Store for Nats {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.wait(self.log.commit(parts(entries(batch))))
    }

    fn read(
        &self,
        first: &[u8],
        last: &[u8],
        records_max: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.wait(self.log.read(first, last, records_max))
    }

    fn index(&self) -> Result<Vec<Record>, StoreError> {
        self.wait(self.log.index())
    }

    fn recover(&self) -> Result<(), StoreError> {
        self.wait(self.log.recover())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
