//! Records in IndexedDB: byte keys in bytewise order, byte values, written in atomic batches.
//!
//! A second object store holds the *terms*: whoever opens the records adds the next number there,
//! and every later write begins with adding, and removing again, the number after its own. That
//! fails, and the write with it, once somebody else has opened the records. So a tab that slept
//! while another took over can never write again, whatever became of its lock, and the check costs
//! no round trip.
//!
//! Writes ask for strict durability: a message is acknowledged to its sender after the commit, and
//! an acknowledgement must survive a power cut. `docs/decisions/0020-indexeddb-crate.md` has the cost.

mod request;

use std::rc::Rc;

use idb::{CursorDirection, DatabaseEvent, Factory, KeyCursor, KeyRange, ObjectStore, Query};
use idb::{ObjectStoreParams, Transaction};
use js_sys::{Array, Object, Reflect, Uint8Array};
use request::{Pending, done, finished, refused};
use shared::base::effects::Batch;
use shared::base::sorted::SortedMap;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbTransaction};

/// Version of the object stores below.
const VERSION: u32 = 1;
const RECORDS: &str = "records";
const TERMS: &str = "terms";
/// Terms that are remembered. A tab would have to sleep through as many visits to write again.
const TERMS_KEPT: f64 = 1000.0;

/// A stored record: key and value.
pub type Record = (Vec<u8>, Vec<u8>);

/// Why records cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageError {
    /// The browser allows no storage here (private mode, blocked site data, a sandboxed frame).
    Forbidden,
    /// There is no space left.
    Full,
    /// Another tab has opened the records since.
    Taken,
    /// The browser closed the records, for example because site data was cleared.
    Gone,
    /// The browser failed.
    Other,
}

/// Why records that were open are no longer to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A newer version of the page wants to change them.
    Newer,
    /// The browser closed them.
    Closed,
}

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the durability option, which `web-sys` counts as unstable.
    #[wasm_bindgen(extends = IdbDatabase, js_name = IDBDatabase)]
    type Durable;
    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with(
        this: &Durable,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// The opened records, this tab's until somebody else opens them.
pub struct Store {
    database: Durable,
    /// Keeps the handlers of the database's events.
    _handlers: idb::Database,
    term: f64,
}

/// A database that is being opened, so that other work can be done meanwhile.
pub struct Opening(Pending<idb::request::OpenDatabaseRequest>);

/// Begins to open the database `name`, making its stores on the first visit.
///
/// # Errors
/// [`StorageError::Forbidden`] where there is no IndexedDB.
pub fn open(name: &str) -> Result<Opening, StorageError> {
    let mut request = Factory::new()
        .and_then(|factory| factory.open(name, Some(VERSION)))
        .map_err(refused)?;
    request.on_upgrade_needed(|event| {
        // A failure here aborts the opening, which `done` reports.
        if let Ok(database) = event.database() {
            for store in [RECORDS, TERMS] {
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        }
    });
    Ok(Opening(Pending::of(request)))
}

impl Opening {
    /// Waits until the database is open, begins a term, and reads every record whose key does not
    /// begin with `lazy`. `ended` is called at most once, when the records are not to be used any
    /// more.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn take(
        self,
        lazy: u8,
        ended: impl Fn(Ended) + 'static,
    ) -> Result<(Store, Vec<Record>), StorageError> {
        let raw = self.0.result().await.map_err(|error| match error {
            // Opening fails for other reasons only where the profile is broken or closed to us.
            StorageError::Full => StorageError::Full,
            _ => StorageError::Forbidden,
        })?;
        let mut handlers = idb::Database::try_from(raw.clone()).map_err(refused)?;
        let ended = Rc::new(ended);
        let newer = Rc::clone(&ended);
        handlers.on_version_change(move |_| newer(Ended::Newer));
        handlers.on_close(move |_| ended(Ended::Closed));
        let mut store = Store {
            database: raw.unchecked_into(),
            _handlers: handlers,
            term: 0.0,
        };
        let records = match store.begin_term(lazy).await {
            // What is there can be read all the same; writes are refused until there is room.
            Err(StorageError::Full) => store.load(lazy).await?,
            other => other?,
        };
        Ok((store, records))
    }
}

impl Store {
    fn transaction(&self, mode: &str, durability: &str) -> Result<IdbTransaction, StorageError> {
        let options = Object::new();
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &"durability".into(), &durability.into());
        let stores = Array::of2(&RECORDS.into(), &TERMS.into());
        // Fails only when the database was closed.
        self.database
            .transaction_with(&stores, mode, &options)
            .map_err(|_| StorageError::Gone)
    }

    async fn begin_term(&mut self, lazy: u8) -> Result<Vec<Record>, StorageError> {
        let raw = self.transaction("readwrite", "relaxed")?;
        let transaction = Transaction::from(raw.clone());
        let terms = transaction.object_store(TERMS).map_err(refused)?;
        let last = terms
            .open_key_cursor(None, Some(CursorDirection::Prev))
            .map_err(refused)?;
        let last = done(last);
        let reads = read_but(&transaction, lazy)?;
        let finished = finished(transaction);
        let begun = last.await.and_then(|last| self.put_term(&terms, last));
        if begun.is_err() {
            // Fails only when it has ended already. What was asked of it still answers.
            let _ = raw.abort();
        }
        let found = collect(reads).await;
        let end = finished.await;
        begun?;
        end?;
        found
    }

    fn put_term(&mut self, terms: &ObjectStore, last: JsValue) -> Result<(), StorageError> {
        let last = match KeyCursor::try_from(last) {
            Ok(last) => last.key().map_err(refused)?.as_f64().unwrap_or_default(),
            // A first visit.
            Err(_) => 0.0,
        };
        self.term = last + 1.0;
        terms
            .put(&JsValue::TRUE, Some(&self.term.into()))
            .map_err(refused)?;
        let old = KeyRange::upper_bound(&(self.term - TERMS_KEPT).into(), None).map_err(refused)?;
        terms.delete(old).map(drop).map_err(refused)
    }

    async fn load(&self, lazy: u8) -> Result<Vec<Record>, StorageError> {
        let transaction = Transaction::from(self.transaction("readonly", "default")?);
        collect(read_but(&transaction, lazy)?).await
    }

    /// Writes `batch`, all of it or nothing; back when it is on disk.
    ///
    /// # Errors
    /// [`StorageError`]; then nothing of it was written.
    pub async fn apply(&self, batch: &Batch) -> Result<(), StorageError> {
        let raw = self.transaction("readwrite", "strict")?;
        let transaction = Transaction::from(raw.clone());
        let written = self.write(&transaction, batch);
        let finished = finished(transaction);
        // Either fails only when it has ended already. Without the commit it would wait for the
        // writes' own events first.
        let _ = match written {
            Ok(()) => Transaction::from(raw).commit().map(drop).map_err(refused),
            Err(_) => raw.abort().map_err(|_| StorageError::Other),
        };
        let end = finished.await;
        written?;
        end
    }

    fn write(&self, transaction: &Transaction, batch: &Batch) -> Result<(), StorageError> {
        let terms = transaction.object_store(TERMS).map_err(refused)?;
        let next = JsValue::from(self.term + 1.0);
        terms.add(&JsValue::TRUE, Some(&next)).map_err(refused)?;
        terms.delete(next).map_err(refused)?;
        let records = transaction.object_store(RECORDS).map_err(refused)?;
        // One write a key: the last one wins, as if they were done one by one.
        let last: SortedMap<&[u8], Option<&[u8]>> = batch
            .changes
            .iter()
            .map(|c| (c.key.as_slice(), c.value.as_deref()))
            .collect();
        for (key, value) in last {
            let key = bytes(key);
            match value {
                Some(value) => records.put(&bytes(value), Some(&key)).map(drop),
                None => records.delete(key).map(drop),
            }
            .map_err(refused)?;
        }
        Ok(())
    }

    /// The last `limit` records with `from <= key < to`, last first.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn read_last(
        &self,
        from: &[u8],
        to: &[u8],
        limit: usize,
    ) -> Result<Vec<Record>, StorageError> {
        let mut found = Vec::new();
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        if limit == 0 || from >= to {
            return Ok(found);
        }
        let transaction = Transaction::from(self.transaction("readonly", "default")?);
        let records = transaction.object_store(RECORDS).map_err(refused)?;
        // A cursor only finds where the part begins; two bulk reads then take it, which costs four
        // events however long it is.
        let (first, end) = (bytes(from), bytes(to));
        let range = KeyRange::bound(&first, &end, None, Some(true)).map_err(refused)?;
        let cursor = records
            .open_key_cursor(Some(Query::from(range)), Some(CursorDirection::Prev))
            .map_err(refused)?;
        let mut begin = first;
        let at_last = done(cursor).await?;
        if at_last.is_null() {
            return Ok(found);
        }
        let cursor = KeyCursor::try_from(at_last).map_err(refused)?;
        if limit == 1 {
            begin = cursor.key().map_err(refused)?;
        } else {
            let moved = done(cursor.advance(limit - 1).map_err(refused)?).await?;
            if let Ok(cursor) = KeyCursor::try_from(moved) {
                begin = cursor.key().map_err(refused)?;
            }
        }
        let range = KeyRange::bound(&begin, &end, None, Some(true)).map_err(refused)?;
        found = collect(vec![read(&records, range)?]).await?;
        found.reverse();
        Ok(found)
    }
}

impl Store {
    /// Closes the records after what is being written.
    pub fn close(&self) {
        self.database.close();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

type Reads = (
    Pending<idb::request::GetAllKeysStoreRequest>,
    Pending<idb::request::GetAllStoreRequest>,
);

fn read(records: &ObjectStore, range: KeyRange) -> Result<Reads, StorageError> {
    let query = Some(Query::from(range));
    let keys = records.get_all_keys(query.clone(), None).map_err(refused)?;
    let values = records.get_all(query, None).map_err(refused)?;
    Ok((Pending::of(keys), Pending::of(values)))
}

/// Asks for all records whose key does not begin with `lazy`.
fn read_but(transaction: &Transaction, lazy: u8) -> Result<Vec<Reads>, StorageError> {
    let records = transaction.object_store(RECORDS).map_err(refused)?;
    let before = KeyRange::upper_bound(&bytes(&[lazy]), Some(true)).map_err(refused)?;
    let mut reads = vec![read(&records, before)?];
    if let Some(next) = lazy.checked_add(1) {
        let after = KeyRange::lower_bound(&bytes(&[next]), None).map_err(refused)?;
        reads.push(read(&records, after)?);
    }
    Ok(reads)
}

async fn collect(reads: Vec<Reads>) -> Result<Vec<Record>, StorageError> {
    let mut found = Ok(Vec::new());
    // All are waited for, whatever becomes of one: each has a handler that must live so long.
    for (keys, values) in reads {
        let both = (keys.result().await, values.result().await);
        match (both, &mut found) {
            ((Ok(keys), Ok(values)), Ok(found)) => pair(&keys, &values, found),
            ((Err(error), _) | (_, Err(error)), _) => found = Err(error),
            _ => {}
        }
    }
    found
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// Keys come back as `ArrayBuffer`, values as the `Uint8Array` that was put in.
fn pair(keys: &JsValue, values: &JsValue, found: &mut Vec<Record>) {
    let (keys, values) = (Array::from(keys), Array::from(values));
    found.extend(keys.iter().zip(values.iter()).map(|(key, value)| {
        (
            Uint8Array::new(&key).to_vec(),
            Uint8Array::new(&value).to_vec(),
        )
    }));
}

/// Asks the browser not to drop the records when space is short. Some browsers ask the person.
pub fn ask_to_persist() {
    let Some(window) = web_sys::window() else {
        return;
    };
    // Undefined outside a secure context.
    let storage = window.navigator().storage();
    if storage.is_undefined() {
        return;
    }
    if let Ok(asked) = storage.persist() {
        super::task::spawn(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(asked).await;
        });
    }
}
