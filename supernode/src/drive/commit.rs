//! Group commit without a timer: what queued during one fsync becomes the next, with what came at once
//! because of it.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

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

/// Longest time for which a group grows while it could be committed. A group that has not grown since all sockets
/// were looked at is committed at once.
const GATHER_MAX: Duration = Duration::from_millis(2);

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

/// What to do with the group that waits.
#[derive(Debug)]
pub enum Next {
    /// Nothing: there is none, or a commit is in flight.
    Wait,
    /// Look at all sockets and ask again: it still grows.
    Gather,
    /// Commit it.
    Commit(Group),
}

/// The group that waits for the commit in flight.
#[derive(Debug, Default)]
pub struct Commits {
    in_flight: bool,
    waiting: Group,
    /// Since when it could be committed, and how large it was when that was last asked.
    gathers: Option<(Instant, usize)>,
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

    /// Whether the group that waits is to be committed now: unless a commit is in flight, or it has grown since
    /// this was last asked, but not for long.
    pub fn next(&mut self, now: Instant) -> Next {
        if !self.can_start() {
            return Next::Wait;
        }
        let size = self.waiting.then.len();
        let since = self.gathers.map_or(now, |(since, _)| since);
        let grows = self.gathers.is_none_or(|(_, before)| size > before);
        if grows && now.saturating_duration_since(since) < GATHER_MAX {
            self.gathers = Some((since, size));
            return Next::Gather;
        }
        self.gathers = None;
        self.in_flight = true;
        Next::Commit(mem::take(&mut self.waiting))
    }

    /// The commit in flight is done.
    pub fn finished(&mut self) {
        self.in_flight = false;
    }

    /// What would have followed the group that waits, which is dropped.
    pub fn take_waiting(&mut self) -> Vec<Act> {
        self.gathers = None;
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

#[cfg(test)]
mod tests {
    use shared::base::effects::LinkId;

    use super::*;

    fn deposit(commits: &mut Commits) {
        let mut effects = RelayEffects::default();
        effects.store.put(b"key".to_vec(), b"value".to_vec());
        effects.hang_up(LinkId(1));
        commits.add(&mut effects);
    }

    fn committed(next: Next) -> usize {
        match next {
            Next::Commit(group) => group.changes(),
            Next::Wait | Next::Gather => 0,
        }
    }

    #[test]
    fn a_group_is_committed_when_it_grows_no_more() {
        let (mut commits, now) = (Commits::default(), Instant::now());
        assert!(matches!(commits.next(now), Next::Wait));
        for _ in 0..3 {
            deposit(&mut commits);
            assert!(matches!(commits.next(now), Next::Gather));
        }
        assert_eq!(committed(commits.next(now)), 3);
        deposit(&mut commits);
        assert!(matches!(commits.next(now), Next::Wait), "one at a time");
        commits.finished();
        assert!(matches!(commits.next(now), Next::Gather), "more may come");
        assert_eq!(committed(commits.next(now)), 1);
    }

    #[test]
    fn a_group_that_does_not_stop_growing_is_committed_in_time() {
        let (mut commits, began) = (Commits::default(), Instant::now());
        let moment = Duration::from_micros(1);
        for at in [Duration::ZERO, moment, GATHER_MAX - moment] {
            deposit(&mut commits);
            assert!(matches!(commits.next(began + at), Next::Gather));
        }
        deposit(&mut commits);
        assert_eq!(committed(commits.next(began + GATHER_MAX)), 4);
    }
}
