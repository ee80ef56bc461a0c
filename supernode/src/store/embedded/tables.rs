//! What supernodes kept before they had a log: tables of [fjall](https://docs.rs/fjall). Read once.

use std::fs;
use std::path::Path;

use fjall::{Database, KeyspaceCreateOptions};
use shared::base::effects::Batch;
use tracing::info;

use super::log::Log;
use crate::store::StoreError;

/// Bytes of values in one batch.
const BATCH_BYTES: usize = 1024 * 1024;
/// Where the log is made that is not whole.
const UNFINISHED: &str = "log.unfinished";
/// What fjall has in its folder, beside journals.
const NAMES: [&str; 3] = ["keyspaces", "version", "lock"];
/// Keyspaces that were used.
const KEYSPACES: [&str; 2] = ["index", "bodies"];

/// Makes the log `to` of the tables in `folder`, if there are any, and removes them.
///
/// # Errors
/// [`StoreError`]: the tables are as they were.
pub fn bring_over(folder: &Path, to: &Path) -> Result<(), StoreError> {
    if !folder.join(NAMES[0]).exists() {
        return Ok(());
    }
    if !to.exists() {
        let unfinished = folder.join(UNFINISHED);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        let records = copy(folder, &unfinished)?;
        fs::rename(&unfinished, to)?;
        super::segment::sync_folder(folder)?;
        info!("{records} records were brought over from the tables of an older version");
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            fs::remove_file(path)?;
        }
    }
    for name in NAMES.into_iter().rev() {
        let path = folder.join(name);
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn copy(folder: &Path, to: &Path) -> Result<usize, StoreError> {
    let database = Database::builder(folder).worker_threads(1).open()?;
    let log = Log::open(to)?;
    let mut batch = Batch::default();
    let (mut bytes, mut records) = (0, 0);
    for name in KEYSPACES {
        let keyspace = database.keyspace(name, KeyspaceCreateOptions::default)?;
        for guard in keyspace.iter() {
            let (key, value) = guard.into_inner()?;
            bytes += key.len() + value.len();
            records += 1;
            batch.put(key.to_vec(), value.to_vec());
            if bytes >= BATCH_BYTES {
                log.commit(&std::mem::take(&mut batch))?;
                bytes = 0;
            }
        }
    }
    log.commit(&batch)?;
    Ok(records)
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Failed(format!("tables of an older version: {error}"))
    }
}
