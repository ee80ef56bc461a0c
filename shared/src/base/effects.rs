//! How the pure core acts on the world: five verbs (send, dial / hang up, store, job, notify),
//! as plain data.
//!
//! One input yields at most one [`Batch`]. The driver commits it first, as one atomic write, and
//! only then performs the rest in order: nothing is sent, acknowledged or shown before it is kept.

use alloc::vec::Vec;

/// One connection, named by the core (when it dials) or by the driver (when it accepts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// One write: a value for a key, or its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Key; ordered bytewise.
    pub key: Vec<u8>,
    /// New value; `None` removes the key.
    pub value: Option<Vec<u8>>,
}

/// Writes that happen together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In order; a later change of the same key wins.
    pub changes: Vec<Change>,
}

impl Batch {
    /// Sets `key` to `value`.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.push(Change {
            key,
            value: Some(value),
        });
    }

    /// Removes `key`.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.changes.push(Change { key, value: None });
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Appends `other`'s writes.
    pub fn append(&mut self, mut other: Self) {
        self.changes.append(&mut other.changes);
    }
}

/// One act, after the batch is committed. `S` is what can be sent, `T` what can be dialled, `J` a
/// piece of work done elsewhere, `N` a notice to whoever drives the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect<S, T, J, N> {
    /// Send on a link. A link that is gone swallows it; its end is reported as an input.
    Send(LinkId, S),
    /// Open a connection; its fate is reported as an input.
    Dial(LinkId, T),
    /// Close a connection; no further input names it.
    HangUp(LinkId),
    /// Work elsewhere; the result comes back as an input.
    Job(J),
    /// Tell.
    Notify(N),
}

/// What one input asks of the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects<S, T, J, N> {
    /// To be committed before anything in `then`.
    pub store: Batch,
    /// To be performed in order.
    pub then: Vec<Effect<S, T, J, N>>,
}

impl<S, T, J, N> Default for Effects<S, T, J, N> {
    fn default() -> Self {
        Self {
            store: Batch::default(),
            then: Vec::new(),
        }
    }
}

impl<S, T, J, N> Effects<S, T, J, N> {
    /// Asks for sending `what` on `link`.
    pub fn send(&mut self, link: LinkId, what: S) {
        self.then.push(Effect::Send(link, what));
    }

    /// Asks for dialling `target` as `link`.
    pub fn dial(&mut self, link: LinkId, target: T) {
        self.then.push(Effect::Dial(link, target));
    }

    /// Asks for closing `link`.
    pub fn hang_up(&mut self, link: LinkId) {
        self.then.push(Effect::HangUp(link));
    }

    /// Asks for work elsewhere.
    pub fn job(&mut self, job: J) {
        self.then.push(Effect::Job(job));
    }

    /// Tells.
    pub fn notify(&mut self, notice: N) {
        self.then.push(Effect::Notify(notice));
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.store.is_empty() && self.then.is_empty()
    }
}
