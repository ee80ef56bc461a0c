//! Bytes that are nearly right: something real, with a few changes that the fuzzer chooses. So it comes
//! past signatures, checksums and lengths, which it would not guess.

use arbitrary::Unstructured;
use e2e_swarm::disk::Records;

/// Changes made to one value.
const EDITS_MAX: usize = 4;
/// Records of a disk that are changed.
const RECORDS_MAX: usize = 3;
/// Bytes put in by one change.
const PIECE_BYTES_MAX: usize = 64;

/// `base` with some changes, or without any.
pub fn edited(base: &[u8], input: &mut Unstructured<'_>) -> Vec<u8> {
    let mut bytes = base.to_vec();
    let edits = input.int_in_range(0..=EDITS_MAX).unwrap_or(0);
    for _ in 0..edits {
        if edit(&mut bytes, input).is_err() {
            break;
        }
    }
    bytes
}

/// A disk with a few of its records changed: keys, values, or both.
pub fn edited_disk(base: &Records, input: &mut Unstructured<'_>) -> Records {
    let mut disk = base.clone();
    let keys: Vec<Vec<u8>> = disk.keys().cloned().collect();
    for _ in 0..input.int_in_range(0..=RECORDS_MAX).unwrap_or(0) {
        let Ok(key) = input.choose(&keys) else { break };
        let Some(value) = disk.remove(key) else {
            continue;
        };
        let key = edited(key, input);
        disk.insert(key, edited(&value, input));
    }
    disk
}

fn edit(bytes: &mut Vec<u8>, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let at = input.int_in_range(0..=bytes.len())?;
    match input.int_in_range(0..=4)? {
        0 => {
            let change: u8 = input.arbitrary()?;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= change;
            }
        }
        1 => bytes.truncate(at),
        2 => {
            let end = bytes
                .len()
                .min(at + input.int_in_range(1..=PIECE_BYTES_MAX)?);
            bytes.drain(at..end);
        }
        3 => {
            let piece = piece(input)?;
            bytes.splice(at..at, piece);
        }
        _ => {
            let piece = piece(input)?;
            let end = bytes.len().min(at + piece.len());
            bytes.splice(at..end, piece);
        }
    }
    Ok(())
}

fn piece(input: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let len = input.int_in_range(1..=PIECE_BYTES_MAX)?.min(input.len());
    Ok(input.bytes(len)?.to_vec())
}
