//! A store that forgets: for tests, and for watching what a failing disk does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::base::effects::Batch;
use shared::mailbox::server::record::BODY_PREFIX;

use super::{Record, Store, StoreError};

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: Mutex<Records>,
    failing: AtomicBool,
}

impl Memory {
    /// From now on every call fails, or none does.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn records(&self) -> Result<MutexGuard<'_, Records>, StoreError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(StoreError::Failed("told to fail".to_owned()));
        }
        Ok(self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut records = self.records()?;
        for change in &batch.changes {
            match &change.value {
                Some(value) => drop(records.insert(change.key.clone(), value.clone())),
                None => drop(records.remove(&change.key)),
            }
        }
        Ok(())
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
        let records = self.records()?;
        let range = records.range(first.to_vec()..=last.to_vec());
        Ok(range
            .take(records_max)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn index(&self) -> Result<Vec<Record>, StoreError> {
        let records = self.records()?;
        let index = records
            .iter()
            .filter(|(key, _)| key.first() != Some(&BODY_PREFIX));
        Ok(index
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn recover(&self) -> Result<(), StoreError> {
        self.records().map(drop)
    }
}
