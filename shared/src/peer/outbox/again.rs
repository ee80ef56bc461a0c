//! Sent and not confirmed: asked for once more, when a block between two people is over. Whoever blocks takes
//! nothing and owes nothing, so a receipt may have been refused, dropped or never given.

use super::Out;
use crate::base::codec;
use crate::base::id::{EnvelopeId, PersonaId};
use crate::base::random::bytes;
use crate::peer::records::{OutWhat, StoredState, out_key};
use crate::peer::{Cx, Peer};

use alloc::vec::Vec;

impl Out {
    /// Homes of theirs had this message, and have refused it since.
    fn was_refused_later(&self) -> bool {
        self.state() == Some(StoredState::Failed) && self.record.was_sent
    }
}

impl Peer {
    /// Deposits every message to `to` that is *sent*, or was and has been refused since, once more, as it is, in
    /// another envelope: whoever has it already confirms it again, and whoever dropped it gets it.
    pub(in crate::peer) fn send_once_more(&mut self, cx: &mut Cx<'_>, to: PersonaId) {
        let is_sent = |out: &Out| out.state() == Some(StoredState::Sent);
        let goes = |out: &Out| out.record.to == to && (is_sent(out) || out.was_refused_later());
        let all = self.outbox.iter().filter(|(_, out)| goes(out));
        let all: Vec<u64> = all.map(|(order, _)| *order).collect();
        self.take_up_again(cx, &to);
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

    /// Messages that were sent and have been refused since wait again.
    pub(in crate::peer) fn take_up_again(&mut self, cx: &mut Cx<'_>, to: &PersonaId) {
        for order in self.entries_to(to) {
            let out = self.outbox.get_mut(&order);
            let Some(out) = out.filter(|out| out.was_refused_later()) else {
                continue;
            };
            let OutWhat::Message { record, .. } = &mut out.record.what else {
                continue;
            };
            record.mine = Some(StoredState::Queued);
            record.failure = None;
            let message = record.clone();
            cx.out.store.put(out_key(order), codec::encode(&out.record));
            self.show_state(cx, *to, &message);
        }
    }
}
