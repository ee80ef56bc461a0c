//! What is asked of supernodes, at the moments when they could break a promise.

use shared::base::codec;
use shared::base::effects::{Batch, LinkId};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::time::Timestamp;
use shared::identity::list::VerifiedDeviceList;
use shared::session::wire::{ClientFrame, NodeFrame};

use super::gates::Door;
use super::{Checks, blind, bounded, quota};
use crate::net::End;
use crate::world::{Node, Person};

impl Checks {
    /// A supernode hears a frame.
    pub fn node_hears(
        &mut self,
        people: &[Person],
        (node, it): (usize, &Node),
        (link, from): (LinkId, Option<End>),
        now: Timestamp,
        bytes: &[u8],
    ) {
        if self.only_ledger {
            return;
        }
        let frame = codec::decode::<ClientFrame>(bytes, FRAME_BYTES_MAX).ok();
        if let Some(End::Person(person)) = from {
            let persona = people[person].persona;
            let outcome = self
                .blind
                .hears((node, link), persona, frame.as_ref(), bytes);
            self.see(outcome);
        }
        let door = door(node, it, now);
        match frame {
            Some(ClientFrame::Deposit { request, envelope }) => {
                self.durable.asked((node, link), request, &envelope);
                self.gates.deposits(door, link, &envelope);
                let shelf = self.shelves.entry(node).or_default();
                self.rights
                    .deposits((node, link), shelf, request, &envelope);
            }
            Some(ClientFrame::Claim {
                devices, device, ..
            }) => {
                if let Ok(list) = VerifiedDeviceList::verify(&devices) {
                    self.gates.claims(door, link, list.persona());
                    self.devices.claims(node, link, list.persona(), device);
                }
            }
            Some(ClientFrame::Show { pass }) => self.gates.shows(node, link, pass),
            Some(ClientFrame::Ack { up_to }) => self.devices.acknowledges(node, link, up_to),
            _ => {}
        }
    }

    /// A supernode's core has taken an input, and wants this written.
    pub fn node_bounded(&mut self, node: usize, it: &Node, batch: &Batch) {
        if self.only_ledger {
            return;
        }
        let outcome = bounded::node(node, it.relay.stats(), &it.limits);
        self.see(outcome);
        let outcome = blind::writes(node, batch);
        self.see(outcome);
    }

    /// The transaction under way at a supernode is kept.
    pub fn node_kept(&mut self, node: usize, it: &Node, now: Timestamp) {
        if self.only_ledger {
            return;
        }
        let Some(batch) = it.disk.under_way() else {
            return;
        };
        let outcome = self.durable.kept(node, batch);
        self.see(outcome);
        let door = door(node, it, now);
        let shelf = self.shelves.entry(node).or_default();
        let mut outcomes = Vec::new();
        for change in shelf.keep(batch) {
            outcomes.push(self.gates.kept(door, &change));
            outcomes.push(self.rights.kept(node, &change));
            outcomes.push(quota::kept(node, shelf, &it.limits.mailboxes, &change));
            outcomes.push(self.devices.kept(node, shelf, &change));
        }
        for outcome in outcomes {
            self.see(outcome);
        }
    }

    /// A supernode's process is gone.
    pub fn node_died(&mut self, node: usize) {
        self.durable.died(node);
        self.blind.died(node);
        self.rights.died(node);
        self.devices.died(node);
        self.gates.died(node);
    }

    /// A supernode's bytes leave.
    pub fn node_sends(
        &mut self,
        (node, it): (usize, &Node),
        link: LinkId,
        now: Timestamp,
        bytes: &[u8],
    ) {
        if self.only_ledger {
            return;
        }
        let outcome = bounded::frame(End::Node(node), link, bytes);
        self.see(outcome);
        match codec::decode::<NodeFrame>(bytes, FRAME_BYTES_MAX) {
            Ok(NodeFrame::Claimed { acked, .. }) => {
                let outcome = self.devices.claimed(node, link, acked);
                self.see(outcome);
            }
            Ok(NodeFrame::Deposited { receipts }) => {
                for receipt in receipts {
                    let outcome = self.rights.answered((node, link), &receipt);
                    self.see(outcome);
                    let outcome = self.durable.answers((node, link), &receipt);
                    self.see(outcome);
                }
            }
            Ok(NodeFrame::Deliver { deliveries }) => {
                for delivery in deliveries {
                    let outcome = self.rights.delivered(&delivery.id);
                    self.see(outcome);
                    let outcome = self.durable.delivers(node, &delivery);
                    self.see(outcome);
                    let shelf = self.shelves.entry(node).or_default();
                    let times = (now, it.clock(now));
                    let at = (node, link);
                    let outcome = self.devices.delivers(at, times, shelf, &delivery);
                    self.see(outcome);
                }
            }
            _ => {}
        }
    }
}

/// The supernode, as who looks after its gates sees it.
fn door(node: usize, it: &Node, now: Timestamp) -> Door<'_> {
    Door {
        node,
        key: &it.key,
        limits: &it.limits,
        now: it.clock(now),
    }
}
