//! A ciphertext leaves only after the state that made it is kept: otherwise a crash brings the state
//! before it back, and another message goes out under the same key and nonce.

use crate::check::blind::holds;
use crate::disk::Records;

/// First byte of the keys under which a page keeps what is on its way, with its ciphertext.
const OUTBOX: u8 = b'o';

/// Whether a ciphertext that leaves is among what its author's disk keeps. The ratchet's state is in
/// the same transaction.
///
/// # Errors
/// It is not.
pub fn is_kept(person: usize, kept: &Records, ciphertext: &[u8]) -> Result<(), String> {
    let mut outbox = kept.range(vec![OUTBOX]..vec![OUTBOX + 1]);
    if outbox.any(|(_, value)| holds(value, ciphertext)) {
        return Ok(());
    }
    Err(format!(
        "person {person} sends a ciphertext that their disk does not have"
    ))
}
