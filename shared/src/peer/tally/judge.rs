//! What stays away for too long is noted against the home, and taken back when it comes.

use super::Numbered;
use crate::base::id::NodeId;
use crate::base::time::Timestamp;
use crate::peer::records::{Held, HomeRecord};
use crate::peer::{Cx, Peer};
use crate::session::client::Role;

use alloc::vec::Vec;
use core::time::Duration;

/// A home that is connected has this long to deliver what is expected of it, since it was connected,
/// since it was first missed, and since it last delivered anything: a long backlog takes its time.
const GRACE: Duration = Duration::from_secs(120);
/// A home that keeps delivering other things has this long.
const GRACE_MAX: Duration = Duration::from_secs(3600);
/// Notes kept against one home; the oldest goes.
const HELD_MAX: usize = 64;

/// Whether a note is about this parcel.
pub fn is_about(held: &Held, parcel: &Numbered) -> bool {
    (held.persona, held.device, held.number) == (parcel.from, parcel.device, parcel.number)
}

impl Peer {
    /// Looks at what is still expected.
    pub(in crate::peer) fn tick_tally(&mut self, cx: &mut Cx<'_>) {
        let expected = core::mem::take(&mut self.tally.expected);
        let (late, rest): (Vec<_>, Vec<_>) = expected.into_iter().partition(|(node, _, since)| {
            self.patience_ends(node, *since)
                .is_some_and(|end| end <= cx.now)
        });
        self.tally.expected = rest;
        for (node, parcel, _) in late {
            let known = self
                .known_homes
                .get_or_insert_with(node, HomeRecord::default);
            let Some(known) = known else { continue };
            if known.held.len() >= HELD_MAX {
                known.held.remove(0);
            }
            known.held.push(Held {
                persona: parcel.from,
                device: parcel.device,
                number: parcel.number,
                at: cx.now,
            });
            self.keep_home(cx, &node);
        }
    }

    /// When [`Self::tick_tally`] is due.
    pub(in crate::peer) fn tally_deadline(&self) -> Option<Timestamp> {
        let expected = self.tally.expected.iter();
        expected
            .filter_map(|(node, _, since)| self.patience_ends(node, *since))
            .min()
    }

    /// `None` while the home is not connected: then it cannot deliver.
    fn patience_ends(&self, node: &NodeId, since: Timestamp) -> Option<Timestamp> {
        let (_, _, connected) = self.lines.describe(node, Role::Home);
        let start = connected?.max(since);
        let delivered = self.tally.delivered.get(node).copied().unwrap_or(start);
        let end = start.max(delivered).after(GRACE);
        Some(end.min(start.after(GRACE_MAX)))
    }

    /// What was held back has come after all.
    pub(super) fn forgive(&mut self, cx: &mut Cx<'_>, node: &NodeId, parcel: &Numbered) {
        let Some(known) = self.known_homes.get_mut(node) else {
            return;
        };
        let before = known.held.len();
        known.held.retain(|held| !is_about(held, parcel));
        if known.held.len() != before {
            self.keep_home(cx, node);
        }
    }
}
