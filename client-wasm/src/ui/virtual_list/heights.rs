//! Which rows of a long list are worth drawing: heights, measured or guessed, and their sums.

use std::ops::Range;

/// Names a row for as long as it exists.
pub type Key = [u8; 16];

/// The rows' heights, in CSS pixels.
#[derive(Debug)]
pub struct Heights {
    keys: Vec<Key>,
    heights: Vec<f32>,
    /// Top of each row, and the total at the end.
    tops: Vec<f64>,
    guess: f32,
}

impl Heights {
    /// No rows yet; each is guessed to be `guess` high until measured.
    pub fn new(guess: f32) -> Self {
        Self {
            keys: Vec::new(),
            heights: Vec::new(),
            tops: vec![0.0],
            guess,
        }
    }

    /// Takes the rows there are now and keeps the heights of those that were there. Rows come and
    /// go at the ends; what changes in the middle is measured anew.
    pub fn set_keys(&mut self, keys: &[Key]) {
        if self.keys == keys {
            return;
        }
        let mut heights = vec![self.guess; keys.len()];
        let shift = self.shift_to(keys);
        if let Some(shift) = shift {
            for (old, key) in self.keys.iter().enumerate() {
                let Some(new) = old.checked_add_signed(shift) else {
                    continue;
                };
                if keys.get(new) == Some(key) {
                    heights[new] = self.heights[old];
                }
            }
        }
        self.keys = keys.to_vec();
        self.heights = heights;
        self.sum_from(0);
    }

    /// How far the rows moved: found by the first old row that still exists.
    fn shift_to(&self, keys: &[Key]) -> Option<isize> {
        const TRIED_MAX: usize = 8;
        self.keys
            .iter()
            .enumerate()
            .take(TRIED_MAX)
            .find_map(|(old, key)| {
                let new = keys.iter().position(|k| k == key)?;
                Some(new as isize - old as isize)
            })
    }

    fn sum_from(&mut self, index: usize) {
        self.tops.truncate(index + 1);
        let mut top = self.tops.last().copied().unwrap_or(0.0);
        for height in self.heights.iter().skip(index) {
            top += f64::from(*height);
            self.tops.push(top);
        }
    }

    /// Notes measured heights; whether any was new.
    pub fn measure(&mut self, rows: &[(usize, f64)]) -> bool {
        let mut first = None;
        for &(index, height) in rows {
            let height = height as f32;
            if let Some(kept) = self.heights.get_mut(index)
                && (*kept - height).abs() > 0.01
            {
                *kept = height;
                first = Some(first.map_or(index, |first: usize| first.min(index)));
            }
        }
        if let Some(first) = first {
            self.sum_from(first);
        }
        first.is_some()
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Where the row begins; for the number of rows, where the last one ends.
    pub fn top(&self, index: usize) -> f64 {
        self.tops
            .get(index)
            .or(self.tops.last())
            .copied()
            .unwrap_or(0.0)
    }

    /// Height of all rows.
    pub fn total(&self) -> f64 {
        self.top(self.len())
    }

    /// The row at `y`; the first or last one beyond the ends.
    pub fn row_at(&self, y: f64) -> usize {
        let after = self.tops.partition_point(|top| *top <= y);
        after.saturating_sub(1).min(self.len().saturating_sub(1))
    }

    /// The rows that touch the stretch from `top` on, `height` long.
    pub fn rows_in(&self, top: f64, height: f64) -> Range<usize> {
        if self.keys.is_empty() {
            return 0..0;
        }
        self.row_at(top)..self.row_at(top + height) + 1
    }

    /// The key of a row.
    pub fn key(&self, index: usize) -> Option<Key> {
        self.keys.get(index).copied()
    }

    /// Where the row with this key is. Searched from the end, where the eye mostly is.
    pub fn index_of(&self, key: Key) -> Option<usize> {
        self.keys.iter().rposition(|k| *k == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(numbers: Range<u8>) -> Vec<Key> {
        numbers.map(|n| [n; 16]).collect()
    }

    #[test]
    fn rows_are_found_by_place() {
        let mut heights = Heights::new(10.0);
        heights.set_keys(&keys(0..10));
        assert_eq!(heights.total(), 100.0);
        assert_eq!(heights.row_at(0.0), 0);
        assert_eq!(heights.row_at(9.9), 0);
        assert_eq!(heights.row_at(10.0), 1);
        assert_eq!(heights.row_at(1e9), 9);
        assert_eq!(heights.rows_in(25.0, 20.0), 2..5);
    }

    #[test]
    fn measured_heights_stay_when_older_rows_come_before_and_newer_ones_after() {
        let mut heights = Heights::new(10.0);
        heights.set_keys(&keys(50..60));
        assert!(heights.measure(&[(0, 33.0), (9, 7.0)]));
        assert!(!heights.measure(&[(0, 33.0)]));
        heights.set_keys(&keys(40..61));
        assert_eq!(heights.index_of([50; 16]), Some(10));
        assert_eq!(heights.top(11) - heights.top(10), 33.0);
        assert_eq!(heights.top(20) - heights.top(19), 7.0);
        assert_eq!(heights.total(), 19.0 * 10.0 + 40.0);
    }

    #[test]
    fn other_rows_start_anew() {
        let mut heights = Heights::new(10.0);
        heights.set_keys(&keys(0..5));
        heights.measure(&[(0, 99.0)]);
        heights.set_keys(&keys(100..103));
        assert_eq!(heights.total(), 30.0);
        heights.set_keys(&[]);
        assert_eq!(heights.rows_in(0.0, 500.0), 0..0);
        assert_eq!(heights.total(), 0.0);
    }
}
