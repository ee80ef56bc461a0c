//! What goes into a [`Peer`](super::Peer) and what comes out: plain data.

use alloc::string::String;
use alloc::vec::Vec;

use super::command::Command;
use super::ice::Ice;
use super::view::Changed;
use crate::base::effects::{Effects, LinkId};
use crate::base::id::{ConversationId, MessageId, NodeId};
use crate::gates::work::{Puzzle, Work};
use crate::session::route::Route;
use crate::signalling::wire::RtcSignal;

/// What one input asks of the page.
pub type PeerEffects = Effects<Outgoing, Target, Job, Notice>;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The page is up. Comes first, once.
    Start {
        /// The supernodes of `kith.json`, in order of preference.
        supernodes: Vec<(NodeId, Vec<Route>)>,
        /// Whether this browser has WebRTC.
        webrtc: bool,
    },
    /// A person asks for something.
    Command(Command),
    /// A link that was dialled is open: a WebSocket, or a data channel that carried its first bytes.
    LinkUp {
        /// Which.
        link: LinkId,
        /// Channel binding (empty for WebSocket).
        binding: Vec<u8>,
        /// Whether it goes through a TURN relay.
        relayed: bool,
    },
    /// The selected pair of a data channel changed.
    PathChanged {
        /// Which.
        link: LinkId,
        /// Whether it goes through a TURN relay now.
        relayed: bool,
    },
    /// A link failed to open, or ended. Not reported for links that were hung up.
    LinkDown {
        /// Which.
        link: LinkId,
    },
    /// What is wrong with a link to a supernode that will be said to be down.
    Trouble {
        /// Which.
        link: LinkId,
        /// What.
        trouble: Trouble,
    },
    /// A message arrived on an open link.
    Received {
        /// Which.
        link: LinkId,
        /// The message.
        bytes: Vec<u8>,
    },
    /// A data channel being negotiated wants this told to the other side.
    Signal {
        /// Which.
        link: LinkId,
        /// What.
        signal: RtcSignal,
    },
    /// The answer to [`Job::ReadLast`].
    Read {
        /// Of the job.
        token: u32,
        /// Records, last key first.
        records: Vec<(Vec<u8>, Vec<u8>)>,
    },
    /// The answer to [`Job::Work`].
    Worked {
        /// Of the job.
        token: u32,
        /// What was found, if anything.
        found: Option<Work>,
    },
    /// The browser says that it is online or not, or that its network changed.
    NetworkChanged {
        /// Whether there is a network at all.
        online: bool,
    },
    /// The page came to the front or went to the back.
    Visible(bool),
    /// The page is being closed; effects that send are performed if there is time.
    Closing,
    /// The deadline of [`Peer::next_deadline`](super::Peer::next_deadline) has come.
    Tick,
}

/// What can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// One message on an open link.
    Message(Vec<u8>),
    /// A step from the other side for a data channel under negotiation.
    Signal(RtcSignal),
    /// How a data channel is to be made from now on. If it need not go round any more, it may go straight.
    Ice(Ice),
}

/// Why a link to a supernode did not open, as far as a browser tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answered: nobody is there, or something on the way lets nothing through.
    NoAnswer,
    /// The browser has not begun: it may be waiting for the person's leave to reach the local network.
    NotBegun,
    /// Who answered has another certificate.
    OtherCertificate,
    /// This browser dials nothing of the kind.
    Unable,
}

/// What can be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A supernode by one route.
    Supernode {
        /// How.
        route: Route,
    },
    /// Another page, by a data channel.
    Page {
        /// The polite side of perfect negotiation gives way when offers cross, and waits for the
        /// first offer; the other side makes it.
        polite: bool,
        /// With which servers.
        ice: Ice,
    },
}

/// Work elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Read the last `limit` records with `from <= key < to`, last first; answer with [`Input::Read`].
    ReadLast {
        /// Comes back.
        token: u32,
        /// First key.
        from: Vec<u8>,
        /// End, exclusive.
        to: Vec<u8>,
        /// At most so many.
        limit: usize,
    },
    /// Try `tries` numbers from `from` on ([`Puzzle::solve`]), out of the way of everything else;
    /// answer with [`Input::Worked`].
    Work {
        /// Comes back.
        token: u32,
        /// What is to be solved.
        puzzle: Puzzle,
        /// First number.
        from: u64,
        /// How many.
        tries: u32,
    },
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A slice of the view is new.
    Changed(Changed),
    /// A message came in, for the live region and for notifications.
    Incoming {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
        /// Who.
        name: String,
        /// At most 120 characters of it.
        text: String,
        /// The chat is muted.
        muted: bool,
    },
    /// A new contact is there.
    Contact {
        /// Their chat.
        conversation: ConversationId,
        /// Their name.
        name: String,
    },
    /// Nobody has heard my first contact.
    Unheard {
        /// The chat.
        conversation: ConversationId,
        /// Whom it was to.
        name: String,
    },
    /// Somebody asks to be let in.
    Request {
        /// The name they gave themselves.
        name: String,
    },
    /// Somebody wants to be a contact, and there is no room for more. Told once.
    NoRoomForContact {
        /// The name they gave themselves.
        name: String,
    },
}

/// What a command gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing further.
    Done,
    /// The chat it was about.
    Chat(ConversationId),
    /// The message it made.
    Message(MessageId),
}
