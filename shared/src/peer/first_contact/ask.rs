//! Asking: a hello by somebody's invite, and the same again by another way.

use alloc::vec::Vec;

use minicbor::bytes::ByteVec;

use super::phase::{Effect, Input, Phase};
use crate::base::codec;
use crate::base::id::{ConversationId, EnvelopeId, PersonaId};
use crate::base::limits::{CONTACTS_MAX, ENVELOPE_BYTES_MAX, KEEP_TTL_MAX, OUTBOX_MAX};
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::invite::{Invite, InviteError};
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::Body;
use crate::peer::chat::content_of;
use crate::peer::command::CommandError;
use crate::peer::contact::Contact;
use crate::peer::io::Outcome;
use crate::peer::outbox::Opener;
use crate::peer::records::{ContactRecord, OutWhat};
use crate::peer::requests::{REQUEST_WORDS_BYTES_MAX, words_of};
use crate::peer::{Cx, Peer};

impl Peer {
    /// Whether accepting this invite would bring nothing new.
    pub(in crate::peer) fn knows_invite(&self, invite: &Invite) -> bool {
        let Some(contact) = self.contacts.get(&invite.persona) else {
            return false;
        };
        // An invite is the better way.
        let used = contact.record.capability == invite.capability || invite.is_public();
        match contact.phase() {
            Phase::Unknown | Phase::Unheard => false,
            Phase::Asked => used,
            Phase::Crossed | Phase::Met if contact.record.refused => {
                used && self.opener_to(&invite.persona, Opener::Hello).is_some()
            }
            Phase::Crossed | Phase::Met => true,
        }
    }

    pub(in crate::peer) fn accept_invite(
        &mut self,
        cx: &mut Cx<'_>,
        code: &str,
        words: &str,
    ) -> Result<Outcome, CommandError> {
        let Some(account) = &self.account else {
            return Err(CommandError::NoPersona);
        };
        let invite = Invite::read(code, cx.now)?;
        if invite.persona == account.persona.id() {
            return Err(InviteError::Own.into());
        }
        let words = words.trim();
        if words.len() > REQUEST_WORDS_BYTES_MAX {
            return Err(CommandError::WordsTooLong { len: words.len() });
        }
        if !words.is_empty() && self.outbox.len() >= OUTBOX_MAX {
            return Err(CommandError::OutboxFull);
        }
        // They ask already: whoever asks back lets them in.
        if let Ok(Outcome::Chat(conversation)) = self.accept_request(cx, invite.persona) {
            self.befriend(cx, invite.persona);
            self.say_first(cx, conversation, words);
            return Ok(Outcome::Chat(conversation));
        }
        let known = self.contacts.get(&invite.persona);
        // Whoever is blocked is let in again first.
        let stays = || self.is_blocked(&invite.persona) || self.knows_invite(&invite);
        if let Some(contact) = known.filter(|_| stays()) {
            let conversation = contact.conversation;
            self.befriend(cx, invite.persona);
            self.say_first(cx, conversation, words);
            return Ok(Outcome::Chat(conversation));
        }
        if known.is_none() && self.contacts.len() >= CONTACTS_MAX {
            return Err(CommandError::TooManyContacts);
        }
        self.ask(cx, invite, words)
    }

    /// Tries again, by the same invite.
    pub(in crate::peer) fn ask_again(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        let Some(contact) = self.contacts.get(&persona) else {
            return Err(CommandError::NoConversation);
        };
        if contact.phase() != Phase::Unheard {
            return Ok(Outcome::Chat(conversation));
        }
        let invite = Invite {
            persona,
            inbox: contact.record.inbox,
            capability: contact.record.capability,
            name: contact.record.name.clone(),
            homes: contact.record.homes.clone(),
        };
        if invite.expires() <= cx.now {
            return Err(InviteError::Expired.into());
        }
        self.ask(cx, invite, "")
    }

    fn ask(
        &mut self,
        cx: &mut Cx<'_>,
        invite: Invite,
        words: &str,
    ) -> Result<Outcome, CommandError> {
        let persona = invite.persona;
        let contact = self.contacts.get(&persona);
        let phase = match Phase::of(contact.map(|contact| &contact.record)) {
            // Its key package would be too old in the end; or an earlier version has let go of it.
            Phase::Asked if self.is_old_hello(&persona, cx.now) => Phase::Unheard,
            Phase::Crossed if self.opener_to(&persona, Opener::Hello).is_none() => Phase::Met,
            phase => phase,
        };
        let (next, effects) = phase.next(Input::Ask);
        let Some(mls) = self.mls.as_mut() else {
            return Err(CommandError::NoPersona);
        };
        let key_package = if effects.contains(&Effect::Greet) {
            let made = mls.key_package(cx.random, cx.now, false);
            Some(made.map_err(|_| CommandError::TooManyPending)?)
        } else {
            None
        };
        self.borrow_homes(cx, &invite);
        self.forget_request(cx, &persona);
        if effects.contains(&Effect::ForgetHello) {
            self.forget_hello(cx, &persona);
        }
        let again = effects.contains(&Effect::GreetAgain);
        let under_way = again.then(|| self.hello_to(&persona)).flatten();
        let Some(contact) = self.asked(cx, invite) else {
            return Err(CommandError::NoPersona);
        };
        contact.record.ask(key_package.clone());
        debug_assert_eq!(contact.phase(), next);
        let conversation = contact.conversation;
        cx.dirty(persona);
        cx.changed_chat(conversation);
        self.say_first(cx, conversation, words);
        let anew = !words.is_empty();
        if let Some(key_package) = key_package {
            let contact = self.contacts.get_mut(&persona);
            if let Some(contact) = contact.filter(|contact| !contact.has_answered()) {
                contact.record.since = cx.now;
            }
            self.greet(cx, &persona, (key_package, None), anew);
        } else if let Some((key_package, welcome)) = under_way {
            self.withdraw_hello(cx, &persona);
            // Those that came with a hello that was not let in have been dropped with it.
            self.say_again(cx, &persona);
            self.greet(cx, &persona, (key_package, welcome), anew);
        }
        self.befriend(cx, persona);
        self.forget_refusals(persona);
        self.revive(cx, &persona);
        self.pump = true;
        Ok(Outcome::Chat(conversation))
    }

    fn is_old_hello(&self, persona: &PersonaId, now: Timestamp) -> bool {
        let contact = self.contacts.get(persona);
        let old = contact.is_some_and(|contact| now.since(contact.record.since) >= KEEP_TTL_MAX);
        old || self.opener_to(persona, Opener::Hello).is_none()
    }

    /// The contact of an invite, with what it says of the way to them.
    fn asked(&mut self, cx: &mut Cx<'_>, invite: Invite) -> Option<&mut Contact> {
        let persona = invite.persona;
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.record.capability = invite.capability;
            contact.record.homes = invite.homes;
            // An invite proves nothing, and their card did.
            if !contact.has_answered() {
                contact.record.inbox = invite.inbox;
            }
        } else {
            let account = self.account.as_ref()?;
            let (me, secret) = (account.persona.id(), account.persona.capability_secret());
            let issued = Capability::issue(&secret, &me, Lane::Contact, None, cx.random);
            let (who, way) = ((persona, invite.name), (invite.inbox, invite.capability));
            let record = ContactRecord::new(cx.now, who, way, invite.homes, issued);
            self.contacts.insert(persona, Contact::load(record, &me));
        }
        self.contacts.get_mut(&persona)
    }

    fn greet(
        &mut self,
        cx: &mut Cx<'_>,
        persona: &PersonaId,
        (key_package, welcome): (Vec<u8>, Option<ByteVec>),
        anew: bool,
    ) {
        let Some(contact) = self.contacts.get(persona) else {
            return;
        };
        let (invite, issued) = (contact.record.capability, contact.record.issued);
        let Some(card) = self.my_card(issued) else {
            return;
        };
        let body = Body::Hello {
            card,
            key_package,
            invite,
            welcome,
            words: self.first_words(persona, anew),
        };
        let (id, at) = (EnvelopeId(bytes(cx.random)), self.card_time(cx));
        self.enqueue(cx, *persona, (id, at), OutWhat::Body(codec::encode(&body)));
    }

    /// Says what is to be said first, if there is anything.
    fn say_first(&mut self, cx: &mut Cx<'_>, conversation: ConversationId, words: &str) {
        if !words.is_empty() {
            // That there is room for it was seen before anything was done. Whom I block hears nothing.
            let _ = self.say(cx, conversation, words);
        }
    }

    /// What I say to somebody who must let me in first, if it fits: they see it with my request. If I have
    /// said something `anew`, it is that, else the first that waits; whatever I have added since is for when
    /// I am in. It is said again in our group, like all that waits, once there is one.
    fn first_words(&self, to: &PersonaId, anew: bool) -> Option<ByteVec> {
        let contact = self.contacts.get(to);
        contact.filter(|contact| contact.asks_in_public())?;
        let theirs = self.outbox.values().filter(|out| out.record.to == *to);
        let mut said = theirs.filter_map(|out| match &out.record.what {
            OutWhat::Message { record, .. } => {
                let said = content_of(record).to_bytes();
                words_of(&said).map(|_| said)
            }
            OutWhat::Body(_) => None,
        });
        let words = if anew { said.next_back() } else { said.next() };
        words.map(Into::into)
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

    /// Key package and welcome of my hello to somebody, while it waits for its answer.
    fn hello_to(&self, persona: &PersonaId) -> Option<(Vec<u8>, Option<ByteVec>)> {
        let order = self.opener_to(persona, Opener::Hello)?;
        let OutWhat::Body(body) = &self.outbox.get(&order)?.record.what else {
            return None;
        };
        match codec::decode(body, ENVELOPE_BYTES_MAX) {
            Ok(Body::Hello {
                key_package,
                welcome,
                ..
            }) => Some((key_package, welcome)),
            _ => None,
        }
    }

    /// Forgets my hello. Messages that were encrypted for its group are encrypted
    /// anew, behind the next hello.
    fn forget_hello(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        let Some(contact) = self.contacts.get_mut(persona) else {
            return;
        };
        let (gone, offered) = contact.record.forget_hello(cx.now);
        self.forget_groups(gone);
        if let (Some(offered), Some(mls)) = (offered, self.mls.as_mut()) {
            let _ = mls.forget_key_package(&offered);
        }
        self.withdraw_hello(cx, persona);
        self.say_again(cx, persona);
    }

    /// Sends my hello no more.
    pub(super) fn withdraw_hello(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        while let Some(order) = self.opener_to(persona, Opener::Hello) {
            self.remove_entry(cx, order);
        }
    }

    /// What waits for a contact is encrypted and sent anew: they may not hold the group that it was
    /// encrypted for.
    pub(super) fn say_again(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        for order in self.entries_to(persona) {
            let envelope = EnvelopeId(bytes(cx.random));
            self.restart_entry(cx, order, envelope);
        }
    }
}
