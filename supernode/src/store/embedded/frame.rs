//! How a batch lies in a segment.
//!
//! | bytes | |
//! |---|---|
//! | 8 | checksum of all that follows, under the segment's seed |
//! | 4 | length of the entries |
//! | 8 | number of the batch; each is one above the last |
//! | … | entries: kind (1), length of the key (2), for a value its length (4), key, value |
//!
//! Numbers are little-endian. A frame begins at a multiple of [`ALIGN`]. The seed is random, so that
//! neither what a file held before nor what somebody has put into an envelope passes for a frame.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes before the entries.
pub const HEAD_BYTES: usize = 20;
/// Frames begin at multiples of this.
pub const ALIGN: usize = 8;
const CHECKSUM_BYTES: usize = 8;
const NUMBER_AT: usize = 12;

const DELETED: u8 = 0;
const VALUE: u8 = 1;

/// A change that cannot be written: its key or value is longer than any of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key or a value is too long")]
pub struct TooLong;

/// A frame being written.
#[derive(Debug, Default)]
pub struct FrameWriter {
    bytes: Vec<u8>,
}

impl FrameWriter {
    /// Begins anew.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.resize(HEAD_BYTES, 0);
    }

    /// Adds an entry. Says where in the frame its value begins.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn push(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<u32, TooLong> {
        let key_len = u16::try_from(key.len()).map_err(|_| TooLong)?;
        self.bytes
            .push(if value.is_some() { VALUE } else { DELETED });
        self.bytes.extend_from_slice(&key_len.to_le_bytes());
        if let Some(value) = value {
            let len = u32::try_from(value.len()).map_err(|_| TooLong)?;
            self.bytes.extend_from_slice(&len.to_le_bytes());
        }
        self.bytes.extend_from_slice(key);
        let at = self.len()?;
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.len()?;
        Ok(at)
    }

    /// Bytes so far, with the head.
    ///
    /// # Errors
    /// [`TooLong`]: more than a segment can hold.
    pub fn len(&self) -> Result<u32, TooLong> {
        u32::try_from(self.bytes.len().next_multiple_of(ALIGN)).map_err(|_| TooLong)?;
        u32::try_from(self.bytes.len()).map_err(|_| TooLong)
    }

    /// The frame, as the batch `number` of a segment with `seed`.
    pub fn finish(&mut self, seed: u64, number: u64) -> &[u8] {
        let entries = self.bytes.len().saturating_sub(HEAD_BYTES);
        // Its length was looked at when it grew.
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        self.bytes[CHECKSUM_BYTES..NUMBER_AT].copy_from_slice(&entries.to_le_bytes());
        self.bytes[NUMBER_AT..HEAD_BYTES].copy_from_slice(&number.to_le_bytes());
        let checksum = xxh3_64_with_seed(&self.bytes[CHECKSUM_BYTES..], seed);
        self.bytes[..CHECKSUM_BYTES].copy_from_slice(&checksum.to_le_bytes());
        &self.bytes
    }
}

/// A frame that was read and whose checksum is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number of the batch.
    pub number: u64,
    entries: &'a [u8],
}

/// One entry of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Key.
    pub key: &'a [u8],
    /// New value; `None`: removed.
    pub value: Option<&'a [u8]>,
    /// Where in the frame the value begins.
    pub at: u32,
}

impl<'a> Frame<'a> {
    /// The frame at the start of `bytes`, if a whole one is there.
    #[must_use]
    pub fn read(bytes: &'a [u8], seed: u64) -> Option<Self> {
        let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
        let (number, len) = numbers(head)?;
        let entries = rest.get(..usize::try_from(len).ok()?)?;
        let checked = bytes.get(CHECKSUM_BYTES..HEAD_BYTES + entries.len())?;
        let checksum = u64::from_le_bytes(*head.first_chunk()?);
        (xxh3_64_with_seed(checked, seed) == checksum).then_some(Self { number, entries })
    }

    /// Bytes it takes, with what fills it up to [`ALIGN`].
    #[must_use]
    pub fn bytes(&self) -> usize {
        (HEAD_BYTES + self.entries.len()).next_multiple_of(ALIGN)
    }

    /// What is in it, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> {
        let mut rest = self.entries;
        let all = self.entries.len();
        std::iter::from_fn(move || {
            let (entry, after) = entry(rest)?;
            let value_len = entry.value.map_or(0, <[u8]>::len);
            let at = HEAD_BYTES + all - after.len() - value_len;
            rest = after;
            let at = u32::try_from(at).ok()?;
            Some(Entry { at, ..entry })
        })
    }
}

/// Bytes an entry takes.
#[must_use]
pub fn entry_bytes(key_len: usize, value_len: u32) -> u64 {
    7 + key_len as u64 + u64::from(value_len)
}

/// Whether `bytes` begin with what a write of the batch `number` leaves when it is torn.
#[must_use]
pub fn is_torn(bytes: &[u8], number: u64) -> bool {
    numbers(bytes).is_some_and(|(found, _)| found == number)
}

/// Whether a frame of a batch after `number` is anywhere in `bytes`, which begin where one might.
#[must_use]
pub fn is_followed(bytes: &[u8], seed: u64, number: u64) -> bool {
    let places = (0..bytes.len()).step_by(ALIGN);
    let mut rests = places.filter_map(|at| bytes.get(at..));
    // Far more batches than fit a segment: what else is there rarely needs its checksum looked at.
    let later = number + 1..=number.saturating_add(bytes.len() as u64);
    rests.any(|rest| {
        let may_be = numbers(rest).is_some_and(|(found, _)| later.contains(&found));
        may_be && Frame::read(rest, seed).is_some()
    })
}

fn numbers(head: &[u8]) -> Option<(u64, u32)> {
    let len = head.get(CHECKSUM_BYTES..NUMBER_AT)?.first_chunk()?;
    let number = head.get(NUMBER_AT..HEAD_BYTES)?.first_chunk()?;
    Some((u64::from_le_bytes(*number), u32::from_le_bytes(*len)))
}

fn entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (key_len, mut rest) = rest.split_first_chunk()?;
    let mut value_len = None;
    if *kind > VALUE {
        return None;
    }
    if *kind == VALUE {
        let (len, after) = rest.split_first_chunk()?;
        value_len = Some(usize::try_from(u32::from_le_bytes(*len)).ok()?);
        rest = after;
    }
    let (key, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*key_len)))?;
    let (value, rest) = rest.split_at_checked(value_len.unwrap_or(0))?;
    let value = value_len.map(|_| value);
    Some((Entry { key, value, at: 0 }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64, seed: u64) -> Vec<u8> {
        let mut writer = FrameWriter::default();
        writer.clear();
        writer.push(b"key", Some(b"value")).unwrap();
        writer.push(b"gone", None).unwrap();
        writer.finish(seed, number).to_vec()
    }

    #[test]
    fn a_frame_is_read_back() {
        let bytes = frame(7, 1);
        let frame = Frame::read(&bytes, 1).unwrap();
        assert_eq!(frame.number, 7);
        let entries: Vec<_> = frame.entries().collect();
        assert_eq!(entries[0].key, b"key");
        assert_eq!(entries[0].value, Some(b"value".as_slice()));
        let at = entries[0].at as usize;
        assert_eq!(&bytes[at..at + 5], b"value");
        assert_eq!((entries[1].key, entries[1].value), (&b"gone"[..], None));
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn neither_a_part_nor_a_changed_byte_nor_another_seed_passes() {
        let bytes = frame(7, 1);
        for end in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..end], 1), None);
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Frame::read(&changed, 1), None, "at {at}");
        }
        assert_eq!(Frame::read(&bytes, 2), None);
    }

    #[test]
    fn a_later_batch_is_found_behind_a_hole_and_an_earlier_one_does_not_count() {
        let mut bytes = vec![0; 160];
        bytes.extend(frame(8, 1));
        assert!(is_followed(&bytes, 1, 7));
        assert!(!is_followed(&bytes, 1, 8));
        assert!(!is_followed(&bytes, 2, 7));
        assert!(!is_followed(&[], 1, 7));
    }

    #[test]
    fn a_key_has_its_longest_length() {
        let mut writer = FrameWriter::default();
        writer.clear();
        let longest = vec![1; usize::from(u16::MAX)];
        assert!(writer.push(&longest, None).is_ok());
        let longer = vec![1; usize::from(u16::MAX) + 1];
        assert_eq!(writer.push(&longer, None), Err(TooLong));
    }
}
