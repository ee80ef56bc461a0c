//! Connectivity checks, as RFC 8489 has them on the wire.

use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

pub const BINDING: u16 = 0x0001;
pub const SUCCESS: u16 = 0x0101;
pub const USERNAME: u16 = 0x0006;
pub const MAPPED: u16 = 0x0020;
pub const PRIORITY: u16 = 0x0024;
pub const USE_CANDIDATE: u16 = 0x0025;
pub const CONTROLLING: u16 = 0x802a;

/// A message with MESSAGE-INTEGRITY and FINGERPRINT.
pub fn message(
    kind: u16,
    transaction: &[u8],
    attributes: &[(u16, &[u8])],
    password: &str,
) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend([0, 0, 0x21, 0x12, 0xa4, 0x42]);
    out.extend_from_slice(transaction);
    for (kind, value) in attributes {
        attribute(&mut out, *kind, value);
    }
    set_len(&mut out, 24);
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let tag = sign(&key, &out);
    attribute(&mut out, 0x0008, tag.as_ref());
    set_len(&mut out, 8);
    let crc = (crc32(&out) ^ 0x5354_554e).to_be_bytes();
    attribute(&mut out, 0x8028, &crc);
    out
}

fn attribute(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend(kind.to_be_bytes());
    out.extend((value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
    set_len(out, 0);
}

/// Says that the message is what there is and so many bytes more.
fn set_len(out: &mut [u8], more: usize) {
    let len = (out.len() - 20 + more) as u16;
    out[2..4].copy_from_slice(&len.to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}
