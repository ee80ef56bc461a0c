//! Somebody who fetches envelopes as a page does: what is new is kept, then acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use shared::base::id::EnvelopeId;
use shared::session::wire::{ClientFrame, NodeFrame};

use crate::dice::Dice;
use crate::line::Line;
use crate::people::Person;
use crate::sender::content;

pub struct Recipient {
    pub person: Person,
    dice: Dice,
    /// Everything up to this sequence number is kept here.
    cursor: u64,
    /// Where this session began.
    told: u64,
    /// What every sequence number ever stood for.
    sequences: BTreeMap<u64, EnvelopeId>,
    /// Shown to the person.
    pub shown: BTreeSet<EnvelopeId>,
    /// Came again under another number, and were dropped by their id.
    pub dropped: BTreeSet<EnvelopeId>,
}

impl Recipient {
    pub fn new(number: u8, seed: u64) -> Self {
        Self {
            person: Person::new(number),
            dice: Dice::new(seed),
            cursor: 0,
            told: 0,
            sequences: BTreeMap::new(),
            shown: BTreeSet::new(),
            dropped: BTreeSet::new(),
        }
    }

    /// Fetches until the line breaks; now and then leaves and comes again.
    pub async fn fetch(&mut self, address: SocketAddr) -> Option<()> {
        loop {
            let mut line = Line::open(address).await?;
            self.claim(&mut line).await?;
            // A page that is closed has kept what the supernode does not know it has.
            while !self.dice.once_in(40) {
                self.take(line.receive().await?);
                self.ack(&mut line).await?;
            }
            self.take(line.receive().await?);
        }
    }

    /// Fetches what is left.
    pub async fn fetch_all(&mut self, address: SocketAddr) -> Option<()> {
        let mut line = Line::open(address).await?;
        let mut waiting = self.claim(&mut line).await?;
        while waiting > 0 {
            waiting -= self.take(line.receive().await?);
            self.ack(&mut line).await?;
        }
        // An answer to what comes after the last acknowledgement says that it was taken.
        line.send(&ClientFrame::Ping { token: 1 }).await?;
        assert_eq!(line.receive().await?, NodeFrame::Pong { token: 1 });
        Some(())
    }

    /// How many envelopes the supernode says are waiting.
    pub async fn waiting(&mut self, address: SocketAddr) -> Option<u64> {
        self.claim(&mut Line::open(address).await?).await
    }

    async fn claim(&mut self, line: &mut Line) -> Option<u64> {
        let (acked, waiting) = line.claim(&self.person).await?;
        assert!(acked <= self.cursor, "acknowledged by nobody");
        self.told = acked;
        Some(waiting)
    }

    /// Keeps what is new. Returns how many came.
    fn take(&mut self, frame: NodeFrame) -> u64 {
        let NodeFrame::Deliver { deliveries } = frame else {
            panic!("{frame:?} instead of a delivery")
        };
        let count = deliveries.len() as u64;
        for delivery in deliveries {
            let (id, sequence) = (delivery.id, delivery.sequence);
            assert!(sequence > self.told, "what was acknowledged came again");
            assert_eq!(delivery.bytes, content(id));
            let before = self.sequences.insert(sequence, id);
            assert!(before.is_none_or(|before| before == id), "a number again");
            if sequence > self.cursor {
                self.cursor = sequence;
                if !self.shown.insert(id) {
                    self.dropped.insert(id);
                }
            }
        }
        count
    }

    async fn ack(&mut self, line: &mut Line) -> Option<()> {
        let up_to = self.cursor;
        line.send(&ClientFrame::Ack { up_to }).await
    }
}
