//! One mailbox: its owner's devices, how far each has read, and what is kept for them. Sealed bytes
//! are in the store only; here is an index of them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::checker::Checker;
use super::packages::PackagesRecord;
use super::receiver::Receiver;
use super::record::{HeaderRecord, Key, MailboxRecord};
use crate::base::codec::encode;
use crate::base::effects::Batch;
use crate::base::id::{DeviceId, EnvelopeId, PersonaId};
use crate::base::limits::MAILBOX_IDLE_MAX;
use crate::base::sequence::Sequence;
use crate::base::time::Timestamp;
use crate::gates::token::TokenSerial;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::{CapabilitySerial, SECRET_LEN};
use crate::planted::{Fault, is_planted};

/// Sequence numbers are reserved in steps of so many, so that few deposits write the reservation.
const RESERVE_STEP: u64 = 64;

#[derive(Debug, Clone)]
pub(super) struct Mailbox {
    pub devices: VerifiedDeviceList,
    pub checker: Checker,
    pub revoked: BTreeSet<CapabilitySerial>,
    pub receivers: Vec<Receiver>,
    /// When it was last claimed, in days since 1970.
    pub claimed_day: u64,
    /// Anybody may ask for first contact who shows work of so many bits; 0: nobody without an invite.
    pub public_bits: u8,
    cursors: BTreeMap<DeviceId, u64>,
    kept: Sequence<HeaderRecord>,
    ids: BTreeMap<EnvelopeId, u64>,
    bytes: u64,
    /// Envelopes and bytes in the requests lane, of those above.
    requests: (u64, u64),
    /// Of these, those by people without an invite.
    publics: (u64, u64),
    /// The operator's invite by which it was registered.
    pub token: Option<TokenSerial>,
    /// Where its key packages are.
    pub packages: PackagesRecord,
    /// Numbers of key packages for one use that were granted and have not gone out.
    pub granted: Vec<u64>,
    last: u64,
    reserved: u64,
    /// No kept envelope expires before this.
    next_expiry: Timestamp,
}

impl Mailbox {
    pub fn new(devices: VerifiedDeviceList, secret: [u8; SECRET_LEN], claimed_day: u64) -> Self {
        Self {
            devices,
            checker: Checker::new(secret),
            revoked: BTreeSet::new(),
            receivers: Vec::new(),
            claimed_day,
            public_bits: 0,
            cursors: BTreeMap::new(),
            kept: Sequence::default(),
            ids: BTreeMap::new(),
            bytes: 0,
            requests: (0, 0),
            publics: (0, 0),
            token: None,
            packages: PackagesRecord::default(),
            granted: Vec::new(),
            last: 0,
            reserved: 0,
            next_expiry: Timestamp(u64::MAX),
        }
    }

    pub fn persona(&self) -> PersonaId {
        self.devices.persona()
    }

    pub fn envelopes(&self) -> u64 {
        self.kept.len() as u64
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Envelopes and bytes in the requests lane, counted in the above too.
    pub fn requests(&self) -> (u64, u64) {
        self.requests
    }

    /// Envelopes and bytes by people without an invite, counted in [`Self::requests`] too.
    pub fn publics(&self) -> (u64, u64) {
        self.publics
    }

    pub fn header(&self, sequence: u64) -> Option<&HeaderRecord> {
        self.kept.get(sequence)
    }

    pub fn sequence_of(&self, id: &EnvelopeId) -> Option<u64> {
        self.ids.get(id).copied()
    }

    pub fn cursor(&self, device: &DeviceId) -> u64 {
        self.cursors.get(device).copied().unwrap_or_default()
    }

    /// Kept envelopes after `after`, in order.
    pub fn kept_after(&self, after: u64) -> impl Iterator<Item = (u64, &HeaderRecord)> {
        self.kept.from(after.saturating_add(1))
    }

    pub fn save(&self, batch: &mut Batch) {
        let record = MailboxRecord {
            devices: self.devices.carried().to_vec(),
            secret: self.checker.secret().to_vec(),
            claimed_day: Some(self.claimed_day),
            public_bits: (self.public_bits > 0).then_some(self.public_bits),
        };
        batch.put(Key::Mailbox(self.persona()).to_bytes(), encode(&record));
    }

    /// Takes a list that follows the known one: cursors of removed devices go.
    pub fn replace_devices(&mut self, devices: VerifiedDeviceList, batch: &mut Batch) {
        let persona = self.persona();
        self.cursors.retain(|device, _| {
            let stays = devices.device(device).is_some();
            if !stays {
                batch.delete(Key::Cursor(persona, *device).to_bytes());
            }
            stays
        });
        self.devices = devices;
    }

    /// Keeps an envelope under the next sequence number, but for its [bytes](Self::keep_body).
    pub fn keep(&mut self, header: HeaderRecord, batch: &mut Batch) -> u64 {
        let persona = self.persona();
        let sequence = self.last.saturating_add(1);
        if sequence > self.reserved {
            self.reserved = sequence.saturating_add(RESERVE_STEP - 1);
            batch.put(
                Key::Reserved(persona).to_bytes(),
                self.reserved.to_be_bytes().to_vec(),
            );
        }
        batch.put(Key::Header(persona, sequence).to_bytes(), header.to_bytes());
        self.index(sequence, header);
        sequence
    }

    /// Keeps the sealed bytes of the envelope that was kept last.
    pub fn keep_body(&self, sequence: u64, body: Vec<u8>, batch: &mut Batch) {
        batch.put(Key::Body(self.persona(), sequence).to_bytes(), body);
    }

    /// Writes the header of a kept envelope again, so that an answer to a repeat waits for the
    /// commit of the first.
    pub fn touch(&self, sequence: u64, batch: &mut Batch) {
        if let Some(header) = self.kept.get(sequence) {
            batch.put(
                Key::Header(self.persona(), sequence).to_bytes(),
                header.to_bytes(),
            );
        }
    }

    /// Notes that `device` has committed everything up to `up_to`.
    pub fn ack(&mut self, device: DeviceId, up_to: u64, batch: &mut Batch) {
        let up_to = up_to.min(self.last);
        if self.devices.device(&device).is_some() && up_to > self.cursor(&device) {
            self.cursors.insert(device, up_to);
            if is_planted(Fault::ForgetCursor) {
                return;
            }
            batch.put(
                Key::Cursor(self.persona(), device).to_bytes(),
                up_to.to_be_bytes().to_vec(),
            );
        }
    }

    /// Removes up to `max` envelopes that every device has acknowledged, or that have expired.
    /// Returns how many.
    pub fn purge(&mut self, now: Timestamp, max: usize, batch: &mut Batch) -> usize {
        let acked = self.acked_by_all();
        let mut gone: Vec<u64> = self
            .kept
            .from(0)
            .map(|(sequence, _)| sequence)
            .take_while(|sequence| *sequence <= acked)
            .take(max)
            .collect();
        if self.next_expiry <= now {
            let room = max.saturating_sub(gone.len());
            let later = self.kept_after(acked);
            gone.extend(
                later
                    .filter(|(_, header)| header.expires <= now)
                    .map(|(sequence, _)| sequence)
                    .take(room),
            );
        }
        for sequence in &gone {
            self.remove(*sequence, batch);
        }
        // With more left than may go at once, there is nothing to look for: it is not before now.
        if self.next_expiry <= now && gone.len() < max {
            self.next_expiry = self
                .kept
                .from(0)
                .map(|(_, header)| header.expires)
                .min()
                .unwrap_or(Timestamp(u64::MAX));
        }
        gone.len()
    }

    /// Whether [`Self::purge`] would find something.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.next_expiry <= now
            || self
                .kept
                .first()
                .is_some_and(|first| first <= self.acked_by_all())
    }

    /// Whether nobody would miss it: nothing is kept, and nobody has come for long.
    pub fn is_abandoned(&self, now: Timestamp) -> bool {
        let idle_days = MAILBOX_IDLE_MAX.as_secs() / 86_400;
        self.kept.is_empty()
            && self.receivers.is_empty()
            && now.days() > self.claimed_day.saturating_add(idle_days)
    }

    /// Removes all that is stored beside envelopes.
    pub fn erase(&self, batch: &mut Batch) {
        let persona = self.persona();
        let cursors = self
            .cursors
            .keys()
            .map(|device| Key::Cursor(persona, *device));
        let revoked = self
            .revoked
            .iter()
            .map(|serial| Key::Revoked(persona, *serial));
        let packages = self.packages.numbers();
        let packages = packages.map(|number| Key::Body(persona, number));
        let token = self.token.map(|serial| Key::Token(persona, serial));
        for key in cursors
            .chain(revoked)
            .chain(token)
            .chain(packages)
            .chain([Key::Packages(persona)])
            .chain([Key::Reserved(persona), Key::Mailbox(persona)])
        {
            batch.delete(key.to_bytes());
        }
    }

    /// Puts back what was stored.
    pub fn restore_header(&mut self, sequence: u64, header: HeaderRecord) {
        self.index(sequence, header);
    }

    /// Puts back what was stored: numbers up to `reserved` may have been given out.
    pub fn restore_reserved(&mut self, reserved: u64) {
        self.reserved = self.reserved.max(reserved);
        self.last = self.last.max(reserved);
    }

    /// Puts back what was stored.
    pub fn restore_cursor(&mut self, device: DeviceId, cursor: u64) {
        self.cursors.insert(device, cursor);
    }

    fn index(&mut self, sequence: u64, header: HeaderRecord) {
        self.bytes = self.bytes.saturating_add(u64::from(header.len));
        for (envelopes, bytes) in self.lanes_of(&header) {
            *envelopes = envelopes.saturating_add(1);
            *bytes = bytes.saturating_add(u64::from(header.len));
        }
        self.ids.insert(header.id, sequence);
        self.next_expiry = self.next_expiry.min(header.expires);
        self.last = self.last.max(sequence);
        self.kept.insert(sequence, header);
    }

    /// What is counted of strangers that this envelope belongs to.
    fn lanes_of(&mut self, header: &HeaderRecord) -> impl Iterator<Item = &mut (u64, u64)> {
        let requests = (header.request == Some(true)).then_some(&mut self.requests);
        let publics = (header.public == Some(true)).then_some(&mut self.publics);
        requests.into_iter().chain(publics)
    }

    fn remove(&mut self, sequence: u64, batch: &mut Batch) {
        let Some(header) = self.kept.remove(sequence) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(u64::from(header.len));
        for (envelopes, bytes) in self.lanes_of(&header) {
            *envelopes = envelopes.saturating_sub(1);
            *bytes = bytes.saturating_sub(u64::from(header.len));
        }
        self.ids.remove(&header.id);
        batch.delete(Key::Header(self.persona(), sequence).to_bytes());
        batch.delete(Key::Body(self.persona(), sequence).to_bytes());
    }

    fn acked_by_all(&self) -> u64 {
        let devices = &self.devices.list().devices;
        let cursors = devices.iter().map(|entry| self.cursor(&entry.device));
        match is_planted(Fault::DeleteAfterOne) {
            true => cursors.max(),
            false => cursors.min(),
        }
        .unwrap_or_default()
    }
}
