//! Who has no right delivers nothing.

use std::collections::BTreeSet;

use shared::base::id::EnvelopeId;
use shared::mailbox::wire::DepositCode;
use shared::session::wire::DepositReceipt;

/// See the module.
#[derive(Debug, Default)]
pub struct Rights {
    forged: BTreeSet<EnvelopeId>,
}

impl Rights {
    /// A stranger makes this envelope without a right to.
    pub fn forged(&mut self, id: EnvelopeId) {
        self.forged.insert(id);
    }

    /// How many a stranger has made.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.forged.len()
    }

    /// A supernode answers a deposit.
    ///
    /// # Errors
    /// It takes what was deposited without a right.
    pub fn answered(&self, receipt: &DepositReceipt) -> Result<(), String> {
        if receipt.code == DepositCode::Ok && self.forged.contains(&receipt.id) {
            return Err("an envelope is taken without a right to deposit it".into());
        }
        Ok(())
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
