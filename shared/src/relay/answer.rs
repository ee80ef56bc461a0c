//! Frames as effects.

use alloc::vec;
use alloc::vec::Vec;

use super::{Outgoing, RelayEffects};
use crate::base::codec::{encode, encode_with_room};
use crate::base::effects::LinkId;
use crate::base::limits::FRAME_BYTES_MAX;
use crate::mailbox::wire::Delivery;
use crate::session::wire::NodeFrame;

/// Bytes a delivery takes in a frame beside its sealed bytes, at most: a map of four, a sequence
/// number, an id, a moment, and the heads of key and bytes.
const DELIVERY_OVERHEAD: usize = 64;
/// Bytes a frame of deliveries takes beside them, at most.
const FRAME_OVERHEAD: usize = 16;

/// Sends `frame`.
pub fn send(link: LinkId, frame: &NodeFrame, out: &mut RelayEffects) {
    out.send(link, Outgoing::frame(frame));
}

/// Sends `frame`, or `instead` when the batch was not committed.
pub fn send_or(link: LinkId, frame: &NodeFrame, instead: &NodeFrame, out: &mut RelayEffects) {
    out.send(
        link,
        Outgoing::Frame {
            bytes: encode(frame),
            instead: Some(encode(instead)),
        },
    );
}

/// A frame of one delivery.
pub fn delivery(delivery: Delivery) -> Outgoing {
    let room = FRAME_OVERHEAD
        .saturating_add(DELIVERY_OVERHEAD)
        .saturating_add(delivery.bytes.len());
    let deliveries = vec![delivery];
    Outgoing::Frame {
        bytes: encode_with_room(&NodeFrame::Deliver { deliveries }, room),
        instead: None,
    }
}

/// Sends `deliveries` in as few frames as they fit.
pub fn deliver(link: LinkId, deliveries: Vec<Delivery>, out: &mut RelayEffects) {
    let mut page = Vec::new();
    let mut len = FRAME_OVERHEAD;
    for delivery in deliveries {
        let next = delivery.bytes.len().saturating_add(DELIVERY_OVERHEAD);
        if !page.is_empty() && len.saturating_add(next) > FRAME_BYTES_MAX {
            send(
                link,
                &NodeFrame::Deliver {
                    deliveries: core::mem::take(&mut page),
                },
                out,
            );
            len = FRAME_OVERHEAD;
        }
        len = len.saturating_add(next);
        page.push(delivery);
    }
    if !page.is_empty() {
        send(link, &NodeFrame::Deliver { deliveries: page }, out);
    }
}
