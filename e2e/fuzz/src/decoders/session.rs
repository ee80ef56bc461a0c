//! Frames of a session, both ways.

use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::wire::{ClientFrame, NodeFrame};

use super::round_trip;

/// What clients say.
pub fn client_frame(bytes: &[u8]) -> bool {
    round_trip::<ClientFrame>(bytes, FRAME_BYTES_MAX)
}

/// What supernodes say.
pub fn node_frame(bytes: &[u8]) -> bool {
    round_trip::<NodeFrame>(bytes, FRAME_BYTES_MAX)
}
