//! The key–value state under OpenMLS: a map in memory that remembers what to write to disk, and
//! how to take back the operation under way.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::base::sorted::SortedMap;

/// One entry to write to or delete from the disk, so that it matches the state in memory.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Write `value` under `key`.
    Put {
        /// Opaque; unique within one device's MLS state.
        key: Vec<u8>,
        /// Opaque and secret.
        value: Vec<u8>,
    },
    /// Delete `key`.
    Delete {
        /// The key of an entry written before.
        key: Vec<u8>,
    },
}

impl core::fmt::Debug for Change {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Put { value, .. } => write!(f, "Put({} bytes)", value.len()),
            Self::Delete { .. } => f.write_str("Delete"),
        }
    }
}

type Key = Vec<u8>;
type Value = Zeroizing<Vec<u8>>;

#[derive(Default)]
pub(super) struct Journal {
    map: SortedMap<Key, Value>,
    /// Keys changed since the changes were last taken, and whether the disk has an entry there.
    dirty: SortedMap<Key, bool>,
    /// What the operation under way has replaced, oldest first.
    undo: Vec<(Key, Option<Value>, Option<bool>)>,
}

impl Journal {
    pub fn load(entries: impl IntoIterator<Item = (Key, Vec<u8>)>) -> Self {
        let map = entries
            .into_iter()
            .map(|(key, value)| (key, Zeroizing::new(value)))
            .collect();
        Self {
            map,
            ..Self::default()
        }
    }

    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.map.get(key).map(|value| value.as_slice())
    }

    /// Entries whose keys begin with `prefix`, in order.
    pub fn with_prefix<'a>(
        &'a self,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.map
            .iter_from(prefix)
            .map(|(key, value)| (key.as_slice(), value.as_slice()))
            .take_while(move |(key, _)| key.starts_with(prefix))
    }

    pub fn put(&mut self, key: Key, value: Vec<u8>) {
        self.replace(key, Some(Zeroizing::new(value)));
    }

    pub fn delete(&mut self, key: &[u8]) {
        if self.map.contains_key(key) {
            self.replace(key.to_vec(), None);
        }
    }

    fn replace(&mut self, key: Key, value: Option<Value>) {
        let old = match value {
            Some(value) => self.map.insert(key.clone(), value),
            None => self.map.remove(&key),
        };
        let was_dirty = self.dirty.get(&key).copied();
        if was_dirty.is_none() {
            self.dirty.insert(key.clone(), old.is_some());
        }
        self.undo.push((key, old, was_dirty));
    }

    /// The operation under way is done.
    pub fn commit(&mut self) {
        self.undo.clear();
    }

    /// Takes back the operation under way; whether it had changed anything.
    pub fn roll_back(&mut self) -> bool {
        let changed = !self.undo.is_empty();
        while let Some((key, old, was_dirty)) = self.undo.pop() {
            match was_dirty {
                Some(on_disk) => self.dirty.insert(key.clone(), on_disk),
                None => self.dirty.remove(&key),
            };
            match old {
                Some(value) => self.map.insert(key, value),
                None => self.map.remove(&key),
            };
        }
        changed
    }

    /// The last change of every key since this was last called.
    pub fn take_changes(&mut self) -> Vec<Change> {
        core::mem::take(&mut self.dirty)
            .into_iter()
            .filter_map(|(key, on_disk)| match self.map.get(&key) {
                Some(value) => Some(Change::Put {
                    value: value.to_vec(),
                    key,
                }),
                None => on_disk.then_some(Change::Delete { key }),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u8, value: u8) -> Change {
        Change::Put {
            key: vec![key],
            value: vec![value],
        }
    }

    #[test]
    fn only_the_last_change_of_a_key_is_written() {
        let mut journal = Journal::load([(vec![1], vec![1]), (vec![2], vec![1])]);
        journal.put(vec![1], vec![2]);
        journal.put(vec![1], vec![3]);
        journal.delete(&[2]);
        journal.put(vec![3], vec![1]);
        journal.delete(&[3]);
        journal.delete(&[9]);
        journal.commit();
        assert_eq!(
            journal.take_changes(),
            [put(1, 3), Change::Delete { key: vec![2] }]
        );
        assert_eq!(journal.take_changes(), []);
    }

    #[test]
    fn a_failed_operation_leaves_no_trace() {
        let mut journal = Journal::load([(vec![1], vec![1])]);
        journal.put(vec![2], vec![1]);
        journal.commit();
        journal.put(vec![1], vec![2]);
        journal.put(vec![2], vec![2]);
        journal.delete(&[1]);
        journal.put(vec![3], vec![1]);
        assert!(journal.roll_back());
        assert!(!journal.roll_back());
        assert_eq!(journal.get(&[1]), Some(&[1][..]));
        assert_eq!(journal.get(&[3]), None);
        assert_eq!(journal.take_changes(), [put(2, 1)]);
    }

    #[test]
    fn a_prefix_selects_its_keys_only() {
        let journal = Journal::load([
            (vec![1], vec![0]),
            (vec![1, 5], vec![1]),
            (vec![2], vec![2]),
        ]);
        assert_eq!(journal.with_prefix(&[1]).count(), 2);
        assert_eq!(journal.with_prefix(&[1, 5]).count(), 1);
        assert_eq!(journal.with_prefix(&[3]).count(), 0);
    }
}
