//! How much a supernode takes.

use core::time::Duration;

use crate::base::limits::{
    KEEP_TTL_MAX, KEPT_BYTES_MAX, MAILBOX_BYTES_MAX, MAILBOX_ENVELOPES_MAX, MAILBOXES_MAX,
    REQUESTS_ENVELOPES_MAX,
};

/// How much a supernode takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimits {
    /// Mailboxes.
    pub mailboxes: usize,
    /// Bytes of kept envelopes, in all mailboxes together.
    pub bytes: u64,
    /// Envelopes kept in one mailbox.
    pub mailbox_envelopes: u64,
    /// Bytes kept in one mailbox.
    pub mailbox_bytes: u64,
    /// Longest time an envelope is kept.
    pub keep: Duration,
    /// Envelopes in the requests lane of one mailbox.
    pub requests: u64,
    /// Work that a first contact must show, in bits; 0: its invite is enough.
    pub request_work_bits: u8,
}

impl Default for MailboxLimits {
    fn default() -> Self {
        Self {
            mailboxes: MAILBOXES_MAX,
            bytes: KEPT_BYTES_MAX,
            mailbox_envelopes: MAILBOX_ENVELOPES_MAX,
            mailbox_bytes: MAILBOX_BYTES_MAX,
            keep: KEEP_TTL_MAX,
            requests: REQUESTS_ENVELOPES_MAX,
            request_work_bits: 0,
        }
    }
}
