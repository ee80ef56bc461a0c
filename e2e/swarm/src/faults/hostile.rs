//! A supernode whose operator is up to no good: it withholds, repeats, changes, floods, shuffles and
//! lies. It can do no more than lose what only it has, and be noticed.

use shared::base::codec::{decode, encode};
use shared::base::effects::LinkId;
use shared::base::id::EnvelopeId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::random::bytes;
use shared::mailbox::wire::{Delivery, DepositCode};
use shared::session::wire::{ClientFrame, DepositReceipt, NodeFrame};

use crate::net::End;
use crate::net::pipe::Item;
use crate::world::World;

/// How often it does what, per thousand frames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Temper {
    /// Keeps what it should hand over.
    pub withholds: u32,
    /// Hands over again what it handed over before.
    pub replays: u32,
    /// Changes a byte.
    pub mutates: u32,
    /// Adds junk.
    pub floods: u32,
    /// Turns the order round.
    pub shuffles: u32,
    /// Says OK and keeps nothing.
    pub lies: u32,
    seen: Vec<Delivery>,
}

/// What a hostile supernode remembers to hand over again.
const SEEN_MAX: usize = 50;

impl Temper {
    /// A bit of everything.
    #[must_use]
    pub fn bad() -> Self {
        Self {
            withholds: 200,
            replays: 150,
            mutates: 150,
            floods: 50,
            shuffles: 200,
            lies: 200,
            seen: Vec::new(),
        }
    }

    fn is_good(&self) -> bool {
        *self == Self::default()
    }
}

impl World {
    /// A deposit that is answered with OK and thrown away.
    pub(crate) fn lies(&mut self, node: usize, link: LinkId, frame: &[u8]) -> bool {
        let it = &mut self.nodes[node];
        if it.temper.is_good() || !it.chance.happens(it.temper.lies) {
            return false;
        }
        let Ok(ClientFrame::Deposit { request, envelope }) = decode(frame, FRAME_BYTES_MAX) else {
            return false;
        };
        let receipt = DepositReceipt {
            request,
            id: envelope.id,
            code: DepositCode::Ok,
            handed: 0,
            keep_seconds: None,
        };
        let receipts = vec![receipt];
        let answer = Item::Message(encode(&NodeFrame::Deposited { receipts }));
        self.put(End::Node(node), link, answer);
        true
    }

    /// What really goes out.
    pub(crate) fn tampered(&mut self, node: usize, _: LinkId, frame: Vec<u8>) -> Vec<Vec<u8>> {
        let it = &mut self.nodes[node];
        if it.temper.is_good() {
            return vec![frame];
        }
        let Ok(NodeFrame::Deliver { mut deliveries }) = decode(&frame, FRAME_BYTES_MAX) else {
            return vec![frame];
        };
        let (temper, chance) = (&mut it.temper, &mut it.chance);
        let again = temper.seen.get(chance.below(temper.seen.len())).cloned();
        temper.seen.extend(deliveries.iter().cloned());
        let surplus = temper.seen.len().saturating_sub(SEEN_MAX);
        temper.seen.drain(..surplus);
        if chance.happens(temper.withholds) {
            deliveries.retain(|delivery| delivery.sequence == 0);
        }
        if chance.happens(temper.shuffles) {
            deliveries.reverse();
        }
        if chance.happens(temper.mutates)
            && let Some(delivery) = deliveries.first_mut()
        {
            let place = chance.below(delivery.bytes.len());
            if let Some(byte) = delivery.bytes.get_mut(place) {
                *byte ^= 1 << chance.below(8);
            }
        }
        let mut out = vec![encode(&NodeFrame::Deliver { deliveries })];
        if chance.happens(temper.replays)
            && let Some(again) = again
        {
            let deliveries = vec![again];
            out.push(encode(&NodeFrame::Deliver { deliveries }));
        }
        if chance.happens(temper.floods) {
            let junk = (0..5).map(|_| Delivery {
                sequence: chance.bits() % 1000,
                id: EnvelopeId(bytes(chance)),
                at: shared::base::time::Timestamp(chance.bits()),
                bytes: bytes::<300>(chance).to_vec(),
                public: None,
            });
            let deliveries = junk.collect();
            out.push(encode(&NodeFrame::Deliver { deliveries }));
        }
        out
    }
}
