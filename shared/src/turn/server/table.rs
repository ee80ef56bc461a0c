//! All allocations: by number, by client, and by their end.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use core::net::IpAddr;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use super::allocation::Allocation;
use super::client::{Client, Link, Relay};
use crate::base::time::Timestamp;

/// Hashes with a secret key, so that nobody can choose addresses that collide, and the same key gives
/// the same order.
#[derive(Clone, Copy)]
pub struct Keyed(pub SipHasher13);

impl BuildHasher for Keyed {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        self.0
    }
}

pub struct Table {
    hasher: SipHasher13,
    /// The numbers alone, found by whose they are.
    by_client: HashTable<Relay>,
    slots: Vec<Option<Box<Allocation>>>,
    free: Vec<Relay>,
    ends: BTreeSet<(Timestamp, Relay)>,
}

impl Table {
    pub fn new(hasher: SipHasher13) -> Self {
        Self {
            hasher,
            by_client: HashTable::new(),
            slots: Vec::new(),
            free: Vec::new(),
            ends: BTreeSet::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.by_client.len()
    }

    pub fn find(&self, client: &Client) -> Option<Relay> {
        let is_it = |relay: &Relay| self.get(*relay).is_some_and(|it| it.client == *client);
        self.by_client
            .find(hash(self.hasher, client), is_it)
            .copied()
    }

    pub fn get(&self, relay: Relay) -> Option<&Allocation> {
        self.slots.get(index(relay)?)?.as_deref()
    }

    pub fn get_mut(&mut self, relay: Relay) -> Option<&mut Allocation> {
        self.slots.get_mut(index(relay)?)?.as_deref_mut()
    }

    /// The number that [`Self::insert`] will give next.
    pub fn next(&self) -> Option<Relay> {
        let new = || u32::try_from(self.slots.len()).ok().map(Relay);
        self.free.last().copied().or_else(new)
    }

    pub fn insert(&mut self, allocation: Allocation) -> Option<Relay> {
        let relay = self.next()?;
        if self.free.pop().is_none() {
            self.slots.push(None);
        }
        let own = hash(self.hasher, &allocation.client);
        self.ends.insert((allocation.expires, relay));
        *self.slots.get_mut(index(relay)?)? = Some(Box::new(allocation));
        let (slots, hasher) = (&self.slots, self.hasher);
        self.by_client.insert_unique(own, relay, |relay| {
            let slot = index(*relay).and_then(|index| slots.get(index)?.as_ref());
            slot.map_or(0, |it| hash(hasher, &it.client))
        });
        Some(relay)
    }

    pub fn remove(&mut self, relay: Relay) -> Option<Box<Allocation>> {
        let allocation = self.slots.get_mut(index(relay)?)?.take()?;
        let own = hash(self.hasher, &allocation.client);
        if let Ok(entry) = self.by_client.find_entry(own, |it| *it == relay) {
            entry.remove();
        }
        self.ends.remove(&(allocation.expires, relay));
        self.free.push(relay);
        Some(allocation)
    }

    /// Sets when an allocation ends.
    pub fn set_end(&mut self, relay: Relay, end: Timestamp) {
        if let Some(allocation) = self.get_mut(relay) {
            let old = core::mem::replace(&mut allocation.expires, end);
            self.ends.remove(&(old, relay));
            self.ends.insert((end, relay));
        }
    }

    /// One that has ended by `now`, if there is one.
    pub fn expired(&self, now: Timestamp) -> Option<Relay> {
        let (end, relay) = *self.ends.first()?;
        (end <= now).then_some(relay)
    }

    /// All that are there, with whose they are.
    pub fn clients(&self) -> impl Iterator<Item = (Relay, Client)> {
        let slots = (0..).zip(&self.slots);
        slots.filter_map(|(number, slot)| Some((Relay(number), slot.as_ref()?.client)))
    }

    /// Any that is there.
    pub fn any(&self) -> Option<Relay> {
        self.by_client.iter().next().copied()
    }
}

/// Looked up for each packet: an address in few words.
fn hash(mut hasher: SipHasher13, client: &Client) -> u64 {
    match client.link {
        Link::Datagrams(number) => hasher.write_u64(u64::from(number)),
        Link::Stream(number) => hasher.write_u64(!number),
    }
    let port = u64::from(client.address.port());
    match client.address.ip() {
        IpAddr::V4(ip) => hasher.write_u64(u64::from(ip.to_bits()) << 16 | port),
        IpAddr::V6(ip) => {
            hasher.write_u128(ip.to_bits());
            hasher.write_u64(port);
        }
    }
    hasher.finish()
}

fn index(relay: Relay) -> Option<usize> {
    usize::try_from(relay.0).ok()
}
