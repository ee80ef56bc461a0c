//! Frames of RFC 6455 §5, the server's side: masked in, unmasked out.

/// Longest head of a frame that a server sends: no mask, 64-bit length.
const HEAD_OUT_BYTES_MAX: usize = 10;
/// Longest payload of a control frame (RFC 6455 §5.5).
pub const CONTROL_BYTES_MAX: usize = 125;

/// Largest length there is: the topmost bit is 0 (RFC 6455 §5.2).
const LEN_MAX: u64 = u64::MAX >> 1;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// Goes on with a message.
    Continuation,
    /// Begins a text message.
    Text,
    /// Begins a binary message.
    Binary,
    /// Ends the connection.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

const OPCODES: [(u8, Opcode); 6] = [
    (0x0, Opcode::Continuation),
    (0x1, Opcode::Text),
    (0x2, Opcode::Binary),
    (0x8, Opcode::Close),
    (0x9, Opcode::Ping),
    (0xa, Opcode::Pong),
];

impl Opcode {
    /// Whether it may come between the fragments of a message.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFrame(pub &'static str);

/// The head of a frame from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Whether the message ends with it.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// Length of the payload.
    pub len: u64,
    /// The payload is masked with this.
    pub mask: [u8; 4],
}

impl Head {
    /// Reads the head at the start of `bytes`, and its length. `None`: more bytes are needed.
    ///
    /// # Errors
    /// [`BadFrame`].
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, BadFrame> {
        let &[first, second, ref rest @ ..] = bytes else {
            return Ok(None);
        };
        if first & 0x70 != 0 {
            return Err(BadFrame("reserved bits are set"));
        }
        let opcode = OPCODES.iter().find(|(code, _)| *code == first & 0x0f);
        let opcode = opcode
            .map(|(_, opcode)| *opcode)
            .ok_or(BadFrame("a reserved opcode"))?;
        let fin = first & 0x80 != 0;
        if second & 0x80 == 0 {
            return Err(BadFrame("a client's frame is not masked"));
        }
        let short = u64::from(second & 0x7f);
        if opcode.is_control() && (!fin || short > CONTROL_BYTES_MAX as u64) {
            return Err(BadFrame("a control frame is too long or in fragments"));
        }
        let (len, rest, at_least) = match short {
            126 => match rest.split_first_chunk::<2>() {
                Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest, 126),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((len, rest)) => (u64::from_be_bytes(*len), rest, 0x1_0000),
                None => return Ok(None),
            },
            short => (short, rest, 0),
        };
        if len < at_least || len > LEN_MAX {
            return Err(BadFrame("a length in another form than its shortest"));
        }
        let Some((mask, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        Ok(Some((
            Self {
                fin,
                opcode,
                len,
                mask: *mask,
            },
            bytes.len() - rest.len(),
        )))
    }
}

/// Applies `mask` to `payload`, which takes it off again.
pub fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

/// Appends a whole, unmasked frame to `out`.
pub fn write(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    out.reserve(HEAD_OUT_BYTES_MAX + payload.len());
    let code = OPCODES
        .iter()
        .find(|(_, known)| *known == opcode)
        .map_or(0, |(code, _)| *code);
    out.push(0x80 | code);
    match payload.len() {
        len @ 0..=125 => out.push(len as u8),
        len @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

/// Length of the unmasked frame at the start of `bytes`, which [`write`] wrote; `None` at the end.
#[must_use]
pub fn len(bytes: &[u8]) -> Option<usize> {
    let [_, short, rest @ ..] = bytes else {
        return None;
    };
    match short {
        126 => rest
            .first_chunk()
            .map(|len| 4 + usize::from(u16::from_be_bytes(*len))),
        127 => rest
            .first_chunk()
            .map(|len| 10 + u64::from_be_bytes(*len) as usize),
        short => Some(2 + usize::from(*short)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read_and_written() {
        // RFC 6455 §5.7: a single-frame masked text message, a ping with its pong, and long messages.
        let hello = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        let (head, len) = Head::read(&hello).unwrap().unwrap();
        assert_eq!(
            (head.fin, head.opcode, head.len, len),
            (true, Opcode::Text, 5, 6)
        );
        let mut payload = hello[len..].to_vec();
        unmask(&mut payload, head.mask);
        assert_eq!(payload, b"Hello");

        let mut out = Vec::new();
        write(Opcode::Ping, b"Hello", &mut out);
        assert_eq!(out, [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        for (len, head) in [
            (125, &[0x82, 125][..]),
            (256, &[0x82, 0x7e, 0x01, 0x00]),
            (65_536, &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut out = Vec::new();
            write(Opcode::Binary, &vec![0; len], &mut out);
            assert_eq!(super::len(&out), Some(out.len()));
            assert_eq!((&out[..head.len()], out.len()), (head, head.len() + len));
        }
    }

    #[test]
    fn a_head_is_read_only_when_it_is_whole() {
        for whole in [
            &[0x82, 0x80, 1, 2, 3, 4][..],
            &[0x82, 0xfe, 1, 0, 1, 2, 3, 4],
            &[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4],
        ] {
            for len in 0..whole.len() {
                assert_eq!(Head::read(&whole[..len]), Ok(None));
            }
            assert!(matches!(Head::read(whole), Ok(Some((_, len))) if len == whole.len()));
        }
    }

    #[test]
    fn what_the_rfc_forbids_is_refused() {
        for bad in [
            &[0x82, 0x05][..],                 // not masked
            &[0xc2, 0x80, 0, 0, 0, 0],         // a reserved bit
            &[0x83, 0x80, 0, 0, 0, 0],         // a reserved opcode
            &[0x09, 0x80, 0, 0, 0, 0],         // a ping in fragments
            &[0x89, 0xfe, 0, 126, 0, 0, 0, 0], // a long ping
            &[0x82, 0xfe, 0, 125, 0, 0, 0, 0], // a longer length than need be
            &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
            &[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(Head::read(bad).is_err(), "{bad:x?}");
        }
    }
}
