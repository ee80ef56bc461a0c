//! A supernode that says OK has the envelope on its disk; and keeps it once.

use std::collections::{BTreeMap, BTreeSet};

use shared::base::codec;
use shared::base::effects::{Batch, LinkId};
use shared::base::id::{EnvelopeId, PersonaId};
use shared::mailbox::server::record::{HeaderRecord, Key};
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::wire::DepositReceipt;

/// A record of a header is smaller than this.
const HEADER_BYTES_MAX: usize = 256;

type Place = (PersonaId, u64);

/// See the module.
#[derive(Debug, Default)]
pub struct Durable {
    /// Requests to keep something that have no answer yet.
    asked: BTreeMap<(usize, LinkId, u32), EnvelopeId>,
    /// What a transaction has ever kept.
    ever: BTreeSet<(usize, EnvelopeId)>,
    /// What is kept now.
    present: BTreeMap<(usize, PersonaId, EnvelopeId), u64>,
    places: BTreeMap<(usize, Place), EnvelopeId>,
}

impl Durable {
    /// Somebody asks a supernode to keep an envelope.
    pub fn asked(&mut self, (node, link): (usize, LinkId), request: u32, envelope: &Envelope) {
        if envelope.keep_seconds > 0 {
            self.asked.insert((node, link, request), envelope.id);
        }
    }

    /// The process is gone, and its links with it.
    pub fn died(&mut self, node: usize) {
        self.asked.retain(|(of, ..), _| *of != node);
    }

    /// A transaction is kept.
    ///
    /// # Errors
    /// One envelope is in a mailbox twice.
    pub fn kept(&mut self, node: usize, batch: &Batch) -> Result<(), String> {
        for change in &batch.changes {
            let Some(Key::Header(persona, sequence)) = Key::from_bytes(&change.key) else {
                continue;
            };
            let place = (node, (persona, sequence));
            let header = change
                .value
                .as_ref()
                .and_then(|value| codec::decode::<HeaderRecord>(value, HEADER_BYTES_MAX).ok());
            let Some(header) = header else {
                if let Some(id) = self.places.remove(&place) {
                    self.present.remove(&(node, persona, id));
                }
                continue;
            };
            self.ever.insert((node, header.id));
            self.places.insert(place, header.id);
            let before = self.present.insert((node, persona, header.id), sequence);
            if before.is_some_and(|before| before != sequence) {
                return Err(format!("supernode {node} keeps an envelope twice"));
            }
        }
        Ok(())
    }

    /// A supernode answers.
    ///
    /// # Errors
    /// It says OK to what is not on its disk.
    pub fn answers(
        &mut self,
        (node, link): (usize, LinkId),
        receipt: &DepositReceipt,
    ) -> Result<(), String> {
        let Some(id) = self.asked.remove(&(node, link, receipt.request)) else {
            return Ok(());
        };
        if receipt.code == DepositCode::Ok && !self.ever.contains(&(node, id)) {
            return Err(format!(
                "supernode {node} says OK to what is not on its disk"
            ));
        }
        Ok(())
    }

    /// A supernode hands over a kept envelope.
    ///
    /// # Errors
    /// No transaction has ever kept it: its number may be given to another after a crash.
    pub fn delivers(&self, node: usize, delivery: &Delivery) -> Result<(), String> {
        if delivery.sequence == 0 || self.ever.contains(&(node, delivery.id)) {
            return Ok(());
        }
        Err(format!(
            "supernode {node} hands over what is not on its disk"
        ))
    }
}
