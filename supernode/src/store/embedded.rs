//! The default store: [fjall](https://docs.rs/fjall), an embedded log-structured merge tree.
//!
//! Sealed bytes live in a keyspace of their own, so that the start reads only what it needs. A
//! commit is one journal write and one fsync. When a write fails, fjall refuses everything until it
//! is opened again; [`Store::recover`] does that. Deletions need room, too, and a disk may be filled by
//! others: see [`super::ballast`]. A write torn by a power cut is dropped: see
//! [`super::torn`].

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use fjall::config::FilterPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use shared::base::effects::Batch;
use shared::mailbox::server::record::BODY_PREFIX;
use tracing::warn;

use super::ballast::Ballast;
use super::{Record, Store, StoreError, torn};
use crate::room::free_bytes;

/// Memory for blocks read from disk.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// Memory for what is not yet in a table, per keyspace: much of what is deposited is fetched and
/// removed before it fills up.
const MEMTABLE_BYTES: u64 = 32 * 1024 * 1024;
/// Journals on disk, at most.
const JOURNAL_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Threads that flush and compact.
const WORKERS: usize = 1;
/// Longest wait for memory to be written to tables when room is made.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);
/// How often that is looked at.
const FLUSH_PAUSE: Duration = Duration::from_millis(20);

/// A store in a folder.
pub struct Embedded {
    folder: PathBuf,
    open: RwLock<Option<Open>>,
    ballast: Ballast,
    /// Something was deleted since room was last made, or may have been before the start.
    deleted: AtomicBool,
}

#[derive(Clone)]
struct Open {
    database: Database,
    index: Keyspace,
    bodies: Keyspace,
}

impl Embedded {
    /// Opens the store in `folder`, which is made when missing. One process at a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let ballast = Ballast::new(folder);
        ballast.drop_if_full();
        let open = Open::new(folder)?;
        ballast.take();
        Ok(Self {
            folder: folder.to_owned(),
            open: RwLock::new(Some(open)),
            ballast,
            deleted: AtomicBool::new(true),
        })
    }

    fn opened(&self) -> Result<Open, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.clone()
            .ok_or_else(|| StoreError::Failed("the store is closed".to_owned()))
    }
}

impl Open {
    fn new(folder: &Path) -> Result<Self, StoreError> {
        let damage = match Self::try_new(folder) {
            Err(fjall::Error::JournalRecovery(damage)) => damage,
            opened => return Ok(opened?),
        };
        let damaged =
            |why: String| StoreError::Failed(format!("its journal is damaged ({damage:?}): {why}"));
        let cut = torn::cut_end_mark(folder).map_err(|error| damaged(error.to_string()))?;
        let cut = cut.ok_or_else(|| damaged("nothing is written".to_owned()))?;
        match Self::try_new(folder) {
            Ok(open) => {
                warn!("the last write was torn; nothing that was acknowledged is lost");
                Ok(open)
            }
            Err(error) => {
                let undone = cut.undo();
                undone.map_err(|error| damaged(error.to_string()))?;
                Err(damaged(format!("not only its last write ({error})")))
            }
        }
    }

    fn try_new(folder: &Path) -> fjall::Result<Self> {
        let database = Database::builder(folder)
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNAL_BYTES_MAX)
            .worker_threads(WORKERS)
            .open()?;
        // Ranges are read, never single keys, so a filter would be of no use.
        let options = || {
            KeyspaceCreateOptions::default()
                .max_memtable_size(MEMTABLE_BYTES)
                .filter_policy(FilterPolicy::disabled())
        };
        let index = database.keyspace("index", options)?;
        let bodies = database.keyspace("bodies", options)?;
        Ok(Self {
            database,
            index,
            bodies,
        })
    }

    fn keyspace(&self, key: &[u8]) -> &Keyspace {
        if key.first() == Some(&BODY_PREFIX) {
            &self.bodies
        } else {
            &self.index
        }
    }
}

impl Store for Embedded {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let open = self.opened()?;
        let mut writes = open.database.batch().durability(Some(PersistMode::SyncAll));
        for change in &batch.changes {
            let keyspace = open.keyspace(&change.key);
            match &change.value {
                Some(value) => writes.insert(keyspace, change.key.as_slice(), value.as_slice()),
                None => {
                    writes.remove(keyspace, change.key.as_slice());
                    self.deleted.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(writes.commit()?)
    }

    fn read(
        &self,
        first: &[u8],
        last: &[u8],
        records_max: usize,
    ) -> Result<Vec<Record>, StoreError> {
        if first > last {
            return Ok(Vec::new());
        }
        let open = self.opened()?;
        let range = open.keyspace(first).range(first..=last);
        range
            .take(records_max)
            .map(|guard| Ok(record(guard.into_inner()?)))
            .collect()
    }

    fn index(&self) -> Result<Vec<Record>, StoreError> {
        self.opened()?
            .index
            .iter()
            .map(|guard| Ok(record(guard.into_inner()?)))
            .collect()
    }

    fn recover(&self) -> Result<(), StoreError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // The folder is locked until the old handles are gone.
        drop(open.take());
        self.ballast.drop_if_full();
        *open = Some(Open::new(&self.folder)?);
        Ok(())
    }

    fn make_room(&self) -> Result<(), StoreError> {
        if self.deleted.swap(false, Ordering::Relaxed) {
            self.compact()?;
        }
        self.ballast.take();
        Ok(())
    }
}

impl Embedded {
    /// Gives back what deleted records take, if there is room to write the others anew.
    fn compact(&self) -> Result<(), StoreError> {
        let open = self.opened()?;
        for keyspace in [&open.index, &open.bodies] {
            keyspace.rotate_memtable()?;
            let began = Instant::now();
            while keyspace.sealed_memtable_count() > 0 && began.elapsed() < FLUSH_PATIENCE {
                std::thread::sleep(FLUSH_PAUSE);
            }
            // All tables are written anew before the old ones go.
            let free = free_bytes(&self.folder).unwrap_or_default();
            if keyspace.disk_space() < free / 2 {
                keyspace.major_compact()?;
            }
        }
        Ok(())
    }
}

fn record((key, value): fjall::KvPair) -> Record {
    (key.to_vec(), value.to_vec())
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
