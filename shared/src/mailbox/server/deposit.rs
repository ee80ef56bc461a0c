//! Envelopes on their way in.

use alloc::vec::Vec;
use core::time::Duration;

use super::record::HeaderRecord;
use super::{Deposited, Mailboxes};
use crate::base::effects::Batch;
use crate::base::limits::ENVELOPE_BYTES_MAX;
use crate::base::time::Timestamp;
use crate::mailbox::capability::BadCapability;
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};

impl Mailboxes {
    /// Checks an envelope, and keeps it or finds those to hand it to.
    ///
    /// # Errors
    /// Every [`DepositCode`] but `Ok`; nothing has changed.
    pub fn deposit(
        &mut self,
        now: Timestamp,
        envelope: Envelope,
        batch: &mut Batch,
    ) -> Result<Deposited, DepositCode> {
        if envelope.bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(DepositCode::TooLarge);
        }
        let mailbox = self
            .mailboxes
            .get_mut(&envelope.to)
            .ok_or(DepositCode::NoMailbox)?;
        let admitted = envelope
            .capability
            .verify(&mailbox.secret, &envelope.to, now)
            .map_err(|bad| match bad {
                BadCapability::Forged => DepositCode::NoCapability,
                BadCapability::Expired => DepositCode::CapabilityExpired,
            })?;
        if mailbox.revoked.contains(&admitted.serial) {
            return Err(DepositCode::CapabilityRevoked);
        }
        let mut delivery = Delivery {
            sequence: 0,
            id: envelope.id,
            at: now,
            bytes: envelope.bytes,
        };
        if envelope.keep_seconds == 0 {
            let to = mailbox
                .receivers
                .iter()
                .map(|receiver| receiver.link)
                .collect();
            return Ok(Deposited { delivery, to });
        }
        if let Some(sequence) = mailbox.sequence_of(&envelope.id) {
            mailbox.touch(sequence, batch);
            return Ok(Deposited {
                delivery,
                to: Vec::new(),
            });
        }
        let len = u32::try_from(delivery.bytes.len()).map_err(|_| DepositCode::TooLarge)?;
        if mailbox.envelopes() >= self.limits.mailbox_envelopes
            || mailbox.bytes().saturating_add(u64::from(len)) > self.limits.mailbox_bytes
        {
            return Err(DepositCode::Full);
        }
        if !self.room || self.bytes.saturating_add(u64::from(len)) > self.limits.bytes {
            return Err(DepositCode::NoRoom);
        }
        let keep = Duration::from_secs(u64::from(envelope.keep_seconds)).min(self.limits.keep);
        let header = HeaderRecord {
            id: envelope.id,
            at: now,
            expires: now.after(keep),
            len,
        };
        delivery.sequence = mailbox.keep(header, delivery.bytes.clone(), batch);
        self.envelopes = self.envelopes.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(len));
        let mut receivers = core::mem::take(&mut mailbox.receivers);
        let mut to = Vec::new();
        for receiver in receivers
            .iter_mut()
            .filter(|receiver| receiver.takes(mailbox, delivery.sequence, now))
        {
            receiver.sent = delivery.sequence;
            to.push(receiver.link);
        }
        mailbox.receivers = receivers;
        Ok(Deposited { delivery, to })
    }
}
