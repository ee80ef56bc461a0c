//! How many replies a source gets that has proved nothing: a relay must be no good for hitting others.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::net::IpAddr;

use siphasher::sip::SipHasher13;

use super::limits::{REPLIES_BURST, REPLIES_PER_SECOND, SOURCES_MAX};
use crate::base::time::Timestamp;
use crate::session::rate::{Rate, TokenBucket};

const RATE: Rate = Rate {
    burst: REPLIES_BURST,
    per_second: REPLIES_PER_SECOND,
};

/// A fixed number of counters, each shared by whom a secret hash sends there.
pub struct Throttle {
    hasher: SipHasher13,
    buckets: Vec<TokenBucket>,
}

impl Throttle {
    pub fn new(hasher: SipHasher13) -> Self {
        let bucket = TokenBucket::full(RATE, Timestamp(0));
        Self {
            hasher,
            buckets: alloc::vec![bucket; SOURCES_MAX],
        }
    }

    /// Whether `source` may get one more reply now.
    pub fn admits(&mut self, source: IpAddr, now: Timestamp) -> bool {
        let mut hasher = self.hasher;
        match source {
            IpAddr::V4(ip) => ip.octets().hash(&mut hasher),
            IpAddr::V6(ip) => (ip.to_bits() >> 64).hash(&mut hasher),
        }
        let index = usize::try_from(hasher.finish() % SOURCES_MAX as u64).unwrap_or(0);
        let bucket = self.buckets.get_mut(index);
        bucket.is_some_and(|bucket| bucket.take(RATE, now, 1).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_gets_its_share_and_others_theirs() {
        let mut throttle = Throttle::new(SipHasher13::new_with_keys(1, 2));
        let mut count = |ip: &str, now| {
            let ip = ip.parse().unwrap();
            (0..1000)
                .filter(|_| throttle.admits(ip, Timestamp(now)))
                .count()
        };
        assert_eq!(count("192.0.2.1", 0), REPLIES_BURST as usize);
        assert_eq!(count("192.0.2.2", 0), REPLIES_BURST as usize);
        assert_eq!(count("192.0.2.1", 1000), REPLIES_PER_SECOND as usize);
        assert_eq!(count("2001:db8::1", 0), REPLIES_BURST as usize);
        assert_eq!(count("2001:db8::2", 0), 0, "one network, one share");
        assert_eq!(count("2001:db8:0:1::", 0), REPLIES_BURST as usize);
    }
}
