//! The supernode's half of store and forward: all mailboxes of one supernode.
//!
//! A claim registers a mailbox or renews it; a deposit is checked against the owner's capability
//! secret and handed over or kept; an acknowledgement moves a device's cursor, and what all devices
//! are past is removed. Every change of what is kept goes to the caller's batch; answers are the
//! caller's to give, after the commit. Layout of the store: [`record`].

mod checker;
mod delivery;
mod deposit;
mod error;
mod limits;
mod one;
mod outcome;
mod packages;
mod public;
mod receiver;
pub mod record;
mod restore;
mod revoke;
mod sweep;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

pub use error::ClaimError;
pub use limits::MailboxLimits;
pub use outcome::{Claimed, Deposited, Kept, Window};
pub use packages::Published;
pub use restore::BadRecord;
pub use sweep::Swept;

use crate::base::effects::{Batch, LinkId};
use crate::base::id::{DeviceId, PersonaId};
use crate::base::limits::{SESSIONS_PER_MAILBOX_MAX, SWEEP_MAX};
use crate::base::time::Timestamp;
use crate::gates::token::TokenSerial;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::SECRET_LEN;
use crate::planted::{Fault, is_planted};
use checker::Checker;
use one::Mailbox;
use receiver::Receiver;
use record::Key;

/// All mailboxes of one supernode.
#[derive(Debug)]
pub struct Mailboxes {
    limits: MailboxLimits,
    /// Boxed: looking one up goes through keys alone, which lie close together.
    mailboxes: BTreeMap<PersonaId, Box<Mailbox>>,
    /// Invites of the operator that were used.
    tokens: BTreeSet<TokenSerial>,
    envelopes: u64,
    bytes: u64,
    /// Whether the disk has room for more.
    room: bool,
    /// The last one that a sweep has looked at, in the middle of a round.
    swept: Option<PersonaId>,
}

impl Mailboxes {
    /// Tells whether the disk has room for more.
    pub fn set_room(&mut self, room: bool) {
        self.room = room;
    }

    /// Whether the disk has room for more, as was last told.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.room
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

    /// Whether a persona has a mailbox here.
    #[must_use]
    pub fn is_registered(&self, persona: &PersonaId) -> bool {
        self.mailboxes.contains_key(persona)
    }

    /// Whether a mailbox was registered with this invite of the operator.
    #[must_use]
    pub fn is_used(&self, token: &TokenSerial) -> bool {
        self.tokens.contains(token)
    }

    /// Notes that the mailbox of `persona` was registered with this invite of the operator.
    pub fn use_token(&mut self, persona: &PersonaId, token: TokenSerial, batch: &mut Batch) {
        if let Some(mailbox) = self.mailboxes.get_mut(persona) {
            mailbox.token = Some(token);
            self.tokens.insert(token);
            batch.put(Key::Token(*persona, token).to_bytes(), Vec::new());
        }
    }

    /// Registers or renews the mailbox of `devices`' persona, to be received on `link` by `device`.
    ///
    /// # Errors
    /// [`ClaimError`]; nothing has changed.
    pub fn claim(
        &mut self,
        now: Timestamp,
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
            let mailbox = Mailbox::new(devices.clone(), *secret, now.days());
            mailbox.save(batch);
            self.mailboxes.insert(persona, Box::new(mailbox));
        }
        let mailbox = self.mailboxes.get_mut(&persona).ok_or(ClaimError::NoRoom)?;
        if devices.verify_follows(&mailbox.devices).is_err() && !is_planted(Fault::AcceptOldList) {
            let older = devices.list().version < mailbox.devices.list().version;
            return Err(if older {
                ClaimError::Stale
            } else {
                ClaimError::Forked
            });
        }
        let another_day = mailbox.claimed_day != now.days();
        if mailbox.devices != *devices || mailbox.checker.secret() != secret || another_day {
            mailbox.replace_devices(devices.clone(), batch);
            mailbox.checker = Checker::new(*secret);
            mailbox.claimed_day = now.days();
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

    /// Forgets a session.
    pub fn close(&mut self, link: LinkId, mailbox: &PersonaId) {
        if let Some(mailbox) = self.mailboxes.get_mut(mailbox) {
            mailbox.receivers.retain(|receiver| receiver.link != link);
        }
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
