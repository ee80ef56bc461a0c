//! A map from numbers that mostly come in order and mostly go in order.

use alloc::collections::VecDeque;

/// Room below which none is given back.
const ROOM_MIN: usize = 16;

/// Values by number. To add behind the last and to remove the first takes constant time, to find one a search by
/// halves at most; anything else moves up to half of what there is. Takes less memory than a tree, whose
/// nodes stay half full when numbers come in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence<T> {
    entries: VecDeque<(u64, T)>,
}

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
        }
    }
}

impl<T> Sequence<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets the value of `number`; returns the one before.
    pub fn insert(&mut self, number: u64, value: T) -> Option<T> {
        if self.entries.back().is_none_or(|(last, _)| *last < number) {
            self.entries.push_back((number, value));
            return None;
        }
        match self.find(number) {
            Ok(at) => {
                let (_, known) = self.entries.get_mut(at)?;
                Some(core::mem::replace(known, value))
            }
            Err(at) => {
                self.entries.insert(at, (number, value));
                None
            }
        }
    }

    /// Takes the value of `number`.
    pub fn remove(&mut self, number: u64) -> Option<T> {
        let at = self.find(number).ok()?;
        let (_, value) = self.entries.remove(at)?;
        let room = self.entries.capacity();
        if room > ROOM_MIN && self.entries.len() < room / 4 {
            self.entries.shrink_to(room / 2);
        }
        Some(value)
    }

    /// The value of `number`.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&T> {
        let (_, value) = self.entries.get(self.find(number).ok()?)?;
        Some(value)
    }

    /// The least number.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.entries.front().map(|(number, _)| *number)
    }

    /// From `first` on, in order.
    pub fn from(&self, first: u64) -> impl Iterator<Item = (u64, &T)> {
        let at = self.find(first).unwrap_or_else(|at| at);
        let entries = self.entries.range(at..);
        entries.map(|(number, value)| (*number, value))
    }

    /// Where `number` is, or would be.
    fn find(&self, number: u64) -> Result<usize, usize> {
        // Most have no gap before them.
        let guess = number.checked_sub(self.first().unwrap_or_default());
        let guess = guess.and_then(|guess| usize::try_from(guess).ok());
        if let Some(guess) = guess
            && self.entries.get(guess).is_some_and(|(at, _)| *at == number)
        {
            return Ok(guess);
        }
        self.entries.binary_search_by_key(&number, |(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use super::*;

    /// Marsaglia's xorshift (Journal of Statistical Software 8, 2003).
    fn shifts() -> impl FnMut(u64) -> u64 {
        let mut state = 88_172_645_463_325_252_u64;
        move |bound| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % bound
        }
    }

    #[test]
    fn it_holds_what_an_ordered_map_would() {
        let mut below = shifts();
        let (mut sequence, mut model) = (Sequence::default(), BTreeMap::new());
        for step in 0..5000 {
            let number = match below(4) {
                0 => below(200),
                _ => step,
            };
            if below(5) < 3 {
                assert_eq!(sequence.insert(number, step), model.insert(number, step));
            } else {
                let gone = sequence.first().unwrap_or(number);
                assert_eq!(sequence.remove(gone), model.remove(&gone));
                assert_eq!(sequence.remove(number), model.remove(&number));
            }
            assert_eq!(sequence.get(number), model.get(&number));
            assert_eq!(sequence.first(), model.keys().next().copied());
            let from: Vec<_> = sequence
                .from(number)
                .map(|(at, value)| (at, *value))
                .collect();
            let expected: Vec<_> = model
                .range(number..)
                .map(|(at, value)| (*at, *value))
                .collect();
            assert_eq!(from, expected);
            assert_eq!(
                (sequence.len(), sequence.is_empty()),
                (model.len(), model.is_empty())
            );
        }
    }

    #[test]
    fn room_is_given_back() {
        let mut sequence = Sequence::default();
        for number in 0..10_000 {
            sequence.insert(number, number);
        }
        for number in 0..9_990 {
            sequence.remove(number);
        }
        assert!(sequence.entries.capacity() <= 4 * ROOM_MIN);
    }
}
