//! The answer to a hello of mine.

use super::groups::Joined;
use super::phase::{Effect, Input, Phase};
use crate::base::id::{DeviceId, PersonaId};
use crate::base::time::Timestamp;
use crate::mailbox::parcel::Card;
use crate::peer::allowance::{HELLO_COST, SIGNALS};
use crate::peer::contact::BadCard;
use crate::peer::{Cx, Peer};

impl Peer {
    pub(in crate::peer) fn take_accept(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        card: Card,
        welcome: &[u8],
    ) {
        let Some(account) = &self.account else {
            return;
        };
        let leads = account.persona.id() > from;
        let phase = Phase::of(self.contacts.get(&from).map(|contact| &contact.record));
        let (next, effects) = phase.next(Input::Accept);
        if !effects.contains(&Effect::Join) {
            return;
        }
        let crossed = phase == Phase::Crossed;
        let Some(mut contact) = self.contacts.remove(&from) else {
            return;
        };
        if crossed && !contact.signals.take(SIGNALS, cx.now, HELLO_COST) {
            self.contacts.insert(from, contact);
            return;
        }
        let before = (contact.record.clone(), contact.devices.clone());
        // When hellos crossed, a newer card may have come before.
        let sound = match contact.take_card(card, at, cx.now) {
            Ok(()) => true,
            Err(BadCard::Old) => crossed,
            Err(BadCard::Unsound) => false,
        };
        let listed = contact.devices.as_ref();
        let listed = listed.is_some_and(|list| list.device(&device).is_some());
        let joined = if !sound || !listed {
            None
        } else if welcome.is_empty() {
            let mine = contact.record.greeting.is_some() || !contact.record.spare.is_empty();
            mine.then_some(Joined::Mine)
        } else {
            let joined = self.join_by(cx, &contact, device, welcome);
            joined.map(Joined::Theirs)
        };
        let Some(joined) = joined else {
            (contact.record, contact.devices) = before;
            self.contacts.insert(from, contact);
            return;
        };
        let spoke = contact.record.group;
        let (gone, offered) = contact.record.accept(cx.now, joined, !crossed || leads);
        let speaks_elsewhere = spoke.is_some() && spoke != contact.record.group;
        contact.heard = Some(cx.now);
        debug_assert_eq!(contact.phase(), next);
        cx.dirty(from);
        cx.changed_chat(contact.conversation);
        self.contacts.insert(from, contact);
        self.forget_groups(gone);
        if let (Some(offered), Some(mls)) = (offered, self.mls.as_mut()) {
            let _ = mls.forget_key_package(&offered);
        }
        if effects.contains(&Effect::Withdraw) {
            self.withdraw_hello(cx, &from);
        }
        if speaks_elsewhere {
            self.say_again(cx, &from);
        }
        self.forget_refusals(from);
        self.pump = true;
        self.knock(cx, from);
    }
}
