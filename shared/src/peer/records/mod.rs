//! What a client keeps: keys and values of its store.
//!
//! | key | value |
//! |---|---|
//! | `a` | [`AccountRecord`] |
//! | `c` ‖ persona (32) | [`ContactRecord`] |
//! | `h` ‖ node (32) | [`HomeRecord`] |
//! | `k` ‖ … | MLS state |
//! | `m` ‖ conversation (16) ‖ clock (8, BE) ‖ message (16) | [`MessageRecord`]; read when needed |
//! | `o` ‖ order (8, BE) | [`OutRecord`] |

mod keys;

use alloc::string::String;
use alloc::vec::Vec;

pub use keys::{
    contact_key, conversation_of_pair, home_key, message_key, message_range, mls_key, out_key,
};

use minicbor::{Decode, Encode};

use super::view::MessageState;
use crate::base::id::{
    ConversationId, DeviceId, EnvelopeId, Hash, MessageId, NodeId, PersonaId, SealKey,
};
use crate::base::time::Timestamp;
use crate::gates::token::Token;
use crate::invite::Home;
use crate::mailbox::capability::{Capability, CapabilitySerial};
use crate::mailbox::tally::{Taken, Window};

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
}

/// A contact and our conversation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ContactRecord {
    /// Who.
    #[n(0)]
    pub persona: PersonaId,
    /// The name they gave themselves.
    #[n(1)]
    pub name: String,
    /// What first contacts are sealed to.
    #[n(2)]
    pub inbox: SealKey,
    /// My right to deposit.
    #[n(3)]
    pub capability: Capability,
    /// Where.
    #[n(4)]
    pub homes: Vec<Home>,
    /// Their signed device list; empty before they have answered.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub devices: Vec<u8>,
    /// Their right to deposit in my mailbox.
    #[n(6)]
    pub issued: Capability,
    /// MLS group; `None` before they have answered.
    #[n(7)]
    pub group: Option<ConversationId>,
    /// When the group was made.
    #[n(8)]
    pub since: Timestamp,
    /// Sending time of the last hello, accept or card taken from them; older ones are repeats.
    #[n(9)]
    pub card_at: Timestamp,
    /// Greatest clock value seen in the conversation.
    #[n(10)]
    pub clock: u64,
    /// Messages that no other names as its parent.
    #[n(11)]
    pub heads: Vec<MessageId>,
    /// The last message.
    #[n(12)]
    pub last: Option<LastRecord>,
    /// Messages not read.
    #[n(13)]
    pub unread: u32,
    /// First message not read.
    #[n(14)]
    pub first_unread: Option<MessageId>,
    /// Clock value up to which they have read.
    #[n(15)]
    pub read_by_them: u64,
    /// Clock value up to which I have read.
    #[n(16)]
    pub read_by_me: u64,
    /// When something last happened here.
    #[n(17)]
    pub active: Timestamp,
    /// Kept on top.
    #[n(18)]
    pub pinned: bool,
    /// Makes no noise.
    #[n(19)]
    pub muted: bool,
    /// The last number given to a parcel for them.
    #[n(20)]
    #[cbor(default)]
    pub numbered: u64,
    /// Which numbers each of their homes has taken.
    #[n(21)]
    #[cbor(default)]
    pub taken: Vec<Taken>,
    /// Which numbers of theirs came from which home of mine.
    #[n(22)]
    #[cbor(default)]
    pub came: Vec<Came>,
    /// SHA-256 of the key package of the hello that was answered last; the same again is a repeat.
    #[n(23)]
    pub answered: Option<Hash>,
    /// The key package in my hello, while they have not answered.
    #[n(24)]
    pub offered: Option<minicbor::bytes::ByteVec>,
}

/// Which parcels of one device of a contact came from one home of mine.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Came {
    /// The device that numbered them.
    #[n(0)]
    pub device: DeviceId,
    /// The home.
    #[n(1)]
    pub node: NodeId,
    /// Their numbers.
    #[n(2)]
    pub numbers: Window,
}

/// What is known of a home of mine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct HomeRecord {
    /// Parcels that a contact says it took, that came from another home, and that it did not hand over.
    #[n(0)]
    pub held: Vec<Held>,
    /// An invite of its operator.
    #[n(1)]
    pub token: Option<Token>,
    /// When it was last given key packages.
    #[n(2)]
    pub packages_at: Option<Timestamp>,
}

/// A parcel that a home held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Held {
    /// Who sent it.
    #[n(0)]
    pub persona: PersonaId,
    /// From which device.
    #[n(1)]
    pub device: DeviceId,
    /// Its number.
    #[n(2)]
    pub number: u64,
    /// When it was noticed.
    #[n(3)]
    pub at: Timestamp,
}

impl ContactRecord {
    /// A contact who is known from an invite or a hello: nothing was said, and there is no group.
    #[must_use]
    pub fn new(
        now: Timestamp,
        (persona, name): (PersonaId, String),
        (inbox, capability): (SealKey, Capability),
        homes: Vec<Home>,
        issued: Capability,
    ) -> Self {
        Self {
            persona,
            name,
            inbox,
            capability,
            homes,
            devices: Vec::new(),
            issued,
            group: None,
            since: now,
            card_at: Timestamp(0),
            clock: 0,
            heads: Vec::new(),
            last: None,
            unread: 0,
            first_unread: None,
            read_by_them: 0,
            read_by_me: 0,
            active: now,
            pinned: false,
            muted: false,
            numbered: 0,
            taken: Vec::new(),
            came: Vec::new(),
            answered: None,
            offered: None,
        }
    }
}

/// The last message of a conversation, for the list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LastRecord {
    /// First line, at most 120 characters.
    #[n(0)]
    pub text: String,
    /// When.
    #[n(1)]
    pub at: Timestamp,
    /// Which.
    #[n(2)]
    pub id: MessageId,
    /// Its clock value.
    #[n(3)]
    pub clock: u64,
    /// How far it has come, when it is mine.
    #[n(4)]
    pub mine: Option<StoredState>,
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
    /// Since when.
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
