//! All allocations: by number, by client, and by their end.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::HashMap;
use siphasher::sip::SipHasher13;

use super::allocation::Allocation;
use super::client::{Client, Relay};
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
    by_client: HashMap<Client, Relay, Keyed>,
    slots: Vec<Option<Box<Allocation>>>,
    free: Vec<Relay>,
    ends: BTreeSet<(Timestamp, Relay)>,
}

impl Table {
    pub fn new(hasher: SipHasher13) -> Self {
        Self {
            by_client: HashMap::with_hasher(Keyed(hasher)),
            slots: Vec::new(),
            free: Vec::new(),
            ends: BTreeSet::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.by_client.len()
    }

    pub fn find(&self, client: &Client) -> Option<Relay> {
        self.by_client.get(client).copied()
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
        self.by_client.insert(allocation.client, relay);
        self.ends.insert((allocation.expires, relay));
        *self.slots.get_mut(index(relay)?)? = Some(Box::new(allocation));
        Some(relay)
    }

    pub fn remove(&mut self, relay: Relay) -> Option<Box<Allocation>> {
        let allocation = self.slots.get_mut(index(relay)?)?.take()?;
        self.by_client.remove(&allocation.client);
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
        self.by_client
            .iter()
            .map(|(client, relay)| (*relay, *client))
    }

    /// Any that is there.
    pub fn any(&self) -> Option<Relay> {
        self.by_client.values().next().copied()
    }
}

fn index(relay: Relay) -> Option<usize> {
    usize::try_from(relay.0).ok()
}
