//! A numbered parcel has come from a home.

use super::Numbered;
use crate::base::id::NodeId;
use crate::base::limits::{DEVICES_MAX, HOMES_MAX};
use crate::mailbox::parcel::Parcel;
use crate::mailbox::tally::{Taken, Window};
use crate::peer::records::Came;
use crate::peer::{Cx, Peer};

use core::time::Duration;

/// Parcels that came lately and may be missed elsewhere.
const ARRIVALS_MAX: usize = 512;
/// Parcels that are expected from homes.
const EXPECTED_MAX: usize = 256;
/// Only what is younger than the home keeps envelopes, by this much, is expected: clocks of sender, home and
/// reader may differ by a day, and then an honest home has let it expire.
const CLOCKS_APART: Duration = Duration::from_secs(24 * 3600);

impl Peer {
    /// Notes that `parcel`, whose sender was checked, came from `node`, and what it says of others.
    /// Returns whether it came from another home before, and not from this one.
    pub(in crate::peer) fn note_arrival(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        parcel: &Parcel,
    ) -> bool {
        let Some(number) = parcel.number else {
            return false;
        };
        let this = Numbered {
            from: parcel.from,
            device: parcel.device,
            number,
        };
        self.tally.delivered.insert(node, cx.now);
        self.tally
            .expected
            .retain(|(of, expected, _)| (*of, *expected) != (node, this));
        self.forgive(cx, &node, &this);
        let is_replica = self.note_came(cx, node, &this);
        if self.tally.arrivals.iter().all(|(other, _)| *other != this) {
            if self.tally.arrivals.len() >= ARRIVALS_MAX {
                self.tally.arrivals.pop_front();
            }
            self.tally.arrivals.push_back((this, parcel.at));
        }
        for taken in parcel.taken.iter().take(HOMES_MAX) {
            self.expect(cx, parcel, taken);
        }
        is_replica
    }

    fn note_came(&mut self, cx: &mut Cx<'_>, node: NodeId, this: &Numbered) -> bool {
        let (Some(account), Some(contact)) = (&self.account, self.contacts.get_mut(&this.from))
        else {
            return false;
        };
        let came = &mut contact.record.came;
        let of_device = |other: &&Came| other.device == this.device;
        let elsewhere = came
            .iter()
            .filter(of_device)
            .any(|other| other.node != node && other.numbers.contains(this.number));
        let place = |other: &Came| (other.device, other.node) == (this.device, node);
        let here = came.iter().position(place);
        let repeated = here
            .and_then(|at| came.get(at))
            .is_some_and(|came| came.numbers.contains(this.number));
        match here.and_then(|at| came.get_mut(at)) {
            Some(came) => came.numbers.insert(this.number),
            None => {
                let (homes, devices) = (&account.homes, &contact.devices);
                came.retain(|came| {
                    homes.iter().any(|home| home.node == came.node)
                        && devices
                            .as_ref()
                            .is_some_and(|list| list.device(&came.device).is_some())
                });
                if came.len() < HOMES_MAX * DEVICES_MAX {
                    let mut numbers = Window::default();
                    numbers.insert(this.number);
                    came.push(Came {
                        device: this.device,
                        node,
                        numbers,
                    });
                }
            }
        }
        cx.dirty(this.from);
        elsewhere && !repeated
    }

    /// What came from elsewhere, and was taken by a home of mine, is expected from there.
    fn expect(&mut self, cx: &Cx<'_>, parcel: &Parcel, taken: &Taken) {
        let (Some(account), Some(contact)) = (&self.account, self.contacts.get(&parcel.from))
        else {
            return;
        };
        if account.homes.iter().all(|home| home.node != taken.node) {
            return;
        }
        let came = contact
            .record
            .came
            .iter()
            .find(|came| (came.device, came.node) == (parcel.device, taken.node))
            .map(|came| came.numbers)
            .unwrap_or_default();
        let age_max = self.lines.keep_of(&taken.node).saturating_sub(CLOCKS_APART);
        let tally = &mut self.tally;
        for (arrived, at) in &tally.arrivals {
            let missed = (arrived.from, arrived.device) == (parcel.from, parcel.device)
                && taken.numbers.contains(arrived.number)
                && !came.contains(arrived.number)
                && !came.has_forgotten(arrived.number)
                && cx.now.since(*at) < age_max;
            let known = || {
                let held = self.known_homes.get(&taken.node).is_some_and(|known| {
                    known
                        .held
                        .iter()
                        .any(|held| super::judge::is_about(held, arrived))
                });
                let mut expected = tally.expected.iter();
                held || expected.any(|(of, other, _)| (*of, *other) == (taken.node, *arrived))
            };
            if missed && tally.expected.len() < EXPECTED_MAX && !known() {
                tally.expected.push((taken.node, *arrived, cx.now));
            }
        }
    }
}
