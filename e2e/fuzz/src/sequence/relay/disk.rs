//! The supernode's disk and the queue before it: batches in order, each with what follows it.

use std::collections::{BTreeSet, VecDeque};

use e2e_swarm::disk::Records;
use shared::base::effects::{Batch, Effect};
use shared::base::id::PersonaId;
use shared::mailbox::server::Window;
use shared::mailbox::server::record::{BODY_PREFIX, Key};
use shared::relay::{Bodies, Job, Notice, Outgoing, RelayEffects};

/// An effect of a supernode.
pub type Act = Effect<Outgoing, core::convert::Infallible, Job, Notice>;

/// See the module.
#[derive(Default)]
pub struct Disk {
    pub kept: Records,
    waiting: VecDeque<(Batch, Vec<Act>)>,
}

impl Disk {
    /// Takes what a supernode wants; gives back what need not wait.
    pub fn take(&mut self, out: RelayEffects) -> Vec<Act> {
        if !out.store.is_empty() {
            self.waiting.push_back((out.store, out.then));
            return Vec::new();
        }
        // Jobs come after what was written before them.
        let Some((_, last)) = self.waiting.back_mut() else {
            return out.then;
        };
        let is_job = |act: &Act| matches!(act, Effect::Job(_));
        let (jobs, now): (Vec<_>, Vec<_>) = out.then.into_iter().partition(is_job);
        last.extend(jobs);
        now
    }

    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Who has a mailbox.
    pub fn mailboxes(&self) -> BTreeSet<PersonaId> {
        let keys = self.kept.keys();
        let owner = |key: &Vec<u8>| match Key::from_bytes(key)? {
            Key::Mailbox(owner) => Some(owner),
            _ => None,
        };
        keys.filter_map(owner).collect()
    }

    /// Keeps the next batch, and gives what follows.
    pub fn commit(&mut self) -> Option<Vec<Act>> {
        let (batch, then) = self.waiting.pop_front()?;
        for change in batch.changes {
            assert!(
                Key::from_bytes(&change.key).is_some(),
                "a key that nobody reads: {:?}",
                change.key
            );
            match change.value {
                Some(value) => self.kept.insert(change.key, value),
                None => self.kept.remove(&change.key),
            };
        }
        Some(then)
    }

    /// No batch that waits is kept; what was to follow them.
    pub fn refuse(&mut self) -> Vec<Act> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().flat_map(|(_, then)| then).collect()
    }

    /// What a start reads.
    pub fn index(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let kept = self.kept.iter();
        let index = kept.filter(|(key, _)| key.first() != Some(&BODY_PREFIX));
        index.map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// Sealed bytes.
    pub fn bodies(&self, window: &Window) -> Bodies {
        let key = |sequence| Key::Body(window.mailbox, sequence).to_bytes();
        let found = self.kept.range(key(window.first)..=key(window.last));
        let body = |(key, value): (&Vec<u8>, &Vec<u8>)| match Key::from_bytes(key)? {
            Key::Body(_, sequence) => Some((sequence, value.clone())),
            _ => None,
        };
        Ok(found.filter_map(body).collect())
    }
}
