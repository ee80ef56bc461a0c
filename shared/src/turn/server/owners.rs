//! How many allocations each name has.

use alloc::string::String;

use hashbrown::HashMap;
use siphasher::sip::SipHasher13;

use super::table::Keyed;

pub struct Owners {
    counts: HashMap<String, u32, Keyed>,
}

impl Owners {
    pub fn new(hasher: SipHasher13) -> Self {
        let counts = HashMap::with_hasher(Keyed(hasher));
        Self { counts }
    }

    pub fn count(&self, owner: &str) -> u32 {
        self.counts.get(owner).copied().unwrap_or(0)
    }

    pub fn add(&mut self, owner: &str) {
        *self.counts.entry_ref(owner).or_insert(0) += 1;
    }

    pub fn remove(&mut self, owner: &str) {
        if let Some(count) = self.counts.get_mut(owner) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(owner);
            }
        }
    }
}
