//! WebSocket frames (RFC 6455): read or refused alike, however the bytes come; nothing held beyond a
//! message and a head.

use crate::supernode::incoming::{Incoming, Message, Violation};

const MESSAGE_BYTES_MAX: usize = 1000;

/// The first byte says in what steps the rest comes.
pub fn run(bytes: &[u8]) -> bool {
    let Some((step, bytes)) = bytes.split_first() else {
        return false;
    };
    let whole = read([bytes]);
    let in_steps = read(bytes.chunks(usize::from(*step).max(1)));
    assert_eq!(in_steps, whole, "it matters how the bytes come");
    for message in &whole.0 {
        if let Message::Binary(payload) | Message::Ping(payload) = message {
            assert!(payload.len() <= MESSAGE_BYTES_MAX);
        }
    }
    !whole.0.is_empty()
}

fn read<'b>(chunks: impl IntoIterator<Item = &'b [u8]>) -> (Vec<Message>, Result<(), Violation>) {
    let mut incoming = Incoming::default();
    let mut messages = Vec::new();
    let mut take =
        |chunk| incoming.take(chunk, MESSAGE_BYTES_MAX, |message| messages.push(message));
    let end = chunks.into_iter().try_for_each(&mut take);
    (messages, end)
}
