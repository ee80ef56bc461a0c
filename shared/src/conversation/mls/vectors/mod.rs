//! Published test vectors against our cryptography, and through OpenMLS against our provider.
//! The data and its sources are in `shared/tests/vectors`.

mod basics;
mod hpke;
mod passive_client;
mod schedule;
mod welcome;

pub(super) use self::passive_client::welcome_in;

use alloc::{string::String, vec::Vec};

use serde_json::Value;

fn cases(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().into()
}

fn bytes(value: &Value) -> Vec<u8> {
    ::hex::decode(value.as_str().unwrap()).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// MLS's variable-length vector of bytes (RFC 9420 §2.1.2), for lengths below 2¹⁴.
fn vector(bytes: &[u8]) -> Vec<u8> {
    let mut out = match u8::try_from(bytes.len()) {
        Ok(length @ 0..=63) => vec![length],
        _ => (u16::try_from(bytes.len()).unwrap() | 0x4000)
            .to_be_bytes()
            .to_vec(),
    };
    out.extend_from_slice(bytes);
    out
}
