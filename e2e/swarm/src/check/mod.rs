//! What must hold, whatever goes wrong. Each promise has its file; here they are asked at the right
//! moments: before bytes leave, when a transaction is kept, when something is announced.
//! What is asked of supernodes is in [`node`].

pub mod blind;
pub mod blocks;
pub mod bounded;
pub mod contacts;
pub mod devices;
pub mod durable;
pub mod epochs;
pub mod gates;
pub mod ledger;
mod node;
pub mod paths;
pub mod quota;
pub mod ratchet;
pub mod requests;
pub mod rights;
pub mod shelf;

use std::collections::BTreeMap;

use shared::base::codec;
use shared::base::effects::{Batch, Change, LinkId};
use shared::base::id::MessageId;
use shared::base::limits::CHANNEL_BYTES_MAX;
use shared::base::time::Timestamp;
use shared::mailbox::parcel::Body;

use crate::net::End;
use crate::world::Person;

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
    /// A ciphertext leaves after the state that made it is kept.
    pub ratchet: ratchet::Ratchet,
    /// Whoever is blocked delivers nothing and hears nothing.
    pub blocks: blocks::Blocks,
    /// Whoever asks waits outside until they are let in.
    pub requests: requests::Requests,
    /// Everything has a limit.
    pub bounded: bounded::Bounded,
    /// Without a right nothing is delivered.
    pub rights: rights::Rights,
    /// The others are not asked: they read every frame and record.
    pub only_ledger: bool,
    /// Every device gets what is in the mailbox, once.
    pub devices: devices::Devices,
    /// Who is asked to show something has shown it.
    pub gates: gates::Gates,
    /// Members of a conversation hold the same state.
    pub epochs: epochs::Epochs,
    /// By which way messages arrive.
    pub paths: paths::Paths,
    /// What the supernodes' disks hold.
    shelves: BTreeMap<usize, shelf::Shelf>,
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
        let author = |change: &Change| people[self.ledger.arrives(person, change)?].persona;
        let before = &people[person].disk.kept;
        let of_blocked = self.blocks.kept(person, batch, author);
        let of_strangers = self.requests.kept(person, before, batch, author);
        self.see(of_blocked);
        self.see(of_strangers);
        let outcome = self.ledger.kept(person, batch, now);
        self.see(outcome);
        if self.only_ledger {
            return;
        }
        self.ratchet.kept(person, before, batch);
        let outcome = bounded::outbox(person, before);
        self.see(outcome);
    }

    /// A page is opened from its disk, or one looks at what it holds.
    pub fn opened(&mut self, number: usize, it: &Person) {
        if !self.only_ledger {
            let outcome = self.epochs.loaded(number, it.persona, &it.disk.kept);
            self.see(outcome);
        }
    }

    /// A person's bytes arrive.
    pub fn person_hears(&mut self, from: Option<End>, relayed: bool, bytes: &[u8]) {
        if self.only_ledger || !matches!(from, Some(End::Person(_))) {
            return;
        }
        if let Ok(Body::Message { id, .. }) = codec::decode(bytes, CHANNEL_BYTES_MAX) {
            self.paths.heard(id, relayed);
        }
    }

    /// A person's core has heard another on a channel, and wants this kept.
    pub fn person_was_told(
        &mut self,
        people: &[Person],
        person: usize,
        speaker: usize,
        batch: &Batch,
    ) {
        if self.only_ledger {
            return;
        }
        let outcome = contacts::told(person, &people[person], people[speaker].persona, batch);
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
        let page = match to {
            Some(End::Person(other)) => people[other].persona,
            _ => None,
        };
        let outcome = self.blocks.sends(person, page, bytes);
        self.see(outcome);
        let outcome = self.requests.sends(person, page, bytes);
        self.see(outcome);
        if !matches!(to, Some(End::Person(_))) {
            return;
        }
        match codec::decode::<Body>(bytes, CHANNEL_BYTES_MAX) {
            Ok(Body::Message { bytes, .. }) => {
                let kept = &people[person].disk.kept;
                let outcome = self.ratchet.sends(person, kept, &bytes);
                self.see(outcome);
            }
            Ok(Body::Receipt(receipt)) => {
                let outcome = self.ledger.confirmed(person, &receipt.delivered);
                self.see(outcome);
            }
            _ => {}
        }
    }
}
