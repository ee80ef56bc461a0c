//! Frames on their way to one WebSocket: gathered as bytes, bounded, written by whoever comes first.
//!
//! The driver pushes and flushes, so that in the common case no other task has to wake up. When the
//! socket takes no more, the connection's task waits until it does. An empty outbox holds no memory.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use super::frame::{self, Opcode};
use crate::drive::outbox::{Ending, Outbox, Pushed};

/// Bytes that may wait for one connection: a delivery window and live traffic beside it.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;

/// What became of a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing waits.
    All,
    /// The socket takes no more now.
    Blocked,
    /// The connection broke.
    Broken,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Whole frames, in order.
    bytes: Vec<u8>,
    /// How many of the bytes are written: less than the first frame has, after a flush.
    written: usize,
    ending: Option<Ending>,
    /// The connection's task has something to do.
    changed: bool,
    /// Wakes the connection's task.
    task: Option<Waker>,
}

/// The sending half of a socket and what waits for it.
#[derive(Debug)]
pub struct SocketOutbox {
    pub stream: OwnedWriteHalf,
    waiting: Mutex<Waiting>,
}

impl SocketOutbox {
    pub fn new(stream: OwnedWriteHalf) -> Self {
        Self {
            stream,
            waiting: Mutex::default(),
        }
    }

    /// Waits until the connection's task has something to do.
    pub async fn changed(&self) {
        poll_fn(|context| self.poll_changed(context)).await;
    }

    /// Like [`Self::changed`]. Only the connection's task may ask.
    pub fn poll_changed(&self, context: &Context<'_>) -> Poll<()> {
        let mut waiting = self.lock();
        if mem::take(&mut waiting.changed) {
            return Poll::Ready(());
        }
        match &mut waiting.task {
            Some(task) => task.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// How the connection is to end, as soon as nothing waits.
    pub fn ending(&self) -> Option<Ending> {
        self.lock().ending
    }

    /// Adds a frame of any kind, whatever waits.
    pub fn push_last(&self, opcode: Opcode, payload: &[u8]) {
        frame::write(opcode, payload, &mut self.lock().bytes);
    }

    /// Writes what goes without waiting. When that is not all, the stream can be waited for.
    pub fn try_flush(&self) -> Flushed {
        self.lock().write(|bytes| self.stream.try_write(bytes))
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Writes what goes, by `write`.
    fn write(&mut self, write: impl Fn(&[u8]) -> io::Result<usize>) -> Flushed {
        while let Some(rest) = self
            .bytes
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            match write(rest) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.forget_written();
                    return Flushed::Blocked;
                }
                Err(_) => return Flushed::Broken,
            }
        }
        self.bytes = Vec::new();
        self.written = 0;
        Flushed::All
    }

    /// Has the connection's task look.
    fn wake(&mut self) {
        self.changed = true;
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// Drops the frames at the start that are written to their last byte.
    fn forget_written(&mut self) {
        let mut whole = 0;
        while let Some(len) = frame::len(self.bytes.get(whole..).unwrap_or_default())
            && whole + len <= self.written
        {
            whole += len;
        }
        self.bytes.drain(..whole);
        self.written -= whole;
    }

    /// Drops all but the frame that is partly written, so that another may follow it.
    fn cut(&mut self) {
        self.forget_written();
        let begun = if self.written == 0 {
            0
        } else {
            frame::len(&self.bytes).unwrap_or_default()
        };
        self.bytes.truncate(begun);
        self.bytes.shrink_to_fit();
    }
}

impl Outbox for SocketOutbox {
    fn push(&self, payload: &[u8]) -> Pushed {
        let mut waiting = self.lock();
        if waiting.ending.is_some() {
            return Pushed::Behind;
        }
        let first = waiting.bytes.is_empty();
        let fits = waiting.bytes.len() - waiting.written + payload.len() <= OUTBOX_BYTES_MAX;
        if !fits {
            waiting.cut();
            waiting.ending = Some(Ending::TooSlow);
            waiting.wake();
            return Pushed::TooMuch;
        }
        frame::write(Opcode::Binary, payload, &mut waiting.bytes);
        if first { Pushed::First } else { Pushed::Behind }
    }

    fn flush(&self) {
        // Past the runtime: its book-keeping is of use only when the socket takes no more, which is rare, and
        // then the connection's task asks through it.
        let socket = SockRef::from(self.stream.as_ref());
        let mut waiting = self.lock();
        if waiting.write(|bytes| socket.send(bytes)) != Flushed::All {
            waiting.wake();
        }
    }

    fn end(&self, ending: Ending) {
        let mut waiting = self.lock();
        waiting.ending.get_or_insert(ending);
        waiting.wake();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// An outbox and the socket that reads what it sends.
    async fn pair() -> (SocketOutbox, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let reader = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        stream.writable().await.unwrap();
        let (_, writing) = stream.into_split();
        (SocketOutbox::new(writing), reader)
    }

    #[tokio::test]
    async fn what_is_pushed_arrives_in_order_and_leaves_nothing() {
        let (outbox, mut reader) = pair().await;
        assert_eq!(outbox.push(b"one"), Pushed::First);
        assert_eq!(outbox.push(b"two"), Pushed::Behind);
        assert_eq!(outbox.try_flush(), Flushed::All);
        assert_eq!(outbox.lock().bytes.capacity(), 0);
        let mut read = [0; 10];
        reader.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"\x82\x03one\x82\x03two");
    }

    #[tokio::test]
    async fn the_byte_limit_fits_and_one_more_does_not() {
        let (outbox, _reader) = pair().await;
        let head = 10;
        let most = vec![0; OUTBOX_BYTES_MAX - head - 1];
        assert_eq!(outbox.push(&most), Pushed::First);
        let pushed = outbox.push(b"");
        assert_eq!(pushed, Pushed::Behind, "heads do not count until they wait");
        assert_eq!(outbox.push(b"x"), Pushed::TooMuch);
        assert_eq!(outbox.ending(), Some(Ending::TooSlow));
        assert_eq!(
            outbox.lock().bytes,
            b"",
            "nothing was written, so nothing must be finished"
        );
        assert_eq!(outbox.push(b"swallowed"), Pushed::Behind);
    }

    #[tokio::test]
    async fn a_frame_that_is_partly_written_is_finished_before_the_reason_for_closing() {
        let (outbox, mut reader) = pair().await;
        let body = vec![7; 100_000];
        while outbox.push(&body) != Pushed::TooMuch {
            outbox.flush();
        }
        outbox.push_last(Opcode::Close, b"\x0f\xa1slow");
        let receive = async {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).await.unwrap();
            all
        };
        let send = async {
            while outbox.try_flush() == Flushed::Blocked {
                outbox.stream.writable().await.unwrap();
            }
            drop(outbox);
        };
        let (all, ()) = tokio::join!(receive, send);
        let frame = body.len() + 10;
        assert_eq!(all.len() % frame, 8, "whole frames and the close frame");
        assert!(all.ends_with(b"\x88\x06\x0f\xa1slow"));
    }

    #[tokio::test]
    async fn the_first_ending_counts() {
        let (outbox, _reader) = pair().await;
        outbox.end(Ending::HungUp);
        outbox.end(Ending::Draining);
        assert_eq!(outbox.ending(), Some(Ending::HungUp));
    }
}
