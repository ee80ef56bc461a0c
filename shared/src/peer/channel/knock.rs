//! Knocking: "my page is open". Whoever comes later knocks, so where nobody is there it is their turn.

use super::KNOCKS;
use crate::base::id::{NodeId, PersonaId};
use crate::base::limits::PEER_LINKS_MAX;
use crate::mailbox::wire::DepositCode;
use crate::peer::{Cx, Peer};
use crate::planted::{Fault, is_planted};
use crate::session::client::Role;
use crate::session::wire::DepositReceipt;
use crate::signalling::wire::Signal;
use alloc::vec::Vec;

impl Peer {
    /// My mailbox at `node` is open: tell the contacts spoken to last. If another was open before, they
    /// have been told, and are told once more a little later unless they are going to be anyway, lest that
    /// home keeps their answer from me.
    pub(in crate::peer) fn knock_all(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        if !self.may_link() {
            return;
        }
        let told = self
            .my_homes()
            .filter(|home| *home != node)
            .any(|home| self.lines.is_ready(&home, Role::Home));
        for persona in self.recent() {
            if !told {
                self.knock(cx, persona);
            } else if let Some(contact) = self.contacts.get_mut(&persona) {
                contact.channel.knock_again(cx.now);
            }
        }
    }

    /// Channels are possible that were not before: tell the contacts spoken to last.
    pub(in crate::peer) fn knock_at_recent(&mut self, cx: &mut Cx<'_>) {
        if self.may_link() {
            for persona in self.recent() {
                self.knock(cx, persona);
            }
        }
    }

    /// Contacts without a channel, the last spoken to first.
    fn recent(&self) -> Vec<PersonaId> {
        let mut recent: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.has_answered() && contact.channel.attempt().is_none())
            .filter(|contact| !self.is_blocked(&contact.record.persona))
            .map(|contact| (contact.record.active, contact.record.persona))
            .collect();
        recent.sort_unstable_by(|a, b| b.cmp(a));
        let personas = recent.into_iter().map(|(_, persona)| persona);
        personas.take(PEER_LINKS_MAX).collect()
    }

    /// Knocks now, and again later while nobody answers.
    pub(in crate::peer) fn knock(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.knocks = 0;
            contact.channel.knock_due = Some(cx.now);
            contact.channel.absent.clear();
        }
        self.tick_channel(cx, persona);
    }

    /// Knocks, unless there is a channel or an attempt at one, and sees to the next time.
    pub(super) fn send_knock(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let may_link = self.may_link();
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        let channel = &mut contact.channel;
        let pause = KNOCKS.get(channel.knocks);
        channel.knock_due = pause.map(|pause| cx.now.after(*pause));
        if is_planted(Fault::NeverRest) {
            channel.knock_due = Some(cx.now);
        }
        channel.knocks = channel.knocks.saturating_add(1);
        if channel.attempt().is_some() || !contact.has_answered() || !may_link {
            return;
        }
        let (before, absent) = (contact.channel.knock.take(), contact.channel.absent.clone());
        if let Some(before) = before {
            self.knocked.remove(&before);
        }
        let id = self.send_signal(cx, persona, Signal::Knock, &absent);
        if let (Some(id), Some(contact)) = (id, self.contacts.get_mut(&persona)) {
            contact.channel.knock = Some(id);
            self.knocked.insert(id, persona);
        }
    }

    /// A home has answered a live envelope. When all homes of a contact say that nobody is there, no
    /// further knock is of use: the contact's page knocks when it opens.
    pub(in crate::peer) fn take_live_receipt(&mut self, node: NodeId, receipt: &DepositReceipt) {
        let busy = matches!(receipt.code, DepositCode::Storage | DepositCode::SlowDown);
        let Some(persona) = self.knocked.get(&receipt.id) else {
            return;
        };
        let contact = self.contacts.get_mut(persona);
        let Some(contact) = contact.filter(|_| receipt.handed == 0 && !busy) else {
            return;
        };
        let homes = &contact.record.homes;
        let absent = &mut contact.channel.absent;
        if homes.iter().any(|home| home.node == node) && !absent.contains(&node) {
            absent.push(node);
        }
        if homes.iter().all(|home| absent.contains(&home.node)) {
            contact.channel.knock_due = None;
            contact.channel.knocks = KNOCKS.len();
        }
    }
}
