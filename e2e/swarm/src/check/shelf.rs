//! What a supernode's disk holds, as its transactions say: the ground on which other checkers stand.

use std::collections::{BTreeMap, BTreeSet};

use shared::base::codec;
use shared::base::effects::Batch;
use shared::base::id::{DeviceId, PersonaId};
use shared::gates::token::TokenSerial;
use shared::identity::list::VerifiedDeviceList;
use shared::mailbox::capability::CapabilitySerial;
use shared::mailbox::server::record::{HeaderRecord, Key, MailboxRecord};

/// A record of a header is smaller than this.
const HEADER_BYTES_MAX: usize = 256;
/// A record of a mailbox is smaller than this: a device list and a secret.
const MAILBOX_BYTES_MAX: usize = 8 * 1024;

/// One mailbox.
#[derive(Debug, Default)]
pub struct Shelved {
    /// The version of its owner's list.
    pub version: u64,
    /// On its owner's newest list.
    pub devices: BTreeSet<DeviceId>,
    /// Anybody may ask who shows so much work, in bits; 0: nobody.
    pub public_bits: u8,
    /// What is kept.
    pub headers: BTreeMap<u64, HeaderRecord>,
    /// Capabilities that were taken back.
    pub revoked: BTreeSet<CapabilitySerial>,
    /// Envelopes and bytes for contacts, and in the requests lane.
    pub lanes: [(u64, u64); 2],
    /// Envelopes in the requests lane of those who have no invite.
    pub publics: u64,
}

/// All mailboxes of one supernode.
#[derive(Debug, Default)]
pub struct Shelf {
    boxes: BTreeMap<PersonaId, Shelved>,
}

/// What one transaction has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A mailbox is new.
    Registered(PersonaId),
    /// A mailbox goes back to an older device list.
    OlderList(PersonaId),
    /// A mailbox was registered with this invite of the operator.
    Token(PersonaId, TokenSerial),
    /// An envelope is new; and the work for which anybody might ask at that moment.
    Kept(PersonaId, HeaderRecord, u8),
    /// An envelope is gone.
    Removed(PersonaId, u64, HeaderRecord),
}

impl Shelf {
    /// A mailbox.
    #[must_use]
    pub fn of(&self, persona: &PersonaId) -> Option<&Shelved> {
        self.boxes.get(persona)
    }

    /// A transaction is kept: what it has changed, in order.
    pub fn keep(&mut self, batch: &Batch) -> Vec<Change> {
        let mut changes = Vec::new();
        for change in &batch.changes {
            if let Some(key) = Key::from_bytes(&change.key) {
                changes.extend(self.apply(key, change.value.as_deref()));
            }
        }
        changes
    }

    fn apply(&mut self, key: Key, value: Option<&[u8]>) -> Option<Change> {
        match (key, value) {
            (Key::Mailbox(persona), Some(value)) => {
                let is_new = !self.boxes.contains_key(&persona);
                let record: MailboxRecord = codec::decode(value, MAILBOX_BYTES_MAX).ok()?;
                let list = VerifiedDeviceList::verify(&record.devices).ok()?;
                let entries = list.list().devices.iter();
                let shelved = self.boxes.entry(persona).or_default();
                shelved.public_bits = record.public_bits.unwrap_or_default();
                shelved.devices = entries.map(|entry| entry.device).collect();
                let before = std::mem::replace(&mut shelved.version, list.list().version);
                match (is_new, before > shelved.version) {
                    (true, _) => Some(Change::Registered(persona)),
                    (false, true) => Some(Change::OlderList(persona)),
                    (false, false) => None,
                }
            }
            (Key::Mailbox(persona), None) => {
                self.boxes.remove(&persona);
                None
            }
            (Key::Token(persona, serial), Some(_)) => Some(Change::Token(persona, serial)),
            (Key::Revoked(persona, serial), value) => {
                let revoked = &mut self.boxes.get_mut(&persona)?.revoked;
                match value {
                    Some(_) => revoked.insert(serial),
                    None => revoked.remove(&serial),
                };
                None
            }
            (Key::Header(persona, sequence), Some(value)) => {
                let header: HeaderRecord = codec::decode(value, HEADER_BYTES_MAX).ok()?;
                let shelved = self.boxes.get_mut(&persona)?;
                if shelved.headers.insert(sequence, header).is_some() {
                    return None;
                }
                let lane = shelved.lane(&header);
                *lane = (lane.0 + 1, lane.1 + u64::from(header.len));
                shelved.publics += u64::from(header.public == Some(true));
                Some(Change::Kept(persona, header, shelved.public_bits))
            }
            (Key::Header(persona, sequence), None) => {
                let shelved = self.boxes.get_mut(&persona)?;
                let header = shelved.headers.remove(&sequence)?;
                let lane = shelved.lane(&header);
                *lane = (lane.0 - 1, lane.1 - u64::from(header.len));
                shelved.publics -= u64::from(header.public == Some(true));
                Some(Change::Removed(persona, sequence, header))
            }
            _ => None,
        }
    }
}

impl Shelved {
    fn lane(&mut self, header: &HeaderRecord) -> &mut (u64, u64) {
        let request = usize::from(header.request == Some(true));
        &mut self.lanes[request]
    }
}
