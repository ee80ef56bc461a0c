//! Counters and gauges, as Prometheus reads them (text format 0.0.4). They name nobody.

pub mod direct;
pub mod turn;

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shared::mailbox::wire::DepositCode;
use shared::relay::{Notice, Stats};
use shared::session::wire::Refusal;

/// A number that others may read at any time.
#[derive(Debug, Default)]
pub struct Number(AtomicU64);

impl Number {
    /// Adds `more`.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// Replaces it.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Reads it.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

const DEPOSIT_CODES: [(DepositCode, &str); 11] = [
    (DepositCode::Ok, "ok"),
    (DepositCode::NoMailbox, "no_mailbox"),
    (DepositCode::NoCapability, "no_capability"),
    (DepositCode::CapabilityExpired, "capability_expired"),
    (DepositCode::CapabilityRevoked, "capability_revoked"),
    (DepositCode::Full, "full"),
    (DepositCode::TooLarge, "too_large"),
    (DepositCode::NoRoom, "no_room"),
    (DepositCode::Storage, "storage"),
    (DepositCode::SlowDown, "slow_down"),
    (DepositCode::GateRequired, "gate_required"),
];

const REFUSALS: [(Refusal, &str); 12] = [
    (Refusal::BadFrame, "bad_frame"),
    (Refusal::TooLarge, "too_large"),
    (Refusal::Version, "version"),
    (Refusal::BadProof, "bad_proof"),
    (Refusal::StaleDevices, "stale_devices"),
    (Refusal::SlowDown, "slow_down"),
    (Refusal::NotClaimed, "not_claimed"),
    (Refusal::NoRoom, "no_room"),
    (Refusal::Draining, "draining"),
    (Refusal::Timeout, "timeout"),
    (Refusal::Storage, "storage"),
    (Refusal::GateRequired, "gate_required"),
];

/// All of them.
#[derive(Debug, Default)]
pub struct Metrics {
    connections: Number,
    mailboxes: Number,
    envelopes: Number,
    bytes: Number,
    claims: Number,
    delivered: Number,
    handed: Number,
    live: [Number; DEPOSIT_CODES.len()],
    keep: [Number; DEPOSIT_CODES.len()],
    refused: [Number; REFUSALS.len()],
    /// Commits that succeeded.
    pub commits: Number,
    /// Changes in them.
    pub commit_changes: Number,
    /// Commits that failed.
    pub commit_failures: Number,
    /// Connections closed because they did not read.
    pub slow_readers: Number,
    /// HTTP requests, upgrades included.
    pub requests: Number,
    /// The relay's.
    pub turn: Arc<turn::Numbers>,
    /// Of WebRTC-direct.
    pub direct: Arc<direct::Numbers>,
}

impl Metrics {
    /// Counts what the relay reports.
    pub fn count(&self, notice: Notice) {
        match notice {
            Notice::Refused(refusal) => add(&REFUSALS, &self.refused, refusal),
            Notice::Live(code, handed) => {
                add(&DEPOSIT_CODES, &self.live, code);
                self.handed.add(u64::from(handed));
            }
            Notice::Keep(code) => add(&DEPOSIT_CODES, &self.keep, code),
            Notice::Delivered(count) => self.delivered.add(u64::from(count)),
            Notice::Claimed => self.claims.add(1),
        }
    }

    /// Sets what the relay measures.
    pub fn set_gauges(&self, stats: &Stats) {
        self.connections.set(stats.links);
        self.mailboxes.set(stats.kept.mailboxes);
        self.envelopes.set(stats.kept.envelopes);
        self.bytes.set(stats.kept.bytes);
    }

    /// As Prometheus reads them.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut one = |name: &str, kind: &str, help: &str, number: &Number| {
            head(&mut text, name, kind, help);
            let _ = writeln!(text, "{name} {}", number.get());
        };
        one(
            "kith_sessions",
            "gauge",
            "Open sessions.",
            &self.connections,
        );
        one(
            "kith_mailboxes",
            "gauge",
            "Mailboxes registered here.",
            &self.mailboxes,
        );
        one(
            "kith_envelopes",
            "gauge",
            "Envelopes kept.",
            &self.envelopes,
        );
        one(
            "kith_envelope_bytes",
            "gauge",
            "Sealed bytes of the envelopes kept.",
            &self.bytes,
        );
        one(
            "kith_claims_total",
            "counter",
            "Claims of a mailbox that succeeded.",
            &self.claims,
        );
        one(
            "kith_deliveries_total",
            "counter",
            "Envelopes sent to a session.",
            &self.delivered,
        );
        one(
            "kith_live_handed_total",
            "counter",
            "Live envelopes handed to a session.",
            &self.handed,
        );
        one(
            "kith_commits_total",
            "counter",
            "Commits to the store.",
            &self.commits,
        );
        one(
            "kith_commit_changes_total",
            "counter",
            "Changes in those commits.",
            &self.commit_changes,
        );
        one(
            "kith_commit_failures_total",
            "counter",
            "Commits that failed.",
            &self.commit_failures,
        );
        one(
            "kith_slow_readers_total",
            "counter",
            "Sessions closed for not reading.",
            &self.slow_readers,
        );
        one(
            "kith_http_requests_total",
            "counter",
            "HTTP requests, upgrades included.",
            &self.requests,
        );
        head(
            &mut text,
            "kith_deposits_total",
            "counter",
            "Deposits by class and answer.",
        );
        for (class, numbers) in [("live", &self.live), ("keep", &self.keep)] {
            for ((_, code), number) in DEPOSIT_CODES.iter().zip(numbers) {
                let _ = writeln!(
                    text,
                    "kith_deposits_total{{class=\"{class}\",code=\"{code}\"}} {}",
                    number.get()
                );
            }
        }
        head(
            &mut text,
            "kith_refusals_total",
            "counter",
            "Frames and connections refused, by reason.",
        );
        for ((_, code), number) in REFUSALS.iter().zip(&self.refused) {
            let _ = writeln!(
                text,
                "kith_refusals_total{{code=\"{code}\"}} {}",
                number.get()
            );
        }
        self.turn.write(&mut text);
        self.direct.write(&mut text);
        text
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn add<C: PartialEq>(codes: &[(C, &str)], numbers: &[Number], code: C) {
    let index = codes.iter().position(|(known, _)| *known == code);
    if let Some(number) = index.and_then(|index| numbers.get(index)) {
        number.add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_back_by_code() {
        let metrics = Metrics::default();
        metrics.count(Notice::Live(DepositCode::Ok, 2));
        metrics.count(Notice::Keep(DepositCode::Full));
        metrics.count(Notice::Refused(Refusal::Storage));
        let text = metrics.to_text();
        for line in [
            "kith_deposits_total{class=\"live\",code=\"ok\"} 1",
            "kith_deposits_total{class=\"keep\",code=\"full\"} 1",
            "kith_live_handed_total 2",
            "kith_refusals_total{code=\"storage\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
