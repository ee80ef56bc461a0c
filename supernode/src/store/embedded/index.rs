//! Where in the log each value is that counts, in memory.

use std::collections::BTreeMap;
use std::mem::size_of;
use std::ops::Bound::{Excluded, Included};

use shared::base::sequence::Sequence;

use super::frame::entry_bytes;

/// Length of keys of which there are many: a prefix, a persona, a sequence number.
const STEM_BYTES: usize = 33;
const NUMBERED_BYTES: usize = STEM_BYTES + size_of::<u64>();

type Stem = [u8; STEM_BYTES];

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Number of the segment.
    pub segment: u32,
    /// Where in it the value begins.
    pub at: u32,
    /// Length of the value.
    pub len: u32,
}

/// Keys in order and the places of their values.
///
/// Keys that end in a number share what is before it: a million envelopes are twice as many keys.
#[derive(Debug, Default)]
pub struct Index {
    numbered: BTreeMap<Stem, Sequence<Place>>,
    others: BTreeMap<Box<[u8]>, Place>,
    /// Bytes of entries that count, by segment.
    live: BTreeMap<u32, u64>,
}

impl Index {
    /// From now on, the value of `key` is there.
    pub fn put(&mut self, key: &[u8], place: Place) {
        *self.live.entry(place.segment).or_default() += entry_bytes(key.len(), place.len);
        let before = match split(key) {
            Some((stem, number)) => self.numbered.entry(stem).or_default().insert(number, place),
            None => self.others.insert(key.into(), place),
        };
        self.give_back(key.len(), before);
    }

    /// There is no value of `key` any more.
    pub fn remove(&mut self, key: &[u8]) {
        let before = match split(key) {
            Some((stem, number)) => self.remove_numbered(&stem, number),
            None => self.others.remove(key),
        };
        self.give_back(key.len(), before);
    }

    /// Where the value of `key` is.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Place> {
        match split(key) {
            Some((stem, number)) => self.numbered.get(&stem)?.get(number).copied(),
            None => self.others.get(key).copied(),
        }
    }

    /// Keys from `first` to `last`, both included, in order, and where their values are.
    #[must_use]
    pub fn range(&self, first: &[u8], last: &[u8], max: usize) -> Vec<(Vec<u8>, Place)> {
        if first > last {
            return Vec::new();
        }
        let bounds = (Included(first), Included(last));
        let others = self.others.range::<[u8], _>(bounds).take(max);
        let mut found: Vec<_> = others.map(|(key, place)| (key.to_vec(), *place)).collect();
        let mut counted = 0;
        for (stem, numbers) in self.numbered.range(stems(first, last)) {
            let keys = numbers.from(numbers_from(stem, first));
            let keys = keys.map(|(number, place)| (join(stem, number), *place));
            let keys = keys.skip_while(|(key, _)| key.as_slice() < first);
            let keys = keys.take_while(|(key, _)| key.as_slice() <= last);
            let before = found.len();
            found.extend(keys.take(max - counted));
            counted += found.len() - before;
            if counted >= max {
                break;
            }
        }
        if counted < found.len() {
            found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        }
        found.truncate(max);
        found
    }

    /// Bytes of entries that count, in all segments.
    #[must_use]
    pub fn live_bytes(&self) -> u64 {
        self.live.values().sum()
    }

    /// Bytes of entries that count, in one segment.
    #[must_use]
    pub fn live_in(&self, segment: u32) -> u64 {
        self.live.get(&segment).copied().unwrap_or_default()
    }

    fn remove_numbered(&mut self, stem: &Stem, number: u64) -> Option<Place> {
        let numbers = self.numbered.get_mut(stem)?;
        let place = numbers.remove(number);
        if numbers.is_empty() {
            self.numbered.remove(stem);
        }
        place
    }

    fn give_back(&mut self, key_len: usize, before: Option<Place>) {
        let Some(place) = before else { return };
        if let Some(live) = self.live.get_mut(&place.segment) {
            *live = live.saturating_sub(entry_bytes(key_len, place.len));
            if *live == 0 {
                self.live.remove(&place.segment);
            }
        }
    }
}

fn split(key: &[u8]) -> Option<(Stem, u64)> {
    let (stem, number) = key.split_first_chunk::<STEM_BYTES>()?;
    let number = <[u8; 8]>::try_from(number).ok()?;
    Some((*stem, u64::from_be_bytes(number)))
}

fn join(stem: &Stem, number: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(NUMBERED_BYTES);
    key.extend_from_slice(stem);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// All stems of which a key may lie between `first` and `last`.
fn stems(first: &[u8], last: &[u8]) -> (std::ops::Bound<Stem>, std::ops::Bound<Stem>) {
    let filled = |key: &[u8], with: u8| {
        let mut stem = [with; STEM_BYTES];
        let len = key.len().min(STEM_BYTES);
        stem[..len].copy_from_slice(&key[..len]);
        stem
    };
    let (first, end) = (filled(first, 0), filled(last, 0));
    let end = if last.len() < STEM_BYTES {
        // A key that begins as `last` does, and is longer, comes after it.
        Excluded(end)
    } else {
        Included(end)
    };
    match end {
        Excluded(end) if end <= first => (Included(first), Included(first)),
        end => (Included(first), end),
    }
}

/// No key of `stem` with a lesser number comes after `first`.
fn numbers_from(stem: &Stem, first: &[u8]) -> u64 {
    match first.split_first_chunk::<STEM_BYTES>() {
        Some((start, rest)) if start == stem => {
            let mut number = [0; 8];
            let len = rest.len().min(8);
            number[..len].copy_from_slice(&rest[..len]);
            u64::from_be_bytes(number)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::dice::Dice;

    fn place(segment: u32, at: u32) -> Place {
        Place {
            segment,
            at,
            len: 10,
        }
    }

    #[test]
    fn ranges_hold_what_an_ordered_map_would_however_keys_are_kept() {
        let mut dice = Dice::new(3);
        let (mut index, mut model) = (Index::default(), BTreeMap::new());
        let key = |dice: &mut Dice| {
            let len = [2, 32, 33, 40, 41, 42][usize::try_from(dice.below(6)).unwrap()];
            let mut key = vec![0; len];
            for at in [0, 1, 32, 33, 40, 41] {
                if let Some(byte) = key.get_mut(at) {
                    *byte = [0, 1, u8::MAX][usize::try_from(dice.below(3)).unwrap()];
                }
            }
            key
        };
        for at in 0..3000 {
            let (changed, first, last) = (key(&mut dice), key(&mut dice), key(&mut dice));
            if dice.once_in(3) {
                index.remove(&changed);
                model.remove(&changed);
            } else {
                index.put(&changed, place(at % 7, at));
                model.insert(changed.clone(), place(at % 7, at));
            }
            assert_eq!(index.get(&changed), model.get(&changed).copied());
            let max = usize::try_from(dice.below(20)).unwrap();
            let range = (first <= last).then(|| model.range(first.clone()..=last.clone()));
            let expected: Vec<_> = range
                .into_iter()
                .flatten()
                .map(|(key, place)| (key.clone(), *place))
                .take(max)
                .collect();
            assert_eq!(index.range(&first, &last, max), expected);
        }
        let bytes = model
            .keys()
            .map(|key| entry_bytes(key.len(), 10))
            .sum::<u64>();
        assert_eq!(index.live_bytes(), bytes);
    }

    #[test]
    fn bytes_are_counted_where_the_last_value_is() {
        let mut index = Index::default();
        index.put(b"key", place(1, 0));
        let bytes = index.live_in(1);
        index.put(b"key", place(2, 0));
        assert_eq!((index.live_in(1), index.live_in(2)), (0, bytes));
        index.remove(b"key");
        index.remove(b"key");
        assert_eq!(index.live_bytes(), 0);
    }
}
