//! What is to reach contacts, and its way there: over an open channel, or deposited at their homes.
//!
//! A message stays in the outbox until its delivery is confirmed; anything else until enough homes
//! have it. Entries are sealed once and keep their envelope id, so a repeat is dropped on arrival.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::time::Duration;

use super::io::Outgoing;
use super::lines::Posted;
use super::records::{OutRecord, OutWhat, StoredState, message_key, out_key};
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{EnvelopeId, MessageId, NodeId, PersonaId};
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::mailbox::parcel::{Body, Parcel, Receipt};
use crate::mailbox::seal;
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::session::client::Role;
use crate::session::wire::DepositReceipt;

/// Homes that must have something before it counts as safe (all of them, when there are fewer).
const COPIES: usize = 2;
/// What was told over a channel and is not confirmed within this time is deposited as well.
const CONFIRM: Duration = Duration::from_secs(4);
/// First pause after a home could not take something; doubles up to a minute.
const RETRY: Duration = Duration::from_secs(2);

/// How often a message is said again because it could not be read.
const REPEATS_MAX: u8 = 3;

/// One entry, with what is known of it right now.
pub struct Out {
    /// As kept.
    pub record: OutRecord,
    envelope: Option<Vec<u8>>,
    in_flight: BTreeSet<NodeId>,
    refused: BTreeSet<NodeId>,
    told: Option<Told>,
    retry_at: Option<Timestamp>,
    failures: u32,
}

/// A message was told over a channel.
#[derive(Clone, Copy)]
struct Told {
    link: LinkId,
    at: Timestamp,
    /// No confirmation came in time: it is deposited as well.
    doubted: bool,
}

impl Out {
    /// An entry that has not gone anywhere yet.
    pub fn new(record: OutRecord) -> Self {
        Self {
            record,
            envelope: None,
            in_flight: BTreeSet::new(),
            refused: BTreeSet::new(),
            told: None,
            retry_at: None,
            failures: 0,
        }
    }

    fn state(&self) -> Option<StoredState> {
        match &self.record.what {
            OutWhat::Body(_) => None,
            OutWhat::Message { record, .. } => record.mine,
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        if self.state() == Some(StoredState::Failed) {
            return None;
        }
        let confirm = self.told.filter(|told| !told.doubted).map(|told| told.at.after(CONFIRM));
        confirm.into_iter().chain(self.retry_at).min()
    }
}

impl Peer {
    /// Puts something into the outbox.
    pub(super) fn enqueue(&mut self, cx: &mut Cx<'_>, to: PersonaId, id: EnvelopeId, what: OutWhat) {
        self.out_order += 1;
        let record = OutRecord { to, id, at: cx.now, what, done: Vec::new(), repeats: 0 };
        cx.out.store.put(out_key(self.out_order), codec::encode(&record));
        self.outbox.insert(self.out_order, Out::new(record));
        self.pump = true;
    }

    /// Puts a body into the outbox.
    pub(super) fn enqueue_body(&mut self, cx: &mut Cx<'_>, to: PersonaId, body: &Body) {
        let id = EnvelopeId(bytes(cx.random));
        self.enqueue(cx, to, id, OutWhat::Body(codec::encode(body)));
    }

    /// Signs and seals a body for a contact.
    pub(super) fn seal_for(
        &self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        envelope: EnvelopeId,
        body: Body,
    ) -> Option<Vec<u8>> {
        let account = self.account.as_ref()?;
        let keys = self.contacts.get(&persona)?.seal_keys();
        let parcel = Parcel {
            to: persona,
            envelope,
            from: account.persona.id(),
            device: account.device.id(),
            at: cx.now,
            body,
        };
        seal::seal(&parcel.sign(account.device.sign()), &persona, &envelope, &keys, cx.random).ok()
    }

    /// Sends whatever has a way now.
    pub(super) fn pump_outbox(&mut self, cx: &mut Cx<'_>) {
        let mut waiting = BTreeSet::new();
        let orders: Vec<u64> = self.outbox.keys().copied().collect();
        for order in orders {
            self.pump_entry(cx, order, &mut waiting);
        }
        let receipts: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.receipt != Receipt::default() && contact.is_ready())
            .map(|contact| contact.record.persona)
            .collect();
        for persona in receipts {
            let Some(contact) = self.contacts.get_mut(&persona) else { continue };
            let body = Body::Receipt(core::mem::take(&mut contact.receipt));
            if let Some(link) = contact.channel.open() {
                cx.out.send(link, Outgoing::Message(codec::encode(&body)));
            } else {
                self.enqueue_body(cx, persona, &body);
                self.pump_entry(cx, self.out_order, &mut waiting);
            }
        }
    }

    fn pump_entry(&mut self, cx: &mut Cx<'_>, order: u64, waiting: &mut BTreeSet<NodeId>) {
        if !self.ensure_sealed(cx, order) {
            return;
        }
        let Some(out) = self.outbox.get_mut(&order) else { return };
        let to = out.record.to;
        let Some(contact) = self.contacts.get(&to) else { return };
        if let (Some(link), OutWhat::Message { record, sealed: Some(sealed) }) =
            (contact.channel.open(), &out.record.what)
        {
            let told = match out.told.filter(|told| told.link == link) {
                Some(told) => Told { doubted: told.doubted || cx.now >= told.at.after(CONFIRM), ..told },
                None => {
                    let body = Body::Message { id: record.id, bytes: sealed.to_vec() };
                    cx.out.send(link, Outgoing::Message(codec::encode(&body)));
                    Told { link, at: cx.now, doubted: false }
                }
            };
            out.told = Some(told);
            if !told.doubted {
                return;
            }
        } else {
            out.told = None;
        }
        if out.retry_at.is_some_and(|at| cx.now < at) {
            return;
        }
        out.retry_at = None;
        let capability = contact.record.capability;
        let (homes, id) = (contact.record.homes.clone(), out.record.id);
        for home in homes {
            let Some(out) = self.outbox.get(&order) else { return };
            let node = home.node;
            if out.record.done.contains(&node) || out.in_flight.contains(&node) || out.refused.contains(&node) {
                continue;
            }
            if waiting.insert(node) {
                self.lines.want(cx, &home, Role::Courier);
            }
            if !self.lines.is_ready(&node, Role::Courier) {
                continue;
            }
            let Some(sealed) = self.envelope_bytes(cx, order) else { return };
            let keep_seconds = u32::try_from(KEEP_TTL_MAX.as_secs()).unwrap_or(u32::MAX);
            let envelope = Envelope { to, capability, id, keep_seconds, bytes: sealed };
            if self.lines.deposit(cx, &node, envelope, Posted::Out(order))
                && let Some(out) = self.outbox.get_mut(&order)
            {
                out.in_flight.insert(node);
            }
        }
    }

    /// Encrypts a message as soon as there is a group. `false`: it cannot go yet.
    fn ensure_sealed(&mut self, cx: &mut Cx<'_>, order: u64) -> bool {
        let Some(out) = self.outbox.get_mut(&order) else { return false };
        let OutWhat::Message { record, sealed } = &mut out.record.what else {
            // The answer to a first contact must find my mailbox.
            return self.has_mailbox;
        };
        if record.mine == Some(StoredState::Failed) {
            return false;
        }
        if sealed.is_some() {
            return true;
        }
        let Some(contact) = self.contacts.get(&out.record.to) else { return false };
        let (Some(group), Some(mls)) = (contact.record.group, self.mls.as_mut()) else { return false };
        match mls.encrypt(cx.random, group, &super::chat::content_of(record).to_bytes()) {
            Ok(bytes) => {
                *sealed = Some(bytes.into());
                cx.out.store.put(out_key(order), codec::encode(&out.record));
                true
            }
            Err(_) => {
                self.fail_entry(cx, order);
                false
            }
        }
    }

    fn envelope_bytes(&mut self, cx: &mut Cx<'_>, order: u64) -> Option<Vec<u8>> {
        let out = self.outbox.get(&order)?;
        if let Some(envelope) = &out.envelope {
            return Some(envelope.clone());
        }
        let body = match &out.record.what {
            OutWhat::Body(bytes) => codec::decode(bytes, crate::base::limits::ENVELOPE_BYTES_MAX).ok(),
            OutWhat::Message { record, sealed } => {
                Some(Body::Message { id: record.id, bytes: sealed.as_ref()?.to_vec() })
            }
        };
        let sealed = body.and_then(|body| self.seal_for(cx, out.record.to, out.record.id, body));
        match sealed {
            Some(sealed) => {
                self.outbox.get_mut(&order)?.envelope = Some(sealed.clone());
                Some(sealed)
            }
            None => {
                self.fail_entry(cx, order);
                None
            }
        }
    }

    /// A home has answered a deposit.
    pub(super) fn take_deposit_receipt(&mut self, cx: &mut Cx<'_>, node: NodeId, order: u64, receipt: &DepositReceipt) {
        let Some(out) = self.outbox.get_mut(&order) else { return };
        out.in_flight.remove(&node);
        let Some(contact) = self.contacts.get(&out.record.to) else { return };
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
                if out.record.done.is_empty() && homes.iter().all(|home| out.refused.contains(home)) {
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
    pub(super) fn courier_down(&mut self, node: NodeId) {
        for out in self.outbox.values_mut() {
            out.in_flight.remove(&node);
        }
    }

    /// Moves a message of mine forward to `state`.
    pub(super) fn set_state(&mut self, cx: &mut Cx<'_>, order: u64, state: StoredState) {
        let Some(out) = self.outbox.get_mut(&order) else { return };
        let OutWhat::Message { record, .. } = &mut out.record.what else { return };
        if record.mine.is_some_and(|now| now >= state) {
            return;
        }
        record.mine = Some(state);
        let (record, to) = (record.clone(), out.record.to);
        cx.out.store.put(out_key(order), codec::encode(&out.record));
        self.show_state(cx, to, &record);
    }

    /// Writes a message's new state to where it is kept and shown.
    pub(super) fn show_state(&mut self, cx: &mut Cx<'_>, to: PersonaId, record: &super::records::MessageRecord) {
        let Some(contact) = self.contacts.get_mut(&to) else { return };
        cx.out.store.put(message_key(&contact.conversation, record.clock, &record.id), codec::encode(record));
        if let Some(last) = contact.record.last.as_mut().filter(|last| last.id == record.id) {
            last.mine = record.mine;
            cx.dirty(to);
        }
        cx.changed_chat(contact.conversation);
        if let Some(open) = self.open.as_mut().filter(|open| open.persona == to) {
            open.update(record);
        }
    }

    /// A message of mine is on their device: it leaves the outbox.
    pub(super) fn delivered(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId) {
        if let Some(order) = self.order_of(&from, &id) {
            self.set_state(cx, order, StoredState::Delivered);
            self.remove_entry(cx, order);
        }
    }

    /// A message of mine came, but they could not read it: it is said again under current keys.
    pub(super) fn unreadable(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId) {
        let Some(order) = self.order_of(&from, &id) else { return };
        let envelope = EnvelopeId(bytes(cx.random));
        let Some(out) = self.outbox.get_mut(&order) else { return };
        out.record.repeats = out.record.repeats.saturating_add(1);
        if out.record.repeats > REPEATS_MAX {
            self.fail_entry(cx, order);
            return;
        }
        self.restart_entry(cx, order, envelope);
    }

    /// Sends an entry as if it had never been sent.
    pub(super) fn restart_entry(&mut self, cx: &mut Cx<'_>, order: u64, envelope: EnvelopeId) {
        let Some(out) = self.outbox.get_mut(&order) else { return };
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
    pub(super) fn order_of(&self, to: &PersonaId, message: &MessageId) -> Option<u64> {
        let found = self.outbox.iter().find(|(_, out)| {
            out.record.to == *to
                && matches!(&out.record.what, OutWhat::Message { record, .. } if record.id == *message)
        });
        found.map(|(order, _)| *order)
    }

    pub(super) fn remove_entry(&mut self, cx: &mut Cx<'_>, order: u64) {
        self.outbox.remove(&order);
        cx.out.store.delete(out_key(order));
    }

    /// Gives up: a message shows it and can be tried again, anything else is dropped.
    pub(super) fn fail_entry(&mut self, cx: &mut Cx<'_>, order: u64) {
        let Some(out) = self.outbox.get_mut(&order) else { return };
        if matches!(out.record.what, OutWhat::Body(_)) {
            self.remove_entry(cx, order);
        } else {
            self.set_state(cx, order, StoredState::Failed);
        }
    }

    /// Whatever waited too long has failed; what was told and not confirmed goes another way.
    pub(super) fn tick_outbox(&mut self, cx: &mut Cx<'_>) {
        let old: Vec<u64> = self
            .outbox
            .iter()
            .filter(|(_, out)| cx.now.since(out.record.at) > KEEP_TTL_MAX)
            .filter(|(_, out)| out.state() != Some(StoredState::Failed))
            .map(|(order, _)| *order)
            .collect();
        for order in old {
            self.fail_entry(cx, order);
        }
        if self.outbox.values().any(|out| out.deadline().is_some_and(|deadline| deadline <= cx.now)) {
            self.pump = true;
        }
    }

    /// When [`Self::tick_outbox`] is due.
    pub(super) fn outbox_deadline(&self) -> Option<Timestamp> {
        self.outbox.values().filter_map(Out::deadline).min()
    }
}
