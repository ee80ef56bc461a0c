//! Randomness that repeats: a xorshift generator (Marsaglia 2003), for keys that nobody guards.

use shared::base::random::Random;

/// Repeats for the same number.
#[derive(Debug, Clone)]
pub struct Bytes(u64);

impl Bytes {
    /// The sequence of this number.
    #[must_use]
    pub fn of(number: u64) -> Self {
        Self(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

impl Random for Bytes {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_be_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}
