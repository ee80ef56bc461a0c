//! A hello that came by an invite of mine.

use alloc::vec::Vec;

use super::phase::{Effect, Input, Phase};
use crate::base::hash::sha256;
use crate::base::id::{ConversationId, DeviceId, PersonaId};
use crate::base::limits::CONTACTS_MAX;
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::conversation::mls::Member;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::{Body, Card};
use crate::peer::allowance::{HELLO_COST, SIGNALS};
use crate::peer::contact::Contact;
use crate::peer::io::Notice;
use crate::peer::records::ContactRecord;
use crate::peer::{Cx, Peer};

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
    /// Whether it asks to be let in by somebody of whom nothing is known, and who has no invite.
    pub(in crate::peer) fn is_request(&self, from: &PersonaId, body: &Body) -> bool {
        let account = self.account.as_ref();
        let mine = account.is_some_and(|account| account.persona.id() == *from);
        let public = matches!(body, Body::Hello { invite, .. } if *invite == Capability::PUBLIC);
        public && !mine && !self.contacts.contains_key(from)
    }

    /// Whether it was one to look at.
    pub(in crate::peer) fn take_hello(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        way: &Way<'_>,
    ) -> bool {
        self.is_invited(cx, (from, at), way) && self.answer_hello(cx, (from, device, at), card, way)
    }

    /// Answers a hello of somebody who may come in.
    pub(in crate::peer) fn answer_hello(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        way: &Way<'_>,
    ) -> bool {
        // Before anything of a contact is touched: whoever holds my invite may send this.
        let Some(list) = VerifiedDeviceList::verify(&card.devices)
            .ok()
            .filter(|list| list.persona() == from && list.device(&device).is_some())
        else {
            return false;
        };
        let package = sha256(&[way.key_package]);
        let phase = Phase::of(self.contacts.get(&from).map(|contact| &contact.record));
        let room = self.contacts.len() < CONTACTS_MAX;
        let input = match self.contacts.get_mut(&from) {
            Some(contact) if contact.record.has_answered(&package) => Input::Repeat,
            Some(contact) => {
                if !contact.signals.take(SIGNALS, cx.now, HELLO_COST) {
                    return false;
                }
                Input::Hello
            }
            None if room => Input::Hello,
            None => Input::HelloWithoutRoom,
        };
        let (next, effects) = phase.next(input);
        if effects.contains(&Effect::TellNoRoom) {
            self.tell_no_room(cx, &card.name);
            return false;
        }
        if effects.contains(&Effect::TakeCard) {
            self.take_newer_card(cx, from, card, (list, at));
            return true;
        }
        if !effects.contains(&Effect::Answer) {
            return true;
        }
        let Some(mut contact) = self.greeted_by(cx, from, &card) else {
            return false;
        };
        let before = (contact.record.clone(), contact.devices.clone());
        let taken = contact.take_verified_card(card, list, at, cx.now).is_ok();
        let made = taken.then(|| {
            self.join_theirs(cx, &contact, device, way)
                .or_else(|| self.make_group(cx, &contact, device, way.key_package))
        });
        let Some((group, welcome)) = made.flatten() else {
            (contact.record, contact.devices) = before;
            let known = phase != Phase::Unknown;
            if known {
                self.contacts.insert(from, contact);
            }
            return known;
        };
        // They have made it, unless they need a welcome from me.
        let shared = welcome.is_empty();
        let gone = contact.record.answer(cx.now, package, group, shared);
        self.forget_groups(gone);
        contact.record.active = cx.now;
        contact.heard = Some(cx.now);
        debug_assert_eq!(contact.phase(), next);
        let (conversation, issued) = (contact.conversation, contact.record.issued);
        let name = contact.record.name.clone();
        self.contacts.insert(from, contact);
        self.forget_request(cx, &from);
        cx.dirty(from);
        cx.changed_chat(conversation);
        if effects.contains(&Effect::Withdraw) {
            self.withdraw_hello(cx, &from);
        }
        if effects.contains(&Effect::Introduce) {
            cx.out.notify(Notice::Contact { conversation, name });
        }
        self.forget_refusals(from);
        self.take_up_again(cx, &from);
        self.say_again(cx, &from);
        if let Some(card) = self.my_card(issued) {
            self.enqueue_body(cx, from, &Body::Accept { card, welcome });
        }
        self.knock(cx, from);
        true
    }

    fn is_invited(&self, cx: &Cx<'_>, (from, at): (PersonaId, Timestamp), way: &Way<'_>) -> bool {
        let Some(account) = &self.account else {
            return false;
        };
        let me = account.persona.id();
        // Contacts need no invite; of others it is a request.
        if *way.invite == Capability::PUBLIC {
            return from != me && self.contacts.contains_key(&from);
        }
        // The home has checked that the invite had not expired when this was left there; it may have
        // waited for me since.
        let secret = account.persona.capability_secret();
        let admitted = way.invite.verify(&secret, &me, at.min(cx.now));
        let taken_back = account.taken_back.contains(&way.invite.serial);
        admitted.is_ok_and(|admitted| admitted.lane == Lane::Invite) && !taken_back && from != me
    }

    /// The contact that a hello is of, taken out to be worked on; made if there is none.
    fn greeted_by(&mut self, cx: &mut Cx<'_>, from: PersonaId, card: &Card) -> Option<Contact> {
        if let Some(contact) = self.contacts.remove(&from) {
            return Some(contact);
        }
        let account = self.account.as_ref()?;
        let (me, secret) = (account.persona.id(), account.persona.capability_secret());
        let issued = Capability::issue(&secret, &me, Lane::Contact, None, cx.random);
        let (who, way) = ((from, card.name.clone()), (card.inbox, card.capability));
        let mut record = ContactRecord::new(cx.now, who, way, Vec::new(), issued);
        record.stranger = true;
        Some(Contact::load(record, &me))
    }

    /// Joins the group they made with a key package of mine; the answer needs no welcome then.
    fn join_theirs(
        &mut self,
        cx: &mut Cx<'_>,
        contact: &Contact,
        device: DeviceId,
        way: &Way<'_>,
    ) -> Option<(ConversationId, Vec<u8>)> {
        let group = self.join_by(cx, contact, device, way.welcome?);
        self.look_after_packages(cx);
        Some((group?, Vec::new()))
    }

    /// Joins by a welcome that `device` of this contact has made, and nobody else.
    pub(super) fn join_by(
        &mut self,
        cx: &Cx<'_>,
        contact: &Contact,
        device: DeviceId,
        welcome: &[u8],
    ) -> Option<ConversationId> {
        let (list, persona) = (contact.devices.as_ref()?, contact.record.persona);
        let mls = self.mls.as_mut()?;
        let me = mls.me();
        let accepts = |member: &Member| {
            *member == me || (member.persona == persona && list.device(&member.device).is_some())
        };
        let joined = mls.join(cx.now, welcome, &accepts).ok()?;
        let theirs = joined.by == Member { persona, device };
        if !theirs {
            let _ = mls.remove(joined.group);
        }
        theirs.then_some(joined.group)
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

    /// Forgets the keys of groups that are not held any more.
    pub(super) fn forget_groups(&mut self, gone: impl IntoIterator<Item = ConversationId>) {
        let Some(mls) = self.mls.as_mut() else { return };
        for group in gone {
            // What is not there need not be removed.
            let _ = mls.remove(group);
        }
    }
}
