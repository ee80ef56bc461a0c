//! What comes in: sealed parcels from my homes, and bodies over open channels.

use alloc::vec::Vec;

use super::io::{Notice, Outgoing};
use super::records::{ContactRecord, MessageRecord, message_key};
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{DeviceId, EnvelopeId, MessageId, PersonaId};
use crate::base::limits::{CHANNEL_BYTES_MAX, CONTACTS_MAX};
use crate::base::time::Timestamp;
use crate::conversation::content::Content;
use crate::conversation::mls::{Member, ReceiveError, Received};
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::{Body, Card, Parcel, Receipt};
use crate::mailbox::seal;
use crate::mailbox::wire::Delivery;
use crate::session::client::ack_frame;

use super::contact::{Contact, excerpt};

/// Envelope ids of live envelopes remembered, so that a signal that came by two homes counts once.
const SEEN_LIVE_MAX: usize = 512;
/// A clock that jumps further ahead than this is not followed.
const CLOCK_JUMP_MAX: u64 = 1 << 20;
/// Messages in one receipt.
const RECEIPT_MAX: usize = 256;

impl Peer {
    /// Envelopes from a home of mine; the kept ones are acknowledged when all that came of them is
    /// committed.
    pub(super) fn take_deliveries(
        &mut self,
        cx: &mut Cx<'_>,
        link: LinkId,
        deliveries: Vec<Delivery>,
    ) {
        let up_to = deliveries
            .iter()
            .map(|delivery| delivery.sequence)
            .max()
            .unwrap_or(0);
        for delivery in deliveries {
            if delivery.sequence == 0 && !self.first_time(delivery.id) {
                continue;
            }
            self.take_envelope(cx, &delivery.id, &delivery.bytes);
        }
        if up_to > 0 {
            cx.out.send(link, Outgoing::Message(ack_frame(up_to)));
        }
    }

    fn first_time(&mut self, id: EnvelopeId) -> bool {
        if self.seen_live.contains(&id) {
            return false;
        }
        if self.seen_live.len() >= SEEN_LIVE_MAX {
            self.seen_live.pop_front();
        }
        self.seen_live.push_back(id);
        true
    }

    fn take_envelope(&mut self, cx: &mut Cx<'_>, id: &EnvelopeId, bytes: &[u8]) {
        let Some(account) = &self.account else { return };
        let me = account.persona.id();
        let Ok(opened) = seal::open(
            bytes,
            &me,
            id,
            &[account.device.seal(), account.persona.inbox()],
        ) else {
            return;
        };
        let Ok(parcel) = Parcel::verify(&opened, &me, id) else {
            return;
        };
        let Parcel {
            from,
            device,
            at,
            body,
            ..
        } = parcel;
        match body {
            Body::Hello {
                card,
                key_package,
                invite,
            } => {
                self.take_hello(cx, (from, device, at), card, &key_package, &invite);
            }
            Body::Accept { card, welcome } => {
                self.take_accept(cx, (from, device, at), card, &welcome)
            }
            body if self.may_speak(&from, &device) => {
                self.take_body(cx, (from, device, at), body, false)
            }
            _ => {}
        }
    }

    /// A message on an open channel, whose other end was authenticated by the sealed signalling.
    pub(super) fn take_channel_message(&mut self, cx: &mut Cx<'_>, link: LinkId, bytes: &[u8]) {
        let Some(&persona) = self.channels.get(&link) else {
            return;
        };
        let Some(device) = self
            .contacts
            .get(&persona)
            .and_then(|contact| contact.channel.device())
        else {
            return;
        };
        if let Ok(body) = codec::decode::<Body>(bytes, CHANNEL_BYTES_MAX)
            && self.may_speak(&persona, &device)
        {
            self.take_body(cx, (persona, device, cx.now), body, true);
        }
    }

    fn may_speak(&self, persona: &PersonaId, device: &DeviceId) -> bool {
        self.contacts
            .get(persona)
            .and_then(|contact| contact.devices.as_ref())
            .is_some_and(|list| list.device(device).is_some())
    }

    fn take_body(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        body: Body,
        over_channel: bool,
    ) {
        match body {
            Body::Message { id, bytes } => self.take_message(cx, from, id, &bytes),
            Body::Receipt(receipt) => self.take_receipt(cx, from, &receipt),
            Body::Signal(signal) => self.take_signal(cx, from, device, signal, over_channel),
            Body::Card(card) => {
                let Some(contact) = self.contacts.get_mut(&from) else {
                    return;
                };
                if contact.take_card(card, at).is_ok() {
                    cx.dirty(from);
                    cx.changed_chat(contact.conversation);
                    self.pump = true;
                }
            }
            // First contact is sealed and signed for itself; on a channel it has no place.
            Body::Hello { .. } | Body::Accept { .. } => {}
        }
    }

    fn take_hello(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        key_package: &[u8],
        invite: &Capability,
    ) {
        let Some(account) = &self.account else { return };
        let me = account.persona.id();
        let secret = account.persona.capability_secret();
        let invited = invite
            .verify(&secret, &me, cx.now)
            .is_ok_and(|admitted| admitted.lane == Lane::Invite);
        if !invited || from == me {
            return;
        }
        let known = self.contacts.get(&from);
        // Both opened the other's invite: the smaller key answers, the other waits for the answer.
        let crossed = known.is_some_and(|contact| !contact.is_ready());
        if (crossed && me > from) || (known.is_none() && self.contacts.len() >= CONTACTS_MAX) {
            return;
        }
        let issued = Capability::issue(&secret, &me, Lane::Contact, None, cx.random);
        let mut contact = match self.contacts.remove(&from) {
            Some(contact) => contact,
            None => Contact::load(
                ContactRecord {
                    persona: from,
                    name: card.name.clone(),
                    inbox: card.inbox,
                    capability: card.capability,
                    homes: Vec::new(),
                    devices: Vec::new(),
                    issued,
                    group: None,
                    since: cx.now,
                    card_at: Timestamp(0),
                    clock: 0,
                    heads: Vec::new(),
                    last: None,
                    unread: 0,
                    first_unread: None,
                    read_by_them: 0,
                    read_by_me: 0,
                    active: cx.now,
                    pinned: false,
                    muted: false,
                },
                &me,
            ),
        };
        let was_known = !contact.record.homes.is_empty();
        let taken = contact.take_card(card, at).is_ok()
            && contact
                .devices
                .as_ref()
                .is_some_and(|list| list.device(&device).is_some());
        let made = if taken {
            self.make_group(cx, &contact, device, key_package)
        } else {
            None
        };
        match made {
            Some((group, welcome)) => {
                contact.record.group = Some(group);
                contact.record.since = cx.now;
                contact.record.active = cx.now;
                contact.heard = Some(cx.now);
                let conversation = contact.conversation;
                let name = contact.record.name.clone();
                let issued = contact.record.issued;
                self.contacts.insert(from, contact);
                cx.dirty(from);
                cx.changed_chat(conversation);
                cx.out.notify(Notice::Contact { conversation, name });
                if let Some(card) = self.my_card(issued) {
                    self.enqueue_body(cx, from, &Body::Accept { card, welcome });
                }
                self.knock(cx, from);
            }
            None if was_known => {
                self.contacts.insert(from, contact);
            }
            None => {}
        }
    }

    fn make_group(
        &mut self,
        cx: &mut Cx<'_>,
        contact: &Contact,
        device: DeviceId,
        key_package: &[u8],
    ) -> Option<(crate::base::id::ConversationId, Vec<u8>)> {
        let list = contact.devices.as_ref()?;
        let persona = contact.record.persona;
        let mls = self.mls.as_mut()?;
        let group = crate::base::id::ConversationId(crate::base::random::bytes(cx.random));
        let accepts = |member: &Member| {
            member.persona == persona
                && member.device == device
                && list.device(&member.device).is_some()
        };
        let (welcome, _) = mls
            .create(cx.random, cx.now, group, key_package, &accepts)
            .ok()?;
        Some((group, welcome))
    }

    fn take_accept(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        welcome: &[u8],
    ) {
        let Some(contact) = self.contacts.get_mut(&from) else {
            return;
        };
        let Some(mls) = self.mls.as_mut() else { return };
        let before = (contact.record.clone(), contact.devices.clone());
        let sound = contact.take_card(card, at).is_ok()
            && contact
                .devices
                .as_ref()
                .is_some_and(|list| list.device(&device).is_some());
        let joined = if sound {
            let (me, devices) = (mls.me(), contact.devices.as_ref());
            let accepts = |member: &Member| {
                *member == me
                    || (member.persona == from
                        && devices.is_some_and(|list| list.device(&member.device).is_some()))
            };
            mls.join(cx.now, welcome, &accepts).ok().filter(|joined| {
                joined.by
                    == Member {
                        persona: from,
                        device,
                    }
            })
        } else {
            None
        };
        let Some(joined) = joined else {
            (contact.record, contact.devices) = before;
            return;
        };
        contact.record.group = Some(joined.group);
        contact.record.since = cx.now;
        contact.heard = Some(cx.now);
        cx.dirty(from);
        cx.changed_chat(contact.conversation);
        self.pump = true;
        self.knock(cx, from);
    }

    fn take_message(&mut self, cx: &mut Cx<'_>, from: PersonaId, id: MessageId, bytes: &[u8]) {
        let (Some(contact), Some(mls)) = (self.contacts.get_mut(&from), self.mls.as_mut()) else {
            return;
        };
        let full =
            contact.receipt.delivered.len() + contact.receipt.unreadable.len() >= RECEIPT_MAX;
        let Some(group) = contact.record.group.filter(|_| !full) else {
            return;
        };
        self.pump = true;
        let devices = contact.devices.as_ref();
        let accepts = |member: &Member| {
            member.persona == from
                && devices.is_some_and(|list| list.device(&member.device).is_some())
        };
        match mls.decrypt(group, bytes, &accepts) {
            Ok(Received::Message {
                from: author,
                plaintext,
            }) if author.persona == from => {
                contact.receipt.delivered.push(id);
                if let Some(content) = Content::read(&plaintext)
                    .ok()
                    .filter(|content| content.id == id)
                {
                    self.keep_message(cx, from, content);
                }
            }
            Ok(_) | Err(ReceiveError::Refused | ReceiveError::Own) => {}
            Err(ReceiveError::Replay) => contact.receipt.delivered.push(id),
            Err(_) => contact.receipt.unreadable.push(id),
        }
    }

    fn keep_message(&mut self, cx: &mut Cx<'_>, from: PersonaId, content: Content) {
        let Some(contact) = self.contacts.get_mut(&from) else {
            return;
        };
        let ahead = content.clock > contact.record.clock.saturating_add(CLOCK_JUMP_MAX);
        let clock = if ahead {
            contact.record.clock.saturating_add(1)
        } else {
            content.clock
        };
        let record = MessageRecord {
            id: content.id,
            clock,
            at: content.at,
            mine: None,
            parents: content.parents,
            kind: content.kind,
            text: content.text,
            data: content.data,
        };
        cx.out.store.put(
            message_key(&contact.conversation, clock, &record.id),
            codec::encode(&record),
        );
        contact.note_message(cx.now, &record);
        contact.note_unread(record.id);
        contact.heard = Some(cx.now);
        cx.dirty(from);
        cx.changed_chat(contact.conversation);
        cx.out.notify(Notice::Incoming {
            conversation: contact.conversation,
            message: record.id,
            name: contact.record.name.clone(),
            text: excerpt(&record.text),
            muted: contact.record.muted,
        });
        if let Some(open) = self.open.as_mut().filter(|open| open.persona == from) {
            open.insert(record);
        }
    }

    fn take_receipt(&mut self, cx: &mut Cx<'_>, from: PersonaId, receipt: &Receipt) {
        for id in receipt.delivered.iter().take(RECEIPT_MAX) {
            self.delivered(cx, from, *id);
        }
        for id in receipt.unreadable.iter().take(RECEIPT_MAX) {
            self.unreadable(cx, from, *id);
        }
        let Some(contact) = self.contacts.get_mut(&from) else {
            return;
        };
        let read = receipt.read_up_to.min(contact.record.clock);
        if read > contact.record.read_by_them {
            contact.record.read_by_them = read;
            cx.dirty(from);
            cx.changed_chat(contact.conversation);
        }
    }
}
