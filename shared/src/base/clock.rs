//! A clock that may be set back. Moments noted before that lie in the future then; nobody should wait for
//! them as long as the clock was wrong by.

use core::time::Duration;

use super::time::{Timestamp, millis};

/// A clock that is back by no more than this is being trimmed, not set.
pub const TRIM_MAX: Duration = Duration::from_secs(1);

/// What a clock has shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    latest: Timestamp,
}

impl Clock {
    /// Reads the clock. A first look may find what an earlier run noted by a clock that was ahead.
    #[must_use]
    pub fn read(&mut self, now: Timestamp) -> Option<SetBack> {
        let by = self.latest.since(now);
        if self.latest != Timestamp(0) && by <= TRIM_MAX {
            self.latest = self.latest.max(now);
            return None;
        }
        self.latest = now;
        Some(SetBack { now, by })
    }
}

/// A clock was set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetBack {
    now: Timestamp,
    by: Duration,
}

impl SetBack {
    /// Mends a moment that has been: it does not lie in the future.
    pub fn past(&self, moment: &mut Timestamp) {
        *moment = self.now.min(*moment);
    }

    /// Mends a moment that is awaited: it stays as far away as it was, or comes sooner.
    pub fn due(&self, moment: &mut Timestamp) {
        *moment = Timestamp(moment.0.saturating_sub(millis(self.by)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_trimmed_changes_nothing_and_one_that_is_set_back_does() {
        let mut clock = Clock::default();
        let start = Timestamp(1_000_000);
        assert!(clock.read(start).is_some(), "what was kept may lie ahead");
        let trimmed = Timestamp(start.0 - millis(TRIM_MAX));
        assert_eq!(clock.read(trimmed), None);
        let more = Timestamp(trimmed.0 - 1);
        let back = clock.read(more).unwrap();
        assert_eq!(back.by, TRIM_MAX + Duration::from_millis(1));
        assert_eq!(clock.read(more), None);
    }

    #[test]
    fn many_small_steps_back_are_one() {
        let mut clock = Clock::default();
        let _ = clock.read(Timestamp(10_000));
        assert_eq!(clock.read(Timestamp(9_400)), None);
        assert!(clock.read(Timestamp(8_800)).is_some());
    }

    #[test]
    fn what_was_is_not_ahead_and_what_comes_is_as_far_away() {
        let back = SetBack {
            now: Timestamp(5_000),
            by: Duration::from_secs(60),
        };
        let moved = |mend: fn(&SetBack, &mut Timestamp), mut moment| {
            mend(&back, &mut moment);
            moment
        };
        assert_eq!(moved(SetBack::past, Timestamp(4_000)), Timestamp(4_000));
        assert_eq!(moved(SetBack::past, Timestamp(64_000)), Timestamp(5_000));
        assert_eq!(moved(SetBack::due, Timestamp(68_000)), Timestamp(8_000));
        assert_eq!(moved(SetBack::due, Timestamp(30_000)), Timestamp(0));
    }
}
