//! What a message says. Every kind carries a plain text, so that a program that does not know the
//! kind still shows something; what more there is stands in `data`.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::base::codec::{self, CodecError};
use crate::base::id::MessageId;
use crate::base::limits::{CONTENT_BYTES_MAX, PARENTS_MAX, TEXT_BYTES_MAX};
use crate::base::time::Timestamp;

/// Plain text.
pub const KIND_TEXT: u32 = 0;

/// The content of one message: what MLS encrypts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Content {
    /// Which message.
    #[n(0)]
    pub id: MessageId,
    /// When it was written, by its author's clock.
    #[n(1)]
    pub at: Timestamp,
    /// Logical clock (Lamport 1978): one more than the greatest its author had seen.
    #[n(2)]
    pub clock: u64,
    /// The newest messages its author had seen; at most [`PARENTS_MAX`].
    #[n(3)]
    pub parents: Vec<MessageId>,
    /// What kind; [`KIND_TEXT`] or one that is newer than this program.
    #[n(4)]
    pub kind: u32,
    /// The text, or what stands for an unknown kind; at most [`TEXT_BYTES_MAX`] bytes.
    #[n(5)]
    pub text: String,
    /// What the kind adds.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub data: Vec<u8>,
}

impl Content {
    /// As carried.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads content.
    ///
    /// # Errors
    /// [`CodecError`], also for too many parents or too long a text.
    pub fn read(bytes: &[u8]) -> Result<Self, CodecError> {
        let content: Self = codec::decode(bytes, CONTENT_BYTES_MAX)?;
        if content.parents.len() > PARENTS_MAX {
            return Err(CodecError::TooLong {
                len: content.parents.len(),
                max: PARENTS_MAX,
            });
        }
        if content.text.len() > TEXT_BYTES_MAX {
            return Err(CodecError::TooLong {
                len: content.text.len(),
                max: TEXT_BYTES_MAX,
            });
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(parents: usize, text: usize) -> Content {
        Content {
            id: MessageId([1; 16]),
            at: Timestamp(5),
            clock: 3,
            parents: alloc::vec![MessageId([2; 16]); parents],
            kind: KIND_TEXT,
            text: "x".repeat(text),
            data: Vec::new(),
        }
    }

    #[test]
    fn the_limits_hold() {
        let fits = content(PARENTS_MAX, TEXT_BYTES_MAX);
        assert_eq!(Content::read(&fits.to_bytes()), Ok(fits));
        assert!(Content::read(&content(PARENTS_MAX + 1, 1).to_bytes()).is_err());
        assert!(Content::read(&content(1, TEXT_BYTES_MAX + 1).to_bytes()).is_err());
    }

    #[test]
    fn a_newer_kind_with_newer_fields_is_read_as_its_text() {
        let mut bytes = Vec::new();
        let mut encoder = minicbor::Encoder::new(&mut bytes);
        encoder.map(8).unwrap();
        encoder
            .u8(0)
            .unwrap()
            .bytes(&[1; 16])
            .unwrap()
            .u8(1)
            .unwrap()
            .u8(5)
            .unwrap();
        encoder
            .u8(2)
            .unwrap()
            .u8(3)
            .unwrap()
            .u8(3)
            .unwrap()
            .array(0)
            .unwrap();
        encoder
            .u8(4)
            .unwrap()
            .u32(77)
            .unwrap()
            .u8(5)
            .unwrap()
            .str("a poll")
            .unwrap();
        encoder
            .u8(6)
            .unwrap()
            .bytes(&[9])
            .unwrap()
            .u8(99)
            .unwrap()
            .str("newer")
            .unwrap();
        let read = Content::read(&bytes).unwrap();
        assert_eq!((read.kind, read.text.as_str()), (77, "a poll"));
    }
}
