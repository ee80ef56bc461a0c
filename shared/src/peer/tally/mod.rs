//! What homes of mine hold back.
//!
//! Senders number what they deposit, and say in each parcel which numbers each of my homes has taken.
//! What came from one home and, by its sender's word, was taken by another is expected from that one
//! too. If it stays away although that home is connected and has had time, it is noted against the home
//! and shown; if it comes late, the note is taken back. Nothing else follows from it: a contact can lie.
//!
//! Not here: what no home delivers. That the sender sees, since it never becomes *delivered*.

mod arrival;
mod judge;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::records::home_key;
use super::view::HeldBack;
use super::{Cx, Peer};
use crate::base::clock::SetBack;
use crate::base::codec;
use crate::base::id::{DeviceId, NodeId, PersonaId};
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::mailbox::tally::{Taken, Window};
use crate::peer::records::out_key;

/// A numbered parcel of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbered {
    from: PersonaId,
    device: DeviceId,
    number: u64,
}

/// See the module.
#[derive(Default)]
pub struct Tally {
    /// What came lately from any home, and when it was written.
    arrivals: VecDeque<(Numbered, Timestamp)>,
    /// What is expected from a home, and since when.
    expected: Vec<(NodeId, Numbered, Timestamp)>,
    /// When a home last delivered something that it keeps.
    delivered: SortedMap<NodeId, Timestamp>,
}

impl Tally {
    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        let since = self.expected.iter_mut().map(|(_, _, since)| since);
        since
            .chain(self.delivered.values_mut())
            .for_each(|at| back.past(at));
    }
}

impl Peer {
    /// The number of an outbox entry; given when it is first deposited.
    pub(super) fn number_entry(&mut self, cx: &mut Cx<'_>, order: u64) -> Option<u64> {
        let out = self.outbox.get_mut(&order)?;
        if out.record.number.is_none() {
            let contact = self.contacts.get_mut(&out.record.to)?;
            contact.record.numbered = contact.record.numbered.saturating_add(1);
            out.record.number = Some(contact.record.numbered);
            cx.dirty(out.record.to);
            cx.out.store.put(out_key(order), codec::encode(&out.record));
        }
        out.record.number
    }

    /// A home of a contact has taken the parcel with this number.
    pub(super) fn note_taken(
        &mut self,
        cx: &mut Cx<'_>,
        to: PersonaId,
        node: NodeId,
        number: Option<u64>,
    ) {
        let (Some(number), Some(contact)) = (number, self.contacts.get_mut(&to)) else {
            return;
        };
        let record = &mut contact.record;
        let homes = &record.homes;
        record
            .taken
            .retain(|taken| homes.iter().any(|home| home.node == taken.node));
        match record.taken.iter_mut().find(|taken| taken.node == node) {
            Some(taken) => taken.numbers.insert(number),
            None => {
                let mut numbers = Window::default();
                numbers.insert(number);
                record.taken.push(Taken { node, numbers });
            }
        }
        cx.dirty(to);
    }

    /// What a home of mine held back, if anything.
    pub(super) fn held_back(&self, node: &NodeId) -> Option<HeldBack> {
        let known = self.known_homes.get(node)?;
        let lately = || {
            known
                .held
                .iter()
                .filter(|held| self.now.since(held.at) < KEEP_TTL_MAX)
        };
        let mut people: Vec<_> = lately().map(|held| held.persona).collect();
        people.sort_unstable();
        people.dedup();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (!people.is_empty()).then(|| HeldBack {
            messages: count(lately().count()),
            contacts: count(people.len()),
        })
    }

    pub(super) fn keep_home(&self, cx: &mut Cx<'_>, node: &NodeId) {
        if let Some(known) = self.known_homes.get(node) {
            cx.out.store.put(home_key(node), codec::encode(known));
        }
        cx.changed(super::view::Changed::Network);
    }
}
