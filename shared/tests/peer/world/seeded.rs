//! Randomness that repeats.

use sha2::{Digest, Sha256};
use shared::base::random::Random;

/// SHA-256 in counter mode.
pub struct Seeded {
    seed: u64,
    counter: u64,
}

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.counter += 1;
            let block =
                Sha256::digest([self.seed.to_be_bytes(), self.counter.to_be_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
