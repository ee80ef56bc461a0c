//! Why the mailboxes say no.

/// Why a claim is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The list is older than the one known here.
    #[error("the device list is older than the one known here")]
    Stale,
    /// The list does not follow the one known here.
    #[error("the device list does not follow the one known here")]
    Forked,
    /// No room for another mailbox, or for more in this one.
    #[error("no room")]
    NoRoom,
}
