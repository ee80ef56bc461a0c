//! One hash over all that happened: two runs of one seed have the same, or something is not
//! deterministic.

use shared::base::hash::sha256;
use shared::base::time::Timestamp;

/// A running SHA-256.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    hash: [u8; 32],
    events: u64,
}

impl Trace {
    /// Something of this kind happened to `actor`.
    pub fn note(&mut self, at: Timestamp, kind: u8, actor: u64, bytes: &[u8]) {
        self.events += 1;
        self.hash = sha256(&[
            &self.hash,
            &at.0.to_be_bytes(),
            &[kind],
            &actor.to_be_bytes(),
            bytes,
        ])
        .0;
    }

    /// How much has happened.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The hash, as 16 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        self.hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
