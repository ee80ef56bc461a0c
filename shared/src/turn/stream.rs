//! Messages in a stream of bytes: STUN and TURN over TCP and TLS (RFC 8489 §6.2.2, RFC 8656 §12.5).

/// What is in the bytes that have come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Not yet a whole message.
    Partial,
    /// A message: `len` bytes, and then padding to `total`.
    Whole {
        /// Bytes of the message.
        len: usize,
        /// Bytes to take off the stream.
        total: usize,
    },
    /// No message begins like this; the stream is lost.
    Broken,
}

/// Looks for the first message in `bytes`.
#[must_use]
pub fn frame(bytes: &[u8]) -> Frame {
    let Some([first, _, high, low]) = bytes.first_chunk() else {
        return match bytes.first() {
            Some(first) if !is_known(*first) => Frame::Broken,
            _ => Frame::Partial,
        };
    };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    let (len, total) = match first {
        0..=3 if !len.is_multiple_of(4) => return Frame::Broken,
        0..=3 => (len + 20, len + 20),
        0x40..=0x4f => (len + 4, (len + 4).next_multiple_of(4)),
        _ => return Frame::Broken,
    };
    if bytes.len() < total {
        return Frame::Partial;
    }
    Frame::Whole { len, total }
}

fn is_known(first: u8) -> bool {
    matches!(first, 0..=3 | 0x40..=0x4f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_where_they_end() {
        let whole = |len, total| Frame::Whole { len, total };
        let mut stun = alloc::vec![0; 24];
        (stun[1], stun[3]) = (1, 4);
        assert_eq!(frame(&stun), whole(24, 24));
        assert_eq!(frame(&[&stun[..], b"more"].concat()), whole(24, 24));
        assert_eq!(frame(&stun[..23]), Frame::Partial);
        assert_eq!(frame(&[0x40, 0, 0, 0]), whole(4, 4));
        assert_eq!(frame(&[0x4f, 0xff, 0, 5, 1, 2, 3, 4, 5]), Frame::Partial);
        assert_eq!(
            frame(&[0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]),
            whole(9, 12)
        );
        assert_eq!(frame(&[]), Frame::Partial);
    }

    #[test]
    fn what_is_no_message_breaks_the_stream_at_once() {
        for bytes in [
            &b"PUT /"[..],
            b"\x16",
            b"\x50\0\0\0",
            b"\0\x01\0\x03",
            b"\x80",
        ] {
            assert_eq!(frame(bytes), Frame::Broken, "{bytes:?}");
        }
    }
}
