//! First contact: a hello that came by an invite of mine, and the answer to one of my own.

use alloc::vec::Vec;

use super::allowance::{HELLO_COST, SIGNALS};
use super::contact::Contact;
use super::io::Notice;
use super::records::ContactRecord;
use super::{Cx, Peer};
use crate::base::hash::sha256;
use crate::base::id::{ConversationId, DeviceId, PersonaId};
use crate::base::limits::CONTACTS_MAX;
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::conversation::mls::Member;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::{Body, Card};

/// The ways into a conversation that a hello offers.
pub struct Way<'a> {
    /// With this I can make a group.
    pub key_package: &'a [u8],
    /// Shows that the hello came by an invite of mine.
    pub invite: &'a Capability,
    /// With this I can join theirs.
    pub welcome: Option<&'a [u8]>,
}

impl Peer {
    /// Whether it was one to answer.
    pub(super) fn take_hello(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        way: &Way<'_>,
    ) -> bool {
        let Some(account) = &self.account else {
            return false;
        };
        let me = account.persona.id();
        let secret = account.persona.capability_secret();
        // The home has checked that the invite had not expired when this was left there; it may have
        // waited for me since.
        let invited = way
            .invite
            .verify(&secret, &me, at.min(cx.now))
            .is_ok_and(|admitted| admitted.lane == Lane::Invite);
        let taken_back = account.taken_back.contains(&way.invite.serial);
        if !invited || taken_back || from == me {
            return false;
        }
        // Before anything of a contact is touched: whoever holds my invite may send this.
        let listed = VerifiedDeviceList::verify(&card.devices)
            .is_ok_and(|list| list.persona() == from && list.device(&device).is_some());
        if !listed {
            return false;
        }
        let known = self.contacts.get_mut(&from);
        // Both opened the other's invite: the smaller key answers, the other waits for the answer.
        let (crossed, welcome) = match known {
            Some(contact) => (
                !contact.has_answered(),
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
        let taken = contact.take_card(card, at, cx.now).is_ok();
        // Sealed anew for another home, a hello that was answered looks later than it is.
        let package = sha256(&[way.key_package]);
        let repeated = contact.record.group.is_some() && contact.record.answered == Some(package);
        let made = if taken && !repeated {
            self.join_theirs(cx, &contact, device, way)
                .or_else(|| self.make_group(cx, &contact, device, way.key_package))
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

    /// Joins the group they made with a key package of mine; the answer needs no welcome then.
    fn join_theirs(
        &mut self,
        cx: &mut Cx<'_>,
        contact: &Contact,
        device: DeviceId,
        way: &Way<'_>,
    ) -> Option<(ConversationId, Vec<u8>)> {
        let (list, persona) = (contact.devices.as_ref()?, contact.record.persona);
        let mls = self.mls.as_mut()?;
        let me = mls.me();
        let accepts = |member: &Member| {
            *member == me || (member.persona == persona && list.device(&member.device).is_some())
        };
        let joined = mls.join(cx.now, way.welcome?, &accepts).ok()?;
        let theirs = joined.by == Member { persona, device };
        if !theirs {
            let _ = mls.remove(joined.group);
        }
        self.look_after_packages(cx);
        theirs.then_some((joined.group, Vec::new()))
    }

    fn make_group(
        &mut self,
        cx: &mut Cx<'_>,
        contact: &Contact,
        device: DeviceId,
        key_package: &[u8],
    ) -> Option<(ConversationId, Vec<u8>)> {
        let list = contact.devices.as_ref()?;
        let persona = contact.record.persona;
        let mls = self.mls.as_mut()?;
        let group = ConversationId(bytes(cx.random));
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
        let awaited = !contact.has_answered() || contact.record.offered.is_some();
        if !awaited && !contact.signals.take(SIGNALS, cx.now, HELLO_COST) {
            return;
        }
        let before = (contact.record.clone(), contact.devices.clone());
        let sound = contact.take_card(card, at, cx.now).is_ok()
            && contact
                .devices
                .as_ref()
                .is_some_and(|list| list.device(&device).is_some());
        let joined = if !sound {
            None
        } else if let (true, Some(group)) = (welcome.is_empty(), contact.record.group) {
            // They have taken the welcome of my hello.
            Some(group)
        } else {
            let (me, devices) = (mls.me(), contact.devices.as_ref());
            let accepts = |member: &Member| {
                *member == me
                    || (member.persona == from
                        && devices.is_some_and(|list| list.device(&member.device).is_some()))
            };
            let them = Member {
                persona: from,
                device,
            };
            match mls.join(cx.now, welcome, &accepts) {
                Ok(joined) if joined.by == them => Some(joined.group),
                Ok(joined) => {
                    let _ = mls.remove(joined.group);
                    None
                }
                Err(_) => None,
            }
        };
        let Some(group) = joined else {
            (contact.record, contact.devices) = before;
            return;
        };
        if let Some(offered) = contact.record.offered.take() {
            // Used up, or never to be used: they are in a group with me.
            let _ = mls.forget_key_package(&offered);
        }
        let replaced = contact.record.group.replace(group);
        let replaced = replaced.filter(|before| *before != group);
        if let Some(before) = replaced {
            // Nobody writes there any more.
            let _ = mls.remove(before);
        }
        contact.record.since = cx.now;
        contact.heard = Some(cx.now);
        cx.dirty(from);
        cx.changed_chat(contact.conversation);
        if replaced.is_some() {
            self.say_again(cx, &from);
        }
        self.forget_refusals(from);
        self.pump = true;
        self.knock(cx, from);
    }
}
