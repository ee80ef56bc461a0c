//! Another way to a contact: their card names other homes, keys or devices, or gives me another right to write.
//! What waits for them is tried again then, and sealed anew. With another right they may have let me in again
//! after a block: what was sent goes once more, and they are given my card, since they may have missed both.
//!
//! Whoever sends cards again and again has us do that no faster than an [`Allowance`](super::allowance) fills;
//! what is owed until then is done when it has.

use alloc::vec::Vec;

use super::allowance::{HELLO_COST, SIGNALS};
use super::contact::Contact;
use super::{Cx, Peer};
use crate::base::id::{PersonaId, SealKey};
use crate::base::time::Timestamp;
use crate::identity::list::VerifiedDeviceList;
use crate::invite::Home;
use crate::mailbox::capability::Capability;
use crate::mailbox::parcel::{Body, Card};

/// What decides where things for a contact go, and who opens them there.
#[derive(PartialEq, Eq)]
struct Way {
    homes: Vec<Home>,
    capability: Capability,
    inbox: SealKey,
    devices: Vec<u8>,
}

impl Way {
    fn to(contact: &Contact) -> Self {
        let record = &contact.record;
        Self {
            homes: record.homes.clone(),
            capability: record.capability,
            inbox: record.inbox,
            devices: record.devices.clone(),
        }
    }
}

impl Contact {
    /// Whether what waits for them is to go by another way.
    fn is_owed(&self) -> bool {
        self.way_changed || self.record.let_in
    }
}

impl Peer {
    /// Takes over a card of a contact that I have met, if it is newer. Its device list is `list`, checked.
    pub(super) fn take_newer_card(
        &mut self,
        cx: &mut Cx<'_>,
        from: PersonaId,
        card: Card,
        (list, at): (VerifiedDeviceList, Timestamp),
    ) {
        let Some(contact) = self.contacts.get_mut(&from) else {
            return;
        };
        let before = Way::to(contact);
        if contact.take_verified_card(card, list, at, cx.now).is_err() {
            return;
        }
        let now = Way::to(contact);
        contact.way_changed |= now != before;
        contact.record.let_in |= now.capability != before.capability;
        cx.dirty(from);
        cx.changed_chat(contact.conversation);
        self.go_anew(cx, from);
    }

    /// Does what is owed because of another way, if it may be done already.
    fn go_anew(&mut self, cx: &mut Cx<'_>, to: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&to) else {
            return;
        };
        if !contact.is_owed() || !contact.signals.take(SIGNALS, cx.now, HELLO_COST) {
            return;
        }
        contact.way_changed = false;
        let let_in = core::mem::take(&mut contact.record.let_in);
        let issued = contact.record.issued;
        self.forget_refusals(to);
        self.pump = true;
        if let_in {
            cx.dirty(to);
            self.send_once_more(cx, to);
            if let Some(card) = self.my_card(issued) {
                self.enqueue_body(cx, to, &Body::Card(card));
            }
        }
    }

    /// Nothing is owed to a contact, whatever way leads there.
    pub(super) fn owe_nothing(&mut self, to: &PersonaId) {
        if let Some(contact) = self.contacts.get_mut(to) {
            contact.way_changed = false;
            contact.record.let_in = false;
        }
    }

    /// Time has passed.
    pub(super) fn tick_ways(&mut self, cx: &mut Cx<'_>) {
        let owed = self.contacts.values().filter(|contact| contact.is_owed());
        let owed: Vec<PersonaId> = owed.map(|contact| contact.record.persona).collect();
        for persona in owed {
            self.go_anew(cx, persona);
        }
    }

    /// When [`Self::tick_ways`] is due.
    pub(super) fn ways_deadline(&self) -> Option<Timestamp> {
        let owed = self.contacts.values().filter(|contact| contact.is_owed());
        let due = owed.map(|contact| contact.signals.ready_at(SIGNALS, self.now, HELLO_COST));
        due.min()
    }
}
