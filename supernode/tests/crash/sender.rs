//! Somebody who leaves envelopes, and tries each again until it was acknowledged.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use shared::base::id::EnvelopeId;
use shared::base::random::bytes;
use shared::mailbox::wire::{DepositCode, Envelope};
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};

use crate::dice::Dice;
use crate::line::Line;
use crate::people::Person;

/// Deposits that wait for an answer, at most.
const IN_FLIGHT: usize = 16;
/// How long envelopes are kept, in seconds.
const KEEP_SECONDS: u32 = 2 * 24 * 3600;

pub struct Sender {
    dice: Dice,
    /// Tried, and not acknowledged.
    open: VecDeque<EnvelopeId>,
    /// Whether new envelopes are made.
    pub writing: bool,
    /// A supernode has said that it keeps them.
    pub acknowledged: BTreeSet<EnvelopeId>,
    /// Tried more than once.
    pub repeated: BTreeSet<EnvelopeId>,
}

impl Sender {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            open: VecDeque::new(),
            writing: true,
            acknowledged: BTreeSet::new(),
            repeated: BTreeSet::new(),
        }
    }

    /// Leaves envelopes for `to` until the line breaks, or nothing is left to say.
    pub async fn write(&mut self, address: SocketAddr, to: &Person) -> Option<()> {
        let mut line = Line::open(address).await?;
        let mut in_flight = BTreeMap::new();
        let mut again = self.open.clone();
        self.repeated.extend(&again);
        for request in 0.. {
            while in_flight.len() >= IN_FLIGHT {
                self.take_receipts(&mut line, &mut in_flight).await?;
            }
            let id = match again.pop_front() {
                Some(id) => id,
                None if self.writing => {
                    let id = EnvelopeId(bytes(&mut self.dice));
                    self.open.push_back(id);
                    id
                }
                None => break,
            };
            in_flight.insert(request, id);
            let envelope = envelope(to, id);
            line.send(&ClientFrame::Deposit { request, envelope })
                .await?;
        }
        while !in_flight.is_empty() {
            self.take_receipts(&mut line, &mut in_flight).await?;
        }
        Some(())
    }

    /// Leaves one envelope.
    pub async fn leave(&mut self, address: SocketAddr, to: &Person, id: EnvelopeId) -> Option<()> {
        self.writing = false;
        self.open.push_back(id);
        self.write(address, to).await
    }

    async fn take_receipts(
        &mut self,
        line: &mut Line,
        in_flight: &mut BTreeMap<u32, EnvelopeId>,
    ) -> Option<()> {
        let receipts = match line.receive().await? {
            NodeFrame::Deposited { receipts } => receipts,
            NodeFrame::Refused {
                code: Refusal::Draining,
                ..
            } => return None,
            other => panic!("{other:?} instead of receipts"),
        };
        for receipt in receipts {
            assert_eq!(receipt.code, DepositCode::Ok);
            assert_eq!(in_flight.remove(&receipt.request), Some(receipt.id));
            self.open.retain(|id| *id != receipt.id);
            self.acknowledged.insert(receipt.id);
        }
        Some(())
    }
}

/// Leaves one envelope. Returns the answer.
pub async fn deposit(line: &mut Line, to: &Person, id: EnvelopeId) -> Option<DepositCode> {
    deposit_with(line, envelope(to, id)).await
}

/// Leaves `envelope`. Returns the answer.
pub async fn deposit_with(line: &mut Line, envelope: Envelope) -> Option<DepositCode> {
    let request = 0;
    line.send(&ClientFrame::Deposit { request, envelope })
        .await?;
    match line.receive().await? {
        NodeFrame::Deposited { receipts } => receipts.first().map(|receipt| receipt.code),
        other => panic!("{other:?} instead of a receipt"),
    }
}

/// An envelope whose content tells its `id`, kept for two days.
pub fn envelope(to: &Person, id: EnvelopeId) -> Envelope {
    let mut envelope = to.envelope(0, KEEP_SECONDS, &content(id));
    envelope.id = id;
    envelope
}

/// What is in the envelope `id`: a few bytes or a few KiB.
pub fn content(id: EnvelopeId) -> Vec<u8> {
    let size = usize::from(u16::from_be_bytes([id.0[0], id.0[1]])) / 8;
    id.0.iter().copied().cycle().take(16 + size).collect()
}
