//! Who has no right delivers nothing: neither a capability of one's own making, nor one that was taken
//! back, nor a device that is not on the list.

use std::collections::BTreeSet;

use shared::base::effects::LinkId;
use shared::base::id::EnvelopeId;
use shared::mailbox::wire::{DepositCode, Envelope};
use shared::session::wire::DepositReceipt;

use super::shelf::{Change, Shelf};

/// See the module.
#[derive(Debug, Default)]
pub struct Rights {
    forged: BTreeSet<EnvelopeId>,
    /// Deposits with a capability that was taken back, for good, before they came.
    late: BTreeSet<(usize, LinkId, u32)>,
    attempts: usize,
}

impl Rights {
    /// A stranger makes this envelope without a right to.
    pub fn forged(&mut self, id: EnvelopeId) {
        self.attempts += 1;
        self.forged.insert(id);
    }

    /// How many deposits came without a right.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.attempts
    }

    /// The process is gone, and its links with it.
    pub fn died(&mut self, node: usize) {
        self.late.retain(|(of, ..)| *of != node);
    }

    /// Somebody leaves an envelope.
    pub fn deposits(
        &mut self,
        (node, link): (usize, LinkId),
        shelf: &Shelf,
        request: u32,
        envelope: &Envelope,
    ) {
        let serial = &envelope.capability.serial;
        let shelved = shelf.of(&envelope.to);
        if shelved.is_some_and(|shelved| shelved.revoked.contains(serial)) {
            self.attempts += 1;
            self.late.insert((node, link, request));
        }
    }

    /// A supernode answers a deposit.
    ///
    /// # Errors
    /// It takes what was deposited without a right.
    pub fn answered(
        &mut self,
        (node, link): (usize, LinkId),
        receipt: &DepositReceipt,
    ) -> Result<(), String> {
        let late = self.late.remove(&(node, link, receipt.request));
        if receipt.code != DepositCode::Ok {
            return Ok(());
        }
        if self.forged.contains(&receipt.id) {
            return Err("an envelope is taken without a right to deposit it".into());
        }
        if late {
            return Err("an envelope is taken with a right that was taken back".into());
        }
        Ok(())
    }

    /// A transaction has changed this.
    ///
    /// # Errors
    /// A device that was taken off a list is back.
    pub fn kept(&self, node: usize, change: &Change) -> Result<(), String> {
        match change {
            Change::OlderList(_) => Err(format!(
                "supernode {node} goes back to an older device list"
            )),
            _ => Ok(()),
        }
    }

    /// A supernode hands this over.
    ///
    /// # Errors
    /// It was deposited without a right.
    pub fn delivered(&self, id: &EnvelopeId) -> Result<(), String> {
        if self.forged.contains(id) {
            return Err("an envelope without a right is handed over".into());
        }
        Ok(())
    }
}
