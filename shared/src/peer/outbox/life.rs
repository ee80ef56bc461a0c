//! How long what is in the outbox waits: as long as the most patient home that has it keeps it.

use super::Out;
use crate::base::clock::SetBack;
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
use crate::peer::contact::Contact;
use crate::peer::packages::Wish;
use crate::peer::records::OutWhat;

use core::time::Duration;

impl Out {
    /// Since when it has waited, as kept.
    pub(super) fn waits_since(&self) -> Timestamp {
        self.record.since.unwrap_or(self.record.at)
    }

    /// When it is given up. What is not a message goes again and again until then, however short a home
    /// keeps it: whoever it is for would miss it.
    pub(in crate::peer) fn expires(&self) -> Timestamp {
        let latest = self.waits_since().after(KEEP_TTL_MAX);
        match (&self.record.what, self.record.expires) {
            (OutWhat::Message { .. }, Some(expires)) => expires.min(latest),
            _ => latest,
        }
    }

    /// A home has it, and has granted it a life of so many seconds, or all that it was asked for. Returns
    /// how long messages wait there.
    pub(super) fn note_granted(&mut self, now: Timestamp, seconds: Option<u32>) -> Duration {
        let latest = self.waits_since().after(KEEP_TTL_MAX);
        let until = match seconds {
            Some(seconds) => now.after(Duration::from_secs(seconds.into())).min(latest),
            None => latest,
        };
        self.record.expires = self.record.expires.max(Some(until));
        seconds.map_or(KEEP_TTL_MAX, |seconds| Duration::from_secs(seconds.into()))
    }

    /// The clock was set back. When it was written stays: the clock may be wrong now and right again later, and
    /// what seems to have waited for years is given up.
    pub fn set_back(&mut self, back: &SetBack) {
        back.past(&mut self.since);
        self.told
            .iter_mut()
            .for_each(|told| back.past(&mut told.at));
        let retries = self.attempts.values_mut();
        let retries = retries.filter_map(|attempt| attempt.retry_at.as_mut());
        retries.for_each(|at| back.due(at));
        if let Wish::Asked(until) = &mut self.wish {
            back.due(until);
        }
    }

    /// How long it has waited, or is to wait.
    pub(super) fn life(&self) -> Duration {
        self.expires().since(self.waits_since())
    }
}

impl Contact {
    /// How long messages wait for them: what their most patient home granted last.
    pub fn keep(&self) -> Option<Duration> {
        let homes = self.record.homes.iter();
        homes
            .filter_map(|home| self.granted.get(&home.node))
            .max()
            .copied()
    }
}
