//! Data channels to contacts: whom to link to, and the life of one link.
//!
//! Both pages *knock* when they come up. The side with the smaller device key starts every attempt
//! (and is the impolite one of perfect negotiation); the other answers a knock with *here*, which
//! makes the first one start. A channel counts only once it is open; when it is lost both knock
//! again, a few times with growing pauses, and then wait for the other's knock. Where a home says that
//! nobody is there, it is their turn at once.

mod knock;
mod signals;

pub(in crate::peer) use self::knock::Asked;
use crate::base::clock::SetBack;
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{DeviceId, EnvelopeId, NodeId, PersonaId};
use crate::base::time::Timestamp;
use crate::mailbox::parcel::Body;
use crate::peer::io::Outgoing;
use crate::peer::{Cx, Peer};
use crate::signalling::wire::Signal;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

/// Pauses between knocks; after the last one it is their turn.
const KNOCKS: [Duration; 4] = [
    Duration::from_millis(1500),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(45),
];
/// An open channel that is doubted must answer within this time.
const PROBE: Duration = Duration::from_secs(2);
/// Whoever knocks knows of no attempt; one of ours that is older than this is then given up.
const STALE: Duration = Duration::from_secs(3);
/// An open channel is asked for its round trip, and whether it lives, this often.
const CHECK: Duration = Duration::from_secs(20);

/// The channel to one contact.
#[derive(Debug, Default)]
pub struct Channel {
    pub(in crate::peer) phase: Phase,
    knock_due: Option<Timestamp>,
    knocks: usize,
    /// Envelopes of this round that may be answered: a knock, and the questions since.
    unanswered: VecDeque<EnvelopeId>,
    /// Homes that say that nobody is there, since the first knock of this round.
    absent: Vec<NodeId>,
}

/// Where a channel stands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::peer) enum Phase {
    /// None.
    #[default]
    Closed,
    /// Being negotiated.
    Trying(Attempt),
    /// Open.
    Open {
        attempt: Attempt,
        relayed: bool,
        rtt_ms: Option<u32>,
        /// When the answer to a probe is due.
        answer_due: Option<Timestamp>,
        /// When it was last asked.
        asked: Timestamp,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::peer) struct Attempt {
    pub link: LinkId,
    number: u64,
    device: DeviceId,
    since: Timestamp,
    /// They learn no address of mine by it.
    hidden: bool,
}

impl Channel {
    /// The link, open or not.
    pub fn link(&self) -> Option<LinkId> {
        self.attempt().map(|attempt| attempt.link)
    }

    /// Whether they learn no address of mine by it.
    pub fn is_hidden(&self) -> bool {
        self.attempt().is_none_or(|attempt| attempt.hidden)
    }

    /// Whether it goes on to hide my address, if it did, and `may` it.
    pub fn hides(&mut self, may: bool) -> bool {
        match &mut self.phase {
            Phase::Closed => false,
            Phase::Trying(attempt) | Phase::Open { attempt, .. } => {
                attempt.hidden &= may;
                attempt.hidden
            }
        }
    }

    /// The link, when it is open.
    pub fn open(&self) -> Option<LinkId> {
        match &self.phase {
            Phase::Open { attempt, .. } => Some(attempt.link),
            Phase::Closed | Phase::Trying(_) => None,
        }
    }

    /// The device at the other end.
    pub fn device(&self) -> Option<DeviceId> {
        self.attempt().map(|attempt| attempt.device)
    }

    fn attempt(&self) -> Option<&Attempt> {
        match &self.phase {
            Phase::Closed => None,
            Phase::Trying(attempt) | Phase::Open { attempt, .. } => Some(attempt),
        }
    }

    /// Knocks once more in a while, as in a new round, unless this is going to happen.
    fn knock_again(&mut self, now: Timestamp) {
        if self.knock_due.is_none() {
            self.knock_due = KNOCKS.first().map(|pause| now.after(*pause));
            self.knocks = 1;
            self.absent.clear();
        }
    }

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        self.knock_due.iter_mut().for_each(|due| back.due(due));
        match &mut self.phase {
            Phase::Closed => {}
            Phase::Trying(attempt) => back.past(&mut attempt.since),
            Phase::Open {
                answer_due, asked, ..
            } => {
                answer_due.iter_mut().for_each(|due| back.due(due));
                back.past(asked);
            }
        }
    }

    /// When it wants attention.
    pub fn deadline(&self) -> Option<Timestamp> {
        let check = match &self.phase {
            Phase::Open {
                answer_due: Some(due),
                ..
            } => Some(*due),
            Phase::Open { asked, .. } => Some(asked.after(CHECK)),
            Phase::Closed | Phase::Trying(_) => None,
        };
        check.into_iter().chain(self.knock_due).min()
    }
}

impl Peer {
    /// A channel is open.
    pub(in crate::peer) fn channel_up(&mut self, cx: &mut Cx<'_>, link: LinkId, relayed: bool) {
        let Some(&persona) = self.channels.get(&link) else {
            return;
        };
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        let Phase::Trying(attempt) = &contact.channel.phase else {
            return;
        };
        contact.channel.phase = Phase::Open {
            attempt: attempt.clone(),
            relayed,
            rtt_ms: None,
            answer_due: None,
            asked: cx.now,
        };
        contact.channel.knock_due = None;
        contact.heard = Some(cx.now);
        // Whatever was told over an earlier channel may have been lost with it.
        contact.receipt.read_up_to = contact.record.read_by_me;
        cx.changed_chat(contact.conversation);
        self.pump = true;
        self.probe_channel(cx, persona, CHECK);
    }

    /// The selected pair of a channel changed.
    pub(in crate::peer) fn channel_path(
        &mut self,
        cx: &mut Cx<'_>,
        link: LinkId,
        now_relayed: bool,
    ) {
        let Some(persona) = self.channels.get(&link) else {
            return;
        };
        let Some(contact) = self.contacts.get_mut(persona) else {
            return;
        };
        if let Phase::Open { relayed, .. } = &mut contact.channel.phase
            && *relayed != now_relayed
        {
            *relayed = now_relayed;
            cx.changed_chat(contact.conversation);
        }
    }

    /// A channel failed or closed.
    pub(in crate::peer) fn channel_down(&mut self, cx: &mut Cx<'_>, link: LinkId) {
        let Some(persona) = self.channels.remove(&link) else {
            return;
        };
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        if contact
            .channel
            .attempt()
            .is_none_or(|attempt| attempt.link != link)
        {
            return;
        }
        let was_open = contact.channel.open().is_some();
        contact.channel.phase = Phase::Closed;
        cx.changed_chat(contact.conversation);
        self.pump = true;
        if was_open {
            contact.heard = None;
            self.knock(cx, persona);
        } else if contact.channel.knock_due.is_none() && contact.channel.knocks < KNOCKS.len() {
            let pause = KNOCKS
                .get(contact.channel.knocks)
                .copied()
                .unwrap_or_default();
            contact.channel.knock_due = Some(cx.now.after(pause));
        }
    }

    /// Nothing is to be told over a channel for now, and none is looked for.
    pub(in crate::peer) fn leave_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        self.drop_channel(cx, persona);
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.knock_due = None;
        }
    }

    pub(in crate::peer) fn drop_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        if let Some(attempt) = contact.channel.attempt() {
            let link = attempt.link;
            self.channels.remove(&link);
            cx.out.hang_up(link);
            contact.channel.phase = Phase::Closed;
            cx.changed_chat(contact.conversation);
            self.pump = true;
        }
    }

    /// Asks an open channel for an answer within `limit`.
    fn probe_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId, limit: Duration) {
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        if let Phase::Open {
            attempt,
            answer_due,
            asked,
            ..
        } = &mut contact.channel.phase
        {
            let due = cx.now.after(limit);
            *answer_due = Some(answer_due.map_or(due, |earlier| earlier.min(due)));
            *asked = cx.now;
            let link = attempt.link;
            cx.out.send(
                link,
                Outgoing::Message(codec::encode(&Body::Signal(Signal::Knock))),
            );
        }
    }

    fn answer_over_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        if let Some(link) = self
            .contacts
            .get(&persona)
            .and_then(|contact| contact.channel.open())
        {
            cx.out.send(
                link,
                Outgoing::Message(codec::encode(&Body::Signal(Signal::Here))),
            );
        }
    }

    /// The network changed: every open channel is asked whether it lives.
    pub(in crate::peer) fn probe_channels(&mut self, cx: &mut Cx<'_>) {
        let open: Vec<_> = self.channels.values().copied().collect();
        for persona in open {
            self.probe_channel(cx, persona, CHECK);
        }
    }

    /// Time has passed.
    pub(in crate::peer) fn tick_channels(&mut self, cx: &mut Cx<'_>) {
        let due: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| {
                contact
                    .channel
                    .deadline()
                    .is_some_and(|deadline| deadline <= cx.now)
            })
            .map(|contact| contact.record.persona)
            .collect();
        for persona in due {
            self.tick_channel(cx, persona);
        }
    }

    fn tick_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        match &contact.channel.phase {
            Phase::Open {
                answer_due: Some(due),
                ..
            } if *due <= cx.now => {
                self.drop_channel(cx, persona);
                self.knock(cx, persona);
            }
            Phase::Open {
                answer_due: None,
                asked,
                ..
            } if asked.after(CHECK) <= cx.now => {
                self.probe_channel(cx, persona, CHECK);
            }
            Phase::Open { .. } => contact.channel.knock_due = None,
            Phase::Closed | Phase::Trying(_) => {
                if contact.channel.knock_due.is_some_and(|due| due <= cx.now) {
                    self.send_knock(cx, persona);
                }
            }
        }
    }
}
