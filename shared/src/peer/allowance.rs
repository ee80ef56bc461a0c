//! What others may make this page do: a flood costs whoever sends it more than it costs us.
//!
//! | what comes | costs | past the allowance |
//! |---|---|---|
//! | a live envelope | opening it | dropped unopened: signalling, which is said again |
//! | a signal of one contact | a step for the browser, an answer | dropped |
//! | an attempt at a channel | a peer connection | not joined, not started |
//! | a message on a channel | decrypting, a write, a receipt | the channel ends; what was not confirmed comes by mailbox |
//! | a kept envelope that is good for nothing | opening it | the home is left alone for a while |
//!
//! Messages in a mailbox are not counted: a home sends them only as fast as they are acknowledged.

use crate::base::limits::MAILBOX_ENVELOPES_MAX;
use crate::base::time::Timestamp;
use crate::session::rate::{Rate, TokenBucket};

/// Live envelopes opened, of everybody together: every contact with a channel comes back at once.
pub const LIVE: Rate = Rate {
    burst: 1024,
    per_second: 100,
};
/// Signals of one contact: an attempt takes about 20, and [`ATTEMPT_COST`].
pub const SIGNALS: Rate = Rate {
    burst: 1024,
    per_second: 8,
};
/// What an attempt costs, in signals.
pub const ATTEMPT_COST: u32 = 32;
/// What a hello of somebody who is a contact already costs, in signals: a new group takes about 10 ms. So does a
/// card that changes the way to them: all that waits for them is sealed and sent anew.
pub const HELLO_COST: u32 = 64;
/// Messages of one contact on a channel: everything that may wait in an outbox, twice.
pub const CHANNEL_MESSAGES: Rate = Rate {
    burst: 8192,
    per_second: 50,
};
/// Kept envelopes of one home that do not open or are of nobody I know: what a full mailbox can hold,
/// so that a home that is flooded itself is read out in one go.
pub const USELESS: Rate = Rate {
    burst: MAILBOX_ENVELOPES_MAX as u32,
    per_second: 100,
};

/// Couriers that give way to others while they wait to be dialled again: with them goes how long they
/// were to wait, so whoever names ever new dead homes would have us dial all the time.
pub const DISPLACED: Rate = Rate {
    burst: 64,
    per_second: 1,
};

/// Tokens left of a rate; full until first used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowance(Option<TokenBucket>);

impl Allowance {
    /// Takes `tokens` of `rate`; whether there were enough.
    pub fn take(&mut self, rate: Rate, now: Timestamp, tokens: u32) -> bool {
        self.0
            .get_or_insert_with(|| TokenBucket::full(rate, now))
            .take(rate, now, tokens)
            .is_ok()
    }

    /// When there will be so many `tokens` of `rate`, if none are taken before.
    pub fn ready_at(self, rate: Rate, now: Timestamp, tokens: u32) -> Timestamp {
        let mut then = self.0.unwrap_or(TokenBucket::full(rate, now));
        let wait_ms = then.take(rate, now, tokens).err().unwrap_or(0);
        Timestamp(now.0.saturating_add(wait_ms))
    }
}
