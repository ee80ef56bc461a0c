//! Whether somebody floods the listeners. A listener's queue is one for all: when more comes than can be
//! looked at, the system drops from it whatever comes, calls included. Then clients with allocations get
//! sockets of their own, connected to them ([`super::relays::RelaySockets::guard`]), and so queues of
//! their own. While it is quiet they have none: one queue takes fewer system calls.

use std::time::Duration;

use shared::turn::{DROPPED, Dropped, Stats};

/// Packets a second by those who have proved nothing that make a flood: a hundred pages that look for a
/// way within one second. It counts what has been looked at, which on a small or busy machine is little.
const PER_SECOND: u64 = 1000;
/// For so long after the last such second it is taken for one.
const LASTS: Duration = Duration::from_secs(30);

/// Watches the counters.
#[derive(Debug, Default)]
pub struct Flood {
    seen: u64,
    at: Duration,
    until: Option<Duration>,
}

impl Flood {
    /// Looks at `stats`, a second or more after the last look. Says whether there is a flood.
    pub fn is_on(&mut self, stats: &Stats, now: Duration) -> bool {
        let unproven = unproven(stats);
        let passed = now.saturating_sub(self.at).as_secs_f64().max(1.0);
        let per_second = unproven.saturating_sub(self.seen) as f64 / passed;
        (self.seen, self.at) = (unproven, now);
        if per_second > PER_SECOND as f64 {
            self.until = Some(now + LASTS);
        }
        self.until.is_some_and(|until| now < until)
    }
}

/// Packets by those who have proved nothing, so far.
fn unproven(stats: &Stats) -> u64 {
    let dropped = DROPPED.iter().zip(stats.dropped);
    let dropped = dropped.filter(|((why, _), _)| {
        matches!(
            why,
            Dropped::Foreign | Dropped::Malformed | Dropped::NoAllocation | Dropped::Throttled
        )
    });
    let dropped: u64 = dropped.map(|(_, count)| count).sum();
    dropped + stats.bindings + stats.challenges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(flood: &mut Flood, second: u64, bindings: u64) -> bool {
        let stats = Stats {
            bindings,
            ..Stats::default()
        };
        flood.is_on(&stats, Duration::from_secs(second))
    }

    #[test]
    fn a_flood_begins_past_its_limit_and_lasts_a_while() {
        let mut flood = Flood::default();
        assert!(!at(&mut flood, 1, PER_SECOND));
        assert!(at(&mut flood, 2, 2 * PER_SECOND + 1));
        assert!(at(&mut flood, 31, 2 * PER_SECOND + 1));
        assert!(!at(&mut flood, 32, 2 * PER_SECOND + 1));
    }

    #[test]
    fn calls_make_none() {
        let mut flood = Flood::default();
        let stats = Stats {
            packets: 1_000_000,
            ..Stats::default()
        };
        assert!(!flood.is_on(&stats, Duration::from_secs(1)));
    }
}
