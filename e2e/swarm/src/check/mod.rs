//! What must hold, whatever goes wrong. Each promise has its file; here they are asked at the right
//! moments: before bytes leave, when a transaction is kept, when something is announced.

pub mod blind;
pub mod bounded;
pub mod durable;
pub mod ledger;
pub mod ratchet;
pub mod rights;

use shared::base::codec;
use shared::base::effects::{Batch, LinkId};
use shared::base::id::MessageId;
use shared::base::limits::{CHANNEL_BYTES_MAX, FRAME_BYTES_MAX};
use shared::base::time::Timestamp;
use shared::mailbox::parcel::Body;
use shared::session::wire::{ClientFrame, NodeFrame};

use crate::net::End;
use crate::world::{Node, Person};

/// A promise was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The true time.
    pub at: Timestamp,
    /// In words.
    pub what: String,
}

/// All checkers.
#[derive(Debug, Default)]
pub struct Checks {
    /// Exactly once, in order, and nothing that nobody said.
    pub ledger: ledger::Ledger,
    /// Acknowledged means kept.
    pub durable: durable::Durable,
    /// A supernode learns neither text nor sender.
    pub blind: blind::Blind,
    /// Everything has a limit.
    pub bounded: bounded::Bounded,
    /// Without a right nothing is delivered.
    pub rights: rights::Rights,
    /// The others are not asked: they read every frame and record.
    pub only_ledger: bool,
    broken: Option<String>,
}

impl Checks {
    /// A promise was broken; the first one counts.
    pub fn broken(&mut self, what: String) {
        self.broken.get_or_insert(what);
    }

    fn see(&mut self, outcome: Result<(), String>) {
        if let Err(what) = outcome {
            self.broken(what);
        }
    }

    /// The promise that was broken since this was last asked.
    pub fn take(&mut self, at: Timestamp) -> Option<Violation> {
        let what = self.broken.take()?;
        Some(Violation { at, what })
    }

    /// A transaction of a person is kept.
    pub fn kept(
        &mut self,
        people: &[Person],
        person: usize,
        batch: Option<&Batch>,
        now: Timestamp,
    ) {
        let Some(batch) = batch else { return };
        let outcome = self.ledger.kept(person, batch, now);
        self.see(outcome);
        if self.only_ledger {
            return;
        }
        let outcome = bounded::outbox(person, &people[person].disk.kept);
        self.see(outcome);
    }

    /// A person was told of a message.
    pub fn announced(&mut self, person: usize, message: MessageId, text: &str) {
        let outcome = self.ledger.announced(person, message, text);
        self.see(outcome);
    }

    /// A person's core has taken an input.
    pub fn person_bounded(&mut self, person: usize, it: &Person) {
        if self.only_ledger {
            return;
        }
        let outcome = bounded::queue(person, it.disk.waiting_bytes());
        self.see(outcome);
    }

    /// A deadline has come.
    pub fn ticks(&mut self, now: Timestamp, end: End, why: &str) {
        if self.only_ledger {
            return;
        }
        let outcome = self.bounded.ticks(now, end, why);
        self.see(outcome);
    }

    /// A person's bytes leave.
    pub fn person_sends(
        &mut self,
        people: &[Person],
        person: usize,
        link: LinkId,
        to: Option<End>,
        bytes: &[u8],
    ) {
        if self.only_ledger {
            return;
        }
        let outcome = bounded::frame(End::Person(person), link, bytes);
        self.see(outcome);
        if !matches!(to, Some(End::Person(_))) {
            return;
        }
        match codec::decode::<Body>(bytes, CHANNEL_BYTES_MAX) {
            Ok(Body::Message { bytes, .. }) => {
                let outcome = ratchet::is_kept(person, &people[person].disk.kept, &bytes);
                self.see(outcome);
            }
            Ok(Body::Receipt(receipt)) => {
                let outcome = self.ledger.confirmed(person, &receipt.delivered);
                self.see(outcome);
            }
            _ => {}
        }
    }

    /// A supernode hears a frame.
    pub fn node_hears(
        &mut self,
        people: &[Person],
        node: usize,
        link: LinkId,
        from: Option<End>,
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
        if let Some(ClientFrame::Deposit { request, envelope }) = frame {
            self.durable.asked((node, link), request, &envelope);
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

    /// A transaction of a supernode is kept.
    pub fn node_kept(&mut self, node: usize, batch: Option<&Batch>) {
        if self.only_ledger {
            return;
        }
        if let Some(batch) = batch {
            let outcome = self.durable.kept(node, batch);
            self.see(outcome);
        }
    }

    /// A supernode's process is gone.
    pub fn node_died(&mut self, node: usize) {
        self.durable.died(node);
        self.blind.died(node);
    }

    /// A supernode's bytes leave.
    pub fn node_sends(&mut self, node: usize, link: LinkId, bytes: &[u8]) {
        if self.only_ledger {
            return;
        }
        let outcome = bounded::frame(End::Node(node), link, bytes);
        self.see(outcome);
        match codec::decode::<NodeFrame>(bytes, FRAME_BYTES_MAX) {
            Ok(NodeFrame::Deposited { receipts }) => {
                for receipt in receipts {
                    let outcome = self.rights.answered(&receipt);
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
                }
            }
            _ => {}
        }
    }
}
