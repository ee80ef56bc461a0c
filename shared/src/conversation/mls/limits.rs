//! Limits of the MLS layer, each beside its reason.

use core::time::Duration;

pub use crate::base::limits::{
    CONTENT_BYTES_MAX as PLAINTEXT_BYTES_MAX, ENVELOPE_BYTES_MAX as MESSAGE_BYTES_MAX,
    KEY_PACKAGE_BYTES_MAX,
};

/// Message keys kept for messages that were overtaken, for each sender and epoch. A mailbox
/// delivers in order and a data channel too; reordering happens where the two meet.
pub const OUT_OF_ORDER_MAX: u32 = 256;
/// Messages of one sender and epoch that may be missing before the next one that arrives. A lost
/// backlog costs this many key derivations (about 2 ms), never the conversation.
pub const SKIPPED_MAX: u32 = 2_000;
/// Past epochs whose messages still open. Each costs about 1 KiB in every stored ratchet state.
pub const PAST_EPOCHS_MAX: usize = 3;
/// Application messages are padded to a multiple of this many bytes, so that their size tells
/// less about their text.
pub const PADDING_BYTES: usize = 32;
/// Update proposals that wait for a commit in one group.
pub const PROPOSALS_MAX: usize = 8;
/// A welcome, in bytes: a two-party one takes about 900, a leaf and its path about 250 more.
pub const WELCOME_BYTES_MAX: usize = 16 * 1_024;
/// Key packages of ours that wait to be used.
pub const KEY_PACKAGES_MAX: usize = 256;
/// Of those, so many lie at homes; the rest is left for first contacts of our own. Four homes that are
/// given nine every four weeks have about 150 that still open a welcome.
pub const KEY_PACKAGES_AT_HOMES_MAX: usize = 160;
/// How long others may start a conversation from one of our key packages.
pub const KEY_PACKAGE_LIFETIME: Duration = Duration::from_secs(84 * 24 * 3600);
/// How far the clocks of two devices may differ before a fresh key package looks too long-lived.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(2 * 24 * 3600);
/// How long an expired key package still opens a welcome: as long as an envelope may be kept.
pub const KEY_PACKAGE_GRACE: Duration = crate::base::limits::KEEP_TTL_MAX;
/// Groups held in memory, ready to use; others are read from the store when next needed.
pub const GROUPS_LOADED_MAX: usize = 256;
