//! A ciphertext leaves only after the state that made it is kept: otherwise a crash brings the state
//! before it back, and another message goes out under the same key and nonce.

use std::collections::BTreeMap;

use shared::base::effects::Batch;

use crate::check::blind::holds;
use crate::disk::Records;

/// First byte of the keys under which a page keeps what is on its way, with its ciphertext. The ratchet's
/// state is in the same transaction.
const OUTBOX: u8 = b'o';

/// See the module.
#[derive(Debug, Default)]
pub struct Ratchet {
    /// What each person's last transaction put into the outbox, and what it took out of it: several
    /// inputs share one, so what one of them sends may be confirmed in the next.
    last: BTreeMap<usize, Vec<Vec<u8>>>,
}

impl Ratchet {
    /// A transaction is kept; `before` is what was there before.
    pub fn kept(&mut self, person: usize, before: &Records, batch: &Batch) {
        let changes = batch.changes.iter();
        let of_outbox = changes.filter(|change| change.key.first() == Some(&OUTBOX));
        let values = of_outbox.flat_map(|change| [change.value.as_ref(), before.get(&change.key)]);
        let values = values.flatten().cloned().collect();
        self.last.insert(person, values);
    }

    /// A ciphertext leaves.
    ///
    /// # Errors
    /// It is not, and was not just now, among what its author's disk keeps.
    pub fn sends(&self, person: usize, kept: &Records, ciphertext: &[u8]) -> Result<(), String> {
        let outbox = kept.range(vec![OUTBOX]..vec![OUTBOX + 1]);
        let last = self.last.get(&person).into_iter().flatten();
        let mut all = outbox.map(|(_, value)| value).chain(last);
        if all.any(|value| holds(value, ciphertext)) {
            return Ok(());
        }
        Err(format!(
            "person {person} sends a ciphertext that their disk does not have"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_transaction_took_out_may_still_leave_with_it_and_not_with_the_next() {
        let key = vec![OUTBOX, 1];
        let mut kept = Records::from([(key.clone(), b"..sealed..".to_vec())]);
        let mut ratchet = Ratchet::default();
        assert!(ratchet.sends(0, &kept, b"sealed").is_ok());
        assert!(ratchet.sends(0, &kept, b"other").is_err());
        let mut batch = Batch::default();
        batch.delete(key.clone());
        ratchet.kept(0, &kept, &batch);
        kept.remove(&key);
        assert!(ratchet.sends(0, &kept, b"sealed").is_ok());
        ratchet.kept(0, &kept, &Batch::default());
        assert!(ratchet.sends(0, &kept, b"sealed").is_err());
    }
}
