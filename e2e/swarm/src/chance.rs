//! Randomness that repeats: xoshiro256** (Blackman, Vigna 2018), one stream for each actor, so that
//! what one draws does not shift what another does.

use std::time::Duration;

use shared::base::random::Random;

/// One stream.
#[derive(Debug, Clone)]
pub struct Chance([u64; 4]);

impl Chance {
    /// The stream number `stream` of `seed`.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut state = seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
        Self(std::array::from_fn(|_| {
            // splitmix64 (Steele, Lea, Flood 2014)
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let out = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        out
    }

    /// A number from 0 to `bound` − 1; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.bits() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// `true` with probability `per_mille` ÷ 1000.
    pub fn happens(&mut self, per_mille: u32) -> bool {
        self.bits() % 1000 < u64::from(per_mille)
    }

    /// A span from `least` up to `most`, evenly.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let room = most.saturating_sub(least).as_micros().max(1) as u64;
        least + Duration::from_micros(self.bits() % room)
    }

    /// A span with this mean, exponentially: what comes at random has such gaps. In whole numbers only,
    /// since logarithms of floating-point numbers differ between machines in their last bits.
    pub fn about(&mut self, mean: Duration) -> Duration {
        // −ln of an even number in (0, 1], in 2⁻³² units; ln 2 ≈ 0xb172_17f7 ÷ 2³².
        let minus_log2 = u128::from(minus_log2(self.bits() | 1));
        let nats = (minus_log2 * 0xb172_17f7) >> 32;
        let micros = (mean.as_micros() * nats) >> 32;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// −log₂ of `bits` ÷ 2⁶⁴ in units of 2⁻³²: whole bits by counting, the rest by squaring.
fn minus_log2(bits: u64) -> u64 {
    let zeros = bits.leading_zeros();
    let mut mantissa = u128::from(bits << zeros);
    let mut fraction = 0_u64;
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 63;
        let carry = mantissa >> 64 != 0;
        fraction = (fraction << 1) | u64::from(carry);
        mantissa >>= u32::from(carry);
    }
    ((u64::from(zeros) + 1) << 32) - fraction
}

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let bits = self.bits().to_le_bytes();
            chunk.copy_from_slice(&bits[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_and_differs_from_its_neighbors() {
        let draw = |seed, stream| {
            let mut chance = Chance::new(seed, stream);
            [chance.bits(), chance.bits(), chance.bits()]
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    /// On any machine, in any build: otherwise a seed would tell another story there.
    #[test]
    fn what_a_seed_draws_is_written_down() {
        let mut chance = Chance::new(7, 3);
        let bits = [chance.bits(), chance.bits()];
        assert_eq!(bits, [0x4c27_b3f4_9e88_8278, 0x5641_39c7_6667_7382]);
        let numbers: Vec<_> = (0..6).map(|_| chance.below(1000)).collect();
        assert_eq!(numbers, [674, 202, 17, 11, 774, 500]);
        let second = Duration::from_secs(1);
        let spans: Vec<_> = (0..3).map(|_| chance.about(second).as_micros()).collect();
        assert_eq!(spans, [928_065, 98_836, 1_096_607]);
        let spans: Vec<_> = (0..3)
            .map(|_| chance.between(second, second * 60).as_micros())
            .collect();
        assert_eq!(spans, [47_712_935, 33_005_495, 20_220_708]);
    }

    #[test]
    fn logarithms_are_exact_where_they_are_whole() {
        for (bits, whole) in [(1 << 63, 1), (1 << 62, 2), (1, 64)] {
            assert_eq!(minus_log2(bits), whole << 32);
        }
        // log₂ 3 − 2 = −0.41503749927884…
        let three_quarters = minus_log2(3 << 62);
        assert!(
            three_quarters.abs_diff(1_782_572_486) < 4,
            "{three_quarters}"
        );
    }

    #[test]
    fn spans_have_their_mean() {
        let mut chance = Chance::new(3, 0);
        let total: Duration = (0..20_000)
            .map(|_| chance.about(Duration::from_secs(1)))
            .sum();
        assert!((19_000..21_000).contains(&total.as_secs()), "{total:?}");
    }
}
