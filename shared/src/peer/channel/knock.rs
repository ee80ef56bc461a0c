//! Knocking: "my page is open". Whoever comes later knocks, so where nobody is there it is their turn.
//!
//! Most are not there most of the time. So before it knocks a page asks: it deposits a live envelope without
//! bytes, whose answer says whether anybody is there as that of any other does, at a quarter of the cost.

use super::KNOCKS;
use crate::base::id::{EnvelopeId, NodeId, PersonaId};
use crate::base::limits::PEER_LINKS_MAX;
use crate::base::random::bytes;
use crate::mailbox::parcel::Body;
use crate::mailbox::wire::DepositCode;
use crate::peer::{Cx, Peer};
use crate::planted::{Fault, is_planted};
use crate::session::client::Role;
use crate::session::wire::DepositReceipt;
use crate::signalling::wire::Signal;
use alloc::vec::Vec;

/// Envelopes about one contact whose answers are awaited: a knock, and all questions of a round after it.
const UNANSWERED_MAX: usize = KNOCKS.len() + 2;

/// What a live envelope of mine asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::peer) enum Asked {
    /// Nothing but to be answered.
    IsAnybodyThere,
    /// To begin an attempt at a channel.
    ToLink,
}

impl Peer {
    /// My mailbox at `node` is open: tell the contacts spoken to last. If another was open before, they
    /// have been told, and are told once more a little later unless they are going to be anyway, lest that
    /// home keeps their answer from me.
    pub(in crate::peer) fn knock_all(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        if !self.may_link() {
            return;
        }
        let told = self
            .my_homes()
            .filter(|home| *home != node)
            .any(|home| self.lines.is_ready(&home, Role::Home));
        for persona in self.recent() {
            if !told {
                self.knock(cx, persona);
            } else if let Some(contact) = self.contacts.get_mut(&persona) {
                contact.channel.knock_again(cx.now);
            }
        }
    }

    /// Channels are possible that were not before: tell the contacts spoken to last.
    pub(in crate::peer) fn knock_at_recent(&mut self, cx: &mut Cx<'_>) {
        if self.may_link() {
            for persona in self.recent() {
                self.knock(cx, persona);
            }
        }
    }

    /// Contacts without a channel, the last spoken to first.
    fn recent(&self) -> Vec<PersonaId> {
        let mut recent: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.has_answered() && contact.channel.attempt().is_none())
            .filter(|contact| !self.is_blocked(&contact.record.persona))
            .map(|contact| (contact.record.active, contact.record.persona))
            .collect();
        recent.sort_unstable_by(|a, b| b.cmp(a));
        let personas = recent.into_iter().map(|(_, persona)| persona);
        personas.take(PEER_LINKS_MAX).collect()
    }

    /// Knocks now, and again later while nobody answers.
    pub(in crate::peer) fn knock(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        self.forget_unanswered(&persona);
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.knocks = 0;
            contact.channel.knock_due = Some(cx.now);
            contact.channel.absent.clear();
        }
        self.tick_channel(cx, persona);
    }

    /// Asks whether anybody is there to be knocked at, unless there is a channel or an attempt at one, and
    /// sees to the next time.
    pub(super) fn send_knock(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        let channel = &mut contact.channel;
        let pause = KNOCKS.get(channel.knocks);
        channel.knock_due = pause.map(|pause| cx.now.after(*pause));
        if is_planted(Fault::NeverRest) {
            channel.knock_due = Some(cx.now);
        }
        channel.knocks = channel.knocks.saturating_add(1);
        if !self.may_knock(&persona) {
            return;
        }
        let id = EnvelopeId(bytes(cx.random));
        let absent = self.await_answers(&persona, id, Asked::IsAnybodyThere);
        self.send_live(cx, &persona, id, &[], &absent);
    }

    fn may_knock(&self, persona: &PersonaId) -> bool {
        let contact = self.contacts.get(persona);
        self.may_link()
            && !self.blocks.contains(persona)
            && contact.is_some_and(|it| it.channel.attempt().is_none() && it.has_answered())
    }

    /// What is asked by an envelope is told by its answer, also when the next one has left meanwhile: a home may
    /// be slow. The homes that need not be asked.
    fn await_answers(&mut self, persona: &PersonaId, id: EnvelopeId, asked: Asked) -> Vec<NodeId> {
        let Some(contact) = self.contacts.get_mut(persona) else {
            return Vec::new();
        };
        let unanswered = &mut contact.channel.unanswered;
        if unanswered.len() >= UNANSWERED_MAX
            && let Some(before) = unanswered.pop_front()
        {
            self.knocked.remove(&before);
        }
        unanswered.push_back(id);
        self.knocked.insert(id, (*persona, asked));
        contact.channel.absent.clone()
    }

    /// Answers to what was asked so far come too late.
    fn forget_unanswered(&mut self, persona: &PersonaId) {
        if let Some(contact) = self.contacts.get_mut(persona) {
            for id in contact.channel.unanswered.drain(..) {
                self.knocked.remove(&id);
            }
        }
    }

    /// A home has answered a live envelope. Where somebody is there, the page knocks. When all homes of a
    /// contact say that nobody is, nothing more is of use: the contact's page knocks when it opens.
    pub(in crate::peer) fn take_live_receipt(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        receipt: &DepositReceipt,
    ) {
        let busy = matches!(receipt.code, DepositCode::Storage | DepositCode::SlowDown);
        let Some((persona, asked)) = self.knocked.get(&receipt.id).copied() else {
            return;
        };
        if receipt.handed > 0 && asked == Asked::IsAnybodyThere && self.may_knock(&persona) {
            self.knock_there(cx, persona);
        }
        let contact = self.contacts.get_mut(&persona);
        let Some(contact) = contact.filter(|_| receipt.handed == 0 && !busy) else {
            return;
        };
        let homes = &contact.record.homes;
        let absent = &mut contact.channel.absent;
        if homes.iter().any(|home| home.node == node) && !absent.contains(&node) {
            absent.push(node);
        }
        if homes.iter().all(|home| absent.contains(&home.node)) {
            contact.channel.knock_due = None;
            contact.channel.knocks = KNOCKS.len();
        }
    }

    /// Knocks at every home that has not said that nobody is there: the one that says that somebody is may
    /// keep the knock to itself.
    fn knock_there(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        // Other homes that say so, too, are no reason to knock twice.
        self.forget_unanswered(&persona);
        let id = EnvelopeId(bytes(cx.random));
        let knock = Body::Signal(Signal::Knock);
        if let Some(sealed) = self.seal_for(cx, persona, (id, None, cx.now), knock) {
            let absent = self.await_answers(&persona, id, Asked::ToLink);
            self.send_live(cx, &persona, id, &sealed, &absent);
        }
    }
}
