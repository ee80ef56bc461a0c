//! What processes of one supernode tell each other, and what they keep on NATS.

use crate::supernode::cluster::{Heartbeat, Inward, Outward};
use crate::supernode::stream::Message;

/// Core NATS messages.
pub fn cluster(bytes: &[u8]) -> bool {
    let inward = Inward::from_bytes(bytes);
    if let Some(message) = &inward {
        assert_eq!(Inward::from_bytes(&message.to_bytes()), inward);
    }
    let outward = Outward::from_bytes(bytes);
    if let Some(message) = &outward {
        assert_eq!(Outward::from_bytes(&message.to_bytes()), outward);
    }
    let heartbeat = Heartbeat::from_bytes(bytes);
    if let Some(message) = &heartbeat {
        assert_eq!(Heartbeat::from_bytes(&message.to_bytes()), heartbeat);
    }
    inward.is_some() || outward.is_some() || heartbeat.is_some()
}

/// Messages of a stream.
pub fn stream(bytes: &[u8]) -> bool {
    let message = Message::from_bytes(bytes);
    if let Some(read) = &message {
        assert_eq!(Message::from_bytes(&read.to_bytes()), message);
    }
    message.is_some()
}
