//! How one entry fares at one home.

use core::time::Duration;

use crate::base::time::Timestamp;
use crate::mailbox::wire::DepositCode;

/// First pause after a home could not take something; doubles up to a minute.
const RETRY: Duration = Duration::from_secs(2);

/// What became of an entry at a home that does not have it yet.
#[derive(Default)]
pub struct Attempt {
    /// Deposited, and not answered yet.
    pub in_flight: bool,
    /// What was deposited went by a way that is another one now: a no to it says nothing.
    pub outdated: bool,
    /// The last answer that was a no.
    pub answer: Option<DepositCode>,
    /// Not tried again before this.
    pub retry_at: Option<Timestamp>,
    /// Work that was asked for, in bits.
    pub asked_bits: u8,
    /// An invite was asked for.
    pub asked_invite: bool,
    /// Work that was shown, in bits.
    pub shown_bits: u8,
    failures: u32,
}

impl Attempt {
    /// A pause that is over is forgotten, so that nobody is woken by it again.
    pub fn note_time(&mut self, now: Timestamp) {
        self.retry_at = self.retry_at.filter(|at| *at > now);
    }

    /// Whether the entry may be deposited there now.
    pub fn may_go(&mut self, now: Timestamp) -> bool {
        self.note_time(now);
        let works = self.answer == Some(DepositCode::GateRequired);
        !self.in_flight && !self.is_final() && !works && self.retry_at.is_none()
    }

    /// Whether the home has said that asking again is of no use.
    pub fn is_final(&self) -> bool {
        matches!(
            self.answer,
            Some(
                DepositCode::NoCapability
                    | DepositCode::CapabilityExpired
                    | DepositCode::CapabilityRevoked
                    | DepositCode::TooLarge
            )
        )
    }

    /// Whether the home has said that I have no right to write there.
    pub fn has_no_right(&self) -> bool {
        self.is_final() && self.answer != Some(DepositCode::TooLarge)
    }

    /// The entry is on its way, and shows work of so many bits.
    pub fn goes(&mut self, shown_bits: u8) {
        self.in_flight = true;
        self.outdated = false;
        self.shown_bits = shown_bits;
    }

    /// The home has said no.
    pub fn refused(&mut self, now: Timestamp, code: DepositCode) {
        self.in_flight = false;
        self.answer = Some(code);
        if !self.is_final() && code != DepositCode::GateRequired {
            self.retry_at = Some(now.after(RETRY.saturating_mul(1 << self.failures.min(5))));
            self.failures = self.failures.saturating_add(1);
        }
    }
}
