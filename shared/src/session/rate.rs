//! How much somebody may do: a token bucket.

use crate::base::time::Timestamp;

/// What a bucket holds and how it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens it holds at most, and at first.
    pub burst: u32,
    /// Tokens that flow in per second; at least 1.
    pub per_second: u32,
}

/// Tokens left. Counts in thousandths of a token, so that no time is lost to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenBucket {
    millitokens: u64,
    at: Timestamp,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self {
            millitokens: capacity(rate),
            at: now,
        }
    }

    /// Takes `tokens`.
    ///
    /// # Errors
    /// When there are not enough: milliseconds until there will be. Nothing is taken.
    pub fn take(&mut self, rate: Rate, now: Timestamp, tokens: u32) -> Result<(), u64> {
        self.refill(rate, now);
        let cost = u64::from(tokens) * 1000;
        match self.millitokens.checked_sub(cost) {
            Some(rest) => {
                self.millitokens = rest;
                Ok(())
            }
            None => Err((cost - self.millitokens).div_ceil(u64::from(rate.per_second.max(1)))),
        }
    }

    /// Whether the bucket is full at `now`, so that forgetting it changes nothing.
    #[must_use]
    pub fn is_full(&self, rate: Rate, now: Timestamp) -> bool {
        let mut then = *self;
        then.refill(rate, now);
        then.millitokens >= capacity(rate)
    }

    fn refill(&mut self, rate: Rate, now: Timestamp) {
        let elapsed_ms = now.0.saturating_sub(self.at.0);
        let inflow = elapsed_ms.saturating_mul(u64::from(rate.per_second.max(1)));
        self.millitokens = self.millitokens.saturating_add(inflow).min(capacity(rate));
        self.at = now;
    }
}

fn capacity(rate: Rate) -> u64 {
    u64::from(rate.burst) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 10,
        per_second: 4,
    };

    #[test]
    fn a_burst_passes_and_one_more_waits() {
        let mut bucket = TokenBucket::full(RATE, Timestamp(0));
        assert!((0..10).all(|_| bucket.take(RATE, Timestamp(0), 1).is_ok()));
        assert_eq!(bucket.take(RATE, Timestamp(0), 1), Err(250));
        assert_eq!(bucket.take(RATE, Timestamp(249), 1), Err(1));
        assert_eq!(bucket.take(RATE, Timestamp(250), 1), Ok(()));
    }

    #[test]
    fn it_fills_to_the_brim_and_survives_a_clock_set_back() {
        let mut bucket = TokenBucket::full(RATE, Timestamp(5000));
        assert_eq!(bucket.take(RATE, Timestamp(5000), 10), Ok(()));
        assert!(!bucket.is_full(RATE, Timestamp(7499)));
        assert!(bucket.is_full(RATE, Timestamp(7500)));
        assert_eq!(bucket.take(RATE, Timestamp(1000), 1), Err(250));
        assert_eq!(bucket.take(RATE, Timestamp(1250), 1), Ok(()));
    }
}
