//! Checks the capabilities for one mailbox, most of them without computing their tag: who writes, writes often.

use crate::base::id::PersonaId;
use crate::base::time::Timestamp;
use crate::mailbox::capability::{Admitted, BadCapability, Capability, SECRET_LEN};

/// The secret of one mailbox, and the last capability whose tag was right under it.
#[derive(Debug, Clone)]
pub(super) struct Checker {
    secret: [u8; SECRET_LEN],
    last: Option<Capability>,
}

impl Checker {
    pub fn new(secret: [u8; SECRET_LEN]) -> Self {
        Self { secret, last: None }
    }

    pub fn secret(&self) -> &[u8; SECRET_LEN] {
        &self.secret
    }

    /// Like [`Capability::verify`]. `mailbox` is always the same.
    ///
    /// # Errors
    /// [`BadCapability`].
    pub fn verify(
        &mut self,
        capability: &Capability,
        mailbox: &PersonaId,
        now: Timestamp,
    ) -> Result<Admitted, BadCapability> {
        if let Some(last) = self.last.filter(|last| last.is(capability)) {
            return last.admits(now);
        }
        let admitted = capability.verify(&self.secret, mailbox, now)?;
        self.last = Some(*capability);
        Ok(admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Counter;
    use crate::mailbox::capability::Lane;

    const ANN: PersonaId = PersonaId([1; 32]);
    const DAY: u64 = 86_400_000;

    #[test]
    fn a_capability_is_checked_whatever_was_shown_before() {
        let random = &mut Counter(0);
        let last_day = Some(Timestamp(DAY));
        let mut issue =
            |secret| Capability::issue(&[secret; 32], &ANN, Lane::Contact, last_day, random);
        let (ben, cleo, forged) = (issue(1), issue(1), issue(2));
        let mut checker = Checker::new([1; 32]);
        for capability in [ben, ben, cleo, ben] {
            let mut verify = |capability: &Capability, day| {
                checker.verify(capability, &ANN, Timestamp(day * DAY))
            };
            let admitted = verify(&capability, 1).unwrap();
            assert_eq!(admitted.serial, capability.serial);
            assert_eq!(verify(&capability, 2), Err(BadCapability::Expired));
            assert_eq!(verify(&forged, 1), Err(BadCapability::Forged));
            for at in 0..capability.to_bytes().len() {
                let mut bent = capability.to_bytes();
                bent[at] ^= 1;
                let bent = Capability::from_bytes(&bent).unwrap();
                assert_eq!(verify(&bent, 1), Err(BadCapability::Forged));
            }
        }
    }
}
