//! A hello that nobody heard, and one of somebody for whom there is no room: the person is told.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::phase::{Effect, Input, Phase};
use crate::base::id::PersonaId;
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
use crate::identity::name::clean_name;
use crate::peer::contact::Contact;
use crate::peer::io::Notice;
use crate::peer::outbox::Opener;
use crate::peer::records::Failure;
use crate::peer::{Cx, Peer};

impl Peer {
    /// My hello to somebody has come to nothing.
    pub(in crate::peer) fn lose_hello(&mut self, cx: &mut Cx<'_>, to: PersonaId, why: Failure) {
        let Some(contact) = self.contacts.get_mut(&to) else {
            return;
        };
        let (next, effects) = contact.phase().next(Input::Lost);
        if !effects.contains(&Effect::TellLost) {
            return;
        }
        contact.record.lose(why);
        debug_assert_eq!(contact.phase(), next);
        let (conversation, name) = (contact.conversation, contact.record.name.clone());
        cx.dirty(to);
        cx.changed_chat(conversation);
        cx.out.notify(Notice::Unheard { conversation, name });
    }

    /// Hellos that are not in the outbox any more, since an earlier version left them at enough homes, and
    /// are too old to be answered. Groups that were left long ago.
    pub(in crate::peer) fn look_after_contacts(&mut self, cx: &mut Cx<'_>) {
        let contacts = self.contacts.values();
        let lost: Vec<PersonaId> = contacts
            .filter(|contact| self.asked_in_vain(contact, cx.now))
            .map(|contact| contact.record.persona)
            .collect();
        for persona in lost {
            self.lose_hello(cx, persona, Failure::Expired);
        }
        let mut gone = Vec::new();
        for contact in self.contacts.values_mut() {
            let old = contact.record.drop_old_groups(cx.now);
            if !old.is_empty() {
                cx.dirty(contact.record.persona);
                gone.extend(old);
            }
        }
        self.forget_groups(gone);
    }

    fn asked_in_vain(&self, contact: &Contact, now: Timestamp) -> bool {
        let waits = self.opener_to(&contact.record.persona, Opener::Hello);
        contact.phase() == Phase::Asked
            && waits.is_none()
            && now.since(contact.record.since) >= KEEP_TTL_MAX
    }

    /// Somebody said hello and my list of contacts is full.
    pub(super) fn tell_no_room(&mut self, cx: &mut Cx<'_>, name: &str) {
        if core::mem::replace(&mut self.told_no_room, true) {
            return;
        }
        let name = clean_name(name).unwrap_or_default().to_string();
        cx.out.notify(Notice::NoRoomForContact { name });
    }
}
