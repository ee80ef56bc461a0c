//! A day: when people look at their page. One curve for all, as if all lived in one time zone, which is
//! the worst case for a supernode.
//!
//! Its shape (a trough before dawn, a rise over the morning, the greatest after supper) is that of
//! instant messaging (J. Leskovec, E. Horvitz, *Planetary-scale views on a large instant-messaging
//! network*, WWW 2008), drawn by hand.

use std::time::Duration;

use crate::chance::Chance;

/// How lively each hour of the day is, in thousandths of the liveliest.
const HOURS: [u32; 24] = [
    350, 200, 110, 70, 60, 90, 200, 380, 520, 600, 650, 690, 740, 720, 700, 720, 770, 840, 900,
    960, 1000, 980, 820, 560,
];
/// The quietest hour: where a whole day begins.
const QUIETEST: u64 = 4;
/// The liveliest hour: the middle of what is shorter than a day.
const LIVELIEST: u64 = 20;
const HOUR: Duration = Duration::from_secs(3600);
const DAY_HOURS: u64 = 24;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    begins: Duration,
}

impl Rhythm {
    /// A span of a day, or a shorter one around its liveliest hour.
    #[must_use]
    pub fn of(span: Duration) -> Self {
        let day = HOUR * 24;
        let begins = if span >= day {
            HOUR * u32::try_from(QUIETEST).unwrap_or(0)
        } else {
            let middle = Duration::from_secs(LIVELIEST * 3600 + 1800);
            middle.saturating_sub(span / 2)
        };
        Self { begins }
    }

    /// How lively it is when so much of the span has passed, in thousandths.
    #[must_use]
    pub fn liveliness(&self, passed: Duration) -> u32 {
        let hour = (self.begins + passed).as_secs() / HOUR.as_secs() % DAY_HOURS;
        HOURS[usize::try_from(hour).unwrap_or(0)]
    }

    /// The next of what happens `a_day` times on average, when so much of the span has passed: by
    /// thinning (Lewis, Shedler 1979).
    pub fn next(&self, passed: Duration, a_day: u32, chance: &mut Chance) -> Duration {
        let mean = HOURS.iter().sum::<u32>() / 24;
        let gap = HOUR * 24 / a_day.max(1) * mean / 1000;
        let mut at = passed;
        loop {
            at += chance.about(gap);
            if chance.happens(self.liveliness(at)) {
                return at - passed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_as_much_of_everything_as_said_and_most_of_it_in_the_evening() {
        let rhythm = Rhythm::of(HOUR * 24);
        let mut chance = Chance::new(5, 0);
        let (mut at, mut hours) = (Duration::ZERO, [0_u32; 24]);
        while at < HOUR * 24 * 200 {
            at += rhythm.next(at, 12, &mut chance);
            hours[(at.as_secs() / 3600 + QUIETEST) as usize % 24] += 1;
        }
        let total = hours.iter().sum::<u32>();
        assert!((2250..2550).contains(&total), "{total}");
        assert!(hours[20] > 5 * hours[4], "{hours:?}");
    }

    #[test]
    fn an_hour_is_the_liveliest_one() {
        let rhythm = Rhythm::of(HOUR);
        assert_eq!(rhythm.liveliness(Duration::ZERO), 1000);
        assert_eq!(rhythm.liveliness(HOUR - Duration::from_secs(1)), 1000);
    }
}
