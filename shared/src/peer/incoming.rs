//! What comes in: sealed parcels from my homes, and bodies over open channels.

use alloc::vec::Vec;

use super::allowance::{CHANNEL_MESSAGES, LIVE};
use super::contact::Contact;
use super::io::{Notice, Outgoing};
use super::records::{MessageRecord, message_key};
use super::{Cx, Peer, RECEIPT_MAX};
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{DeviceId, EnvelopeId, MessageId, NodeId, PersonaId};
use crate::base::limits::CHANNEL_BYTES_MAX;
use crate::base::time::Timestamp;
use crate::conversation::content::Content;
use crate::conversation::mls::{Member, Mls, ReceiveError, Received};
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::Capability;
use crate::mailbox::parcel::{Body, Parcel, Receipt};
use crate::mailbox::seal;
use crate::mailbox::wire::Delivery;
use crate::planted::{Fault, is_planted};
use crate::session::client::ack_frame;

use super::contact::excerpt;
use super::first_contact::Way;
use super::first_contact::phase::Phase;

/// Envelope ids of live envelopes remembered, so that a signal that came by two homes counts once.
const SEEN_LIVE_MAX: usize = 512;
/// A clock that jumps further ahead than this is not followed.
const CLOCK_JUMP_MAX: u64 = 1 << 20;

impl Peer {
    /// Envelopes from a home of mine; the kept ones are acknowledged when all that came of them is
    /// committed.
    pub(super) fn take_deliveries(
        &mut self,
        cx: &mut Cx<'_>,
        (node, link): (NodeId, LinkId),
        deliveries: Vec<Delivery>,
    ) {
        let up_to = deliveries
            .iter()
            .map(|delivery| delivery.sequence)
            .max()
            .unwrap_or(0);
        let mut useless = 0;
        for delivery in deliveries {
            let live = delivery.sequence == 0;
            if live && !self.may_open_live(cx.now, delivery.id) {
                continue;
            }
            if !self.take_envelope(cx, node, &delivery) && !live {
                useless += 1;
            }
        }
        if up_to > 0 {
            cx.out.send(link, Outgoing::Message(ack_frame(up_to)));
        }
        let events = self.lines.note_useless(cx, link, useless);
        self.line_events(cx, events);
    }

    fn may_open_live(&mut self, now: Timestamp, id: EnvelopeId) -> bool {
        !self.seen_live.contains(&id) && self.live.take(LIVE, now, 1) && self.first_time(id)
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

    /// Whether it was of somebody I know, or a first contact.
    fn take_envelope(&mut self, cx: &mut Cx<'_>, node: NodeId, delivery: &Delivery) -> bool {
        let (id, bytes) = (&delivery.id, &delivery.bytes);
        let Some(account) = &self.account else {
            return false;
        };
        let me = account.persona.id();
        let Ok(opened) = seal::open(
            bytes,
            &me,
            id,
            &[account.device.seal(), account.persona.inbox()],
        ) else {
            return false;
        };
        let Ok(parcel) = Parcel::verify(&opened, &me, id) else {
            return false;
        };
        let may_speak = self.may_speak(&parcel.from, &parcel.device);
        // The first copy of a first contact comes from nobody I know: counting the second would put the
        // blame on the home that brought the first.
        let first = matches!(parcel.body, Body::Hello { .. } | Body::Accept { .. });
        let is_replica =
            may_speak && !first && delivery.sequence > 0 && self.note_arrival(cx, node, &parcel);
        let Parcel {
            from,
            device,
            at,
            body,
            ..
        } = parcel;
        let blocked = self.is_blocked(&from) && !is_planted(Fault::ForgetBlock);
        if blocked || self.requests.blocks(&from) {
            return false;
        }
        let public = delivery.public == Some(true);
        if self.is_request(&from, &body) {
            // By another lane it would have cost nothing.
            return public && self.take_request(cx, (from, device, at), &body);
        }
        // The home has not looked at this invite, nor at how old it is.
        if public && matches!(&body, Body::Hello { invite, .. } if *invite != Capability::PUBLIC) {
            return false;
        }
        match body {
            Body::Hello {
                card,
                key_package,
                invite,
                welcome,
                ..
            } => {
                let way = Way {
                    key_package: &key_package,
                    invite: &invite,
                    welcome: welcome.as_ref().map(|welcome| welcome.as_slice()),
                };
                return self.take_hello(cx, (from, device, at), card, &way);
            }
            Body::Accept { card, welcome } => {
                self.take_accept(cx, (from, device, at), card, &welcome)
            }
            // A message that came before is confirmed anew only if the same way was taken again.
            Body::Message { id, bytes } if may_speak => {
                self.take_message(cx, from, id, &bytes, !is_replica)
            }
            Body::Receipt(receipt) if may_speak => {
                self.answer_arrived(cx, &from);
                self.take_receipt(cx, from, &receipt, !is_replica);
            }
            body if may_speak => self.take_body(cx, (from, device, at), body, false),
            _ => return false,
        }
        true
    }

    /// A message on an open channel, whose other end was authenticated by the sealed signalling.
    pub(super) fn take_channel_message(&mut self, cx: &mut Cx<'_>, link: LinkId, bytes: &[u8]) {
        let Some(&persona) = self.channels.get(&link) else {
            return;
        };
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        let Some(device) = contact.channel.device() else {
            return;
        };
        if !contact.channel_messages.take(CHANNEL_MESSAGES, cx.now, 1) {
            return self.drop_channel(cx, persona);
        }
        if let Ok(body) = codec::decode::<Body>(bytes, CHANNEL_BYTES_MAX)
            && self.may_speak(&persona, &device)
        {
            self.take_body(cx, (persona, device, cx.now), body, true);
        }
    }

    fn may_speak(&self, persona: &PersonaId, device: &DeviceId) -> bool {
        if is_planted(Fault::AcceptAnyDevice) {
            return self.contacts.contains_key(persona);
        }
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
        if !matches!(body, Body::Message { .. }) {
            self.answer_arrived(cx, &from);
        }
        match body {
            Body::Message { id, bytes } => self.take_message(cx, from, id, &bytes, true),
            Body::Receipt(receipt) => self.take_receipt(cx, from, &receipt, true),
            Body::Signal(signal) => self.take_signal(cx, from, device, signal, over_channel),
            Body::Card(card) => {
                let phase = self.contacts.get(&from).map(Contact::phase);
                if matches!(phase, Some(Phase::Crossed | Phase::Met))
                    && let Ok(list) = VerifiedDeviceList::verify(&card.devices)
                {
                    self.take_newer_card(cx, from, card, (list, at));
                }
            }
            // First contact is sealed and signed for itself; on a channel it has no place.
            Body::Hello { .. } | Body::Accept { .. } => {}
        }
    }

    fn take_message(
        &mut self,
        cx: &mut Cx<'_>,
        from: PersonaId,
        id: MessageId,
        bytes: &[u8],
        confirm_again: bool,
    ) {
        let (Some(contact), Some(mls)) = (self.contacts.get_mut(&from), self.mls.as_mut()) else {
            return;
        };
        let full =
            contact.receipt.delivered.len() + contact.receipt.unreadable.len() >= RECEIPT_MAX;
        if full {
            return;
        }
        self.pump = true;
        let group = Mls::group_of(bytes).filter(|group| contact.record.holds(*group));
        let Some(group) = group else {
            if confirm_again {
                contact.receipt.unreadable.push(id);
            }
            return;
        };
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
                let leads = mls.me().persona > from;
                if contact.record.seen_in(cx.now, group, !leads) {
                    cx.dirty(from);
                }
                if let Some(content) = Content::read(&plaintext)
                    .ok()
                    .filter(|content| content.id == id)
                {
                    self.keep_message(cx, from, content);
                }
            }
            Ok(_) | Err(ReceiveError::Refused | ReceiveError::Own) => {}
            Err(ReceiveError::Replay) if confirm_again => contact.receipt.delivered.push(id),
            Err(ReceiveError::Replay) => {}
            // A copy from another home says nothing new.
            Err(_) if confirm_again => contact.receipt.unreadable.push(id),
            Err(_) => {}
        }
    }

    pub(super) fn keep_message(&mut self, cx: &mut Cx<'_>, from: PersonaId, content: Content) {
        let Some(contact) = self.contacts.get_mut(&from) else {
            return;
        };
        // Encrypted anew, it may come once more.
        if !contact.record.first_time(&content.id) {
            return;
        }
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
            failure: None,
        };
        if !is_planted(Fault::ConfirmUnkept) {
            cx.out.store.put(
                message_key(&contact.conversation, clock, &record.id),
                codec::encode(&record),
            );
        }
        contact.note_message(cx.now, &record);
        let open = self.open.as_mut().filter(|open| open.persona == from);
        if open.as_ref().is_some_and(|open| open.watched) {
            contact.note_read();
        } else {
            contact.note_unread(record.id);
        }
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
        if let Some(open) = open {
            open.insert(record);
            open.make_room();
        }
    }

    /// Takes a receipt. One that is not the `first`, but a copy from another home, complains of nothing.
    fn take_receipt(&mut self, cx: &mut Cx<'_>, from: PersonaId, receipt: &Receipt, first: bool) {
        for id in receipt.delivered.iter().take(RECEIPT_MAX) {
            self.delivered(cx, from, *id);
        }
        if first {
            for id in receipt.unreadable.iter().take(RECEIPT_MAX) {
                self.unreadable(cx, from, *id);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_envelope_is_known_again_among_the_last_512_and_no_longer() {
        let id = |n: usize| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            EnvelopeId(id)
        };
        let mut peer = Peer::default();
        for n in 0..SEEN_LIVE_MAX {
            assert!(peer.first_time(id(n)));
        }
        assert!(!peer.first_time(id(0)), "the oldest of 512");
        assert!(peer.first_time(id(SEEN_LIVE_MAX)));
        assert!(peer.first_time(id(0)), "forgotten by one more");
        assert_eq!(peer.seen_live.len(), SEEN_LIVE_MAX);
    }
}
