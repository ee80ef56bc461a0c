//! A simulated disk and the queue before it: one transaction at a time, the rest gathers behind it.
//! What a crash finds is what was kept, and the transaction under way entirely or not at all.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::effects::Batch;

/// Records by key.
pub type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Batches that become one transaction, and what may be done after it.
#[derive(Debug)]
pub struct Group<E> {
    /// All writes, in order.
    pub batch: Batch,
    /// To be performed in order, once the writes are kept.
    pub then: Vec<E>,
}

impl<E> Default for Group<E> {
    fn default() -> Self {
        Self {
            batch: Batch::default(),
            then: Vec::new(),
        }
    }
}

impl<E> Group<E> {
    fn add(&mut self, batch: Batch, then: Vec<E>) {
        self.batch.append(batch);
        self.then.extend(then);
    }
}

/// See the module.
#[derive(Debug)]
pub struct Disk<E> {
    /// What a crash cannot take.
    pub kept: Records,
    writing: Option<Group<E>>,
    next: Group<E>,
    /// Refuses every transaction.
    pub full: bool,
    /// One transaction takes about so long.
    pub pace: Duration,
    /// Transactions that were kept.
    pub commits: u64,
    /// Records that were written or deleted in them.
    pub changes: u64,
}

impl<E> Disk<E> {
    /// An empty disk on which a transaction takes about `pace`.
    #[must_use]
    pub fn new(pace: Duration) -> Self {
        Self {
            kept: Records::new(),
            writing: None,
            next: Group::default(),
            full: false,
            pace,
            commits: 0,
            changes: 0,
        }
    }

    /// Whether nothing is written and nothing waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.writing.is_none() && self.next.batch.is_empty() && self.next.then.is_empty()
    }

    /// What stands under `key` once everything that waits is kept.
    #[must_use]
    pub fn latest(&self, key: &[u8]) -> Option<&[u8]> {
        let writing = self.writing.iter().map(|group| &group.batch);
        let batches = writing.chain([&self.next.batch]);
        let mut changes = batches.flat_map(|batch| &batch.changes);
        match changes.rfind(|change| change.key == key) {
            Some(change) => change.value.as_deref(),
            None => self.kept.get(key).map(Vec::as_slice),
        }
    }

    /// Bytes of writes that are not kept yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        let writing = self.writing.iter().map(|group| &group.batch);
        writing
            .chain([&self.next.batch])
            .flat_map(|batch| &batch.changes)
            .map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len))
            .sum()
    }

    /// Bytes of keys and values that are kept.
    #[must_use]
    pub fn kept_bytes(&self) -> u64 {
        let kept = self.kept.iter();
        kept.map(|(key, value)| (key.len() + value.len()) as u64)
            .sum()
    }

    /// Takes writes and what is to follow them.
    pub fn push(&mut self, batch: Batch, then: Vec<E>) {
        self.next.add(batch, then);
    }

    /// `then` follows all writes so far; gives it back when there are none.
    pub fn follow(&mut self, then: Vec<E>) -> Vec<E> {
        if !self.next.batch.is_empty() {
            self.next.then.extend(then);
        } else if let Some(writing) = &mut self.writing {
            writing.then.extend(then);
        } else {
            return then;
        }
        Vec::new()
    }

    /// Begins the next transaction; `false` when there is none or one is under way.
    pub fn begin(&mut self) -> bool {
        let begins = self.writing.is_none() && !self.next.batch.is_empty();
        if begins {
            self.writing = Some(std::mem::take(&mut self.next));
        }
        begins
    }

    /// What is being written.
    #[must_use]
    pub fn under_way(&self) -> Option<&Batch> {
        self.writing.as_ref().map(|group| &group.batch)
    }

    /// The transaction under way is kept: what may be done now.
    pub fn commit(&mut self) -> Vec<E> {
        let Some(group) = self.writing.take() else {
            return Vec::new();
        };
        self.commits += 1;
        self.changes += group.batch.changes.len() as u64;
        for change in group.batch.changes {
            match change.value {
                Some(value) => self.kept.insert(change.key, value),
                None => self.kept.remove(&change.key),
            };
        }
        group.then
    }

    /// The transaction was refused: it and all that waited behind it are given back, in order.
    pub fn refuse(&mut self) -> Vec<E> {
        let writing = self.writing.take().unwrap_or_default();
        let next = std::mem::take(&mut self.next);
        writing.then.into_iter().chain(next.then).collect()
    }

    /// The machine is gone. What was being written is there or not.
    pub fn crash(&mut self, written: bool) {
        if written {
            self.commit();
        }
        self.writing = None;
        self.next = Group::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u8) -> Batch {
        let mut batch = Batch::default();
        batch.put(vec![key], vec![key]);
        batch
    }

    #[test]
    fn effects_come_after_their_batch_and_after_those_before() {
        let mut disk = Disk::new(Duration::ZERO);
        assert_eq!(disk.follow(vec!["now"]), ["now"]);
        disk.push(put(1), vec!["one"]);
        assert!(disk.begin() && !disk.begin());
        disk.push(put(2), vec!["two"]);
        assert!(disk.follow(vec!["after two"]).is_empty());
        assert_eq!(disk.commit(), ["one"]);
        assert_eq!(disk.kept.len(), 1);
        assert!(disk.begin());
        assert_eq!(disk.commit(), ["two", "after two"]);
        assert!(disk.is_idle());
    }

    #[test]
    fn a_crash_leaves_a_transaction_entirely_or_not_at_all() {
        for written in [false, true] {
            let mut disk = Disk::new(Duration::ZERO);
            disk.push(put(1), vec!["one"]);
            disk.begin();
            disk.push(put(2), vec!["two"]);
            disk.crash(written);
            assert_eq!(disk.kept.len(), usize::from(written));
            assert!(disk.is_idle() && disk.commit().is_empty());
        }
    }
}
