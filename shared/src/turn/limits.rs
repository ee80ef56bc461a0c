//! Limits of the relay. What happens at one is an error by its STUN code, or a dropped datagram.

use core::time::Duration;

/// Life of an allocation whose client does not say (RFC 8656 §3.2), and the shortest that is given.
pub const ALLOCATION_LIFETIME: Duration = Duration::from_secs(600);
/// Longest life given to an allocation at once (RFC 8656 §7.2 recommends one hour).
pub const ALLOCATION_LIFETIME_MAX: Duration = Duration::from_secs(3600);
/// Life of a permission without refresh (RFC 8656 §9).
pub const PERMISSION_LIFETIME: Duration = Duration::from_secs(300);
/// Life of a channel binding without refresh (RFC 8656 §12).
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(600);
/// A nonce is good for at least this long, and at most twice (RFC 8656 §5: at most an hour, say).
pub const NONCE_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Permissions of one allocation: more peer addresses than any call's candidates. Then 508.
pub const PERMISSIONS_MAX: usize = 64;
/// Channels of one allocation. Then 508.
pub const CHANNELS_MAX: usize = 64;
/// Attributes of one message; a message with more is dropped.
pub const ATTRIBUTES_MAX: usize = 32;
/// Peer addresses in one CreatePermission; with more, 400.
pub const PEERS_MAX: usize = 16;
/// A name in credentials, in bytes (RFC 8489 §14.3 allows 508): they come to one buffer on the stack.
pub const USERNAME_BYTES_MAX: usize = 128;
/// A realm, in bytes: it stands in each challenge.
pub const REALM_BYTES_MAX: usize = 64;
/// Bytes of the longest message that is written: a check of a page with the longest names.
pub const REPLY_BYTES_MAX: usize = 640;
/// Ports tried for a new allocation when the system says that they are taken, or an even one is asked for.
pub const PORT_TRIES_MAX: usize = 16;
/// Allocations that one tick ends at most; the others follow at the next.
pub const EXPIRIES_PER_TICK_MAX: usize = 1024;
/// Replies without proof of identity that one source address (an IPv4 address, an IPv6 /64) gets per
/// second for long. A page that gathers candidates asks some ten times.
pub const REPLIES_PER_SECOND: u32 = 50;
/// The same in a burst.
pub const REPLIES_BURST: u32 = 200;
/// Counters for that. Two sources that share one share its allowance.
pub const SOURCES_MAX: usize = 4096;
/// New allocations are refused (508) when less than one part in this many of the month is left: what
/// is left is for those who are talking.
pub const MONTH_RESERVE: u64 = 20;
/// New allocations are refused (508) for so long after the limit on all bytes made packets be dropped.
pub const BUSY_FOR: Duration = Duration::from_secs(5);
