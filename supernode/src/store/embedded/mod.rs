//! The default store: a log of our own, in segments, and an index of it in memory.
//!
//! A commit appends one [`frame`] to the newest [`segment`] and waits for one fsync. The index says where each
//! value is that counts; the start [replays](replay) the log. Segments in which little counts are
//! [cleaned](clean), oldest first. When a write fails, nothing more is written to that file: after a failed
//! fsync the kernel may show what the disk does not have. Deletions need room, too, and a disk may be filled
//! by others: see [`super::ballast`]. What an older supernode left in [`tables`] is brought over.
//!
//! Bitcask (Sheehy and Smith, 2010) keeps values in logs and keys in memory as well; WiscKey (Lu et al., 2016)
//! says why values of a kilobyte should not pass through a tree.

mod clean;
mod frame;
mod index;
mod log;
mod read;
mod replay;
mod segment;
mod tables;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shared::base::effects::Batch;

use super::ballast::Ballast;
use super::{Record, Store, StoreError};
use clean::{Cleaner, Thrift};
use log::{Log, SEGMENT_BYTES_MIN};

/// The log's place in the folder.
const LOG: &str = "log";
/// Held while a process uses the folder.
const LOCK: &str = "log.lock";

/// A store in a folder.
pub struct Embedded {
    log: Arc<Log>,
    cleaner: Cleaner,
    ballast: Ballast,
    /// Bytes written since the log was last looked at for cleaning.
    written: AtomicU64,
    _lock: File,
}

impl Embedded {
    /// Opens the store in `folder`, which is made when missing. One process at a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.try_lock()
            .map_err(|error| StoreError::Failed(format!("it is in use: {error}")))?;
        let ballast = Ballast::new(folder);
        ballast.drop_if_full();
        tables::bring_over(folder, &folder.join(LOG))?;
        let log = Arc::new(Log::open(&folder.join(LOG))?);
        ballast.take();
        let cleaner = Cleaner::start(&log)?;
        cleaner.ask();
        Ok(Self {
            log,
            cleaner,
            ballast,
            written: AtomicU64::new(0),
            _lock: lock,
        })
    }
}

impl Store for Embedded {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.log.commit(batch)?;
        let changes = batch.changes.iter();
        let bytes =
            changes.map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len));
        let bytes = bytes.sum::<usize>() as u64;
        // Often enough that the next file is ready before it is needed.
        if self.written.fetch_add(bytes, Ordering::Relaxed) + bytes > SEGMENT_BYTES_MIN / 4 {
            self.written.store(0, Ordering::Relaxed);
            self.cleaner.ask();
        }
        Ok(())
    }

    fn read(
        &self,
        first: &[u8],
        last: &[u8],
        records_max: usize,
    ) -> Result<Vec<Record>, StoreError> {
        self.log.read(first, last, records_max)
    }

    fn index(&self) -> Result<Vec<Record>, StoreError> {
        self.log.index()
    }

    fn recover(&self) -> Result<(), StoreError> {
        self.ballast.drop_if_full();
        self.log.recover()
    }

    fn make_room(&self) -> Result<(), StoreError> {
        self.log.clean(Thrift::Scarce)?;
        self.ballast.take();
        Ok(())
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<frame::TooLong> for StoreError {
    fn from(error: frame::TooLong) -> Self {
        Self::Failed(error.to_string())
    }
}
