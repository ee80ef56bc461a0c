//! When to wait a moment before the next look: at some ten thousand packets a second, being woken for each
//! costs more than all work done for it. Waiting a quarter of a millisecond lets several come together.

use std::time::Duration;

/// How long: what a call does not notice.
pub const NAP: Duration = Duration::from_micros(250);
/// Time over which wake-ups are counted.
const WINDOW: Duration = Duration::from_millis(20);
/// Wake-ups a second from which on it is worth it.
const WAKEUPS_PER_SECOND: u32 = 2000;
/// With so many packets at a time, waiting for more wins nothing.
const PACKETS_PER_WAKEUP: u32 = 32;

/// Counts wake-ups.
#[derive(Debug, Default)]
pub struct Nap {
    since: Duration,
    wakeups: u32,
    packets: u32,
    naps: bool,
}

impl Nap {
    /// Counts a wake-up at `now` that had `packets` to work on. Says whether to take a nap before the next.
    pub fn woke(&mut self, now: Duration, packets: usize) -> bool {
        self.wakeups += 1;
        self.packets = self
            .packets
            .saturating_add(u32::try_from(packets).unwrap_or(u32::MAX));
        let passed = now.saturating_sub(self.since);
        if passed >= WINDOW {
            let per_second = f64::from(self.wakeups) / passed.as_secs_f64();
            // Naps themselves keep wake-ups below 4000 a second; while packets still come with each, they
            // would be many without.
            let busy = match self.naps {
                true => {
                    self.packets >= self.wakeups && per_second > f64::from(WAKEUPS_PER_SECOND) / 2.0
                }
                false => per_second > f64::from(WAKEUPS_PER_SECOND),
            };
            self.naps = busy && self.packets / self.wakeups.max(1) < PACKETS_PER_WAKEUP;
            (self.since, self.wakeups, self.packets) = (now, 0, 0);
        }
        self.naps && packets > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last of a second's answers, with a wake-up each `micros`.
    fn after_a_second(nap: &mut Nap, from: Duration, micros: u64, packets: usize) -> bool {
        let times = (0..1_000_000).step_by(micros as usize);
        times.fold(false, |_, at| {
            nap.woke(from + Duration::from_micros(at as u64), packets)
        })
    }

    #[test]
    fn quiet_and_very_busy_threads_take_none() {
        let start = Duration::from_secs(1);
        assert!(!after_a_second(&mut Nap::default(), start, 1000, 1));
        assert!(!after_a_second(&mut Nap::default(), start, 600, 1));
        assert!(after_a_second(&mut Nap::default(), start, 400, 1));
        assert!(!after_a_second(&mut Nap::default(), start, 400, 64));
    }

    #[test]
    fn naps_go_on_while_they_help_and_end_when_it_is_quiet() {
        let mut nap = Nap::default();
        assert!(after_a_second(&mut nap, Duration::from_secs(1), 50, 1));
        assert!(after_a_second(&mut nap, Duration::from_secs(2), 310, 6));
        assert!(!after_a_second(&mut nap, Duration::from_secs(3), 20_000, 1));
    }
}
