//! Every limit of the protocol, in one place, beside its reason. What happens at a limit is an
//! error that somebody can read.

use core::time::Duration;

/// A chosen name, in bytes of UTF-8: three lines on a phone, and fits an invite.
pub const NAME_BYTES_MAX: usize = 64;
/// Text of one message, in bytes of UTF-8: about six printed pages.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Content of one message, encoded: its text plus fallback, parents and room to grow.
pub const CONTENT_BYTES_MAX: usize = 40 * 1024;
/// Sealed bytes of one envelope. Content, MLS framing and padding, sealing for several devices.
pub const ENVELOPE_BYTES_MAX: usize = 48 * 1024;
/// One session frame: an envelope and its address, or a page of deliveries.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// One data channel message: the largest that all browsers take unasked (RFC 8831 §6.6: 64 KiB).
pub const CHANNEL_BYTES_MAX: usize = 64 * 1024;
/// One signalling message. Browser SDPs run to a few KiB; this leaves room.
pub const SIGNAL_BYTES_MAX: usize = 16 * 1024;
/// An invite, decoded: a QR code of 400 bytes is the densest a phone reads at arm's length.
pub const INVITE_BYTES_MAX: usize = 400;
/// Routes of one supernode in an invite or record.
pub const ROUTES_MAX: usize = 4;
/// One route's text, in bytes.
pub const ROUTE_BYTES_MAX: usize = 160;
/// Home supernodes of one persona.
pub const HOMES_MAX: usize = 4;
/// Devices of one persona.
pub const DEVICES_MAX: usize = 16;
/// A signed device list.
pub const DEVICE_LIST_BYTES_MAX: usize = 4 * 1024;
/// Messages a message may name as its parents: a burst from many authors is still joined up.
pub const PARENTS_MAX: usize = 8;
/// Contacts of one persona on one device.
pub const CONTACTS_MAX: usize = 4096;
/// Data channels kept at once; browsers refuse hundreds of peer connections.
pub const PEER_LINKS_MAX: usize = 24;
/// Messages of the open chat in memory, besides those a person scrolled back to; older ones are read
/// from the disk again.
pub const OPEN_MESSAGES_MAX: usize = 1_000;
/// Messages that wait to be sent, in all conversations together.
pub const OUTBOX_MAX: usize = 4096;

/// Envelopes one mailbox keeps.
pub const MAILBOX_ENVELOPES_MAX: u64 = 10_000;
/// Bytes one mailbox keeps.
pub const MAILBOX_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Longest time an envelope is kept.
pub const KEEP_TTL_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// Homes of a persona that must have committed an envelope before it counts as sent (all of them, when
/// there are fewer): any one may die for ever.
pub const REPLICAS_MIN: usize = 2;
/// Envelopes pushed to a device ahead of its acknowledgement.
pub const DELIVERY_WINDOW: usize = 256;
/// Bytes pushed to a device ahead of its acknowledgement (one envelope may always go).
pub const DELIVERY_WINDOW_BYTES: u64 = 512 * 1024;
/// An empty mailbox that no device has claimed for this long is removed. Its owner registers it again
/// by coming back.
pub const MAILBOX_IDLE_MAX: Duration = Duration::from_secs(180 * 24 * 3600);
/// Envelopes in the requests lane of a mailbox: first contacts of strangers, beside the room for contacts.
pub const REQUESTS_ENVELOPES_MAX: u64 = 64;
/// Bytes in the requests lane of a mailbox.
pub const REQUESTS_BYTES_MAX: u64 = 512 * 1024;
/// Of the requests lane, those who have no invite take an n-th part at most: the rest is for those who do.
pub const PUBLIC_SHARE: u64 = 2;
/// Sealed bytes of one envelope in the requests lane: a hello, or the first words that come with it.
pub const REQUEST_BYTES_MAX: usize = 24 * 1024;
/// Key packages for one use that a mailbox keeps; each of its homes has others.
pub const PACKAGES_MAX: usize = 8;
/// One key package, in bytes; ours take about 330.
pub const KEY_PACKAGE_BYTES_MAX: usize = 1024;
/// Capabilities a mailbox remembers as revoked.
pub const REVOKED_MAX: usize = 4096;

/// How long a client may take from connecting to a completed handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A session that has been silent for this long is probed.
pub const KEEPALIVE: Duration = Duration::from_secs(25);
/// A session that has been silent for this long is dead.
pub const SESSION_TIMEOUT: Duration = Duration::from_secs(60);
/// Frames a connection may send in a burst.
pub const FRAMES_BURST: u32 = 400;
/// Frames a connection may send per second for long.
pub const FRAMES_PER_SECOND: u32 = 200;
/// Connections from one source address (an IPv4 address, an IPv6 /64) at a time.
pub const CONNECTIONS_PER_SOURCE_MAX: u32 = 64;
/// Connections a source address may open in a burst.
pub const CONNECTS_BURST: u32 = 100;
/// Connections a source address may open per second for long.
pub const CONNECTS_PER_SECOND: u32 = 10;
/// What a claim costs, in frames: two signature checks and perhaps a write.
pub const CLAIM_COST: u32 = 20;
/// What publishing or fetching key packages costs, in frames: a read and some writes.
pub const PACKAGES_COST: u32 = 4;
/// Sessions that may be open for one mailbox at a time (its devices, and stale ones).
pub const SESSIONS_PER_MAILBOX_MAX: usize = 32;

/// Mailboxes one supernode takes, unless told otherwise: about 2.5 KB of memory each.
pub const MAILBOXES_MAX: usize = 1_000_000;
/// Bytes of kept envelopes on one supernode, unless told otherwise.
pub const KEPT_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;
/// How often expired envelopes are looked for in each mailbox.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// Envelopes removed by one sweep: bounds one batch, the rest follows at once.
pub const SWEEP_MAX: usize = 1024;
/// Mailboxes that one sweep looks at, a millisecond or two when no cache holds them: all else waits meanwhile.
pub const SWEEP_MAILBOXES_MAX: usize = 4096;

/// Life of an invite unless told otherwise.
pub const INVITE_TTL: Duration = Duration::from_secs(30 * 24 * 3600);
