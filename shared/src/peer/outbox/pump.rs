//! Sends whatever has a way now.

use super::attempt::Attempt;
use super::{CONFIRM, Out, Told};
use crate::base::codec;
use crate::base::id::NodeId;
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::sorted::SortedSet;
use crate::mailbox::parcel::{Body, Receipt};
use crate::mailbox::wire::Envelope;
use crate::peer::io::Outgoing;
use crate::peer::records::{Failure, OutWhat, StoredState, out_key};
use crate::peer::{Cx, Peer};
use crate::planted::{self, is_planted};
use crate::session::client::Role;

use alloc::vec::Vec;
use core::time::Duration;

/// One pass over the outbox.
pub(super) struct Pass {
    /// Homes for which something waits.
    waiting: SortedSet<NodeId>,
    /// Entries that go ahead of others.
    openers: Vec<u64>,
}

impl Peer {
    /// Sends whatever has a way now.
    pub(in crate::peer) fn pump_outbox(&mut self, cx: &mut Cx<'_>) {
        let mut pass = Pass {
            waiting: SortedSet::new(),
            openers: self.openers(),
        };
        let orders: Vec<u64> = self.outbox.keys().copied().collect();
        for order in orders {
            self.pump_entry(cx, order, &mut pass);
        }
        let receipts: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.receipt != Receipt::default())
            .map(|contact| contact.record.persona)
            .collect();
        for persona in receipts {
            let Some(contact) = self.contacts.get_mut(&persona) else {
                continue;
            };
            let body = Body::Receipt(core::mem::take(&mut contact.receipt));
            if let Some(link) = contact.channel.open() {
                cx.out.send(link, Outgoing::Message(codec::encode(&body)));
            } else {
                let order = self.enqueue_body(cx, persona, &body);
                self.pump_entry(cx, order, &mut pass);
            }
        }
    }

    pub(super) fn pump_entry(&mut self, cx: &mut Cx<'_>, order: u64, pass: &mut Pass) {
        if !self.ensure_sealed(cx, order) || self.waits_for_package(cx, order) {
            return;
        }
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        let to = out.record.to;
        let Some(contact) = self.contacts.get(&to) else {
            return;
        };
        if self.blocks.contains(&to) {
            return;
        }
        if let (
            Some(link),
            OutWhat::Message {
                record,
                sealed: Some(sealed),
            },
        ) = (contact.channel.open(), &out.record.what)
        {
            let told = match out.told.filter(|told| told.link == link) {
                Some(told) => Told {
                    doubted: told.doubted || cx.now >= told.at.after(CONFIRM),
                    ..told
                },
                None => {
                    let body = Body::Message {
                        id: record.id,
                        bytes: sealed.to_vec(),
                    };
                    cx.out.send(link, Outgoing::Message(codec::encode(&body)));
                    Told {
                        link,
                        at: cx.now,
                        doubted: false,
                    }
                }
            };
            out.told = Some(told);
            if !told.doubted {
                return;
            }
        } else {
            out.told = None;
        }
        // Whoever must let me in first is left nothing but my asking.
        if out.must_be_let_in(contact) {
            return;
        }
        let homes = &contact.record.homes;
        if homes.iter().all(|it| out.record.done.contains(&it.node)) {
            return;
        }
        let capability = contact.record.capability;
        let (homes, id) = (homes.clone(), out.record.id);
        for home in homes {
            let Some(out) = self.outbox.get_mut(&order) else {
                return;
            };
            let node = home.node;
            let may_go = out
                .attempts
                .get_mut(&node)
                .is_none_or(|attempt| attempt.may_go(cx.now));
            if out.record.done.contains(&node)
                || !may_go
                || self.must_wait(order, &node, &pass.openers)
            {
                continue;
            }
            if pass.waiting.insert(node) {
                self.lines.want(cx, &home, Role::Courier);
            }
            if !self.lines.is_ready(&node, Role::Courier) {
                continue;
            }
            let Some(sealed) = self.envelope_bytes(cx, order) else {
                return;
            };
            let since = self.outbox.get(&order).map_or(cx.now, Out::waits_since);
            let keep_seconds = life(KEEP_TTL_MAX.saturating_sub(cx.now.since(since)));
            let envelope = Envelope {
                to,
                capability,
                id,
                keep_seconds,
                bytes: sealed,
            };
            let work = self.outbox.get(&order).and_then(|out| out.work);
            let (bits, work) = work.map_or((0, None), |(bits, work)| (bits, Some(work)));
            if self.lines.deposit(cx, &node, (envelope, work), Some(order))
                && let Some(out) = self.outbox.get_mut(&order)
                && let Some(attempt) = out.attempts.get_or_insert_with(node, Attempt::default)
            {
                attempt.goes(bits);
            }
        }
    }

    /// Encrypts a message as soon as there is a group. `false`: it cannot go yet.
    pub(super) fn ensure_sealed(&mut self, cx: &mut Cx<'_>, order: u64) -> bool {
        let Some(out) = self.outbox.get_mut(&order) else {
            return false;
        };
        let OutWhat::Message { record, sealed } = &mut out.record.what else {
            // The answer to a first contact must find my mailbox.
            return self.has_mailbox;
        };
        if record.mine == Some(StoredState::Failed) {
            return false;
        }
        if sealed.is_some() {
            return true;
        }
        let Some(contact) = self.contacts.get(&out.record.to) else {
            return false;
        };
        let (Some(group), Some(mls)) = (contact.record.group, self.mls.as_mut()) else {
            return false;
        };
        match mls.encrypt(
            cx.random,
            group,
            &crate::peer::chat::content_of(record).to_bytes(),
        ) {
            Ok(bytes) => {
                if is_planted(planted::Fault::ReuseRatchet) {
                    mls.take_changes();
                }
                *sealed = Some(bytes.into());
                if !is_planted(planted::Fault::SendUnkept) {
                    cx.out.store.put(out_key(order), codec::encode(&out.record));
                }
                true
            }
            Err(_) => {
                self.fail_entry(cx, order, Failure::Unreadable);
                false
            }
        }
    }

    pub(super) fn envelope_bytes(&mut self, cx: &mut Cx<'_>, order: u64) -> Option<Vec<u8>> {
        let out = self.outbox.get(&order)?;
        if let Some(envelope) = &out.envelope {
            return Some(envelope.clone());
        }
        let body = match &out.record.what {
            OutWhat::Body(bytes) => {
                codec::decode(bytes, crate::base::limits::ENVELOPE_BYTES_MAX).ok()
            }
            OutWhat::Message { record, sealed } => Some(Body::Message {
                id: record.id,
                bytes: sealed.as_ref()?.to_vec(),
            }),
        };
        let (to, id, at) = (out.record.to, out.record.id, out.record.at);
        let number = self.number_entry(cx, order);
        let sealed = body.and_then(|body| self.seal_for(cx, to, (id, number, at), body));
        match sealed {
            Some(mut sealed) => {
                if is_planted(planted::Fault::NameSender) {
                    sealed.extend(self.account.iter().flat_map(|it| it.persona.id().0));
                }
                let out = self.outbox.get_mut(&order)?;
                if is_planted(planted::Fault::TellText)
                    && let OutWhat::Message { record, .. } = &out.record.what
                {
                    sealed.extend(record.text.bytes());
                }
                out.envelope = Some(sealed.clone());
                Some(sealed)
            }
            None => {
                self.fail_entry(cx, order, Failure::TooLarge);
                None
            }
        }
    }
}

/// Seconds that a home is asked to keep what has `left` to live: whole hours, since the very second would
/// tell homes that see both sides which envelope was written when.
fn life(left: Duration) -> u32 {
    const HOUR: u64 = 3600;
    let hours = left.as_secs().div_ceil(HOUR).max(1);
    u32::try_from(hours.saturating_mul(HOUR)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_in_whole_hours_and_never_none() {
        for (left, told) in [(0, 3600), (1, 3600), (3600, 3600), (3601, 7200)] {
            assert_eq!(life(Duration::from_secs(left)), told);
        }
        assert_eq!(u64::from(life(KEEP_TTL_MAX)), KEEP_TTL_MAX.as_secs());
    }
}
