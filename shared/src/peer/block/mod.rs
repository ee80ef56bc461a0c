//! Contacts that are blocked: their right to write is taken back at every home, nothing of theirs is taken
//! or answered, and nothing goes to them. Whoever is let in again gets another right.
//!
//! Homes are told in every session what must not come in any more, since one may have been away, be new,
//! or have forgotten. A home that confirms is remembered.

mod load;
mod present;

use alloc::vec::Vec;
use core::time::Duration;

use super::command::CommandError;
use super::io::Outcome;
use super::records::{BlockRecord, OutWhat, RevokedRecord, block_key, revoked_key};
use super::view::Changed;
use super::{Cx, Peer};
use crate::base::clock::SetBack;
use crate::base::codec;
use crate::base::id::{ConversationId, NodeId, PersonaId};
use crate::base::sorted::{SortedMap, SortedSet};
use crate::base::time::Timestamp;
use crate::mailbox::capability::{Capability, CapabilitySerial, Lane};
use crate::mailbox::parcel::{Body, Receipt};
use crate::mailbox::wire::DepositCode;

/// Rights of contacts that were taken back, ever: they have no end of their own. With the invites that were
/// taken back they fit into what a home remembers
/// ([`REVOKED_MAX`](crate::base::limits::REVOKED_MAX)).
pub const RIGHTS_TAKEN_BACK_MAX: usize = 2048;

/// A home that could not keep what it was told is told again after this long.
const AGAIN: Duration = Duration::from_secs(60);

/// Who is blocked, and what was taken back of contacts.
#[derive(Default)]
pub struct Blocks {
    blocked: SortedMap<PersonaId, BlockRecord>,
    revoked: SortedMap<CapabilitySerial, RevokedRecord>,
    /// Homes to be told again, and when.
    again: SortedMap<NodeId, Timestamp>,
    /// Homes that remember as much as they can.
    full: SortedSet<NodeId>,
}

impl Blocks {
    /// Whether nothing of this persona is taken.
    pub fn contains(&self, persona: &PersonaId) -> bool {
        self.blocked.contains_key(persona)
    }

    /// What homes are told besides invites.
    pub fn revoked(&self) -> impl Iterator<Item = &CapabilitySerial> {
        self.revoked.keys()
    }

    /// Whether a home has no room to remember what was taken back.
    pub fn is_full(&self, node: &NodeId) -> bool {
        self.full.contains(node)
    }

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        self.again.values_mut().for_each(|at| back.due(at));
    }

    /// When a home is to be told again.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.again.values().min().copied()
    }
}

impl Peer {
    /// Nothing comes in from this contact any more, and nothing goes out.
    pub(super) fn block(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        if self.is_blocked(&persona) {
            return Ok(Outcome::Done);
        }
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return Err(CommandError::NoConversation);
        };
        if !contact.has_answered() {
            return Err(CommandError::NotAnswered);
        }
        if self.blocks.revoked.len() >= RIGHTS_TAKEN_BACK_MAX {
            return Err(CommandError::TooManyBlocked);
        }
        let serial = contact.record.issued.serial;
        contact.heard = None;
        contact.note_read();
        contact.receipt = Receipt::default();
        let block = BlockRecord {
            since: cx.now,
            serial,
        };
        let revoked = RevokedRecord {
            persona,
            confirmed: Vec::new(),
        };
        cx.out.store.put(block_key(&persona), codec::encode(&block));
        cx.out
            .store
            .put(revoked_key(&serial), codec::encode(&revoked));
        self.blocks.blocked.insert(persona, block);
        self.blocks.revoked.insert(serial, revoked);
        cx.dirty(persona);
        self.leave_channel(cx, persona);
        self.lines.forget_live(&persona);
        self.rest_outbox(cx, &persona);
        self.owe_nothing(&persona);
        self.block_changed(cx, conversation);
        let homes: Vec<_> = self.my_homes().collect();
        for node in homes {
            self.tell_taken_back(cx, node);
        }
        Ok(Outcome::Done)
    }

    /// Lets a contact in again, by another right than before.
    pub(super) fn unblock(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        let (Some(account), Some(contact)) = (&self.account, self.contacts.get_mut(&persona))
        else {
            return Err(CommandError::NoConversation);
        };
        if self.blocks.blocked.remove(&persona).is_none() {
            return Ok(Outcome::Done);
        }
        cx.out.store.delete(block_key(&persona));
        let issued = Capability::issue(
            &account.persona.capability_secret(),
            &account.persona.id(),
            Lane::Contact,
            None,
            cx.random,
        );
        contact.record.issued = issued;
        cx.dirty(persona);
        self.block_changed(cx, conversation);
        if let Some(card) = self.my_card(issued) {
            self.enqueue_body(cx, persona, &Body::Card(card));
        }
        self.send_once_more(cx, persona);
        self.knock(cx, persona);
        self.pump = true;
        Ok(Outcome::Done)
    }

    /// Whether nothing goes to a contact and nothing of theirs is taken.
    pub(super) fn is_blocked(&self, persona: &PersonaId) -> bool {
        self.blocks.contains(persona)
    }

    /// A home says that it has kept what it was told, or that it has not.
    pub(super) fn take_revoked(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        code: DepositCode,
        serials: &[CapabilitySerial],
    ) {
        let was_full = self.blocks.full.remove(&node);
        match code {
            DepositCode::Ok => {}
            DepositCode::NoRoom => {
                self.blocks.full.insert(node);
            }
            _ => {
                self.blocks.again.insert(node, cx.now.after(AGAIN));
            }
        }
        if was_full != self.blocks.full.contains(&node) {
            cx.changed(Changed::Network);
        }
        if code != DepositCode::Ok {
            return;
        }
        let homes: Vec<_> = self.my_homes().collect();
        for serial in serials {
            if let Some(revoked) = self.blocks.revoked.get_mut(serial)
                && !revoked.confirmed.contains(&node)
            {
                // Homes I have left would make the record longer and longer.
                revoked.confirmed.retain(|home| homes.contains(home));
                revoked.confirmed.push(node);
                cx.out
                    .store
                    .put(revoked_key(serial), codec::encode(revoked));
                cx.changed(Changed::Blocked);
            }
        }
    }

    /// Time has passed.
    pub(super) fn tick_blocks(&mut self, cx: &mut Cx<'_>) {
        let due = self.blocks.again.iter().filter(|(_, at)| **at <= cx.now);
        let due: Vec<NodeId> = due.map(|(node, _)| *node).collect();
        for node in due {
            self.blocks.again.remove(&node);
            self.tell_taken_back(cx, node);
        }
    }

    fn block_changed(&mut self, cx: &mut Cx<'_>, conversation: ConversationId) {
        cx.changed_chat(conversation);
        cx.changed(Changed::Blocked);
    }

    /// What is not a message is not owed any more, but for the answer to a first contact: without it they
    /// could not be let in again. Messages that have not gone stay where they are.
    fn rest_outbox(&mut self, cx: &mut Cx<'_>, to: &PersonaId) {
        let theirs = self.outbox.iter().filter(|(_, out)| out.record.to == *to);
        let theirs: Vec<_> = theirs
            .map(|(order, out)| {
                let owed =
                    out.opener.is_some() || matches!(out.record.what, OutWhat::Message { .. });
                (*order, owed)
            })
            .collect();
        for (order, owed) in theirs {
            if !owed {
                self.remove_entry(cx, order);
            } else if let Some(out) = self.outbox.get_mut(&order) {
                out.rest();
            }
        }
    }
}
