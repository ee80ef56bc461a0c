//! What a supernode stores for its mailboxes: keys and values.
//!
//! | key | value |
//! |---|---|
//! | `m` ‖ persona | [`MailboxRecord`] |
//! | `a` ‖ persona ‖ device | last acknowledged sequence number, u64 big-endian |
//! | `q` ‖ persona | sequence numbers up to this one may have been given out, u64 big-endian |
//! | `r` ‖ persona ‖ serial | empty: this capability is taken back |
//! | `t` ‖ persona ‖ serial | empty: registered with this invite of the operator |
//! | `p` ‖ persona | [`PackagesRecord`] |
//! | `h` ‖ persona ‖ sequence | [`HeaderRecord`] |
//! | `e` ‖ persona ‖ sequence | the sealed bytes, or from 2⁶³ on a key package |
//!
//! Everything but `e` is read at the start and held in memory.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

pub use super::packages::PackagesRecord;
use crate::base::codec::encode_with_room;
use crate::base::id::{DeviceId, EnvelopeId, PersonaId};
use crate::base::time::Timestamp;
use crate::gates::token::TokenSerial;
use crate::mailbox::capability::CapabilitySerial;

/// First byte of the keys that hold sealed bytes; all others are read at the start.
pub const BODY_PREFIX: u8 = b'e';

/// A mailbox as stored.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MailboxRecord {
    /// The newest device list, as carried.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub devices: Vec<u8>,
    /// Secret for checking capabilities.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// When it was last claimed, in days since 1970.
    #[n(2)]
    pub claimed_day: Option<u64>,
    /// Anybody may ask for first contact who shows work of so many bits.
    #[n(3)]
    pub public_bits: Option<u8>,
}

/// What is known of a kept envelope without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HeaderRecord {
    /// Chosen by the sender.
    #[n(0)]
    pub id: EnvelopeId,
    /// When it was taken.
    #[n(1)]
    pub at: Timestamp,
    /// When it goes.
    #[n(2)]
    pub expires: Timestamp,
    /// Length of the sealed bytes.
    #[n(3)]
    pub len: u32,
    /// Left by a stranger, in the requests lane.
    #[n(4)]
    pub request: Option<bool>,
    /// By somebody without an invite.
    #[n(5)]
    pub public: Option<bool>,
}

impl HeaderRecord {
    /// Bytes it takes, at most: a map of six, an id, two moments, a length and two flags.
    const BYTES_MAX: usize = 50;

    /// As stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode_with_room(self, Self::BYTES_MAX)
    }
}

/// A key, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// `m`
    Mailbox(PersonaId),
    /// `a`
    Cursor(PersonaId, DeviceId),
    /// `q`
    Reserved(PersonaId),
    /// `r`
    Revoked(PersonaId, CapabilitySerial),
    /// `t`
    Token(PersonaId, TokenSerial),
    /// `p`
    Packages(PersonaId),
    /// `h`
    Header(PersonaId, u64),
    /// `e`
    Body(PersonaId, u64),
}

impl Key {
    /// As stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (prefix, persona, rest): (u8, &PersonaId, &[u8]) = match self {
            Self::Mailbox(persona) => (b'm', persona, &[]),
            Self::Cursor(persona, device) => (b'a', persona, &device.0),
            Self::Reserved(persona) => (b'q', persona, &[]),
            Self::Revoked(persona, serial) => (b'r', persona, &serial.0),
            Self::Packages(persona) => (b'p', persona, &[]),
            Self::Token(persona, serial) => (b't', persona, &serial.0),
            Self::Header(persona, sequence) => (b'h', persona, &sequence.to_be_bytes()),
            Self::Body(persona, sequence) => (BODY_PREFIX, persona, &sequence.to_be_bytes()),
        };
        [&[prefix], persona.as_bytes(), rest].concat()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(key: &[u8]) -> Option<Self> {
        let (prefix, rest) = key.split_first()?;
        let (persona, rest) = rest.split_at_checked(PersonaId::LEN)?;
        let persona = PersonaId::from_slice(persona).ok()?;
        match prefix {
            b'm' if rest.is_empty() => Some(Self::Mailbox(persona)),
            b'a' => Some(Self::Cursor(persona, DeviceId::from_slice(rest).ok()?)),
            b'q' if rest.is_empty() => Some(Self::Reserved(persona)),
            b'r' => Some(Self::Revoked(
                persona,
                CapabilitySerial(rest.try_into().ok()?),
            )),
            b'p' if rest.is_empty() => Some(Self::Packages(persona)),
            b't' => Some(Self::Token(persona, TokenSerial(rest.try_into().ok()?))),
            b'h' => Some(Self::Header(persona, number(rest)?)),
            &BODY_PREFIX => Some(Self::Body(persona, number(rest)?)),
            _ => None,
        }
    }
}

/// Reads a number written as 8 bytes, big-endian.
#[must_use]
pub fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().map(u64::from_be_bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_sort_by_sequence() {
        let ann = PersonaId([1; 32]);
        let keys = [
            Key::Cursor(ann, DeviceId([3; 32])),
            Key::Body(ann, 255),
            Key::Body(ann, 256),
            Key::Header(ann, 1),
            Key::Mailbox(ann),
            Key::Packages(ann),
            Key::Reserved(ann),
            Key::Revoked(ann, CapabilitySerial([9; 8])),
            Key::Token(ann, TokenSerial([9; 8])),
        ];
        let bytes: Vec<_> = keys.iter().map(Key::to_bytes).collect();
        assert!(bytes.is_sorted());
        for (key, bytes) in keys.iter().zip(&bytes) {
            assert_eq!(Key::from_bytes(bytes), Some(*key));
            assert_eq!(Key::from_bytes(&bytes[..bytes.len() - 1]), None);
            assert_eq!(Key::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
        }
        assert_eq!(Key::from_bytes(b""), None);
        assert_eq!(Key::from_bytes(&[b'x'; 33]), None);
    }
}
