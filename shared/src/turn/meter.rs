//! How much a donor gives: bytes per second, and bytes per month.

use super::limits::{BUSY_FOR, MONTH_RESERVE};
use crate::base::time::Timestamp;
use crate::session::rate::{Rate, TokenBucket};

/// Bytes per second, as a bucket that holds one second's worth; 0: no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    per_second: u32,
    bucket: TokenBucket,
}

impl Flow {
    pub fn new(per_second: u32, now: Timestamp) -> Self {
        let bucket = TokenBucket::full(rate(per_second), now);
        Self { per_second, bucket }
    }

    /// Whether `bytes` may pass now.
    pub fn admits(&mut self, bytes: u32, now: Timestamp) -> bool {
        self.per_second == 0 || self.bucket.take(rate(self.per_second), now, bytes).is_ok()
    }
}

fn rate(per_second: u32) -> Rate {
    Rate {
        burst: per_second,
        per_second,
    }
}

/// What has been relayed in a month, which outlives the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Month {
    /// Months since January 1970, in UTC.
    pub number: u32,
    /// Bytes of payload relayed in it.
    pub bytes: u64,
}

impl Month {
    /// The number of the month of `date`.
    #[must_use]
    pub fn number_of(date: Timestamp) -> u32 {
        // Civil from days, by H. Hinnant: years begin in March, so that leap days come last.
        let days = date.days() + 719_468;
        let of_era = days % 146_097;
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let year = days / 146_097 * 400 + year_of_era;
        let months = (year * 12 + from_march + 2).saturating_sub(1970 * 12);
        u32::try_from(months).unwrap_or(u32::MAX)
    }
}

/// All together.
#[derive(Debug)]
pub(super) struct Meter {
    flow: Flow,
    busy_until: Timestamp,
    pub month: Month,
    bytes_per_month: u64,
}

impl Meter {
    /// With limits per second and per month; 0: none.
    pub fn new(bytes_per_second: u32, bytes_per_month: u64, month: Month, now: Timestamp) -> Self {
        Self {
            flow: Flow::new(bytes_per_second, now),
            busy_until: Timestamp(0),
            month,
            bytes_per_month,
        }
    }

    /// Counts `bytes` that are to be relayed; says whether they may.
    pub fn admits(&mut self, bytes: u32, now: Timestamp) -> bool {
        let after = self.month.bytes.saturating_add(u64::from(bytes));
        if self.bytes_per_month != 0 && after > self.bytes_per_month {
            return false;
        }
        if !self.flow.admits(bytes, now) {
            self.busy_until = now.after(BUSY_FOR);
            return false;
        }
        self.month.bytes = after;
        true
    }

    /// Whether there is room for somebody new.
    pub fn has_room(&self, now: Timestamp) -> bool {
        let reserve = self.bytes_per_month / MONTH_RESERVE;
        let left = self.bytes_per_month.saturating_sub(self.month.bytes);
        (self.bytes_per_month == 0 || left > reserve) && now >= self.busy_until
    }

    /// Turns the page of the calendar. A clock set back does not.
    pub fn set_date(&mut self, date: Timestamp) {
        let number = Month::number_of(date);
        if number > self.month.number {
            self.month = Month { number, bytes: 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (seconds, number) in [
            (0, 0),
            (2_678_399, 0),
            (2_678_400, 1),
            (951_782_399, 361),   // 2000-02-28 23:59:59
            (951_868_800, 362),   // 2000-03-01
            (1_709_164_800, 649), // 2024-02-29
            (1_709_251_200, 650), // 2024-03-01
            (1_767_225_599, 671), // 2025-12-31 23:59:59
            (1_767_225_600, 672), // 2026-01-01
        ] {
            assert_eq!(
                Month::number_of(Timestamp(seconds * 1000)),
                number,
                "{seconds}"
            );
        }
    }

    #[test]
    fn the_month_is_used_to_the_last_byte_and_new_ones_are_turned_away_before() {
        let mut meter = Meter::new(0, 2000, Month::default(), Timestamp(0));
        assert!(meter.admits(1899, Timestamp(0)) && meter.has_room(Timestamp(0)));
        assert!(meter.admits(1, Timestamp(0)) && !meter.has_room(Timestamp(0)));
        assert!(meter.admits(100, Timestamp(0)) && !meter.admits(1, Timestamp(0)));
        meter.set_date(Timestamp(0));
        assert!(!meter.admits(1, Timestamp(0)));
        meter.set_date(Timestamp(2_678_400_000));
        assert!(meter.admits(2000, Timestamp(0)));
    }

    #[test]
    fn a_full_second_turns_new_ones_away_for_a_while() {
        let mut meter = Meter::new(1000, 0, Month::default(), Timestamp(0));
        assert!(meter.admits(1000, Timestamp(0)) && meter.has_room(Timestamp(0)));
        assert!(!meter.admits(1, Timestamp(0)) && !meter.has_room(Timestamp(4999)));
        assert!(meter.has_room(Timestamp(5000)) && meter.admits(1000, Timestamp(5000)));
    }
}
