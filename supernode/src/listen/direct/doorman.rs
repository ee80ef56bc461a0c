//! Who is let in: routes stand in every invite, so anybody may know one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use shared::base::time::Timestamp;
use shared::session::rate::{Rate, TokenBucket};

use crate::listen::address::Sources;

/// New clients from one source address.
pub const CLIENTS_RATE: Rate = Rate {
    burst: 64,
    per_second: 4,
};

/// Sources whose rate is remembered. With more, nobody from a new one is let in until some are forgotten.
pub const SOURCES_MAX: usize = 65_536;

struct Source {
    bucket: TokenBucket,
    clients: usize,
}

/// Counts clients by source.
pub struct Doorman {
    sources: Arc<Sources>,
    known: HashMap<u64, Source>,
    clients: usize,
    clients_max: usize,
    clients_per_source_max: usize,
}

impl Doorman {
    /// For at most so many clients at a time, in all and from one source.
    pub fn new(sources: Arc<Sources>, clients_max: usize, clients_per_source_max: usize) -> Self {
        Self {
            sources,
            known: HashMap::new(),
            clients: 0,
            clients_max,
            clients_per_source_max,
        }
    }

    /// Lets somebody in, and says for which source they count; `None` when there are enough of them.
    pub fn admit(&mut self, now: Timestamp, ip: IpAddr) -> Option<u64> {
        let number = self.sources.number(ip, None);
        if self.clients >= self.clients_max
            || (self.known.len() >= SOURCES_MAX && !self.known.contains_key(&number))
        {
            return None;
        }
        let source = self.known.entry(number).or_insert_with(|| Source {
            bucket: TokenBucket::full(CLIENTS_RATE, now),
            clients: 0,
        });
        if source.clients >= self.clients_per_source_max
            || source.bucket.take(CLIENTS_RATE, now, 1).is_err()
        {
            return None;
        }
        source.clients += 1;
        self.clients += 1;
        Some(number)
    }

    /// Somebody of this source has gone.
    pub fn leave(&mut self, number: u64) {
        if let Some(source) = self.known.get_mut(&number) {
            source.clients = source.clients.saturating_sub(1);
            self.clients = self.clients.saturating_sub(1);
        }
    }

    /// How many are in.
    pub fn clients(&self) -> usize {
        self.clients
    }

    /// Forgets sources of which nothing need be remembered.
    pub fn sweep(&mut self, now: Timestamp) {
        let matters =
            |source: &Source| source.clients > 0 || !source.bucket.is_full(CLIENTS_RATE, now);
        self.known.retain(|_, source| matters(source));
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn doorman(clients_max: usize, clients_per_source_max: usize) -> Doorman {
        let sources = Arc::new(Sources::new(Vec::new()).unwrap());
        Doorman::new(sources, clients_max, clients_per_source_max)
    }

    fn ip(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    #[test]
    fn so_many_are_let_in_from_one_source_and_in_all() {
        let mut doorman = doorman(3, 2);
        let first = doorman.admit(NOW, ip(1)).unwrap();
        assert!(doorman.admit(NOW, ip(1)).is_some());
        assert!(doorman.admit(NOW, ip(1)).is_none());
        assert!(doorman.admit(NOW, ip(2)).is_some());
        assert!(doorman.admit(NOW, ip(3)).is_none());
        doorman.leave(first);
        assert!(doorman.admit(NOW, ip(3)).is_some());
        assert_eq!(doorman.clients(), 3);
    }

    #[test]
    fn one_source_comes_so_often_and_no_more() {
        let mut doorman = doorman(usize::MAX, usize::MAX);
        for _ in 0..CLIENTS_RATE.burst {
            let source = doorman.admit(NOW, ip(1)).unwrap();
            doorman.leave(source);
        }
        assert!(doorman.admit(NOW, ip(1)).is_none());
        assert!(doorman.admit(NOW, ip(2)).is_some());
        let later = NOW.after(Duration::from_secs(1));
        assert!(doorman.admit(later, ip(1)).is_some());
    }

    #[test]
    fn sources_are_forgotten_when_they_are_like_new_ones() {
        let mut doorman = doorman(usize::MAX, usize::MAX);
        let source = doorman.admit(NOW, ip(1)).unwrap();
        let later = NOW.after(Duration::from_secs(60));
        doorman.sweep(later);
        assert_eq!(doorman.known.len(), 1, "it is still in");
        doorman.leave(source);
        doorman.sweep(NOW);
        assert_eq!(doorman.known.len(), 1, "it came just now");
        doorman.sweep(later);
        assert!(doorman.known.is_empty());
    }

    #[test]
    fn so_many_sources_are_remembered_and_no_more() {
        let mut doorman = doorman(usize::MAX, usize::MAX);
        for number in 0..SOURCES_MAX as u32 {
            let source = doorman.admit(NOW, Ipv4Addr::from_bits(number).into());
            doorman.leave(source.unwrap());
        }
        assert!(doorman.admit(NOW, ip(1)).is_none());
        assert!(doorman.admit(NOW, Ipv4Addr::from_bits(0).into()).is_some());
    }
}
