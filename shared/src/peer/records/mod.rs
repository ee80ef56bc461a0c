//! What a client keeps: keys and values of its store.
//!
//! | key | value |
//! |---|---|
//! | `a` | [`AccountRecord`] |
//! | `b` ‖ persona (32) | [`BlockRecord`] |
//! | `c` ‖ persona (32) | [`ContactRecord`] |
//! | `h` ‖ node (32) | [`HomeRecord`] |
//! | `k` ‖ … | MLS state |
//! | `m` ‖ conversation (16) ‖ clock (8, BE) ‖ message (16) | [`MessageRecord`]; read when needed |
//! | `o` ‖ order (8, BE) | [`OutRecord`] |
//! | `q` ‖ persona (32) | [`RequestRecord`] |
//! | `r` ‖ serial (8) | [`RevokedRecord`] |

mod block;
mod contact;
mod home;
mod keys;
mod request;

use alloc::string::String;
use alloc::vec::Vec;

pub use block::{BLOCK, BlockRecord, REVOKED, RevokedRecord};
pub use contact::{Came, ContactRecord, LastRecord, Spare};
pub use home::{Held, HomeRecord};
pub use keys::{
    block_key, contact_key, conversation_of_pair, home_key, message_key, message_range, mls_key,
    out_key, request_key, revoked_key,
};

pub use request::{AskedRecord, REQUEST, RequestRecord};

use minicbor::{Decode, Encode};

use super::view::MessageState;
use crate::base::id::{EnvelopeId, MessageId, NodeId, PersonaId};
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::mailbox::capability::{Capability, CapabilitySerial};

/// Longest record, in bytes: an outbox entry with a message of the largest size, sealed.
pub const RECORD_BYTES_MAX: usize = 256 * 1024;

/// Key of the account.
pub const ACCOUNT: &[u8] = b"a";
/// First byte of a contact's key.
pub const CONTACT: u8 = b'c';
/// First byte of the key of what is known of a home of mine.
pub const HOME: u8 = b'h';
/// First byte of a key of MLS state.
pub const MLS: u8 = b'k';
/// First byte of a message's key.
pub const MESSAGE: u8 = b'm';
/// First byte of a key of the outbox.
pub const OUT: u8 = b'o';

/// Who I am, on this device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AccountRecord {
    /// Seed of the persona.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub persona_seed: [u8; 32],
    /// Seed of the device.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub device_seed: [u8; 32],
    /// The name I chose.
    #[n(2)]
    pub name: String,
    /// My signed device list.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub devices: Vec<u8>,
    /// My home supernodes.
    #[n(4)]
    pub homes: Vec<Home>,
    /// Capability of my current invite.
    #[n(5)]
    pub invite: Capability,
    /// Those of earlier ones that may still be good.
    #[n(6)]
    #[cbor(default)]
    pub earlier: Vec<CapabilitySerial>,
    /// Those that were taken back.
    #[n(7)]
    #[cbor(default)]
    pub taken_back: Vec<CapabilitySerial>,
    /// Channels go through relays only.
    #[n(8)]
    #[cbor(default)]
    pub always_relay: bool,
    /// Sending time of my last hello, accept or card; the next one is later.
    #[n(9)]
    #[cbor(default)]
    pub card_at: Timestamp,
    /// Anybody may ask for first contact who works so much, in bits; 0: nobody may any more. `None`: nobody
    /// ever could.
    #[n(10)]
    pub public_bits: Option<u8>,
}

/// How far a message of mine has come; *read* is told by [`ContactRecord::read_by_them`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum StoredState {
    /// On this device only.
    #[n(0)]
    Queued,
    /// At a supernode.
    #[n(1)]
    Sent,
    /// On their device.
    #[n(2)]
    Delivered,
    /// Given up.
    #[n(3)]
    Failed,
}

impl StoredState {
    /// The state to show, when they have read up to `read`.
    #[must_use]
    pub fn shown(self, clock: u64, read: u64) -> MessageState {
        match self {
            Self::Queued => MessageState::Queued,
            Self::Sent => MessageState::Sent,
            Self::Delivered if clock <= read => MessageState::Read,
            Self::Delivered => MessageState::Delivered,
            Self::Failed => MessageState::Failed,
        }
    }
}

/// Why a message of mine was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Failure {
    /// Nobody fetched it in time.
    #[n(0)]
    Expired,
    /// Their homes say that I have no right to write.
    #[n(1)]
    Refused,
    /// It is larger than their homes take.
    #[n(2)]
    TooLarge,
    /// It came, and did not open, again and again.
    #[n(3)]
    Unreadable,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MessageRecord {
    /// Which.
    #[n(0)]
    pub id: MessageId,
    /// Its place: messages are ordered by clock value, then id.
    #[n(1)]
    pub clock: u64,
    /// When it was written.
    #[n(2)]
    pub at: Timestamp,
    /// Its state when it is mine; `None` when it is theirs.
    #[n(3)]
    pub mine: Option<StoredState>,
    /// Its parents.
    #[n(4)]
    pub parents: Vec<MessageId>,
    /// Its kind.
    #[n(5)]
    pub kind: u32,
    /// Its text or fallback.
    #[n(6)]
    pub text: String,
    /// What the kind adds.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub data: Vec<u8>,
    /// Why it was given up, when it was.
    #[n(8)]
    pub failure: Option<Failure>,
}

/// Something that is to reach a contact.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OutRecord {
    /// To whom.
    #[n(0)]
    pub to: PersonaId,
    /// Envelope id, and for a message also its id.
    #[n(1)]
    pub id: EnvelopeId,
    /// When it was said, as whoever gets it is told.
    #[n(2)]
    pub at: Timestamp,
    /// What.
    #[n(3)]
    pub what: OutWhat,
    /// Homes that have it.
    #[n(4)]
    pub done: Vec<NodeId>,
    /// How often they asked to hear it again.
    #[n(5)]
    pub repeats: u8,
    /// Its number among the parcels for them; `None` until it is deposited.
    #[n(6)]
    pub number: Option<u64>,
    /// The last home that has it lets it go then.
    #[n(7)]
    pub expires: Option<Timestamp>,
    /// Since when it has waited, if that is not `at`: cards are in order, whatever the clock says.
    #[n(8)]
    pub since: Option<Timestamp>,
    /// Homes of theirs had it, and refused it when it went once more: it goes again when I am let in.
    #[n(9)]
    #[cbor(default)]
    pub was_sent: bool,
}

/// What is to reach a contact.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum OutWhat {
    /// An encoded [`Body`](crate::mailbox::parcel::Body).
    #[n(0)]
    Body(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// A message, kept until it is delivered.
    #[n(1)]
    #[cbor(map)]
    Message {
        /// What it says.
        #[n(0)]
        record: MessageRecord,
        /// Its ciphertext; `None` until there is a group.
        #[n(1)]
        sealed: Option<minicbor::bytes::ByteVec>,
    },
}
