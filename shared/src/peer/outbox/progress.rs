//! What has become of entries: kept at a home, delivered, not readable, given up.

use super::{Out, REPEATS_MAX};
use crate::base::codec;
use crate::base::id::{ConversationId, EnvelopeId, MessageId, NodeId, PersonaId};
use crate::base::random::bytes;
use crate::conversation::mls::Mls;
use crate::mailbox::wire::DepositCode;
use crate::peer::contact::Contact;
use crate::peer::records::{Failure, MessageRecord, OutWhat, StoredState, message_key, out_key};
use crate::peer::{Cx, Peer};
use crate::planted::{Fault, is_planted};
use crate::session::wire::DepositReceipt;
use alloc::vec::Vec;

impl Peer {
    /// A home has answered a deposit.
    pub(in crate::peer) fn take_deposit_receipt(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        order: u64,
        receipt: &DepositReceipt,
    ) {
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        let Some(contact) = self.contacts.get(&out.record.to) else {
            return;
        };
        let homes: Vec<NodeId> = contact.record.homes.iter().map(|home| home.node).collect();
        let conversation = contact.conversation;
        // An answer about the entry as it was before it was restarted, or from a home they have left.
        if receipt.id != out.record.id {
            return;
        }
        if !homes.contains(&node) {
            out.attempts.remove(&node);
            return;
        }
        let outdated = out.attempts.get(&node).is_some_and(|it| it.outdated);
        if receipt.code != DepositCode::Ok && outdated {
            out.attempts.remove(&node);
            return self.pump = true;
        }
        if receipt.code != DepositCode::Ok {
            return self.take_refusal(cx, (node, &homes), order, receipt.code);
        }
        out.attempts.remove(&node);
        let granted = out.note_granted(cx.now, receipt.keep_seconds);
        let (to, number) = (out.record.to, out.record.number);
        if !out.record.done.contains(&node) {
            out.record.done.push(node);
        }
        let (safe, leaves) = (out.is_safe(&homes), out.may_leave(&homes));
        cx.out.store.put(out_key(order), codec::encode(&out.record));
        let is_body = matches!(out.record.what, OutWhat::Body(_));
        self.pump |= out.opener.is_some();
        self.note_taken(cx, to, node, number);
        if let Some(contact) = self.contacts.get_mut(&to) {
            contact.granted.retain(|home, _| homes.contains(home));
            contact.granted.insert(node, granted);
            // By an invite, or a public address, anybody gets in.
            if safe && contact.record.refused && !contact.is_stranger_to() {
                contact.record.refused = false;
                cx.dirty(to);
            }
        }
        if is_body && leaves {
            self.remove_entry(cx, order);
            return;
        }
        if safe {
            self.set_state(cx, order, StoredState::Sent);
        }
        cx.changed_chat(conversation);
    }

    /// A line is gone, and with it what was under way on it.
    pub(in crate::peer) fn courier_down(&mut self, node: NodeId) {
        for out in self.outbox.values_mut() {
            if let Some(attempt) = out.attempts.get_mut(&node) {
                attempt.in_flight = false;
            }
        }
    }

    /// What a contact's homes have said counts no more: the way to them is another one.
    pub(in crate::peer) fn forget_refusals(&mut self, to: PersonaId) {
        for out in self.outbox.values_mut().filter(|out| out.record.to == to) {
            out.attempts.retain(|_, attempt| attempt.in_flight);
            for attempt in out.attempts.values_mut() {
                attempt.outdated = true;
            }
            out.seal_anew();
        }
    }

    /// Moves a message of mine forward to `state`; one that was given up may turn out to be delivered.
    pub(in crate::peer) fn set_state(&mut self, cx: &mut Cx<'_>, order: u64, state: StoredState) {
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        let OutWhat::Message { record, .. } = &mut out.record.what else {
            return;
        };
        let late = (record.mine, state) == (Some(StoredState::Failed), StoredState::Delivered);
        if !late && record.mine.is_some_and(|now| now >= state) {
            return;
        }
        record.mine = Some(state);
        if state != StoredState::Failed {
            record.failure = None;
        }
        let (record, to) = (record.clone(), out.record.to);
        cx.out.store.put(out_key(order), codec::encode(&out.record));
        self.show_state(cx, to, &record);
    }

    /// Writes a message's new state to where it is kept and shown.
    pub(in crate::peer) fn show_state(
        &mut self,
        cx: &mut Cx<'_>,
        to: PersonaId,
        record: &MessageRecord,
    ) {
        let Some(contact) = self.contacts.get_mut(&to) else {
            return;
        };
        cx.out.store.put(
            message_key(&contact.conversation, record.clock, &record.id),
            codec::encode(record),
        );
        if let Some(last) = contact
            .record
            .last
            .as_mut()
            .filter(|last| last.id == record.id)
        {
            last.mine = record.mine;
            cx.dirty(to);
        }
        cx.changed_chat(contact.conversation);
        if let Some(open) = self.open.as_mut().filter(|open| open.persona == to) {
            open.update(record);
        }
    }

    /// A message of mine is on their device: it leaves the outbox.
    pub(in crate::peer) fn delivered(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId) {
        if let Some(order) = self.order_of(&from, &id) {
            self.note_shared(cx, &from, order);
            self.set_state(cx, order, StoredState::Delivered);
            self.remove_entry(cx, order);
        }
    }

    /// A message of mine came, but they could not read it: it is said again under current keys.
    pub(in crate::peer) fn unreadable(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId) {
        let Some(order) = self.order_of(&from, &id) else {
            return;
        };
        // Not if it has been encrypted anew and has not left since: this is about an earlier copy.
        if !self.outbox.get(&order).is_some_and(Out::has_left) {
            return;
        }
        let envelope = EnvelopeId(bytes(cx.random));
        self.doubt_group(cx, &from, order);
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        out.record.repeats = out.record.repeats.saturating_add(1);
        if out.record.repeats > REPEATS_MAX {
            self.fail_entry(cx, order, Failure::Unreadable);
            return;
        }
        self.restart_entry(cx, order, envelope);
    }

    /// Where this message was said it cannot be read: others are said elsewhere, if there is another group.
    fn doubt_group(&mut self, cx: &mut Cx<'_>, from: &PersonaId, order: u64) {
        let group = self.group_of_entry(order);
        if let (Some(group), Some(contact)) = (group, self.contacts.get_mut(from))
            && contact.record.unread_in(cx.now, group)
        {
            cx.dirty(*from);
        }
    }

    /// Where this message was said they could read it.
    fn note_shared(&mut self, cx: &mut Cx<'_>, from: &PersonaId, order: u64) {
        let unsure = |contact: &Contact| !contact.record.shared;
        let group = self.contacts.get(from).is_some_and(unsure);
        let group = group.then(|| self.group_of_entry(order)).flatten();
        if let (Some(group), Some(contact)) = (group, self.contacts.get_mut(from))
            && contact.record.seen_in(cx.now, group, false)
        {
            cx.dirty(*from);
        }
    }

    /// The group in which a message was said.
    fn group_of_entry(&self, order: u64) -> Option<ConversationId> {
        match &self.outbox.get(&order)?.record.what {
            OutWhat::Message {
                sealed: Some(sealed),
                ..
            } => Mls::group_of(sealed),
            _ => None,
        }
    }

    /// Sends an entry as if it had never been sent. Nobody holds it readable then: a message that was sent
    /// is queued again.
    pub(in crate::peer) fn restart_entry(
        &mut self,
        cx: &mut Cx<'_>,
        order: u64,
        envelope: EnvelopeId,
    ) {
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        out.record.id = envelope;
        out.record.number = None;
        out.record.expires = None;
        out.record.done.clear();
        let mut unsent = None;
        if let OutWhat::Message { record, sealed } = &mut out.record.what {
            *sealed = None;
            if record.mine == Some(StoredState::Sent) {
                record.mine = Some(StoredState::Queued);
                unsent = Some(record.clone());
            }
        }
        let record = out.record.clone();
        let to = record.to;
        cx.out.store.put(out_key(order), codec::encode(&record));
        *out = Out::new(record);
        self.pump = true;
        if let Some(message) = unsent {
            self.show_state(cx, to, &message);
        }
    }

    /// The entry of a message to a contact.
    pub(in crate::peer) fn order_of(&self, to: &PersonaId, message: &MessageId) -> Option<u64> {
        let found = self.outbox.iter().find(|(_, out)| {
            (out.record.to == *to || is_planted(Fault::BelieveAnyContact))
                && matches!(&out.record.what, OutWhat::Message { record, .. } if record.id == *message)
        });
        found.map(|(order, _)| *order)
    }
}
