//! Where in the stream each record is, and how much of the stream is still of use.
//!
//! A record is in the newest message that writes its key. Messages are removed from the oldest end
//! only, so that a deletion always outlives what it deletes. What is still of use at that end is
//! written again at the other when less than about half of the stream is.

use std::collections::BTreeMap;

use super::message::Entry;

/// What may be of no use without anything being done about it, in bytes.
pub const SLACK_BYTES: u64 = 8 * 1024 * 1024;

/// All records of a stream.
#[derive(Debug, Default)]
pub struct Places {
    records: BTreeMap<Vec<u8>, Place>,
    messages: BTreeMap<u64, Size>,
    total: Size,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    sequence: u64,
    bytes: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    all: u64,
    of_use: u64,
}

impl Places {
    /// Notes the message `sequence` of `bytes` bytes that makes these changes.
    pub fn apply(&mut self, sequence: u64, bytes: usize, entries: &[Entry]) {
        let size = self.messages.entry(sequence).or_default();
        size.all += bytes as u64;
        self.total.all += bytes as u64;
        for entry in entries {
            let before = if entry.value.is_some() {
                let bytes = entry.size() as u64;
                self.count(sequence, bytes);
                let place = Place { sequence, bytes };
                self.records.insert(entry.key.clone(), place)
            } else {
                self.records.remove(&entry.key)
            };
            if let Some(before) = before {
                if let Some(size) = self.messages.get_mut(&before.sequence) {
                    size.of_use -= before.bytes;
                }
                self.total.of_use -= before.bytes;
            }
        }
    }

    fn count(&mut self, sequence: u64, bytes: u64) {
        self.messages.entry(sequence).or_default().of_use += bytes;
        self.total.of_use += bytes;
    }

    /// Keys from `first` to `last`, both included, and the messages they are in.
    pub fn range<'a>(
        &'a self,
        first: &[u8],
        last: &[u8],
    ) -> impl Iterator<Item = (&'a Vec<u8>, u64)> + use<'a> {
        let range = (first <= last).then(|| self.records.range(first.to_vec()..=last.to_vec()));
        let range = range.into_iter().flatten();
        range.map(|(key, place)| (key, place.sequence))
    }

    /// All keys, and the messages they are in.
    pub fn all(&self) -> impl Iterator<Item = (&Vec<u8>, u64)> {
        let records = self.records.iter();
        records.map(|(key, place)| (key, place.sequence))
    }

    /// Whether `key` is in the message `sequence`.
    pub fn is_at(&self, key: &[u8], sequence: u64) -> bool {
        let place = self.records.get(key);
        place.is_some_and(|place| place.sequence == sequence)
    }

    /// The oldest messages, of about `bytes_max` bytes, when so much of the stream is of no use that
    /// they should be written again; of those, the ones with anything of use. And the oldest message
    /// that would then stay.
    pub fn to_rewrite(&self, bytes_max: u64) -> Option<(Vec<u64>, u64)> {
        if self.total.all <= 2 * self.total.of_use + SLACK_BYTES {
            return None;
        }
        let mut bytes = 0;
        let mut messages = Vec::new();
        for (sequence, size) in &self.messages {
            if size.of_use > 0 {
                bytes += size.of_use;
                if bytes > bytes_max && !messages.is_empty() {
                    return Some((messages, *sequence));
                }
                messages.push(*sequence);
            }
        }
        let newest = self.messages.last_key_value()?;
        Some((messages, newest.0 + 1))
    }

    /// Forgets the messages before `sequence`, which are to hold nothing of use.
    pub fn forget_before(&mut self, sequence: u64) {
        let kept = self.messages.split_off(&sequence);
        for size in std::mem::replace(&mut self.messages, kept).into_values() {
            debug_assert_eq!(size.of_use, 0);
            self.total.all -= size.all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u8, size: usize) -> Entry {
        Entry {
            key: vec![key],
            value: Some(vec![0; size - 1]),
        }
    }

    fn delete(key: u8) -> Entry {
        Entry {
            key: vec![key],
            value: None,
        }
    }

    fn keys(places: &Places) -> Vec<(u8, u64)> {
        places
            .range(&[0], &[255])
            .map(|(key, at)| (key[0], at))
            .collect()
    }

    #[test]
    fn a_record_is_where_it_was_written_last() {
        let mut places = Places::default();
        places.apply(1, 30, &[put(1, 10), put(2, 10), put(1, 12)]);
        places.apply(2, 30, &[put(2, 10), delete(1), put(3, 10)]);
        assert_eq!(keys(&places), [(2, 2), (3, 2)]);
        assert!(places.is_at(&[2], 2) && !places.is_at(&[1], 1));
        assert_eq!(places.total.of_use, 20);
        assert_eq!(places.messages[&1].of_use, 0);
        places.forget_before(2);
        assert_eq!(places.total.all, 30);
        assert_eq!(places.range(&[9], &[1]).count(), 0);
    }

    #[test]
    fn little_waste_is_left_alone_and_much_is_not() {
        let slack = usize::try_from(SLACK_BYTES).unwrap();
        let mut places = Places::default();
        places.apply(1, 100, &[put(1, 100)]);
        places.apply(2, slack + 100, &[]);
        assert_eq!(places.to_rewrite(1000), None);
        places.apply(3, 1, &[]);
        assert_eq!(places.to_rewrite(1000), Some((vec![1], 4)));
    }

    #[test]
    fn the_oldest_are_written_again_a_few_at_a_time() {
        let mut places = Places::default();
        for sequence in 1..=4 {
            let key = u8::try_from(sequence).unwrap();
            places.apply(sequence, 100, &[put(key, 100)]);
        }
        places.apply(5, usize::try_from(SLACK_BYTES).unwrap() * 2, &[delete(2)]);
        assert_eq!(places.to_rewrite(150), Some((vec![1], 3)));
        assert_eq!(places.to_rewrite(200), Some((vec![1, 3], 4)));
        assert_eq!(places.to_rewrite(50), Some((vec![1], 3)));
    }
}
