//! The supernode's half of store and forward: all mailboxes of one supernode.
//!
//! A claim registers a mailbox or renews it; a deposit is checked against the owner's capability
//! secret and handed over or kept; an acknowledgement moves a device's cursor, and what all devices
//! are past is removed. Every change of what is kept goes to the caller's batch; answers are the
//! caller's to give, after the commit. Layout of the store: [`record`].

mod error;
mod one;
mod receiver;
pub mod record;
mod restore;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

pub use error::ClaimError;
pub use restore::BadRecord;

use crate::base::effects::{Batch, LinkId};
use crate::base::id::{DeviceId, PersonaId};
use crate::base::limits::{
    DELIVERY_WINDOW, ENVELOPE_BYTES_MAX, KEEP_TTL_MAX, KEPT_BYTES_MAX, MAILBOX_BYTES_MAX,
    MAILBOX_ENVELOPES_MAX, MAILBOXES_MAX, REVOKED_MAX, SESSIONS_PER_MAILBOX_MAX, SWEEP_MAX,
};
use crate::base::time::Timestamp;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::{BadCapability, CapabilitySerial, SECRET_LEN};
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
use one::Mailbox;
use receiver::Receiver;
use record::{HeaderRecord, Key};

/// How much a supernode takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimits {
    /// Mailboxes.
    pub mailboxes: usize,
    /// Bytes of kept envelopes, in all mailboxes together.
    pub bytes: u64,
    /// Envelopes kept in one mailbox.
    pub mailbox_envelopes: u64,
    /// Bytes kept in one mailbox.
    pub mailbox_bytes: u64,
    /// Longest time an envelope is kept.
    pub keep: Duration,
}

impl Default for MailboxLimits {
    fn default() -> Self {
        Self {
            mailboxes: MAILBOXES_MAX,
            bytes: KEPT_BYTES_MAX,
            mailbox_envelopes: MAILBOX_ENVELOPES_MAX,
            mailbox_bytes: MAILBOX_BYTES_MAX,
            keep: KEEP_TTL_MAX,
        }
    }
}

/// A claim that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The last sequence number this device has acknowledged.
    pub acked: u64,
    /// Kept envelopes after that.
    pub waiting: u64,
    /// Sessions of devices that are no longer on the list; to be ended.
    pub outdated: Vec<LinkId>,
    /// The oldest sessions beyond the limit; to be ended.
    pub crowded_out: Vec<LinkId>,
}

/// A deposit that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposited {
    /// What to hand over, after the commit.
    pub delivery: Delivery,
    /// To whom.
    pub to: Vec<LinkId>,
}

/// A range of kept envelopes to be read from the store for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// For whom.
    pub link: LinkId,
    /// From which mailbox.
    pub mailbox: PersonaId,
    /// First sequence number.
    pub first: u64,
    /// Last sequence number.
    pub last: u64,
}

/// Envelopes, bytes and mailboxes kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// Mailboxes.
    pub mailboxes: u64,
    /// Envelopes.
    pub envelopes: u64,
    /// Their sealed bytes.
    pub bytes: u64,
}

/// All mailboxes of one supernode.
#[derive(Debug)]
pub struct Mailboxes {
    limits: MailboxLimits,
    mailboxes: BTreeMap<PersonaId, Mailbox>,
    envelopes: u64,
    bytes: u64,
    /// Whether the disk has room for more.
    room: bool,
}

impl Mailboxes {
    /// Tells whether the disk has room for more.
    pub fn set_room(&mut self, room: bool) {
        self.room = room;
    }

    /// What is kept.
    #[must_use]
    pub fn kept(&self) -> Kept {
        Kept {
            mailboxes: self.mailboxes.len() as u64,
            envelopes: self.envelopes,
            bytes: self.bytes,
        }
    }

    /// Registers or renews the mailbox of `devices`' persona, to be received on `link` by `device`.
    ///
    /// # Errors
    /// [`ClaimError`]; nothing has changed.
    pub fn claim(
        &mut self,
        link: LinkId,
        devices: &VerifiedDeviceList,
        device: DeviceId,
        secret: &[u8; SECRET_LEN],
        batch: &mut Batch,
    ) -> Result<Claimed, ClaimError> {
        let persona = devices.persona();
        if !self.mailboxes.contains_key(&persona) {
            if self.mailboxes.len() >= self.limits.mailboxes || !self.room {
                return Err(ClaimError::NoRoom);
            }
            let mailbox = Mailbox::new(devices.clone(), *secret);
            mailbox.save(batch);
            self.mailboxes.insert(persona, mailbox);
        }
        let mailbox = self.mailboxes.get_mut(&persona).ok_or(ClaimError::NoRoom)?;
        if devices.verify_follows(&mailbox.devices).is_err() {
            let older = devices.list().version < mailbox.devices.list().version;
            return Err(if older {
                ClaimError::Stale
            } else {
                ClaimError::Forked
            });
        }
        if mailbox.devices != *devices || mailbox.secret != *secret {
            mailbox.replace_devices(devices.clone(), batch);
            mailbox.secret = *secret;
            mailbox.save(batch);
        }
        let outdated = take_links(&mut mailbox.receivers, |receiver| {
            devices.device(&receiver.device).is_none()
        });
        let acked = mailbox.cursor(&device);
        if mailbox
            .receivers
            .iter()
            .all(|receiver| receiver.link != link)
        {
            mailbox.receivers.push(Receiver {
                link,
                device,
                sent: acked,
                reading: false,
            });
        }
        let surplus = mailbox
            .receivers
            .len()
            .saturating_sub(SESSIONS_PER_MAILBOX_MAX);
        let crowded_out = mailbox
            .receivers
            .drain(..surplus)
            .map(|receiver| receiver.link)
            .collect();
        Ok(Claimed {
            acked,
            waiting: mailbox.kept_after(acked).count() as u64,
            outdated,
            crowded_out,
        })
    }

    /// Checks an envelope, and keeps it or finds those to hand it to.
    ///
    /// # Errors
    /// Every [`DepositCode`] but `Ok`; nothing has changed.
    pub fn deposit(
        &mut self,
        now: Timestamp,
        envelope: Envelope,
        batch: &mut Batch,
    ) -> Result<Deposited, DepositCode> {
        if envelope.bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(DepositCode::TooLarge);
        }
        let mailbox = self
            .mailboxes
            .get_mut(&envelope.to)
            .ok_or(DepositCode::NoMailbox)?;
        let admitted = envelope
            .capability
            .verify(&mailbox.secret, &envelope.to, now)
            .map_err(|bad| match bad {
                BadCapability::Forged => DepositCode::NoCapability,
                BadCapability::Expired => DepositCode::CapabilityExpired,
            })?;
        if mailbox.revoked.contains(&admitted.serial) {
            return Err(DepositCode::CapabilityRevoked);
        }
        let mut delivery = Delivery {
            sequence: 0,
            id: envelope.id,
            at: now,
            bytes: envelope.bytes,
        };
        if envelope.keep_seconds == 0 {
            let to = mailbox
                .receivers
                .iter()
                .map(|receiver| receiver.link)
                .collect();
            return Ok(Deposited { delivery, to });
        }
        if let Some(sequence) = mailbox.sequence_of(&envelope.id) {
            mailbox.touch(sequence, batch);
            return Ok(Deposited {
                delivery,
                to: Vec::new(),
            });
        }
        let len = u32::try_from(delivery.bytes.len()).map_err(|_| DepositCode::TooLarge)?;
        if mailbox.envelopes() >= self.limits.mailbox_envelopes
            || mailbox.bytes().saturating_add(u64::from(len)) > self.limits.mailbox_bytes
        {
            return Err(DepositCode::Full);
        }
        if !self.room || self.bytes.saturating_add(u64::from(len)) > self.limits.bytes {
            return Err(DepositCode::NoRoom);
        }
        let keep = Duration::from_secs(u64::from(envelope.keep_seconds)).min(self.limits.keep);
        let header = HeaderRecord {
            id: envelope.id,
            at: now,
            expires: now.after(keep),
            len,
        };
        delivery.sequence = mailbox.keep(header, delivery.bytes.clone(), batch);
        self.envelopes = self.envelopes.saturating_add(1);
        self.bytes = self.bytes.saturating_add(u64::from(len));
        let mut receivers = core::mem::take(&mut mailbox.receivers);
        let mut to = Vec::new();
        for receiver in receivers
            .iter_mut()
            .filter(|receiver| receiver.takes(mailbox, delivery.sequence, now))
        {
            receiver.sent = delivery.sequence;
            to.push(receiver.link);
        }
        mailbox.receivers = receivers;
        Ok(Deposited { delivery, to })
    }

    /// Notes that `device` has committed everything up to `up_to`, and removes what all have.
    pub fn ack(
        &mut self,
        now: Timestamp,
        mailbox: &PersonaId,
        device: DeviceId,
        up_to: u64,
        batch: &mut Batch,
    ) {
        let Some(mailbox) = self.mailboxes.get_mut(mailbox) else {
            return;
        };
        mailbox.ack(device, up_to, batch);
        let before = mailbox.bytes();
        let gone = mailbox.purge(now, SWEEP_MAX, batch) as u64;
        let after = mailbox.bytes();
        self.envelopes = self.envelopes.saturating_sub(gone);
        self.bytes = self.bytes.saturating_sub(before.saturating_sub(after));
    }

    /// Takes capabilities back.
    ///
    /// # Errors
    /// When more than [`REVOKED_MAX`] would be remembered; nothing has changed.
    pub fn revoke(
        &mut self,
        now: Timestamp,
        mailbox: &PersonaId,
        serials: &[CapabilitySerial],
        batch: &mut Batch,
    ) -> Result<(), ClaimError> {
        let Some(mailbox) = self.mailboxes.get_mut(mailbox) else {
            return Ok(());
        };
        let persona = mailbox.persona();
        let over = |serial: &CapabilitySerial| {
            serial
                .last_day()
                .is_some_and(|day| now.days() > u64::from(day))
        };
        let expired: Vec<_> = mailbox.revoked.iter().copied().filter(over).collect();
        let new: Vec<_> = serials
            .iter()
            .filter(|s| !over(s) && !mailbox.revoked.contains(*s))
            .copied()
            .collect();
        if mailbox
            .revoked
            .len()
            .saturating_sub(expired.len())
            .saturating_add(new.len())
            > REVOKED_MAX
        {
            return Err(ClaimError::NoRoom);
        }
        for serial in expired {
            mailbox.revoked.remove(&serial);
            batch.delete(Key::Revoked(persona, serial).to_bytes());
        }
        for serial in new {
            mailbox.revoked.insert(serial);
            batch.put(Key::Revoked(persona, serial).to_bytes(), Vec::new());
        }
        Ok(())
    }

    /// The next window to be read for `link`, at most one at a time.
    pub fn next_window(
        &mut self,
        now: Timestamp,
        link: LinkId,
        mailbox: &PersonaId,
    ) -> Option<Window> {
        let mailbox = self.mailboxes.get_mut(mailbox)?;
        let index = mailbox
            .receivers
            .iter()
            .position(|receiver| receiver.link == link)?;
        let (first, last) = mailbox
            .receivers
            .get(index)
            .filter(|r| !r.reading)?
            .window(mailbox, now)?;
        mailbox.receivers.get_mut(index)?.reading = true;
        Some(Window {
            link,
            mailbox: mailbox.persona(),
            first,
            last,
        })
    }

    /// Takes what was read for a window and says what to send, in order.
    pub fn loaded(
        &mut self,
        now: Timestamp,
        window: &Window,
        bodies: Vec<(u64, Vec<u8>)>,
    ) -> Vec<Delivery> {
        let Some(mailbox) = self.mailboxes.get_mut(&window.mailbox) else {
            return Vec::new();
        };
        let Some(receiver) = mailbox
            .receivers
            .iter_mut()
            .find(|receiver| receiver.link == window.link)
        else {
            return Vec::new();
        };
        receiver.reading = false;
        receiver.sent = receiver.sent.max(window.last);
        let alive = bodies
            .into_iter()
            .take(DELIVERY_WINDOW)
            .filter_map(|(sequence, bytes)| {
                let header = mailbox
                    .header(sequence)
                    .filter(|header| header.expires > now)?;
                Some(Delivery {
                    sequence,
                    id: header.id,
                    at: header.at,
                    bytes,
                })
            });
        alive.collect()
    }

    /// Forgets a session.
    pub fn close(&mut self, link: LinkId, mailbox: &PersonaId) {
        if let Some(mailbox) = self.mailboxes.get_mut(mailbox) {
            mailbox.receivers.retain(|receiver| receiver.link != link);
        }
    }

    /// Removes what has expired. Returns whether more is left than one batch should hold.
    pub fn sweep(&mut self, now: Timestamp, batch: &mut Batch) -> bool {
        let mut left = SWEEP_MAX;
        for mailbox in self
            .mailboxes
            .values_mut()
            .filter(|mailbox| mailbox.is_stale(now))
        {
            let before = mailbox.bytes();
            let gone = mailbox.purge(now, left, batch);
            left = left.saturating_sub(gone);
            self.envelopes = self.envelopes.saturating_sub(gone as u64);
            self.bytes = self
                .bytes
                .saturating_sub(before.saturating_sub(mailbox.bytes()));
            if left == 0 {
                return true;
            }
        }
        false
    }
}

fn take_links(receivers: &mut Vec<Receiver>, gone: impl Fn(&Receiver) -> bool) -> Vec<LinkId> {
    let links = receivers
        .iter()
        .filter(|receiver| gone(receiver))
        .map(|receiver| receiver.link)
        .collect();
    receivers.retain(|receiver| !gone(receiver));
    links
}
