//! What proves a message: integrity by key, fingerprint by checksum (RFC 8489 §14.5–14.7).

use ring::hmac;

use super::message::{Attribute, Message};
use super::{HEADER_LEN, attribute};
use crate::base::hash::constant_time_eq;

/// What a fingerprint is combined with, to tell it from other checksums.
const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// Which code and which attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// MESSAGE-INTEGRITY: HMAC-SHA-1.
    Sha1,
    /// MESSAGE-INTEGRITY-SHA256: HMAC-SHA-256, whole (§14.6 lets a usage allow less; TURN does not).
    Sha256,
}

impl Integrity {
    /// The attribute that carries it.
    pub fn attribute(self) -> u16 {
        match self {
            Self::Sha1 => attribute::MESSAGE_INTEGRITY,
            Self::Sha256 => attribute::MESSAGE_INTEGRITY_SHA256,
        }
    }

    /// Its algorithm.
    pub fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }

    /// Bytes of the code.
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The code of `message` up to the attribute at `offset`, as if it ended behind that.
    pub fn tag(self, key: &[u8], message: &[u8], offset: usize) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&hmac::Key::new(self.algorithm(), key));
        let len = (offset + 4 + self.len()).saturating_sub(HEADER_LEN);
        context.update(message.get(..2).unwrap_or_default());
        context.update(&u16::try_from(len).unwrap_or_default().to_be_bytes());
        context.update(message.get(4..offset).unwrap_or_default());
        context.sign()
    }

    /// Whether `message` carries the code by `key`. Takes the same time wherever they differ.
    pub fn holds(self, key: &[u8], message: &Message<'_>) -> bool {
        let Some(attribute) = message.attribute(self.attribute()) else {
            return false;
        };
        let tag = self.tag(key, message.bytes(), attribute.offset);
        constant_time_eq(tag.as_ref(), attribute.value)
    }
}

/// Whether `attribute` is the fingerprint of `message` before it.
pub fn is_fingerprint(message: &[u8], attribute: &Attribute<'_>) -> bool {
    let before = message.get(..attribute.offset).unwrap_or_default();
    attribute.value == fingerprint(before)
}

/// The fingerprint of a message whose length already counts it.
pub fn fingerprint(before: &[u8]) -> [u8; 4] {
    (crc32(before) ^ FINGERPRINT_MASK).to_be_bytes()
}

/// CRC-32 as in ITU V.42, a byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        let index = usize::from(low ^ byte);
        (crc >> 8) ^ TABLE.get(index).copied().unwrap_or_default()
    };
    !bytes.iter().fold(!0, step)
}

#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (0xedb8_8320 * (value & 1));
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}
