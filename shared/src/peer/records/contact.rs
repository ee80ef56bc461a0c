//! What is kept of a contact.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::{Failure, StoredState};
use crate::base::id::{ConversationId, DeviceId, Hash, MessageId, NodeId, PersonaId, SealKey};
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::mailbox::capability::Capability;
use crate::mailbox::tally::{Taken, Window};

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
    /// The MLS group that is spoken in; `None` until there is one.
    #[n(7)]
    pub group: Option<ConversationId>,
    /// When it was made; while there is none, when they were first asked.
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
    /// SHA-256 of the key package of the hello that was answered last, as earlier versions kept it.
    #[n(23)]
    pub answered: Option<Hash>,
    /// The key package in my hello, while an answer may come.
    #[n(24)]
    pub offered: Option<ByteVec>,
    /// SHA-256 of the key packages of the hellos that were answered, oldest first; the same again is a
    /// repeat.
    #[n(25)]
    #[cbor(default)]
    pub answers: Vec<Hash>,
    /// Groups that are held besides `group`, the one to turn to next last: what is under way there opens.
    #[n(26)]
    #[cbor(default)]
    pub spare: Vec<Spare>,
    /// The group that my hello welcomes them into, while an answer may come.
    #[n(27)]
    pub greeting: Option<ConversationId>,
    /// Why my hello has come to nothing, when it has.
    #[n(28)]
    pub unheard: Option<Failure>,
    /// The first 8 bytes of the ids of the last messages of theirs, oldest first.
    #[cbor(n(29), with = "minicbor::bytes", default)]
    pub came_in: Vec<u8>,
    /// It is known that they hold `group`.
    #[n(30)]
    #[cbor(default)]
    pub shared: bool,
    /// They came by an invite of mine, and I have not written to them.
    #[n(31)]
    #[cbor(default)]
    pub stranger: bool,
    /// When `card_at` lay further ahead than a clock may: what was the latest believable then.
    #[n(32)]
    pub card_doubt: Option<Timestamp>,
    /// What `card_at` was before they came to their senses: a card of that time and earlier ones, from when
    /// their clock was ahead, may be a copy.
    #[n(33)]
    pub card_ceiling: Option<Timestamp>,
    /// A home of theirs has refused my right to write, and nothing has got to enough homes by it since.
    #[n(34)]
    #[cbor(default)]
    pub refused: bool,
    /// They have given me another right, and what they may have missed is to go to them once more.
    #[n(35)]
    #[cbor(default)]
    pub let_in: bool,
}

/// A group that is held and not spoken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Spare {
    /// Which.
    #[n(0)]
    pub group: ConversationId,
    /// Since when it is not spoken in.
    #[n(1)]
    pub since: Timestamp,
    /// It is known that they hold it.
    #[n(2)]
    pub shared: bool,
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
            answers: Vec::new(),
            spare: Vec::new(),
            greeting: None,
            unheard: None,
            came_in: Vec::new(),
            shared: false,
            stranger: false,
            card_doubt: None,
            card_ceiling: None,
            refused: false,
            let_in: false,
        }
    }
}
