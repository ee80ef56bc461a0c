//! First contacts of those who have no invite.

use super::one::Mailbox;
use super::{MailboxLimits, Mailboxes};
use crate::base::effects::Batch;
use crate::base::id::PersonaId;
use crate::base::limits::PUBLIC_SHARE;
use crate::gates::Gates;
use crate::mailbox::capability::Lane;

impl Mailbox {
    /// What a first contact by a capability of this lane must show.
    pub(super) fn asked(&self, limits: &MailboxLimits, lane: Lane) -> Gates {
        let of_owner = if lane == Lane::Public {
            self.public_bits
        } else {
            0
        };
        Gates {
            invite: lane != Lane::Public || of_owner == 0,
            work_bits: limits.request_work_bits.max(of_owner),
        }
    }

    /// Whether another `len` bytes by somebody without an invite would be more than their part of a lane of
    /// so many envelopes and bytes.
    pub(super) fn publics_are_full(&self, envelopes_max: u64, bytes_max: u64, len: u64) -> bool {
        let (envelopes, bytes) = self.publics();
        envelopes >= envelopes_max / PUBLIC_SHARE
            || bytes.saturating_add(len) > bytes_max / PUBLIC_SHARE
    }
}

impl Mailboxes {
    /// What a first contact in this mailbox must show, by a capability of this lane.
    #[must_use]
    pub fn asked(&self, mailbox: &PersonaId, lane: Lane) -> Gates {
        let mailbox = self.mailboxes.get(mailbox);
        mailbox.map_or(Gates::OPEN, |mailbox| mailbox.asked(&self.limits, lane))
    }

    /// Lets anybody ask for first contact who shows work of so many bits; 0: nobody without an invite.
    pub fn open(&mut self, mailbox: &PersonaId, work_bits: u8, batch: &mut Batch) {
        if let Some(mailbox) = self.mailboxes.get_mut(mailbox)
            && mailbox.public_bits != work_bits
        {
            mailbox.public_bits = work_bits;
            mailbox.save(batch);
        }
    }
}
