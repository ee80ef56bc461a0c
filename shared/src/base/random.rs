//! Randomness comes in from the driver, so that a simulation repeats byte for byte.

/// A cryptographically secure source of random bytes (in a simulation: a seeded one).
pub trait Random {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// `N` random bytes.
pub fn bytes<const N: usize>(random: &mut dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}

/// A number from 0 to `bound` − 1; 0 when `bound` is 0. The bias is below 2⁻³² for bounds below 2³².
pub fn below(random: &mut dyn Random, bound: u64) -> u64 {
    u64::from_le_bytes(bytes(random))
        .checked_rem(bound)
        .unwrap_or(0)
}

/// Lends a [`Random`] to crates that ask for `rand_core`'s traits.
#[cfg(feature = "client")]
pub struct CryptoRandom<'a>(pub &'a mut dyn Random);

#[cfg(feature = "client")]
impl rand_core::TryRng for CryptoRandom<'_> {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes(bytes(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_le_bytes(bytes(self.0)))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(dst);
        Ok(())
    }
}

#[cfg(feature = "client")]
impl rand_core::TryCryptoRng for CryptoRandom<'_> {}

/// Counts up: bytes for tests that need any.
#[cfg(test)]
pub struct Counter(pub u8);

#[cfg(test)]
impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}
