//! From bytes as they come to whole messages. Holds no memory between messages.

use std::mem;

use super::frame::{BadFrame, Head, Opcode, unmask};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A whole binary message.
    Binary(Vec<u8>),
    /// To be answered with the same payload.
    Ping(Vec<u8>),
    /// Nothing to do.
    Pong,
    /// The client ends the connection, with this code if it gave one.
    Close(Option<u16>),
}

/// Why the connection must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A message is larger than it may be.
    #[error("the message is too large")]
    TooLarge,
    /// A text message.
    #[error("messages are binary")]
    Text,
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// Not RFC 6455.
    #[error(transparent)]
    Protocol(#[from] BadFrame),
}

/// Frames that one message may come in. Clients of ours never use more than one, proxies a few.
const FRAGMENTS_MAX: usize = 256;

/// What has come of the message that is on its way.
#[derive(Debug, Default)]
pub struct Incoming {
    /// Bytes of a frame that is not whole.
    partial: Vec<u8>,
    /// Payload of the fragments so far.
    fragments: Option<Vec<u8>>,
    fragment_count: usize,
}

impl Incoming {
    /// Takes what was read and passes on every message that became whole, each of at most
    /// `bytes_max` bytes.
    ///
    /// # Errors
    /// [`Violation`]: nothing after it counts.
    pub fn take(
        &mut self,
        bytes: &[u8],
        bytes_max: usize,
        mut pass_on: impl FnMut(Message),
    ) -> Result<(), Violation> {
        if self.partial.is_empty() {
            let used = self.frames(bytes, bytes_max, &mut pass_on)?;
            self.partial = bytes.get(used..).unwrap_or_default().to_vec();
        } else {
            let mut all = mem::take(&mut self.partial);
            all.extend_from_slice(bytes);
            let used = self.frames(&all, bytes_max, &mut pass_on)?;
            if used > 0 {
                all = all.get(used..).unwrap_or_default().to_vec();
            }
            self.partial = all;
        }
        Ok(())
    }

    /// Handles the whole frames at the start of `bytes` and says how many bytes they took.
    fn frames(
        &mut self,
        bytes: &[u8],
        bytes_max: usize,
        pass_on: &mut impl FnMut(Message),
    ) -> Result<usize, Violation> {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let Some((head, head_len)) = Head::read(rest)? else {
                return Ok(used);
            };
            if head.opcode == Opcode::Text {
                return Err(Violation::Text);
            }
            let gathered = self.fragments.as_ref().map_or(0, Vec::len);
            let gathered = if head.opcode.is_control() {
                0
            } else {
                gathered
            };
            let len = usize::try_from(head.len).unwrap_or(usize::MAX);
            if len > bytes_max.saturating_sub(gathered) {
                return Err(Violation::TooLarge);
            }
            let Some(payload) = rest.get(head_len..head_len.saturating_add(len)) else {
                return Ok(used);
            };
            used += head_len + len;
            let mut payload = payload.to_vec();
            unmask(&mut payload, head.mask);
            if let Some(message) = self.frame(&head, payload)? {
                pass_on(message);
            }
        }
    }

    fn frame(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Message>, Violation> {
        match head.opcode {
            Opcode::Close => close_code(&payload).map(|code| Some(Message::Close(code))),
            Opcode::Ping => Ok(Some(Message::Ping(payload))),
            Opcode::Pong => Ok(Some(Message::Pong)),
            Opcode::Text | Opcode::Binary if self.fragments.is_some() => {
                Err(BadFrame("a message begins within another").into())
            }
            Opcode::Continuation if self.fragments.is_none() => {
                Err(BadFrame("nothing to go on with").into())
            }
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let mut message = self.fragments.take().unwrap_or_default();
                if message.is_empty() {
                    message = payload;
                } else {
                    message.extend_from_slice(&payload);
                }
                self.fragment_count += 1;
                if self.fragment_count > FRAGMENTS_MAX {
                    return Err(BadFrame("too many fragments").into());
                }
                if head.fin {
                    self.fragment_count = 0;
                    return Ok(Some(Message::Binary(message)));
                }
                self.fragments = Some(message);
                Ok(None)
            }
        }
    }
}

/// The code in a close frame (RFC 6455 §5.5.1); a reason may follow it. Those of §7.4 that may stand on the
/// wire, registered ones, and those for private use.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return match payload {
            [] => Ok(None),
            _ => Err(BadFrame("half a close code").into()),
        };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(BadFrame("a close code that nobody may send").into());
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(Some(code)),
        Err(_) => Err(Violation::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 1000;

    /// A frame as a client sends it.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let mut out = vec![first];
        match u8::try_from(payload.len()) {
            Ok(len @ 0..=125) => out.push(0x80 | len),
            _ => {
                out.push(0x80 | 126);
                out.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
            }
        }
        out.extend_from_slice(&mask);
        let mut payload = payload.to_vec();
        unmask(&mut payload, mask);
        out.extend_from_slice(&payload);
        out
    }

    fn take(chunks: &[&[u8]]) -> Result<Vec<Message>, Violation> {
        let mut incoming = Incoming::default();
        let mut messages = Vec::new();
        for chunk in chunks {
            incoming.take(chunk, MAX, |message| messages.push(message))?;
        }
        assert!(
            incoming.partial.is_empty() && incoming.partial.capacity() == 0,
            "memory is given back"
        );
        Ok(messages)
    }

    #[test]
    fn messages_are_whole_however_the_bytes_come() {
        let bytes = [
            masked(0x82, b"one"),
            masked(0x89, b"there?"),
            masked(0x82, &[7; 500]),
        ]
        .concat();
        let expected = [
            Message::Binary(b"one".to_vec()),
            Message::Ping(b"there?".to_vec()),
            Message::Binary(vec![7; 500]),
        ];
        assert_eq!(take(&[&bytes]).unwrap(), expected);
        for step in [1, 2, 3, 7, 100] {
            let chunks: Vec<_> = bytes.chunks(step).collect();
            assert_eq!(take(&chunks).unwrap(), expected);
        }
    }

    #[test]
    fn fragments_are_joined_and_control_frames_may_come_between() {
        let bytes = [
            masked(0x02, b"on"),
            masked(0x8a, b""),
            masked(0x00, b"e m"),
            masked(0x80, b"essage"),
        ]
        .concat();
        assert_eq!(
            take(&[&bytes]).unwrap(),
            [Message::Pong, Message::Binary(b"one message".to_vec())]
        );
        let empty_first = [masked(0x02, b""), masked(0x80, b"x")].concat();
        assert_eq!(
            take(&[&empty_first]).unwrap(),
            [Message::Binary(b"x".to_vec())]
        );
    }

    #[test]
    fn the_largest_message_passes_and_a_larger_one_does_not() {
        assert!(take(&[&masked(0x82, &[0; MAX])]).is_ok());
        assert_eq!(
            take(&[&masked(0x82, &[0; MAX + 1])]),
            Err(Violation::TooLarge)
        );
        let in_fragments =
            |last| [masked(0x02, &[0; MAX - 1]), masked(0x80, &vec![0; last])].concat();
        assert!(take(&[&in_fragments(1)]).is_ok());
        assert_eq!(take(&[&in_fragments(2)]), Err(Violation::TooLarge));
        let huge = [
            0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
        ];
        assert_eq!(
            take(&[&huge]),
            Err(Violation::TooLarge),
            "before its bytes have come"
        );
    }

    #[test]
    fn a_message_may_come_in_so_many_fragments_and_no_more() {
        let fragments = |count: usize| {
            let middle = masked(0x00, b"").repeat(count - 2);
            [masked(0x02, b""), middle, masked(0x80, b"x")].concat()
        };
        let most = fragments(FRAGMENTS_MAX).repeat(2);
        assert_eq!(take(&[&most]).unwrap().len(), 2);
        assert!(matches!(
            take(&[&fragments(FRAGMENTS_MAX + 1)]),
            Err(Violation::Protocol(_))
        ));
    }

    #[test]
    fn any_bytes_are_read_or_refused_alike_however_they_come() {
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        for _ in 0..3000 {
            let mut bytes = Vec::new();
            for _ in 0..byte() % 4 {
                let payload: Vec<u8> = (0..byte()).map(|_| byte()).collect();
                bytes.extend(masked(
                    [0x82, 0x02, 0x80, 0x89, byte()][usize::from(byte() % 5)],
                    &payload,
                ));
            }
            if let Some(at) = usize::from(byte()).checked_rem(bytes.len()) {
                bytes[at] ^= byte();
            }
            let read = |chunks: &[&[u8]]| {
                let mut incoming = Incoming::default();
                let mut messages = Vec::new();
                let end = chunks.iter().try_for_each(|chunk| {
                    incoming.take(chunk, MAX, |message| messages.push(message))
                });
                (messages, end)
            };
            let whole = read(&[&bytes]);
            let step = usize::from(byte() % 50) + 1;
            assert_eq!(read(&bytes.chunks(step).collect::<Vec<_>>()), whole);
        }
    }

    #[test]
    fn disorder_is_refused() {
        assert_eq!(take(&[&masked(0x81, b"text")]), Err(Violation::Text));
        for bad in [
            [masked(0x80, b"more"), Vec::new()].concat(),
            [masked(0x02, b"one"), masked(0x82, b"two")].concat(),
        ] {
            assert!(matches!(take(&[&bad]), Err(Violation::Protocol(_))));
        }
    }
}
