//! Stored values: CBOR with field names, in which a list of bytes is a byte string.
//!
//! OpenMLS hands most keys and hashes to serde as lists of small integers, which take two bytes
//! each in CBOR. They are packed into typed arrays (RFC 8746 §2, tag 64) on the way to the store
//! and unpacked on the way back: what is written on every message is half as large.

use alloc::vec::Vec;

use minicbor::{Decoder, Encoder, data::{Tag, Type}};
use serde::{Serialize, de::DeserializeOwned};

/// An entry that does not decode, or a value that does not encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored state is unreadable")]
pub struct StorageError;

const BYTES: Tag = Tag::new(64);

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StorageError> {
    pack(&minicbor_serde::to_vec(value).map_err(|_| StorageError)?).ok_or(StorageError)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    minicbor_serde::from_slice(&unpack(bytes).ok_or(StorageError)?).map_err(|_| StorageError)
}

fn pack(cbor: &[u8]) -> Option<Vec<u8>> {
    let (mut from, mut to) = (Decoder::new(cbor), Encoder::new(Vec::with_capacity(cbor.len())));
    while from.position() < cbor.len() {
        match byte_list(&from) {
            Some((bytes, end)) => {
                to.tag(BYTES).ok()?.bytes(&bytes).ok()?;
                from.set_position(end);
            }
            None => copy_head(&mut from, &mut to)?,
        }
    }
    Some(to.into_writer())
}

fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (mut from, mut to) = (Decoder::new(packed), Encoder::new(Vec::with_capacity(2 * packed.len())));
    while from.position() < packed.len() {
        if from.datatype().ok()? == Type::Tag && from.probe().tag().ok()? == BYTES {
            from.tag().ok()?;
            let bytes = from.bytes().ok()?;
            to.array(u64::try_from(bytes.len()).ok()?).ok()?;
            bytes.iter().try_for_each(|byte| to.u8(*byte).ok().map(|_| ()))?;
        } else {
            copy_head(&mut from, &mut to)?;
        }
    }
    Some(to.into_writer())
}

/// The bytes of a list of nothing but bytes that is next, and where it ends.
fn byte_list(from: &Decoder) -> Option<(Vec<u8>, usize)> {
    let mut ahead = from.clone();
    if ahead.datatype().ok()? != Type::Array {
        return None;
    }
    let length = ahead.array().ok()??;
    let bytes = (0..length).map(|_| ahead.u8().ok()).collect::<Option<Vec<u8>>>()?;
    (!bytes.is_empty()).then(|| (bytes, ahead.position()))
}

/// Copies the next item; of a list, map or tag only its head.
fn copy_head(from: &mut Decoder, to: &mut Encoder<Vec<u8>>) -> Option<()> {
    let start = from.position();
    match from.datatype().ok()? {
        Type::Array | Type::ArrayIndef => from.array().map(|_| ()).ok()?,
        Type::Map | Type::MapIndef => from.map().map(|_| ()).ok()?,
        Type::Tag => from.tag().map(|_| ()).ok()?,
        Type::Break => from.set_position(start.checked_add(1)?),
        _ => from.skip().ok()?,
    }
    to.writer_mut().extend_from_slice(from.input().get(start..from.position())?);
    Some(())
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeMap, string::String};

    use super::*;

    type Value = (Vec<u8>, Vec<u32>, Vec<Option<Vec<u8>>>, BTreeMap<String, Vec<u8>>, (u64, bool), Vec<u8>);

    fn value() -> Value {
        let named = [("key".into(), vec![200; 32]), ("".into(), vec![])].into();
        (vec![0, 23, 24, 255], vec![256, 1], vec![None, Some(vec![9; 300])], named, (u64::MAX, true), vec![1])
    }

    #[test]
    fn values_come_back_and_bytes_take_a_byte_each() {
        let packed = encode(&value()).unwrap();
        assert_eq!(decode::<Value>(&packed), Ok(value()));
        let keys = vec![255_u8; 32];
        assert_eq!(encode(&keys).unwrap().len(), 2 + 2 + 32);
        assert_eq!(decode::<Vec<u8>>(&encode(&keys).unwrap()), Ok(keys));
    }

    #[test]
    fn damaged_values_are_errors() {
        let packed = encode(&value()).unwrap();
        for end in 0..packed.len() {
            assert_eq!(decode::<Value>(&packed[..end]), Err(StorageError));
        }
        for at in 0..packed.len() {
            for bit in 0..8 {
                let mut damaged = packed.clone();
                damaged[at] ^= 1 << bit;
                let _ = decode::<Value>(&damaged);
            }
        }
    }
}
