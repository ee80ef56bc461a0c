//! What becomes of claims, deposits and windows.

use alloc::vec::Vec;

use crate::base::effects::LinkId;
use crate::base::id::PersonaId;
use crate::mailbox::wire::Delivery;

/// A claim that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The last sequence number this device has acknowledged.
    pub acked: u64,
    /// Kept envelopes after that.
    pub waiting: u64,
    /// Sessions of devices that are no longer on the list; to be ended.
    pub outdated: Vec<LinkId>,
    /// The oldest sessions beyond the limit; to be ended.
    pub crowded_out: Vec<LinkId>,
}

/// A deposit that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposited {
    /// What to hand over, after the commit. Without its bytes when it is for nobody.
    pub delivery: Delivery,
    /// To whom.
    pub to: Vec<LinkId>,
    /// The life that was granted, in seconds, when it is not the one asked for.
    pub keep_seconds: Option<u32>,
}

/// A range of kept envelopes to be read from the store for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// For whom.
    pub link: LinkId,
    /// From which mailbox.
    pub mailbox: PersonaId,
    /// First sequence number.
    pub first: u64,
    /// Last sequence number.
    pub last: u64,
}

/// Envelopes, bytes and mailboxes kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Mailboxes.
    pub mailboxes: u64,
    /// Envelopes.
    pub envelopes: u64,
    /// Their sealed bytes.
    pub bytes: u64,
}
