//! What is not a message waits in few entries: whoever makes us answer again and again, while their
//! homes cannot be reached, does not fill this disk.

use crate::base::codec;
use crate::base::id::{EnvelopeId, PersonaId};
use crate::base::limits::ENVELOPE_BYTES_MAX;
use crate::base::random::bytes;
use crate::mailbox::parcel::{Body, Receipt};
use crate::peer::records::OutWhat;
use crate::peer::{Cx, Peer, RECEIPT_MAX};
use alloc::vec::Vec;
use core::mem::discriminant;

/// Receipts that wait for one contact. With [`RECEIPT_MAX`] messages each they answer for all that may
/// wait in the contact's outbox; past that, the oldest goes.
const RECEIPTS_WAITING_MAX: usize = 16;

impl Peer {
    /// Puts a body into the outbox. A card or an accept takes the place of an older one; a receipt joins
    /// the last one, if there is room and it has not left. Which entry it is in.
    pub(in crate::peer) fn enqueue_body(
        &mut self,
        cx: &mut Cx<'_>,
        to: PersonaId,
        body: &Body,
    ) -> u64 {
        let alike = self.waiting_like(to, body);
        let envelope = EnvelopeId(bytes(cx.random));
        if let (Body::Receipt(new), Some((order, Body::Receipt(last)))) = (body, alike.last())
            && let Some(both) = joined(last, new)
            && let Some(out) = self.outbox.get_mut(order)
            && out.record.done.is_empty()
            && out.attempts.values().all(|attempt| !attempt.in_flight)
        {
            out.record.what = OutWhat::Body(codec::encode(&Body::Receipt(both)));
            (out.record.at, out.record.since) = (cx.now, None);
            self.restart_entry(cx, *order, envelope);
            return *order;
        }
        let keep = match body {
            Body::Receipt(_) => RECEIPTS_WAITING_MAX - 1,
            _ => 0,
        };
        let surplus = alike.len().saturating_sub(keep);
        for (order, _) in alike.into_iter().take(surplus) {
            self.remove_entry(cx, order);
        }
        let at = match body {
            Body::Card(_) | Body::Accept { .. } => self.card_time(cx),
            Body::Hello { .. } | Body::Message { .. } | Body::Receipt(_) | Body::Signal(_) => {
                cx.now
            }
        };
        self.enqueue(cx, to, (envelope, at), OutWhat::Body(codec::encode(body)));
        self.out_order
    }

    /// The bodies of this kind that wait for a contact, oldest first.
    fn waiting_like(&self, to: PersonaId, body: &Body) -> Vec<(u64, Body)> {
        let alike = self.outbox.iter().filter_map(|(order, out)| {
            let OutWhat::Body(bytes) = &out.record.what else {
                return None;
            };
            if out.record.to != to {
                return None;
            }
            let waiting = codec::decode::<Body>(bytes, ENVELOPE_BYTES_MAX).ok()?;
            (discriminant(&waiting) == discriminant(body)).then_some((*order, waiting))
        });
        alike.collect()
    }
}

/// One receipt that says what both say; `None` when it would be too long.
fn joined(last: &Receipt, new: &Receipt) -> Option<Receipt> {
    let mut both = last.clone();
    both.read_up_to = both.read_up_to.max(new.read_up_to);
    for (into, from) in [
        (&mut both.delivered, &new.delivered),
        (&mut both.unreadable, &new.unreadable),
    ] {
        for id in from {
            if !into.contains(id) {
                into.push(*id);
            }
        }
    }
    (both.delivered.len() + both.unreadable.len() <= RECEIPT_MAX).then_some(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::MessageId;

    fn receipt(ids: core::ops::Range<usize>) -> Receipt {
        let id = |n: usize| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            MessageId(id)
        };
        Receipt {
            delivered: ids.map(id).collect(),
            ..Receipt::default()
        }
    }

    #[test]
    fn receipts_join_up_to_the_limit_and_name_each_message_once() {
        let last = receipt(0..RECEIPT_MAX - 1);
        let full = joined(&last, &receipt(RECEIPT_MAX - 2..RECEIPT_MAX)).unwrap();
        assert_eq!(full, receipt(0..RECEIPT_MAX));
        assert_eq!(joined(&full, &receipt(0..RECEIPT_MAX)), Some(full.clone()));
        assert_eq!(joined(&full, &receipt(RECEIPT_MAX..RECEIPT_MAX + 1)), None);
    }
}
