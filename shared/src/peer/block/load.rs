//! What was kept of blocks.

use super::Blocks;
use crate::base::codec;
use crate::base::id::PersonaId;
use crate::mailbox::capability::CapabilitySerial;
use crate::peer::LoadError;
use crate::peer::records::{BLOCK, REVOKED};

/// Longest of these records, in bytes.
const RECORD_BYTES_MAX: usize = 4 * 1024;

impl Blocks {
    /// Takes a record that was kept, if it is one of these. A damaged one must not let anybody in again.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(&mut self, key: &[u8], value: &[u8]) -> Result<(), LoadError> {
        match key.split_first() {
            Some((&BLOCK, rest)) => {
                let persona = PersonaId::from_slice(rest).map_err(|_| LoadError)?;
                let record = codec::decode(value, RECORD_BYTES_MAX).map_err(|_| LoadError)?;
                self.blocked.insert(persona, record);
            }
            Some((&REVOKED, rest)) => {
                let serial = rest.try_into().map(CapabilitySerial);
                let record = codec::decode(value, RECORD_BYTES_MAX).map_err(|_| LoadError)?;
                self.revoked.insert(serial.map_err(|_| LoadError)?, record);
            }
            _ => {}
        }
        Ok(())
    }
}
