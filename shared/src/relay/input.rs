//! What goes into the relay and what comes out of it.

use alloc::vec::Vec;

use crate::base::effects::LinkId;
use crate::base::limits::{
    CONNECTIONS_PER_SOURCE_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND, FRAMES_BURST,
    FRAMES_PER_SECOND,
};
use crate::gates::Gates;
use crate::mailbox::server::{Kept, MailboxLimits, Window};
use crate::mailbox::wire::DepositCode;
use crate::session::rate::Rate;
use crate::session::wire::Refusal;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Somebody connected.
    Opened {
        /// The connection; never used before.
        link: LinkId,
        /// Stands for the source address: an IPv4 address or an IPv6 /64, hashed under a key of the
        /// process.
        source: u64,
        /// Channel binding of its carrier: both DTLS fingerprints; empty for WebSocket.
        binding: Vec<u8>,
    },
    /// A frame came in.
    Received {
        /// On which connection.
        link: LinkId,
        /// As carried.
        bytes: Vec<u8>,
    },
    /// A connection ended.
    Closed {
        /// Which.
        link: LinkId,
    },
    /// [`Job::Read`] is done.
    Loaded {
        /// What was asked for.
        window: Window,
        /// What was found.
        bodies: Bodies,
    },
    /// Whether the disk has room for more envelopes.
    Room(bool),
    /// Shut down: end all sessions and take no more.
    Drain,
    /// Time has passed.
    Tick,
}

/// Sequence numbers and sealed bytes in order, or that the store could not be read.
pub type Bodies = Result<Vec<(u64, Vec<u8>)>, ()>;

/// Work for the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Read the sealed bytes of a range of kept envelopes; answered by [`Input::Loaded`].
    Read(Window),
}

/// For the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A frame or a connection was refused.
    Refused(Refusal),
    /// A live envelope was answered with this code and handed to so many sessions.
    Live(DepositCode, u32),
    /// A keep envelope was answered with this code.
    Keep(DepositCode),
    /// Envelopes were sent to a session.
    Delivered(u32),
    /// A mailbox was claimed.
    Claimed,
}

/// Gauges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Open connections.
    pub links: u64,
    /// What is kept.
    pub kept: Kept,
}

/// How much the relay takes, of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelayLimits {
    /// Frames of one connection.
    pub frames: Rate,
    /// New connections of one source address.
    pub connects: Rate,
    /// Connections of one source address at a time.
    pub connections_per_source: u32,
    /// Of mailboxes.
    pub mailboxes: MailboxLimits,
    /// What a persona must show that is new here.
    pub registration: Gates,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            frames: Rate {
                burst: FRAMES_BURST,
                per_second: FRAMES_PER_SECOND,
            },
            connects: Rate {
                burst: CONNECTS_BURST,
                per_second: CONNECTS_PER_SECOND,
            },
            connections_per_source: CONNECTIONS_PER_SOURCE_MAX,
            mailboxes: MailboxLimits::default(),
            registration: Gates::OPEN,
        }
    }
}
