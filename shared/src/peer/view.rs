//! What a page draws: plain values, no decisions. [`Peer`](super::Peer) says which slice changed
//! ([`Changed`]); whoever draws asks for that slice again.

use alloc::{string::String, vec::Vec};
use core::time::Duration;

pub use super::requests::view::{AskState, PublicView, RequestView};
use crate::base::id::{ConversationId, MessageId, NodeId, PersonaId};
#[cfg(doc)]
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
use crate::gates::Gates;
#[cfg(doc)]
use crate::gates::work::WORK_BITS_MAX;

pub use super::lines::view::{RouteProblem, RouteView};

/// A slice of the view that is to be asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Changed {
    /// [`Me`].
    Me,
    /// The list of [`ChatSummary`].
    Chats,
    /// The [`OpenChat`] of this conversation, when it is the open one.
    Chat(ConversationId),
    /// [`Network`].
    Network,
    /// The list of [`BlockedView`].
    Blocked,
    /// The list of [`RequestView`], and [`PublicView`].
    Requests,
}

/// A contact that is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedView {
    /// Their chat.
    pub conversation: ConversationId,
    /// Who; draws the avatar.
    pub persona: PersonaId,
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// Homes of mine that have confirmed it.
    pub confirmed: u32,
    /// Homes I have.
    pub homes: u32,
}

/// The person at this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Persona key.
    pub persona: PersonaId,
    /// Name they chose.
    pub name: String,
    /// This device, for people comparing.
    pub device: String,
    /// All devices of the persona, this one first.
    pub devices: Vec<DeviceView>,
    /// Channels go through relays only.
    pub always_relay: bool,
}

/// One device of mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Eight characters of its key.
    pub short: String,
    /// When it was added.
    pub since: Timestamp,
    /// Whether it is this one.
    pub this: bool,
}

/// An invite of mine, ready to be shown: the page puts its own address and `#/i/` before `code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteView {
    /// base64url, no padding.
    pub code: String,
    /// When it stops working.
    pub expires: Timestamp,
}

/// Somebody else's invite, read but not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitePreview {
    /// Whose it is.
    pub persona: PersonaId,
    /// The name they gave themselves.
    pub name: String,
    /// Six short words both sides see; the same on both screens, or somebody is between them.
    pub words: Vec<&'static str>,
    /// Whether I have this contact already (accepting just opens the chat).
    pub known: bool,
    /// When it stops working.
    pub expires: Timestamp,
    /// It is a public address: they decide whether I am let in.
    pub public: bool,
}

/// How far a message of mine has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageState {
    /// Kept on this device only; goes by itself as soon as there is a way.
    Queued,
    /// Safe: at two of their supernodes, or at all if they have fewer.
    Sent,
    /// Kept on the other side's device.
    Delivered,
    /// Seen by the other person.
    Read,
    /// Will not go by itself; offer to retry.
    Failed,
}

impl MessageState {
    /// Stable word for tests, styles and embedders.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// What keeps a message of mine from going further. The first that holds is the one to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// Given up: nobody fetched it in time.
    Expired,
    /// It arrived and could not be read.
    Unreadable,
    /// I have blocked them.
    Blocked,
    /// Their mailbox does not take messages of mine.
    Refused,
    /// Larger than their supernodes take.
    TooLarge,
    /// They have not answered my first contact.
    NotAnswered,
    /// Their mailbox is full.
    MailboxFull,
    /// Their supernode has no room left.
    NoRoom,
    /// They have no mailbox there (any more).
    NoMailbox,
    /// Their supernode has trouble and is asked again.
    Busy,
    /// None of the supernodes that still lack it can be reached.
    Unreachable,
    /// Nothing: it is on its way.
    OnItsWay,
}

/// Why a message of mine has not gone, or was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why {
    /// What is in the way.
    pub obstacle: Obstacle,
    /// Supernodes of theirs that have it already.
    pub copies: u32,
    /// Supernodes they have.
    pub homes: u32,
    /// How long it waits, or has waited, before it is given up.
    pub kept: Duration,
}

/// How messages travel right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// A working data channel between the two devices.
    Direct,
    /// A working data channel through a TURN relay.
    Relayed,
    /// No channel; a supernode takes messages and the other side fetches them.
    Supernode,
    /// Nothing is reachable; messages wait on this device.
    Offline,
}

impl Path {
    /// Stable word for tests, styles and embedders.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Relayed => "relayed",
            Self::Supernode => "supernode",
            Self::Offline => "offline",
        }
    }
}

/// One line of the chat list, newest activity first (pinned before all).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSummary {
    /// Which.
    pub id: ConversationId,
    /// The other persona; draws the avatar.
    pub persona: PersonaId,
    /// Their name.
    pub name: String,
    /// First line of the last message.
    pub last: Option<LastLine>,
    /// Messages not read yet.
    pub unread: u32,
    /// How messages travel.
    pub path: Path,
    /// They have not answered my first contact yet.
    pub pending: bool,
    /// That was by their public address: they decide.
    pub public: bool,
    /// My first contact has come to nothing.
    pub unheard: bool,
    /// Kept on top.
    pub pinned: bool,
    /// Makes no noise.
    pub muted: bool,
    /// Nothing of theirs is let in.
    pub blocked: bool,
}

/// The last message of a chat, for the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastLine {
    /// At most 120 characters, no line breaks.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// State, when it is mine.
    pub mine: Option<MessageState>,
}

/// The chat that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChat {
    /// Which.
    pub id: ConversationId,
    /// The other persona.
    pub persona: PersonaId,
    /// Their name.
    pub name: String,
    /// They have not answered my first contact yet; messages wait.
    pub pending: bool,
    /// That was by their public address: they decide.
    pub public: bool,
    /// How far it has come then, until they answer or it has come to nothing.
    pub asks: Option<AskState>,
    /// They see words of mine with my request.
    pub asks_with_words: bool,
    /// Why my first contact has come to nothing, when it has: [`Obstacle::Expired`] or
    /// [`Obstacle::Refused`]. It can be tried again.
    pub unheard: Option<Obstacle>,
    /// Nothing of theirs is let in, and nothing goes to them.
    pub blocked: bool,
    /// Messages loaded so far, oldest first.
    pub messages: Vec<MessageView>,
    /// Older ones exist and can be asked for.
    pub more_before: bool,
    /// The first loading has not come back yet.
    pub loading: bool,
    /// First message that was unread when the chat was opened.
    pub first_unread: Option<MessageId>,
    /// How messages travel, and what there is to say about it.
    pub connection: Connection,
    /// Six short words to compare.
    pub words: Vec<&'static str>,
}

/// The truth about the path of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The path.
    pub path: Path,
    /// Whether the other side's page is known to be open.
    pub peer_online: bool,
    /// Messages of mine in this chat that wait on this device.
    pub waiting: u32,
    /// Messages of mine in this chat that wait at their supernodes.
    pub at_supernode: u32,
    /// Supernodes that have the least copied of those.
    pub copies: u32,
    /// How many of their supernodes I can reach.
    pub homes_reachable: u32,
    /// How many supernodes they have.
    pub homes: u32,
    /// Name of the supernode in use (its host, or eight characters of its key).
    pub via: Option<String>,
    /// Round trip of the path in use, in milliseconds.
    pub rtt_ms: Option<u32>,
    /// Since when messages of this chat are end-to-end encrypted.
    pub encrypted_since: Option<Timestamp>,
    /// Whether the other side can see an IP address of mine.
    pub address_visible: bool,
    /// There is no channel because all are to go through a relay, and no home offers one.
    pub lacks_relay: bool,
    /// How long a message waits until it is fetched, as the most patient of their supernodes said; none:
    /// nothing was left there yet, and it is [`KEEP_TTL_MAX`] at most.
    pub keep: Option<Duration>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    /// Which.
    pub id: MessageId,
    /// Whether I wrote it.
    pub mine: bool,
    /// When it was written, by its author's clock.
    pub at: Timestamp,
    /// What it says; for a kind that this version does not know, its fallback text.
    pub text: String,
    /// The kind is unknown here: say that a newer version shows more.
    pub unknown_kind: bool,
    /// How far it has come, when it is mine.
    pub state: MessageState,
    /// Why not further, when it is queued for more than a moment, or failed.
    pub why: Option<Why>,
}

/// Supernodes and links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// My home supernodes.
    pub homes: Vec<SupernodeView>,
    /// Open data channels to contacts.
    pub channels: u32,
    /// Home supernodes that relay.
    pub relays: u32,
}

/// How a supernode of mine is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupernodeView {
    /// Its key.
    pub node: NodeId,
    /// Its host, or eight characters of its key.
    pub name: String,
    /// Its routes.
    pub routes: Vec<RouteView>,
    /// State of the session.
    pub state: SupernodeState,
    /// Round trip, in milliseconds.
    pub rtt_ms: Option<u32>,
    /// In use since.
    pub since: Option<Timestamp>,
    /// What it held back.
    pub held_back: Option<HeldBack>,
    /// It has no room to remember what was taken back: what a blocked contact sends is dropped here only.
    pub forgets_blocks: bool,
    /// An invite of its operator was shown. If it asks for one all the same, that one is no good.
    pub has_token: bool,
    /// It relays for me.
    pub relays: bool,
}

/// What a supernode of mine took and did not hand over, in the last 30 days, by the word of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBack {
    /// Messages and the like.
    pub messages: u32,
    /// Contacts who say so. One alone may be lying.
    pub contacts: u32,
}

/// State of the session with a supernode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupernodeState {
    /// Dialling, or in the handshake.
    Connecting,
    /// Authenticated.
    Connected,
    /// Not reachable; tried again at this moment.
    Waiting(Timestamp),
    /// Answers with another key than it should: not used.
    WrongKey,
    /// Speaks only versions of the protocol that this page does not.
    Incompatible,
    /// Takes no further mailbox.
    NoRoom,
    /// Keeps a mailbox only for those who show this. Work is done by itself, unless it is more than
    /// [`WORK_BITS_MAX`]; an invite of its operator a person must bring.
    Gate(Gates),
}
