//! What has expired goes, some mailboxes at a time.

use core::ops::Bound::{Excluded, Unbounded};
use core::time::Duration;

use alloc::vec::Vec;

use super::Mailboxes;
use crate::base::effects::Batch;
use crate::base::limits::{SWEEP_INTERVAL, SWEEP_MAILBOXES_MAX, SWEEP_MAX};
use crate::base::time::Timestamp;

/// What a sweep has left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swept {
    /// More than one batch should hold: it goes on at once.
    Full,
    /// It goes on with other mailboxes after this time.
    Part(Duration),
    /// All mailboxes were looked at; a new round begins after this time.
    Round(Duration),
}

impl Mailboxes {
    /// Removes envelopes that have expired and mailboxes that are abandoned. Looks at
    /// [`SWEEP_MAILBOXES_MAX`] mailboxes and removes [`SWEEP_MAX`] envelopes or mailboxes at most; the next
    /// sweep goes on where this one ends, and a round through all takes [`SWEEP_INTERVAL`].
    pub fn sweep(&mut self, now: Timestamp, batch: &mut Batch) -> Swept {
        let after = self.swept.map_or(Unbounded, Excluded);
        let mut left = SWEEP_MAX;
        let mut looked = 0;
        let mut abandoned = Vec::new();
        let mut rest = self.mailboxes.range_mut((after, Unbounded)).peekable();
        while let Some((persona, mailbox)) = rest.next_if(|_| looked < SWEEP_MAILBOXES_MAX) {
            if mailbox.is_stale(now) {
                let before = mailbox.bytes();
                let gone = mailbox.purge(now, left, batch);
                left = left.saturating_sub(gone);
                self.envelopes = self.envelopes.saturating_sub(gone as u64);
                let bytes = before.saturating_sub(mailbox.bytes());
                self.bytes = self.bytes.saturating_sub(bytes);
            }
            if left > 0 && mailbox.is_abandoned(now) {
                abandoned.push(*persona);
                left -= 1;
            }
            // There may be more in this one: the next sweep begins with it.
            if left == 0 {
                break;
            }
            looked += 1;
            self.swept = Some(*persona);
        }
        let is_round = left > 0 && rest.peek().is_none();
        let part = match self.mailboxes.len() {
            0 => SWEEP_INTERVAL,
            all => SWEEP_INTERVAL * looked as u32 / u32::try_from(all).unwrap_or(u32::MAX),
        };
        for persona in &abandoned {
            if let Some(mailbox) = self.mailboxes.remove(persona) {
                mailbox.erase(batch);
                if let Some(token) = mailbox.token {
                    self.tokens.remove(&token);
                }
            }
        }
        if left == 0 {
            Swept::Full
        } else if is_round {
            self.swept = None;
            Swept::Round(part)
        } else {
            Swept::Part(part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::effects::LinkId;
    use crate::base::id::{DeviceId, EnvelopeId, PersonaId, SealKey};
    use crate::base::random::Counter;
    use crate::base::sign::SigningKey;
    use crate::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
    use crate::mailbox::capability::{Capability, Lane};
    use crate::mailbox::server::MailboxLimits;
    use crate::mailbox::wire::Envelope;

    const SECRET: [u8; 32] = [7; 32];

    /// Registers a mailbox for each of these numbers, and leaves an envelope that is kept for a second in
    /// the last of all.
    fn fill(mailboxes: &mut Mailboxes, numbers: core::ops::Range<usize>) {
        let batch = &mut Batch::default();
        for number in numbers {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            let key = SigningKey::from_seed(seed);
            let device = DeviceId([1; 32]);
            let list = DeviceList {
                persona: PersonaId(key.public()),
                version: 1,
                previous: None,
                at: Timestamp(0),
                devices: alloc::vec![DeviceEntry {
                    device,
                    seal: SealKey([0; 32]),
                    since: Timestamp(0),
                }],
            };
            let list = VerifiedDeviceList::sign(&list, &key).unwrap();
            mailboxes
                .claim(Timestamp(0), LinkId(0), &list, device, &SECRET, batch)
                .unwrap();
        }
        let to = *mailboxes.mailboxes.keys().last().unwrap();
        let envelope = Envelope {
            to,
            capability: Capability::issue(&SECRET, &to, Lane::Contact, None, &mut Counter(0)),
            id: EnvelopeId([1; 16]),
            keep_seconds: 1,
            bytes: alloc::vec![1],
        };
        mailboxes
            .deposit(Timestamp(0), envelope, None, batch)
            .unwrap();
    }

    #[test]
    fn as_many_mailboxes_as_a_sweep_looks_at_are_a_round_and_one_more_is_left_for_the_next() {
        let later = Timestamp(2_000);
        let batch = &mut Batch::default();
        let (mut all, _) = Mailboxes::restore(MailboxLimits::default(), []);
        fill(&mut all, 0..SWEEP_MAILBOXES_MAX);
        assert_eq!(all.sweep(later, batch), Swept::Round(SWEEP_INTERVAL));
        assert_eq!(all.kept().envelopes, 0);

        fill(&mut all, SWEEP_MAILBOXES_MAX..SWEEP_MAILBOXES_MAX + 1);
        let Swept::Part(first) = all.sweep(later, batch) else {
            panic!("one is left");
        };
        assert_eq!(all.kept().envelopes, 1);
        let Swept::Round(second) = all.sweep(later, batch) else {
            panic!("none is left");
        };
        assert_eq!(all.kept().envelopes, 0);
        let round = first + second;
        assert!(round <= SWEEP_INTERVAL && round + Duration::from_millis(1) > SWEEP_INTERVAL);
        // The next round begins with the first again.
        assert_eq!(all.sweep(later, batch), Swept::Part(first));
    }
}
