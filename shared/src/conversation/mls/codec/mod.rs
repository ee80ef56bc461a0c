//! Stored values: serde to CBOR (RFC 8949) by position.
//!
//! A struct is a list of its fields, a variant of an enum its number and what it holds, a list of
//! bytes a byte string. Without names, what is written on every message takes a third, and the
//! page is spared a fifth of all MLS code (`docs/decisions/0004-mls-state-by-position.md`). OpenMLS
//! numbers its stored variants for such formats; its fields have no numbers, so [`FORMAT`] goes up
//! with every release that moves one.

mod read;
pub(super) mod variant;
mod write;

use alloc::vec::Vec;

use serde::{Serialize, de::DeserializeOwned};

/// An entry that does not decode, or a value that does not encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored state is unreadable")]
pub struct StorageError;

/// First byte of every value: fields as of OpenMLS 0.9.2.
const FORMAT: u8 = 1;

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, StorageError> {
    let mut writer = write::Writer::new(Vec::from([FORMAT]));
    value.serialize(&mut writer)?;
    Ok(writer.into_bytes())
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    let (&FORMAT, cbor) = bytes.split_first().ok_or(StorageError)? else {
        return Err(StorageError);
    };
    let mut reader = read::Reader::new(cbor);
    let value = T::deserialize(&mut reader)?;
    if reader.is_at_end() {
        Ok(value)
    } else {
        Err(StorageError)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{boxed::Box, string::String, vec};

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Nothing,
        Key(Vec<u8>),
        Pair(u16, Option<bool>),
        Named {
            text: String,
            inner: Option<Box<Kind>>,
        },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Value {
        key: Vec<u8>,
        small_numbers: Vec<u32>,
        kinds: Vec<Kind>,
        units: Vec<Kind>,
        gaps: Vec<Option<[u8; 3]>>,
        pair: (u64, bool),
        #[serde(skip)]
        forgotten: u8,
        last: Vec<u8>,
    }

    fn value() -> Value {
        let inner = Some(Box::new(Kind::Named {
            text: "in".into(),
            inner: None,
        }));
        Value {
            key: vec![0, 23, 24, 255],
            small_numbers: vec![1, 2, 256],
            kinds: vec![
                Kind::Nothing,
                Kind::Key(vec![7; 300]),
                Kind::Pair(1, Some(true)),
                Kind::Named {
                    text: "out".into(),
                    inner,
                },
            ],
            units: vec![Kind::Nothing, Kind::Nothing],
            gaps: vec![None, Some([9, 200, 1]), None],
            pair: (u64::MAX, true),
            forgotten: 0,
            last: vec![],
        }
    }

    #[test]
    fn values_come_back() {
        assert_eq!(decode(&encode(&value()).unwrap()), Ok(value()));
    }

    #[test]
    fn a_byte_takes_a_byte() {
        let key = vec![255_u8; 32];
        let encoded = encode(&key).unwrap();
        assert_eq!(encoded.len(), 1 + 2 + 32);
        assert_eq!(decode::<Vec<u8>>(&encoded), Ok(key));
        assert_eq!(
            decode::<[u8; 3]>(&encode(&[1_u8, 2, 3]).unwrap()),
            Ok([1, 2, 3])
        );
        assert_eq!(
            decode::<Vec<u32>>(&encode(&[1_u32, 2]).unwrap()),
            Ok(vec![1, 2])
        );
    }

    #[test]
    fn damaged_values_are_errors() {
        let encoded = encode(&value()).unwrap();
        for end in 0..encoded.len() {
            assert_eq!(decode::<Value>(&encoded[..end]), Err(StorageError));
        }
        assert_eq!(
            decode::<Value>(&[encoded.clone(), vec![0]].concat()),
            Err(StorageError)
        );
        for at in 0..encoded.len() {
            for bit in 0..8 {
                let mut damaged = encoded.clone();
                damaged[at] ^= 1 << bit;
                let _ = decode::<Value>(&damaged);
            }
        }
    }

    #[test]
    fn another_format_is_refused() {
        let mut encoded = encode(&value()).unwrap();
        encoded[0] = FORMAT + 1;
        assert_eq!(decode::<Value>(&encoded), Err(StorageError));
    }
}
