//! What the relay counts, as its thread last said.

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use shared::turn::{DROPPED, Month, Stats};

use super::{Number, head};

/// All of it. Written by the relay's thread once a second.
#[derive(Debug, Default)]
pub struct Numbers {
    stats: Mutex<Option<Stats>>,
    /// Datagrams that the system would not send.
    pub unsent: Number,
    /// Datagrams too long to be relayed.
    pub oversized: Number,
}

impl Numbers {
    /// Replaces what others read.
    pub fn publish(&self, stats: &Stats) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = Some(*stats);
    }

    /// What has been relayed this month.
    #[must_use]
    pub fn month(&self) -> Month {
        self.read().map_or_else(Month::default, |stats| stats.month)
    }

    fn read(&self) -> Option<Stats> {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends it, if there is a relay.
    pub(super) fn write(&self, text: &mut String) {
        let Some(stats) = self.read() else {
            return;
        };
        let gauges = [
            (
                "kith_turn_allocations",
                "Allocations now.",
                stats.allocations as u64,
            ),
            (
                "kith_turn_month_bytes",
                "Bytes relayed this month.",
                stats.month.bytes,
            ),
        ];
        let counters = [
            (
                "kith_turn_allocations_total",
                "Allocations made.",
                stats.allocated,
            ),
            ("kith_turn_packets_total", "Packets relayed.", stats.packets),
            (
                "kith_turn_bytes_total",
                "Bytes of payload relayed.",
                stats.bytes,
            ),
            (
                "kith_turn_local_packets_total",
                "Packets relayed from one allocation to another.",
                stats.local,
            ),
            (
                "kith_stun_bindings_total",
                "Binding requests answered.",
                stats.bindings,
            ),
            (
                "kith_turn_challenges_total",
                "Requests answered with 401 or 438.",
                stats.challenges,
            ),
            (
                "kith_turn_unsent_total",
                "Packets that the system would not send.",
                self.unsent.get(),
            ),
            (
                "kith_turn_oversized_total",
                "Packets too long to relay.",
                self.oversized.get(),
            ),
        ];
        let gauges = gauges.map(|(name, help, value)| (name, "gauge", help, value));
        let counters = counters.map(|(name, help, value)| (name, "counter", help, value));
        for (name, kind, help, value) in gauges.into_iter().chain(counters) {
            head(text, name, kind, help);
            let _ = writeln!(text, "{name} {value}");
        }
        let name = "kith_turn_refusals_total";
        head(
            text,
            name,
            "counter",
            "Requests refused, by STUN error code.",
        );
        for (code, value) in [
            ("486", stats.quota),
            ("508", stats.no_room),
            ("other", stats.errors),
        ] {
            let _ = writeln!(text, "{name}{{code=\"{code}\"}} {value}");
        }
        let name = "kith_turn_dropped_total";
        head(text, name, "counter", "Packets dropped, by reason.");
        for ((_, reason), value) in DROPPED.iter().zip(stats.dropped) {
            let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supernode_without_a_relay_says_nothing_of_one() {
        let (numbers, mut text) = (Numbers::default(), String::new());
        numbers.write(&mut text);
        assert_eq!(text, "");
        let stats = Stats {
            quota: 3,
            ..Stats::default()
        };
        numbers.publish(&stats);
        numbers.write(&mut text);
        for line in [
            "kith_turn_allocations 0",
            "kith_turn_refusals_total{code=\"486\"} 3",
            "kith_turn_dropped_total{reason=\"no_permission\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
