//! How many connections one source address has, and how fast it opens them.

use alloc::collections::BTreeMap;

use super::input::RelayLimits;
use crate::base::time::Timestamp;
use crate::session::rate::TokenBucket;
use crate::session::server::Refused;

/// What a source at its limit of open connections is told to wait, in milliseconds.
const RETRY_FULL_MS: u64 = 5_000;

#[derive(Debug)]
struct Source {
    open: u32,
    connects: TokenBucket,
}

#[derive(Debug, Default)]
pub(super) struct Sources {
    sources: BTreeMap<u64, Source>,
}

impl Sources {
    /// Counts a new connection of `source`.
    ///
    /// # Errors
    /// [`Refused`] at a limit; the connection is not counted.
    pub fn open(
        &mut self,
        limits: &RelayLimits,
        now: Timestamp,
        source: u64,
    ) -> Result<(), Refused> {
        let full = || Source {
            open: 0,
            connects: TokenBucket::full(limits.connects, now),
        };
        let source = self.sources.entry(source).or_insert_with(full);
        if source.open >= limits.connections_per_source {
            return Err(Refused::slow_down(
                "too many connections from one address",
                RETRY_FULL_MS,
            ));
        }
        let taken = source.connects.take(limits.connects, now, 1);
        taken.map_err(|wait| {
            Refused::slow_down("too many new connections from one address", wait)
        })?;
        source.open = source.open.saturating_add(1);
        Ok(())
    }

    pub fn close(&mut self, source: u64) {
        if let Some(source) = self.sources.get_mut(&source) {
            source.open = source.open.saturating_sub(1);
        }
    }

    /// Forgets sources that are as good as new.
    pub fn sweep(&mut self, limits: &RelayLimits, now: Timestamp) {
        self.sources
            .retain(|_, source| source.open > 0 || !source.connects.is_full(limits.connects, now));
    }
}
