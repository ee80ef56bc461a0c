//! Keys of what a client keeps.

use alloc::vec::Vec;

use super::{BLOCK, CONTACT, HOME, MESSAGE, MLS, OUT, REQUEST, REVOKED};
use crate::base::hash::sha256;
use crate::base::id::{ConversationId, MessageId, NodeId, PersonaId};
use crate::mailbox::capability::CapabilitySerial;

/// The conversation of a pair: the first 16 bytes of SHA-256 over both keys in order.
#[must_use]
pub fn conversation_of_pair(one: &PersonaId, other: &PersonaId) -> ConversationId {
    let (low, high) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let hash = sha256(&[b"kith/pair v1\0", low.as_bytes(), high.as_bytes()]);
    let mut id = ConversationId([0; 16]);
    for (to, from) in id.0.iter_mut().zip(hash.0) {
        *to = from;
    }
    id
}

/// Key of a contact.
#[must_use]
pub fn contact_key(persona: &PersonaId) -> Vec<u8> {
    prefixed(CONTACT, &[persona.as_bytes()])
}

/// Key of a block.
#[must_use]
pub fn block_key(persona: &PersonaId) -> Vec<u8> {
    prefixed(BLOCK, &[persona.as_bytes()])
}

/// Key of a request.
#[must_use]
pub fn request_key(persona: &PersonaId) -> Vec<u8> {
    prefixed(REQUEST, &[persona.as_bytes()])
}

/// Key of a right that was taken back.
#[must_use]
pub fn revoked_key(serial: &CapabilitySerial) -> Vec<u8> {
    prefixed(REVOKED, &[&serial.0])
}

/// Key of what is known of a home.
#[must_use]
pub fn home_key(node: &NodeId) -> Vec<u8> {
    prefixed(HOME, &[node.as_bytes()])
}

/// Key of a message.
#[must_use]
pub fn message_key(conversation: &ConversationId, clock: u64, id: &MessageId) -> Vec<u8> {
    prefixed(
        MESSAGE,
        &[conversation.as_bytes(), &clock.to_be_bytes(), id.as_bytes()],
    )
}

/// First key, and end, of a conversation's messages.
#[must_use]
pub fn message_range(conversation: &ConversationId) -> (Vec<u8>, Vec<u8>) {
    let first = prefixed(MESSAGE, &[conversation.as_bytes()]);
    let end = prefixed(MESSAGE, &[conversation.as_bytes(), &[0xff; 25]]);
    (first, end)
}

/// Key of an outbox entry.
#[must_use]
pub fn out_key(order: u64) -> Vec<u8> {
    prefixed(OUT, &[&order.to_be_bytes()])
}

/// Key of MLS state.
#[must_use]
pub fn mls_key(key: &[u8]) -> Vec<u8> {
    prefixed(MLS, &[key])
}

fn prefixed(prefix: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::from([prefix]);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}
