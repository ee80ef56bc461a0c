//! Members of a conversation who are at one epoch hold the same state: the value that MLS derives for
//! comparing it (RFC 9420 §8.7) is the same on all disks.

use std::collections::BTreeMap;

use shared::base::id::{ConversationId, PersonaId};
use shared::conversation::mls::Mls;

use crate::disk::Records;
use crate::fields::Fields;

/// First byte of the keys of MLS state on a page's disk.
const MLS: u8 = b'k';
/// First byte of the keys of contacts.
const CONTACT: u8 = b'c';
/// Field of an account: the seed of the device.
const DEVICE_SEED: u32 = 1;
/// Field of a contact: the group.
const GROUP: u32 = 7;

/// What was seen of each group at each epoch, and on whose disk.
#[derive(Debug, Default)]
pub struct Epochs {
    seen: BTreeMap<(ConversationId, u64), ([u8; 32], usize)>,
}

impl Epochs {
    /// A page is opened, or one looks at what its disk holds.
    ///
    /// # Errors
    /// It differs from what another member holds at the same epoch.
    pub fn loaded(
        &mut self,
        person: usize,
        persona: Option<PersonaId>,
        kept: &Records,
    ) -> Result<(), String> {
        let account = kept.get(b"a".as_slice()).and_then(|it| Fields::of(it));
        let seed = account.and_then(|it| it.bytes(DEVICE_SEED));
        let seed = seed.and_then(|it| <[u8; 32]>::try_from(it).ok());
        let (Some(persona), Some(seed)) = (persona, seed) else {
            return Ok(());
        };
        let under = |prefix: u8| kept.range(vec![prefix]..vec![prefix + 1]);
        let groups: Vec<ConversationId> = under(CONTACT)
            .filter_map(|(_, record)| Fields::of(record)?.bytes(GROUP))
            .filter_map(|id| ConversationId::from_slice(&id).ok())
            .collect();
        let entries = under(MLS).map(|(key, value)| (key[1..].to_vec(), value.clone()));
        let mut mls = Mls::load(persona, &seed, entries);
        for group in groups {
            let unreadable = |error| format!("person {person} cannot read a group: {error}");
            let epoch = mls.epoch(group).map_err(unreadable)?;
            let state = mls.export_epoch_authenticator(group).map_err(unreadable)?;
            let first = self.seen.entry((group, epoch)).or_insert((state, person));
            if first.0 != state {
                return Err(format!(
                    "persons {} and {person} hold different states of one epoch",
                    first.1
                ));
            }
        }
        Ok(())
    }

    /// States that were compared.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.seen.len()
    }
}
