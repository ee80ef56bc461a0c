//! Ports for relayed addresses: which are free, and whose the others are.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};
use core::ops::RangeInclusive;

use siphasher::sip::SipHasher13;

use super::client::Relay;

/// Ports of one address family.
pub struct Ports {
    first: u16,
    taken: Vec<Option<Relay>>,
    free: Vec<u16>,
    hasher: SipHasher13,
    drawn: u64,
}

impl Ports {
    /// All of `range`, or none.
    pub fn new(range: Option<RangeInclusive<u16>>, hasher: SipHasher13) -> Self {
        let first = range.as_ref().map_or(0, |range| *range.start());
        let free: Vec<_> = range.into_iter().flatten().collect();
        Self {
            first,
            taken: alloc::vec![None; free.len()],
            free,
            hasher,
            drawn: 0,
        }
    }

    /// Takes a free port that nobody can guess (RFC 6056, RFC 8656 §7.2).
    pub fn draw(&mut self) -> Option<u16> {
        let count = u64::try_from(self.free.len()).ok()?;
        self.drawn += 1;
        let mut hasher = self.hasher;
        self.drawn.hash(&mut hasher);
        let index = usize::try_from(hasher.finish().checked_rem(count)?).ok()?;
        Some(self.free.swap_remove(index))
    }

    /// Notes whose a drawn port is.
    pub fn assign(&mut self, port: u16, relay: Relay) {
        if let Some(place) = self.place(port) {
            *place = Some(relay);
        }
    }

    /// Makes a drawn port free again.
    pub fn give_back(&mut self, port: u16) {
        if let Some(place) = self.place(port) {
            *place = None;
            self.free.push(port);
        }
    }

    /// Whose `port` is.
    pub fn relay(&self, port: u16) -> Option<Relay> {
        let index = usize::from(port.checked_sub(self.first)?);
        self.taken.get(index).copied().flatten()
    }

    fn place(&mut self, port: u16) -> Option<&mut Option<Relay>> {
        self.taken
            .get_mut(usize::from(port.checked_sub(self.first)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_is_drawn_once_in_an_order_of_its_own() {
        let order = |key| {
            let mut ports = Ports::new(Some(100..=163), SipHasher13::new_with_keys(key, 0));
            let order: Vec<_> = core::iter::from_fn(|| ports.draw()).collect();
            ports.give_back(120);
            assert_eq!((ports.draw(), ports.draw()), (Some(120), None));
            order
        };
        let (mut one, other) = (order(1), order(2));
        assert_ne!(one, other);
        one.sort_unstable();
        assert!(one.into_iter().eq(100..=163));
    }

    #[test]
    fn a_port_knows_whose_it_is() {
        let mut ports = Ports::new(Some(65_535..=65_535), SipHasher13::new());
        let port = ports.draw().unwrap();
        ports.assign(port, Relay(4));
        assert_eq!(ports.relay(65_535), Some(Relay(4)));
        assert_eq!((ports.relay(65_534), ports.relay(0)), (None, None));
        ports.give_back(port);
        assert_eq!(ports.relay(port), None);
        assert_eq!(Ports::new(None, SipHasher13::new()).draw(), None);
    }
}
