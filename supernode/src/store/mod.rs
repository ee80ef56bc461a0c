//! Where batches go: an ordered map from keys to values that survives a power cut.
//!
//! The trait is as narrow as the relay needs. Every engine passes the same conformance suite
//! ([`conformance`]). Not here: what keys mean; that is [`shared::mailbox::server::record`].

mod ballast;
mod choice;
#[cfg(test)]
mod conformance;
#[cfg(test)]
#[path = "../../tests/crash/dice.rs"]
mod dice;
pub mod embedded;
pub mod memory;
#[cfg(feature = "nats")]
pub mod nats;

pub use choice::open;
use shared::base::effects::Batch;

/// A key and its value.
pub type Record = (Vec<u8>, Vec<u8>);

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the engine failed. Nothing of the batch may be counted on.
    #[error("the store failed: {0}")]
    Failed(String),
    /// Another process writes to the store now.
    #[error("another process has taken the store over")]
    Overtaken,
}

/// A durable ordered map. All calls may block.
pub trait Store: Send + Sync + 'static {
    /// Makes all changes of `batch`, or none, and returns when they would survive a power cut.
    ///
    /// # Errors
    /// [`StoreError`]: whether the batch was kept is unknown until [`Self::recover`].
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Up to `records_max` records with keys from `first` to `last`, both included, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(
        &self,
        first: &[u8],
        last: &[u8],
        records_max: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// All records but those whose key starts with [`BODY_PREFIX`](shared::mailbox::server::record::BODY_PREFIX),
    /// in any order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn index(&self) -> Result<Vec<Record>, StoreError>;

    /// Makes the store usable after an error, with all that was committed.
    ///
    /// # Errors
    /// [`StoreError`] when it still does not work.
    fn recover(&self) -> Result<(), StoreError>;

    /// Gives back what deleted records still take, as far as that is cheap. Called while the disk is
    /// nearly full, and when it no longer is.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost.
    fn make_room(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
