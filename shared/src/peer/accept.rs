//! Accepting somebody's invite: a pending contact and a hello. A pending contact whose hello went
//! nowhere, since the invite has ended or nobody fetched it, begins anew with another invite of theirs.

use super::command::CommandError;
use super::contact::Contact;
use super::io::Outcome;
use super::records::{ContactRecord, OutWhat};
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::id::{EnvelopeId, PersonaId};
use crate::base::limits::{CONTACTS_MAX, ENVELOPE_BYTES_MAX};
use crate::base::random::bytes;
use crate::invite::{Invite, InviteError};
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::Body;

use alloc::vec::Vec;

impl Peer {
    /// Whether accepting this invite would bring nothing new.
    pub(super) fn knows_invite(&self, invite: &Invite) -> bool {
        self.contacts.get(&invite.persona).is_some_and(|contact| {
            contact.has_answered() || contact.record.capability == invite.capability
        })
    }

    pub(super) fn accept_invite(
        &mut self,
        cx: &mut Cx<'_>,
        code: &str,
    ) -> Result<Outcome, CommandError> {
        let Some(account) = &self.account else {
            return Err(CommandError::NoPersona);
        };
        let invite = Invite::read(code, cx.now)?;
        let (me, secret) = (account.persona.id(), account.persona.capability_secret());
        if invite.persona == me {
            return Err(InviteError::Own.into());
        }
        let known = self.contacts.get(&invite.persona);
        if let Some(contact) = known.filter(|_| self.knows_invite(&invite)) {
            return Ok(Outcome::Chat(contact.conversation));
        }
        if known.is_none() && self.contacts.len() >= CONTACTS_MAX {
            return Err(CommandError::TooManyContacts);
        }
        let Some(mls) = self.mls.as_mut() else {
            return Err(CommandError::NoPersona);
        };
        let Ok(key_package) = mls.key_package(cx.random, cx.now, false) else {
            return Err(CommandError::TooManyPending);
        };
        self.borrow_homes(cx, &invite);
        let persona = invite.persona;
        self.drop_hello(cx, &persona);
        let issued = match self.contacts.get_mut(&persona) {
            Some(contact) => {
                let record = &mut contact.record;
                record.capability = invite.capability;
                record.homes = invite.homes;
                record.inbox = invite.inbox;
                record.offered = Some(key_package.clone().into());
                record.issued
            }
            None => {
                let issued = Capability::issue(&secret, &me, Lane::Contact, None, cx.random);
                let (who, way) = ((persona, invite.name), (invite.inbox, invite.capability));
                let mut record = ContactRecord::new(cx.now, who, way, invite.homes, issued);
                record.offered = Some(key_package.clone().into());
                self.contacts.insert(persona, Contact::load(record, &me));
                issued
            }
        };
        let Some(contact) = self.contacts.get(&persona) else {
            return Err(CommandError::NoConversation);
        };
        let conversation = contact.conversation;
        cx.dirty(persona);
        cx.changed_chat(conversation);
        if let Some(card) = self.my_card(issued) {
            let id = EnvelopeId(bytes(cx.random));
            let body = Body::Hello {
                card,
                key_package,
                invite: invite.capability,
                welcome: None,
            };
            self.enqueue(cx, persona, id, OutWhat::Body(codec::encode(&body)));
        }
        Ok(Outcome::Chat(conversation))
    }

    /// A page that came without supernodes of its own borrows the inviter's.
    fn borrow_homes(&mut self, cx: &mut Cx<'_>, invite: &Invite) {
        let Some(account) = &mut self.account else {
            return;
        };
        if account.homes.is_empty() {
            account.homes.clone_from(&invite.homes);
            self.account_changed(cx);
            self.lines.set_homes(cx, &invite.homes);
        }
    }

    /// Forgets a hello to a pending contact with all that came of it. Messages that wait, or that were
    /// left by the old invite, are encrypted and sent anew behind the next hello.
    fn drop_hello(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        let Some(contact) = self.contacts.get_mut(persona) else {
            return;
        };
        let (group, offered) = (contact.record.group.take(), contact.record.offered.take());
        if let Some(mls) = self.mls.as_mut() {
            // What is not there need not be removed.
            if let Some(group) = group {
                let _ = mls.remove(group);
            }
            if let Some(offered) = offered {
                let _ = mls.forget_key_package(&offered);
            }
        }
        let hellos = self.outbox.iter();
        let hellos: Vec<u64> = hellos
            .filter(|(_, out)| out.record.to == *persona && is_hello(&out.record.what))
            .map(|(order, _)| *order)
            .collect();
        for order in hellos {
            self.remove_entry(cx, order);
        }
        self.say_again(cx, persona);
    }

    /// What waits for a contact was encrypted for a group that is no more: it is encrypted and sent anew.
    pub(super) fn say_again(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        let theirs = self.outbox.iter();
        let theirs: Vec<u64> = theirs
            .filter(|(_, out)| out.record.to == *persona)
            .map(|(order, _)| *order)
            .collect();
        for order in theirs {
            let envelope = EnvelopeId(bytes(cx.random));
            self.restart_entry(cx, order, envelope);
        }
    }
}

fn is_hello(what: &OutWhat) -> bool {
    match what {
        OutWhat::Body(body) => matches!(
            codec::decode(body, ENVELOPE_BYTES_MAX),
            Ok(Body::Hello { .. })
        ),
        OutWhat::Message { .. } => false,
    }
}
