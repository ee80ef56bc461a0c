//! Hellos and accepts go ahead of everything else: whoever gets a word of somebody before the hello that
//! introduces them can do nothing but drop it. So a home is left nothing else before it has taken these.
//!
//! A hello stays in the outbox until it is answered or too old, so that what became of it is known. An
//! accept stays until all homes have it, or enough of them once it has been seen to have arrived.

use alloc::vec::Vec;

use super::Out;
use super::attempt::Attempt;
use crate::base::codec;
use crate::base::id::{EnvelopeId, NodeId, PersonaId};
use crate::base::limits::{ENVELOPE_BYTES_MAX, REPLICAS_MIN};
use crate::base::random::bytes;
use crate::mailbox::capability::Capability;
use crate::mailbox::parcel::Body;
use crate::peer::first_contact::phase::Phase;
use crate::peer::packages::Wish;
use crate::peer::records::{OutRecord, OutWhat, StoredState};
use crate::peer::{Cx, Peer};

/// What introduces me.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// A first contact.
    Hello,
    /// The answer to one.
    Accept,
}

/// Whether an entry introduces me, and whether it wants a key package first.
pub(super) fn opener_of(record: &OutRecord) -> (Option<Opener>, Wish) {
    let OutWhat::Body(body) = &record.what else {
        return (None, Wish::None);
    };
    match codec::decode(body, ENVELOPE_BYTES_MAX) {
        // Whoever has no invite is given no key package.
        Ok(Body::Hello {
            welcome: None,
            invite,
            ..
        }) if record.done.is_empty() && invite != Capability::PUBLIC => {
            (Some(Opener::Hello), Wish::Unasked)
        }
        Ok(Body::Hello { .. }) => (Some(Opener::Hello), Wish::None),
        Ok(Body::Accept { .. }) => (Some(Opener::Accept), Wish::None),
        _ => (None, Wish::None),
    }
}

impl Out {
    /// Whether nothing more will come of it at this home.
    fn is_over_at(&self, home: &NodeId) -> bool {
        self.record.done.contains(home) || self.attempts.get(home).is_some_and(Attempt::is_final)
    }

    /// Whether nothing more will come of it at any of these homes.
    fn is_over(&self, homes: &[NodeId]) -> bool {
        homes.iter().all(|home| self.is_over_at(home))
    }

    /// Whether so many of these homes have it that it is safe.
    pub(super) fn is_safe(&self, homes: &[NodeId]) -> bool {
        self.copies(homes) >= REPLICAS_MIN.min(homes.len())
    }

    /// Whether it need not stay, when it is not a message.
    pub(super) fn may_leave(&self, homes: &[NodeId]) -> bool {
        match self.opener {
            None => self.is_safe(homes) || self.is_over(homes),
            Some(Opener::Accept) => self.is_over(homes),
            Some(Opener::Hello) => false,
        }
    }
}

impl Peer {
    /// The entry of a hello or accept that waits for somebody.
    pub(in crate::peer) fn opener_to(&self, to: &PersonaId, opener: Opener) -> Option<u64> {
        let found = self
            .outbox
            .iter()
            .find(|(_, out)| out.record.to == *to && out.opener == Some(opener));
        found.map(|(order, _)| *order)
    }

    /// All that waits for somebody.
    pub(in crate::peer) fn entries_to(&self, to: &PersonaId) -> Vec<u64> {
        let theirs = self.outbox.iter().filter(|(_, out)| out.record.to == *to);
        theirs.map(|(order, _)| *order).collect()
    }

    /// All hellos and accepts that wait.
    pub(super) fn openers(&self) -> Vec<u64> {
        let openers = self.outbox.iter().filter(|(_, out)| out.opener.is_some());
        openers.map(|(order, _)| *order).collect()
    }

    /// Whether an entry may not go to this home yet, since what introduces me is not there.
    pub(super) fn must_wait(&self, order: u64, node: &NodeId, openers: &[u64]) -> bool {
        let Some(out) = self.outbox.get(&order).filter(|out| out.opener.is_none()) else {
            return false;
        };
        let to = &out.record.to;
        let contact = self.contacts.get(to);
        if contact.is_some_and(|contact| contact.phase() == Phase::Unheard) {
            return true;
        }
        let mut openers = openers.iter().filter_map(|order| self.outbox.get(order));
        openers.any(|opener| opener.record.to == *to && !opener.is_over_at(node))
    }

    /// They were heard as only somebody can be who has my card: an accept that is safe may leave.
    pub(in crate::peer) fn answer_arrived(&mut self, cx: &mut Cx<'_>, from: &PersonaId) {
        let Some(order) = self.opener_to(from, Opener::Accept) else {
            return;
        };
        let homes: Vec<NodeId> = self.contacts.get(from).map_or_else(Vec::new, |contact| {
            contact.record.homes.iter().map(|home| home.node).collect()
        });
        if self
            .outbox
            .get(&order)
            .is_some_and(|out| out.is_safe(&homes))
        {
            self.remove_entry(cx, order);
            self.pump = true;
        }
    }

    /// Messages to somebody that were given up are tried again.
    pub(in crate::peer) fn revive(&mut self, cx: &mut Cx<'_>, to: &PersonaId) {
        for order in self.entries_to(to) {
            self.revive_entry(cx, order);
        }
    }

    /// A message that was given up is tried again, as if it had just been written.
    pub(in crate::peer) fn revive_entry(&mut self, cx: &mut Cx<'_>, order: u64) {
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        let OutWhat::Message { record, .. } = &mut out.record.what else {
            return;
        };
        if record.mine != Some(StoredState::Failed) {
            return;
        }
        record.mine = Some(StoredState::Queued);
        record.failure = None;
        (out.record.at, out.record.since) = (cx.now, None);
        out.record.repeats = 0;
        let (record, to) = (record.clone(), out.record.to);
        let envelope = EnvelopeId(bytes(cx.random));
        self.restart_entry(cx, order, envelope);
        self.show_state(cx, to, &record);
    }
}
