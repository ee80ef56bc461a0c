//! What the server counts.

use super::super::meter::Month;

macro_rules! dropped {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Why a packet goes nowhere.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Dropped {
            $($(#[doc = $doc])+ $name,)+
        }

        /// All reasons, with their names for metrics, in the order of [`Stats::dropped`].
        pub const DROPPED: &[(Dropped, &str)] = &[$((Dropped::$name, $text),)+];
    };
}

dropped! {
    /// Neither STUN nor ChannelData.
    Foreign = "foreign",
    /// Not a message as the RFC wants it, or not one for servers.
    Malformed = "malformed",
    /// Data by somebody without an allocation.
    NoAllocation = "no_allocation",
    /// Data on a channel that is not bound.
    NoChannel = "no_channel",
    /// To or from a peer without permission.
    NoPermission = "no_permission",
    /// To a peer that may not be reached.
    Forbidden = "forbidden",
    /// Over the limit of the allocation or of all.
    Limit = "limit",
    /// Too many replies to this source already.
    Throttled = "throttled",
    /// The buffer is too small for what would have to be sent.
    NoRoom = "no_room",
}

/// Counters since the start, and gauges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Allocations now.
    pub allocations: usize,
    /// Allocations made.
    pub allocated: u64,
    /// Packets relayed from or to a client.
    pub packets: u64,
    /// Bytes of payload in them.
    pub bytes: u64,
    /// Of the packets, those that went from one allocation straight to another.
    pub local: u64,
    /// Binding requests answered.
    pub bindings: u64,
    /// Challenges sent (401, 438).
    pub challenges: u64,
    /// Requests refused by other errors, quotas aside.
    pub errors: u64,
    /// Allocations refused because a name has its share (486).
    pub quota: u64,
    /// Requests refused for want of room (508).
    pub no_room: u64,
    /// Packets dropped, in the order of [`DROPPED`].
    pub dropped: [u64; DROPPED.len()],
    /// What has been relayed this month.
    pub month: Month,
}

impl Stats {
    pub(super) fn count(&mut self, why: Dropped) {
        let counters = DROPPED.iter().zip(&mut self.dropped);
        for (_, counter) in counters.filter(|((known, _), _)| *known == why) {
            *counter += 1;
        }
    }
}
