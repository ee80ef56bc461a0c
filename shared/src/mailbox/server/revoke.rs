//! Capabilities that are taken back.

use alloc::vec::Vec;

use super::record::Key;
use super::{ClaimError, Mailboxes};
use crate::base::effects::Batch;
use crate::base::id::PersonaId;
use crate::base::limits::REVOKED_MAX;
use crate::base::time::Timestamp;
use crate::mailbox::capability::CapabilitySerial;

impl Mailboxes {
    /// Takes capabilities back.
    ///
    /// # Errors
    /// When more than [`REVOKED_MAX`] would be remembered; nothing has changed.
    pub fn revoke(
        &mut self,
        now: Timestamp,
        mailbox: &PersonaId,
        serials: &[CapabilitySerial],
        batch: &mut Batch,
    ) -> Result<(), ClaimError> {
        let Some(mailbox) = self.mailboxes.get_mut(mailbox) else {
            return Ok(());
        };
        let persona = mailbox.persona();
        let over = |serial: &CapabilitySerial| serial.is_over(now);
        let expired: Vec<_> = mailbox.revoked.iter().copied().filter(over).collect();
        let new: Vec<_> = serials
            .iter()
            .filter(|s| !over(s) && !mailbox.revoked.contains(*s))
            .copied()
            .collect();
        if mailbox
            .revoked
            .len()
            .saturating_sub(expired.len())
            .saturating_add(new.len())
            > REVOKED_MAX
        {
            return Err(ClaimError::NoRoom);
        }
        for serial in expired {
            mailbox.revoked.remove(&serial);
            batch.delete(Key::Revoked(persona, serial).to_bytes());
        }
        for serial in new {
            mailbox.revoked.insert(serial);
            batch.put(Key::Revoked(persona, serial).to_bytes(), Vec::new());
        }
        Ok(())
    }
}
