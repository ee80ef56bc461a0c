//! Messages from a socket, read through a buffer that all connections of a thread share.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use shared::base::limits::FRAME_BYTES_MAX;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;

use super::incoming::{Incoming, Message, Violation};

/// Bytes read at once, before others have their turn: thousands of connections may have something to say.
const READ_BYTES: usize = 8 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into_boxed_slice());
}

/// Why there is nothing more to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadEnd {
    /// The connection has ended.
    Closed,
    /// What came is not allowed.
    Violation(Violation),
}

/// The receiving half of a socket.
#[derive(Debug)]
pub struct Reader {
    stream: OwnedReadHalf,
    incoming: Incoming,
    behind: bool,
}

impl Reader {
    pub fn new(stream: OwnedReadHalf) -> Self {
        Self {
            stream,
            incoming: Incoming::default(),
            behind: false,
        }
    }

    /// Waits for bytes and appends the messages that became whole to `messages`, also when it then
    /// ends.
    ///
    /// # Errors
    /// [`ReadEnd`].
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        messages: &mut Vec<Message>,
    ) -> Poll<Result<(), ReadEnd>> {
        self.poll(context, |incoming, bytes| take(incoming, bytes, messages))
    }

    /// Whether the last read took as much as it could, so that more is likely to be there: others should
    /// have their turn first.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// Takes bytes that were read elsewhere.
    ///
    /// # Errors
    /// [`ReadEnd::Violation`].
    pub fn take(&mut self, bytes: &[u8], messages: &mut Vec<Message>) -> Result<(), ReadEnd> {
        take(&mut self.incoming, bytes, messages)
    }

    /// Reads on, and forgets what it reads, until the other side has ended.
    pub async fn linger(&mut self) {
        while poll_fn(|context| self.poll(context, |_, _| Ok(())))
            .await
            .is_ok()
        {}
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        mut with: impl FnMut(&mut Incoming, &[u8]) -> Result<(), ReadEnd>,
    ) -> Poll<Result<(), ReadEnd>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            self.behind = buffer.remaining() == 0;
            Poll::Ready(match (read, buffer.filled()) {
                (Err(_), _) | (Ok(()), []) => Err(ReadEnd::Closed),
                (Ok(()), bytes) => with(&mut self.incoming, bytes),
            })
        })
    }
}

fn take(incoming: &mut Incoming, bytes: &[u8], messages: &mut Vec<Message>) -> Result<(), ReadEnd> {
    incoming
        .take(bytes, FRAME_BYTES_MAX, |message| messages.push(message))
        .map_err(ReadEnd::Violation)
}
