//! Group commit without a timer: what queued during one fsync becomes the next.

use std::mem;
use std::sync::Arc;

use shared::base::effects::{Batch, Effect};
use shared::base::limits::DELIVERY_WINDOW;
use shared::mailbox::server::Window;
use shared::mailbox::server::record::Key;
use shared::relay::{Bodies, Job, Notice, Outgoing, RelayEffects};
use tokio::task::JoinHandle;
use tracing::warn;

use crate::store::{Store, StoreError};

/// Bytes of changes that may wait for the commit in flight. With more, no events are taken until it is
/// done: a slow disk slows its users down and does not fill the memory.
const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One act of the relay.
pub type Act = Effect<Outgoing, std::convert::Infallible, Job, Notice>;

/// Batches that are committed as one, and what follows.
#[derive(Debug, Default)]
pub struct Group {
    batch: Batch,
    bytes: usize,
    /// In the order of their inputs.
    pub then: Vec<Act>,
}

impl Group {
    /// How many changes it holds.
    pub fn changes(&self) -> usize {
        self.batch.changes.len()
    }

    fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.then.is_empty()
    }
}

/// At most one commit in flight, and the group that waits for it.
pub struct Commits {
    store: Arc<dyn Store>,
    in_flight: Option<JoinHandle<(Group, Result<(), StoreError>)>>,
    waiting: Group,
}

impl Commits {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            in_flight: None,
            waiting: Group::default(),
        }
    }

    /// Whether nothing is in flight and nothing waits.
    pub fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.waiting.is_empty()
    }

    /// Whether more may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.bytes < WAITING_BYTES_MAX
    }

    /// Adds an input's effects to the group that waits.
    pub fn add(&mut self, effects: RelayEffects) {
        let changes = effects.store.changes.iter();
        let sizes =
            changes.map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len));
        self.waiting.bytes += sizes.sum::<usize>();
        self.waiting.batch.append(effects.store);
        self.waiting.then.extend(effects.then);
    }

    /// Commits the group that waits, unless a commit is in flight.
    pub fn start(&mut self) {
        if self.in_flight.is_none() && !self.waiting.is_empty() {
            let group = mem::take(&mut self.waiting);
            let store = Arc::clone(&self.store);
            self.in_flight = Some(tokio::task::spawn_blocking(move || {
                let result = if group.batch.is_empty() {
                    Ok(())
                } else {
                    store.commit(&group.batch)
                };
                (group, result)
            }));
        }
    }

    /// Waits for the commit in flight; for ever when there is none.
    pub async fn done(&mut self) -> (Group, Result<(), StoreError>) {
        let Some(handle) = &mut self.in_flight else {
            return std::future::pending().await;
        };
        let outcome = handle.await;
        self.in_flight = None;
        outcome
            .unwrap_or_else(|panic| (Group::default(), Err(StoreError::Failed(panic.to_string()))))
    }

    /// What would have followed the group that waits, which is dropped.
    pub fn take_waiting(&mut self) -> Vec<Act> {
        mem::take(&mut self.waiting).then
    }
}

/// Reads the sealed bytes of `window`.
pub fn read(store: &dyn Store, window: &Window) -> Bodies {
    let first = Key::Body(window.mailbox, window.first).to_bytes();
    let last = Key::Body(window.mailbox, window.last).to_bytes();
    let records = store
        .read(&first, &last, DELIVERY_WINDOW)
        .map_err(|failure| warn!("a read failed: {failure}"))?;
    let bodies = records
        .into_iter()
        .filter_map(|(key, bytes)| match Key::from_bytes(&key) {
            Some(Key::Body(_, sequence)) => Some((sequence, bytes)),
            _ => None,
        });
    Ok(bodies.collect())
}
