//! The wire codec: CBOR (RFC 8949) with integer keys. Unknown keys are skipped, so a newer sender
//! is understood by an older reader.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Longer than the limit for its kind.
    #[error("too long: {len} bytes, at most {max}")]
    TooLong {
        /// Length found, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// Not well-formed, or not of the expected shape.
    #[error("malformed")]
    Malformed,
    /// Bytes follow the value.
    #[error("trailing bytes")]
    Trailing,
}

/// `value` as bytes.
#[must_use]
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    encode_with_room(value, 0)
}

/// `value` as bytes, in one allocation when they are no more than `bytes`.
#[must_use]
pub fn encode_with_room<T: Encode<()>>(value: &T, bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes);
    // Writing to a Vec cannot fail, and no type of ours refuses to be encoded.
    let _ = minicbor::encode(value, &mut out);
    out
}

/// The value in `bytes`, which must be no longer than `max` and hold nothing else.
///
/// # Errors
/// [`CodecError`].
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8], max: usize) -> Result<T, CodecError> {
    if bytes.len() > max {
        return Err(CodecError::TooLong {
            len: bytes.len(),
            max,
        });
    }
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|_| CodecError::Malformed)?;
    if decoder.position() != bytes.len() {
        return Err(CodecError::Trailing);
    }
    Ok(value)
}
