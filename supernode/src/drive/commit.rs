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

/// The group that waits for the commit in flight.
#[derive(Debug, Default)]
pub struct Commits {
    in_flight: bool,
    waiting: Group,
}

impl Commits {
    /// Whether nothing is in flight and nothing waits.
    pub fn is_idle(&self) -> bool {
        !self.in_flight && self.waiting.is_empty()
    }

    /// Whether more may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.bytes < WAITING_BYTES_MAX
    }

    /// Whether [`Self::start`] would find something.
    pub fn can_start(&self) -> bool {
        !self.in_flight && !self.waiting.is_empty()
    }

    /// Moves an input's effects to the group that waits.
    pub fn add(&mut self, effects: &mut RelayEffects) {
        let changes = effects.store.changes.iter();
        let sizes =
            changes.map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len));
        self.waiting.bytes += sizes.sum::<usize>();
        self.waiting
            .batch
            .changes
            .append(&mut effects.store.changes);
        self.waiting.then.append(&mut effects.then);
    }

    /// Has `act` follow the group that waits.
    pub fn follow(&mut self, act: Act) {
        self.waiting.then.push(act);
    }

    /// The group that waits, to be committed now, unless a commit is in flight.
    pub fn start(&mut self) -> Option<Group> {
        let start = self.can_start();
        self.in_flight |= start;
        start.then(|| mem::take(&mut self.waiting))
    }

    /// The commit in flight is done.
    pub fn finished(&mut self) {
        self.in_flight = false;
    }

    /// What would have followed the group that waits, which is dropped.
    pub fn take_waiting(&mut self) -> Vec<Act> {
        mem::take(&mut self.waiting).then
    }
}

/// At most one commit at a time, on a thread that may wait for the disk.
#[derive(Default)]
pub struct InFlight(Option<JoinHandle<(Group, Result<(), StoreError>)>>);

impl InFlight {
    /// Commits `group`.
    pub fn start(&mut self, store: Arc<dyn Store>, group: Group) {
        self.0 = Some(tokio::task::spawn_blocking(move || {
            let result = if group.batch.is_empty() {
                Ok(())
            } else {
                store.commit(&group.batch)
            };
            (group, result)
        }));
    }

    /// Waits for the commit in flight; for ever when there is none.
    pub async fn done(&mut self) -> (Group, Result<(), StoreError>) {
        let Some(handle) = &mut self.0 else {
            return std::future::pending().await;
        };
        let outcome = handle.await;
        self.0 = None;
        outcome
            .unwrap_or_else(|panic| (Group::default(), Err(StoreError::Failed(panic.to_string()))))
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
