//! Sent and not confirmed: asked for once more, when a block between two people is over. Whoever blocks takes
//! nothing and owes nothing, so a receipt may have been refused, dropped or never given.

use super::Out;
use crate::base::codec;
use crate::base::id::{EnvelopeId, PersonaId};
use crate::base::limits::ENVELOPE_BYTES_MAX;
use crate::base::random::bytes;
use crate::mailbox::parcel::Body;
use crate::peer::records::{OutWhat, StoredState, out_key};
use crate::peer::{Cx, Peer};

use alloc::vec::Vec;

impl Out {
    /// Whether it says what has arrived.
    pub(super) fn is_receipt(&self) -> bool {
        let OutWhat::Body(body) = &self.record.what else {
            return false;
        };
        matches!(
            codec::decode(body, ENVELOPE_BYTES_MAX),
            Ok(Body::Receipt(_))
        )
    }
}

impl Peer {
    /// Deposits every message to `to` that is *sent* once more, as it is, in another envelope: whoever has
    /// it already confirms it again, and whoever dropped it gets it.
    pub(in crate::peer) fn send_once_more(&mut self, cx: &mut Cx<'_>, to: PersonaId) {
        let sent = |out: &Out| out.record.to == to && out.state() == Some(StoredState::Sent);
        let all = self.outbox.iter().filter(|(_, out)| sent(out));
        let all: Vec<u64> = all.map(|(order, _)| *order).collect();
        for order in all {
            let Some(out) = self.outbox.get_mut(&order) else {
                continue;
            };
            let mut record = out.record.clone();
            record.id = EnvelopeId(bytes(cx.random));
            record.number = None;
            record.expires = None;
            record.done.clear();
            cx.out.store.put(out_key(order), codec::encode(&record));
            *out = Out::new(record);
            self.pump = true;
        }
    }
}
