//! Old and new versions of the protocol beside each other.
//!
//! Which version a session speaks is decided by what is offered and asked for at its beginning. An old
//! end is one to which, or by which, nothing newer is offered; the real code then does what that version
//! knows. A later one offers versions that do not exist yet, and says things in its frames that nobody
//! knows.

use shared::base::codec::{decode, encode};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::wire::{NodeFrame, VERSION, VERSION_MIN};

/// How new somebody's program is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Era {
    /// It knows only the first version.
    Old,
    /// As it is now.
    #[default]
    Now,
    /// It is ahead of its time.
    Later,
}

/// A version that does not exist yet.
const LATER_VERSION: u32 = VERSION + 7;
/// A field that nobody knows: its number in CBOR, and a value.
const UNKNOWN_FIELD: [u8; 3] = [0x18, 0x63, 0x01];

/// A frame of a supernode to somebody, as their programs would have it.
pub(super) fn offered(node: Era, to: Era, frame: Vec<u8>) -> Vec<u8> {
    let newest = match (node, to) {
        (Era::Now, Era::Now | Era::Later) => return frame,
        (Era::Old, _) | (_, Era::Old) => VERSION_MIN,
        (Era::Later, _) => LATER_VERSION,
    };
    let frame = match decode(&frame, FRAME_BYTES_MAX) {
        Ok(NodeFrame::Challenge {
            version_min,
            node,
            nonce,
            ..
        }) => encode(&NodeFrame::Challenge {
            version_min,
            version_max: newest,
            node,
            nonce,
        }),
        _ => frame,
    };
    said(node, frame)
}

/// Something that somebody says, as their program would have it.
pub(super) fn said(by: Era, mut frame: Vec<u8>) -> Vec<u8> {
    // An array of a variant's number and a map of few fields: one more, at its end.
    if let (Era::Later, [0x82, 0..=23, map @ 0xa0..=0xb6, ..]) = (by, frame.as_mut_slice()) {
        *map += 1;
        frame.extend(UNKNOWN_FIELD);
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::base::id::{NodeId, Nonce};

    fn challenge() -> Vec<u8> {
        encode(&NodeFrame::Challenge {
            version_min: VERSION_MIN,
            version_max: VERSION,
            node: NodeId([1; 32]),
            nonce: Nonce([2; 32]),
        })
    }

    fn newest(frame: &[u8]) -> u32 {
        match decode(frame, FRAME_BYTES_MAX) {
            Ok(NodeFrame::Challenge { version_max, .. }) => version_max,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_older_of_two_decides_and_what_comes_later_is_still_understood() {
        for (node, person, version) in [
            (Era::Now, Era::Now, VERSION),
            (Era::Old, Era::Now, VERSION_MIN),
            (Era::Now, Era::Old, VERSION_MIN),
            (Era::Later, Era::Old, VERSION_MIN),
            (Era::Later, Era::Now, LATER_VERSION),
        ] {
            let frame = offered(node, person, challenge());
            assert_eq!(newest(&frame), version, "{node:?} {person:?}");
            let longer = frame.len() - challenge().len();
            assert_eq!(longer, if node == Era::Later { 3 } else { 0 });
        }
    }
}
