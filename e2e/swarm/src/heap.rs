//! What is going to happen: by time, and in the order of asking within a moment.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use shared::base::time::Timestamp;

/// The one queue of the world.
#[derive(Debug)]
pub struct Heap<E> {
    entries: BinaryHeap<Entry<E>>,
    sequence: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Timestamp,
    sequence: u64,
    event: E,
}

impl<E> Default for Heap<E> {
    fn default() -> Self {
        Self {
            entries: BinaryHeap::new(),
            sequence: 0,
        }
    }
}

impl<E> Heap<E> {
    /// `event` happens at `at`, after everything that was posted for then before.
    pub fn post(&mut self, at: Timestamp, event: E) {
        self.sequence += 1;
        self.entries.push(Entry {
            at,
            sequence: self.sequence,
            event,
        });
    }

    /// Takes what happens next, unless it is later than `end`.
    pub fn take(&mut self, end: Timestamp) -> Option<(Timestamp, E)> {
        if self.entries.peek()?.at > end {
            return None;
        }
        self.entries.pop().map(|entry| (entry.at, entry.event))
    }
}

impl<E> Entry<E> {
    fn key(&self) -> (Timestamp, u64) {
        (self.at, self.sequence)
    }
}

impl<E> Ord for Entry<E> {
    // The greatest comes out first, so the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_earlier_comes_first_and_what_was_asked_first_within_a_moment() {
        let mut heap = Heap::default();
        for (at, event) in [(5, "c"), (3, "a"), (5, "d"), (3, "b"), (9, "late")] {
            heap.post(Timestamp(at), event);
        }
        let mut taken = Vec::new();
        while let Some((_, event)) = heap.take(Timestamp(8)) {
            taken.push(event);
        }
        assert_eq!(taken, ["a", "b", "c", "d"]);
        assert_eq!(heap.take(Timestamp(9)), Some((Timestamp(9), "late")));
    }
}
