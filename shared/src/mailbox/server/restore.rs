//! From what is stored to what is held in memory, at the start.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::one::Mailbox;
use super::record::{HeaderRecord, Key, MailboxRecord, number};
use super::{MailboxLimits, Mailboxes};
use crate::base::codec::decode;
use crate::base::id::PersonaId;
use crate::base::limits::FRAME_BYTES_MAX;
use crate::identity::list::VerifiedDeviceList;

/// A stored record that cannot be read, or that belongs to no mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an unreadable record")]
pub struct BadRecord {
    /// Its key.
    pub key: Vec<u8>,
}

impl Mailboxes {
    /// Puts back what was stored: all records but the sealed bytes, in any order. What cannot be
    /// read is left alone in the store and reported; it costs its own mailbox only.
    #[must_use]
    pub fn restore(
        limits: MailboxLimits,
        records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> (Self, Vec<BadRecord>) {
        let mut mailboxes: BTreeMap<PersonaId, Box<Mailbox>> = BTreeMap::new();
        let mut parts = Vec::new();
        let mut bad = Vec::new();
        for (key, value) in records {
            match Key::from_bytes(&key) {
                Some(Key::Mailbox(persona)) => match read_mailbox(&persona, &value) {
                    Some(mailbox) => drop(mailboxes.insert(persona, Box::new(mailbox))),
                    None => bad.push(BadRecord { key }),
                },
                Some(part) => parts.push((part, value)),
                None => bad.push(BadRecord { key }),
            }
        }
        // Headers in order are put back sooner.
        parts.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in parts {
            if restore_part(&mut mailboxes, key, &value).is_none() {
                bad.push(BadRecord {
                    key: key.to_bytes(),
                });
            }
        }
        let envelopes = mailboxes.values().map(|mailbox| mailbox.envelopes()).sum();
        let bytes = mailboxes.values().map(|mailbox| mailbox.bytes()).sum();
        let tokens = mailboxes.values().filter_map(|mailbox| mailbox.token);
        let tokens = tokens.collect();
        (
            Self {
                limits,
                mailboxes,
                tokens,
                envelopes,
                bytes,
                room: true,
                swept: None,
            },
            bad,
        )
    }
}

fn read_mailbox(persona: &PersonaId, value: &[u8]) -> Option<Mailbox> {
    let record: MailboxRecord = decode(value, FRAME_BYTES_MAX).ok()?;
    let devices = VerifiedDeviceList::restore(&record.devices).ok()?;
    let secret = record.secret.try_into().ok()?;
    let day = record.claimed_day.unwrap_or_default();
    let mut mailbox =
        (devices.persona() == *persona).then(|| Mailbox::new(devices, secret, day))?;
    mailbox.public_bits = record.public_bits.unwrap_or_default();
    Some(mailbox)
}

fn restore_part(
    mailboxes: &mut BTreeMap<PersonaId, Box<Mailbox>>,
    key: Key,
    value: &[u8],
) -> Option<()> {
    match key {
        Key::Cursor(persona, device) => mailboxes
            .get_mut(&persona)?
            .restore_cursor(device, number(value)?),
        Key::Reserved(persona) => mailboxes
            .get_mut(&persona)?
            .restore_reserved(number(value)?),
        Key::Revoked(persona, serial) => drop(mailboxes.get_mut(&persona)?.revoked.insert(serial)),
        Key::Packages(persona) => {
            mailboxes.get_mut(&persona)?.packages = decode(value, FRAME_BYTES_MAX).ok()?;
        }
        Key::Token(persona, serial) => mailboxes.get_mut(&persona)?.token = Some(serial),
        Key::Header(persona, sequence) => {
            let header: HeaderRecord = decode(value, FRAME_BYTES_MAX).ok()?;
            mailboxes
                .get_mut(&persona)?
                .restore_header(sequence, header);
        }
        Key::Mailbox(_) | Key::Body(..) => {}
    }
    Some(())
}
