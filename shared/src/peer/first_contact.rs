//! First contact: a hello that came by an invite of mine, and the answer to one of my own.

use alloc::vec::Vec;

use super::allowance::{HELLO_COST, SIGNALS};
use super::contact::Contact;
use super::io::Notice;
use super::records::ContactRecord;
use super::{Cx, Peer};
use crate::base::hash::sha256;
use crate::base::id::{DeviceId, PersonaId};
use crate::base::limits::CONTACTS_MAX;
use crate::base::time::Timestamp;
use crate::conversation::mls::Member;
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::{Body, Card};

impl Peer {
    /// Whether it was one to answer.
    pub(super) fn take_hello(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        key_package: &[u8],
        invite: &Capability,
    ) -> bool {
        let Some(account) = &self.account else {
            return false;
        };
        let me = account.persona.id();
        let secret = account.persona.capability_secret();
        // The home has checked that the invite had not expired when this was left there; it may have
        // waited for me since.
        let invited = invite
            .verify(&secret, &me, at.min(cx.now))
            .is_ok_and(|admitted| admitted.lane == Lane::Invite);
        if !invited || from == me {
            return false;
        }
        let known = self.contacts.get_mut(&from);
        // Both opened the other's invite: the smaller key answers, the other waits for the answer.
        let (crossed, welcome) = match known {
            Some(contact) => (
                !contact.is_ready(),
                contact.signals.take(SIGNALS, cx.now, HELLO_COST),
            ),
            None => (false, self.contacts.len() < CONTACTS_MAX),
        };
        if (crossed && me > from) || !welcome {
            return false;
        }
        let issued = Capability::issue(&secret, &me, Lane::Contact, None, cx.random);
        let mut contact = match self.contacts.remove(&from) {
            Some(contact) => contact,
            None => {
                let (who, way) = ((from, card.name.clone()), (card.inbox, card.capability));
                Contact::load(
                    ContactRecord::new(cx.now, who, way, Vec::new(), issued),
                    &me,
                )
            }
        };
        let was_known = !contact.record.homes.is_empty();
        let taken = contact.take_card(card, at).is_ok()
            && contact
                .devices
                .as_ref()
                .is_some_and(|list| list.device(&device).is_some());
        // Sealed anew for another home, a hello that was answered looks later than it is.
        let package = sha256(&[key_package]);
        let repeated = contact.record.group.is_some() && contact.record.answered == Some(package);
        let made = if taken && !repeated {
            self.make_group(cx, &contact, device, key_package)
        } else {
            None
        };
        match made {
            Some((group, welcome)) => {
                let before = contact.record.group.replace(group);
                if let (Some(before), Some(mls)) = (before, self.mls.as_mut()) {
                    // Nobody writes there any more.
                    let _ = mls.remove(before);
                }
                contact.record.answered = Some(package);
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
                self.forget_refusals(from);
                if let Some(card) = self.my_card(issued) {
                    self.enqueue_body(cx, from, &Body::Accept { card, welcome });
                }
                self.knock(cx, from);
            }
            None if was_known => {
                cx.dirty(from);
                self.contacts.insert(from, contact);
            }
            None => return false,
        }
        true
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

    pub(super) fn take_accept(
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
        self.forget_refusals(from);
        self.pump = true;
        self.knock(cx, from);
    }
}
