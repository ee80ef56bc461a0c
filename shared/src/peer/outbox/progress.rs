//! What has become of entries: kept at a home, delivered, not readable, given up.

use super::{COPIES, Out, REPEATS_MAX, RETRY};
use crate::base::codec;
use crate::base::id::{EnvelopeId, MessageId, NodeId, PersonaId};
use crate::base::random::bytes;
use crate::mailbox::wire::DepositCode;
use crate::peer::records::{MessageRecord, OutWhat, StoredState, message_key, out_key};
use crate::peer::{Cx, Peer};
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
        out.in_flight.remove(&node);
        let Some(contact) = self.contacts.get(&out.record.to) else {
            return;
        };
        let homes: Vec<NodeId> = contact.record.homes.iter().map(|home| home.node).collect();
        match receipt.code {
            DepositCode::Ok => {
                out.failures = 0;
                if !out.record.done.contains(&node) {
                    out.record.done.push(node);
                }
                let safe = out.record.done.len() >= COPIES.min(homes.len());
                if matches!(out.record.what, OutWhat::Body(_)) && safe {
                    self.remove_entry(cx, order);
                } else {
                    cx.out.store.put(out_key(order), codec::encode(&out.record));
                    self.set_state(cx, order, StoredState::Sent);
                }
            }
            DepositCode::NoCapability
            | DepositCode::CapabilityExpired
            | DepositCode::CapabilityRevoked
            | DepositCode::TooLarge => {
                out.refused.insert(node);
                if out.record.done.is_empty() && homes.iter().all(|home| out.refused.contains(home))
                {
                    self.fail_entry(cx, order);
                }
            }
            DepositCode::NoMailbox
            | DepositCode::Full
            | DepositCode::NoRoom
            | DepositCode::Storage
            | DepositCode::SlowDown => {
                let pause = RETRY.saturating_mul(1 << out.failures.min(5));
                out.failures = out.failures.saturating_add(1);
                out.retry_at = Some(cx.now.after(pause));
            }
        }
    }

    /// A line is gone, and with it what was under way on it.
    pub(in crate::peer) fn courier_down(&mut self, node: NodeId) {
        for out in self.outbox.values_mut() {
            out.in_flight.remove(&node);
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
            self.set_state(cx, order, StoredState::Delivered);
            self.remove_entry(cx, order);
        }
    }

    /// A message of mine came, but they could not read it: it is said again under current keys.
    pub(in crate::peer) fn unreadable(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId) {
        let Some(order) = self.order_of(&from, &id) else {
            return;
        };
        let envelope = EnvelopeId(bytes(cx.random));
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        out.record.repeats = out.record.repeats.saturating_add(1);
        if out.record.repeats > REPEATS_MAX {
            self.fail_entry(cx, order);
            return;
        }
        self.restart_entry(cx, order, envelope);
    }

    /// Sends an entry as if it had never been sent.
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
        out.record.done.clear();
        if let OutWhat::Message { sealed, .. } = &mut out.record.what {
            *sealed = None;
        }
        let record = out.record.clone();
        cx.out.store.put(out_key(order), codec::encode(&record));
        *out = Out::new(record);
        self.pump = true;
    }

    /// The entry of a message to a contact.
    pub(in crate::peer) fn order_of(&self, to: &PersonaId, message: &MessageId) -> Option<u64> {
        let found = self.outbox.iter().find(|(_, out)| {
            out.record.to == *to
                && matches!(&out.record.what, OutWhat::Message { record, .. } if record.id == *message)
        });
        found.map(|(order, _)| *order)
    }
}
