//! Envelopes on their way in.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::one::Mailbox;
use super::record::HeaderRecord;
use super::{Deposited, Mailboxes};
use crate::base::effects::Batch;
use crate::base::hash::sha256;
use crate::base::id::PersonaId;
use crate::base::limits::{ENVELOPE_BYTES_MAX, REQUEST_BYTES_MAX, REQUESTS_BYTES_MAX};
use crate::base::time::Timestamp;
use crate::gates::work::{Task, Work};
use crate::mailbox::capability::{Admitted, BadCapability, Capability, Lane};
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
use crate::planted::{Fault, is_planted};

impl Mailboxes {
    /// Checks a capability for a mailbox, and finds that.
    ///
    /// # Errors
    /// [`DepositCode::NoMailbox`] and those that name a capability.
    pub(super) fn admit<'m>(
        mailboxes: &'m mut BTreeMap<PersonaId, Box<Mailbox>>,
        now: Timestamp,
        mailbox: &PersonaId,
        capability: &Capability,
    ) -> Result<(&'m mut Mailbox, Admitted), DepositCode> {
        let known = mailboxes.get_mut(mailbox);
        let known = known.ok_or(DepositCode::NoMailbox)?;
        if *capability == Capability::PUBLIC {
            let admitted = Admitted {
                lane: Lane::Public,
                serial: capability.serial,
            };
            return Ok((known, admitted));
        }
        let admitted = known
            .checker
            .verify(capability, mailbox, now)
            .or_else(|bad| match is_planted(Fault::ForgetCapability) {
                true => Ok(Admitted {
                    lane: Lane::Contact,
                    serial: capability.serial,
                }),
                false => Err(bad),
            })
            .map_err(|bad| match bad {
                BadCapability::Forged => DepositCode::NoCapability,
                BadCapability::Expired => DepositCode::CapabilityExpired,
            })?;
        if known.revoked.contains(&admitted.serial) && !is_planted(Fault::ForgetRevocation) {
            return Err(DepositCode::CapabilityRevoked);
        }
        Ok((known, admitted))
    }

    /// Checks an envelope, and keeps it or finds those to hand it to.
    ///
    /// # Errors
    /// Every [`DepositCode`] but `Ok`; nothing has changed.
    pub fn deposit(
        &mut self,
        now: Timestamp,
        envelope: Envelope,
        work: Option<&Work>,
        batch: &mut Batch,
    ) -> Result<Deposited, DepositCode> {
        if envelope.bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(DepositCode::TooLarge);
        }
        let (to, capability) = (&envelope.to, &envelope.capability);
        let (mailbox, admitted) = Self::admit(&mut self.mailboxes, now, to, capability)?;
        let request = admitted.lane.is_of_strangers();
        let public = admitted.lane == Lane::Public;
        let mut delivery = Delivery {
            sequence: 0,
            id: envelope.id,
            at: now,
            bytes: envelope.bytes,
            public: public.then_some(true),
        };
        // Before the gates: what was taken is not refused when its receipt was lost.
        if envelope.keep_seconds > 0
            && let Some(sequence) = mailbox.sequence_of(&envelope.id)
            && !is_planted(Fault::ForgetDuplicates)
        {
            mailbox.touch(sequence, batch);
            let header = mailbox.header(sequence);
            let left = match public {
                // Whether it has been fetched is not told to everybody.
                true => self.limits.keep,
                false => header.map_or(Duration::ZERO, |header| header.expires.since(now)),
            };
            return Ok(Deposited {
                delivery,
                to: Vec::new(),
                keep_seconds: granted(envelope.keep_seconds, left),
            });
        }
        if request {
            if envelope.keep_seconds == 0 {
                return Err(DepositCode::NoCapability);
            }
            if delivery.bytes.len() > REQUEST_BYTES_MAX {
                return Err(DepositCode::TooLarge);
            }
            let asked = mailbox.asked(&self.limits, admitted.lane);
            let bits = asked.work_bits;
            let task = || match public {
                true => Task::Asking(envelope.to, sha256(&[&delivery.bytes])),
                false => Task::FirstContact(envelope.to, envelope.id),
            };
            let free = public && is_planted(Fault::AskForNothing);
            let shown = || free || work.is_some_and(|work| work.verify(&task(), bits, now).is_ok());
            let closed = public && asked.invite && !is_planted(Fault::AskWhereClosed);
            if closed || (bits > 0 && !shown()) {
                return Err(DepositCode::GateRequired);
            }
        }
        if envelope.keep_seconds == 0 {
            let to = mailbox
                .receivers
                .iter()
                .map(|receiver| receiver.link)
                .collect();
            return Ok(Deposited {
                delivery,
                to,
                keep_seconds: None,
            });
        }
        let len = u32::try_from(delivery.bytes.len()).map_err(|_| DepositCode::TooLarge)?;
        let (requests, request_bytes) = mailbox.requests();
        let (envelopes, bytes, envelopes_max, bytes_max) = if request {
            (
                requests,
                request_bytes,
                self.limits.requests,
                REQUESTS_BYTES_MAX,
            )
        } else {
            (
                mailbox.envelopes().saturating_sub(requests),
                mailbox.bytes().saturating_sub(request_bytes),
                self.limits.mailbox_envelopes,
                self.limits.mailbox_bytes,
            )
        };
        let crowded = public && mailbox.publics_are_full(envelopes_max, bytes_max, u64::from(len));
        let full = crowded
            || envelopes >= envelopes_max
            || bytes.saturating_add(u64::from(len)) > bytes_max;
        if full && !is_planted(Fault::ForgetQuota) {
            return Err(DepositCode::Full);
        }
        let too_much = self.bytes.saturating_add(u64::from(len)) > self.limits.bytes;
        if !self.room || (too_much && !is_planted(Fault::ForgetRoom)) {
            return Err(DepositCode::NoRoom);
        }
        let keep = Duration::from_secs(u64::from(envelope.keep_seconds)).min(self.limits.keep);
        let header = HeaderRecord {
            id: envelope.id,
            at: now,
            expires: now.after(keep),
            len,
            request: request.then_some(true),
            public: public.then_some(true),
        };
        delivery.sequence = mailbox.keep(header, batch);
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
        // Nobody is handed most of what is kept.
        let body = match to.is_empty() {
            true => core::mem::take(&mut delivery.bytes),
            false => delivery.bytes.clone(),
        };
        mailbox.keep_body(delivery.sequence, body, batch);
        Ok(Deposited {
            delivery,
            to,
            keep_seconds: granted(envelope.keep_seconds, keep),
        })
    }
}

/// A life of `kept`, in whole seconds, when it is less than was asked for.
fn granted(asked: u32, kept: Duration) -> Option<u32> {
    let kept = u32::try_from(kept.as_secs()).unwrap_or(u32::MAX);
    (kept < asked).then_some(kept)
}
