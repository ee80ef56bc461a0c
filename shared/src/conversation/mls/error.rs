//! What can go wrong, by family of operation; every variant is something the caller can act on.

use thiserror::Error;

/// Making or accepting a group or key package failed; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GroupError {
    /// The bytes are no such thing, or their signatures or secrets do not check.
    #[error("damaged or forged")]
    Damaged,
    /// Larger than [`super::limits`] allows.
    #[error("too large")]
    TooLarge,
    /// Another version, cipher suite, credential or extension than ours.
    #[error("made for another version or cipher suite")]
    Unsupported,
    /// A member's device is not on its persona's list, or its key is not the device's.
    #[error("a device that is not on its persona's list")]
    Refused,
    /// The key package is past its time, or claims to be good for too long.
    #[error("the key package has expired")]
    Expired,
    /// A welcome that opens with no key package of ours: used before, expired, or for someone else.
    #[error("no key package of ours fits")]
    NoKeyPackage,
    /// This device is already in a group of that id.
    #[error("already in this conversation")]
    Exists,
    /// [`super::limits::KEY_PACKAGES_MAX`] are waiting to be used.
    #[error("too many unused key packages")]
    TooManyKeyPackages,
    /// The stored state cannot be read, or the cryptography failed in a way that bytes from
    /// others cannot cause.
    #[error("the stored keys are unreadable")]
    State,
}

/// Encrypting, proposing, committing or reading a group's state failed; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// This device is not in a group of that id.
    #[error("not in this conversation")]
    UnknownGroup,
    /// More than [`super::limits::PLAINTEXT_BYTES_MAX`].
    #[error("the message is too long")]
    TooLarge,
    /// [`super::limits::PROPOSALS_MAX`] proposals wait for a commit already.
    #[error("a change of keys is already under way")]
    TooManyProposals,
    /// The stored state cannot be read, or the cryptography failed.
    #[error("the stored keys are unreadable")]
    State,
}

/// A received message was not accepted; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiveError {
    /// This device is not in a group of that id.
    #[error("not in this conversation")]
    UnknownGroup,
    /// The message belongs to another group.
    #[error("a message of another conversation")]
    WrongGroup,
    /// Not an MLS message, or it does not open, or its signature is wrong.
    #[error("damaged or forged")]
    Damaged,
    /// More than [`super::limits::MESSAGE_BYTES_MAX`].
    #[error("the message is too long")]
    TooLarge,
    /// Opened before: drop it.
    #[error("already received")]
    Replay,
    /// This device's own message, come back: drop it.
    #[error("a message of our own")]
    Own,
    /// Its key is gone: its epoch or place in the ratchet is too far back, or the epoch's change
    /// was made already.
    #[error("too old to open")]
    TooOld,
    /// Its epoch is ahead of ours (a commit is missing: keep it and try again after the next
    /// [`super::Received::Changed`]), or more than [`super::limits::SKIPPED_MAX`] messages are missing.
    #[error("too new to open")]
    TooNew,
    /// The sender's device is not on its persona's list, or tried a change that it may not make.
    #[error("refused")]
    Refused,
    /// A commit or proposal that does not fit this state.
    #[error("a change that does not fit")]
    BadChange,
    /// The stored state cannot be read.
    #[error("the stored keys are unreadable")]
    State,
}
