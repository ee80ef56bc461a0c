//! What the messages of the stream say.
//!
//! A batch is one message, or several where it is large; it counts once the last of them is there. A
//! takeover says that from here on somebody else writes, and that an unfinished batch before it will
//! stay unfinished.

use minicbor::{Decode, Encode};
use shared::base::codec::{decode, encode};
use shared::base::effects::Batch;
use shared::base::limits::FRAME_BYTES_MAX;

/// Bytes of changes in one message, unless a single change is larger. One envelope is read by fetching
/// all of its message, so this is a price, too.
pub const PART_BYTES: usize = 64 * 1024;
/// Largest message, in bytes. Twice what a frame and its record take, and half of what a server takes
/// unless told otherwise.
pub const MESSAGE_BYTES_MAX: usize = 2 * PART_BYTES + 4 * FRAME_BYTES_MAX;

/// Names who writes.
pub type Token = [u8; 16];

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// Whoever writes from here on has this token.
    #[n(0)]
    Takeover(#[cbor(n(0), with = "minicbor::bytes")] Token),
    /// A piece of a batch.
    #[n(1)]
    Part(#[n(0)] Part),
}

/// A piece of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// Counts from 0.
    #[n(0)]
    pub index: u32,
    /// Whether it is the last.
    #[n(1)]
    pub last: bool,
    /// In the order they are made.
    #[n(2)]
    pub entries: Vec<Entry>,
}

/// A change of one key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Which.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// `None` deletes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub value: Option<Vec<u8>>,
}

impl Entry {
    /// What it counts for, in bytes.
    pub fn size(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, Vec::len)
    }
}

impl Message {
    /// As stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        decode(bytes, MESSAGE_BYTES_MAX).ok()
    }
}

/// The pieces of a batch of `entries`, each about [`PART_BYTES`] at most.
pub fn parts(entries: impl IntoIterator<Item = Entry>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        bytes += entry.size();
        match parts.last_mut() {
            Some(part) if bytes <= PART_BYTES => part.entries.push(entry),
            _ => {
                bytes = entry.size();
                parts.push(Part {
                    index: u32::try_from(parts.len()).unwrap_or(u32::MAX),
                    last: false,
                    entries: vec![entry],
                });
            }
        }
    }
    if let Some(part) = parts.last_mut() {
        part.last = true;
    }
    parts
}

/// The changes of `batch`.
pub fn entries(batch: &Batch) -> impl Iterator<Item = Entry> {
    batch.changes.iter().map(|change| Entry {
        key: change.key.clone(),
        value: change.value.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(size: usize) -> Entry {
        Entry {
            key: vec![1],
            value: Some(vec![2; size - 1]),
        }
    }

    #[test]
    fn a_part_holds_so_much_and_not_a_byte_more() {
        let whole = parts([entry(PART_BYTES / 2), entry(PART_BYTES / 2)]);
        assert_eq!(whole.len(), 1);
        assert!(whole[0].last);
        let split = parts([entry(PART_BYTES / 2), entry(PART_BYTES / 2 + 1)]);
        let marks: Vec<_> = split.iter().map(|part| (part.index, part.last)).collect();
        assert_eq!(marks, [(0, false), (1, true)]);
        assert_eq!(parts([entry(3 * PART_BYTES)]).len(), 1);
        assert_eq!(parts([]), []);
    }

    #[test]
    fn messages_are_read_back() {
        let delete = Entry {
            key: vec![9],
            value: None,
        };
        let [part] = &parts([entry(5), delete])[..] else {
            panic!("one part")
        };
        for message in [Message::Takeover([7; 16]), Message::Part(part.clone())] {
            let bytes = message.to_bytes();
            assert_eq!(Message::from_bytes(&bytes), Some(message));
            assert_eq!(Message::from_bytes(&bytes[1..]), None);
        }
    }
}
