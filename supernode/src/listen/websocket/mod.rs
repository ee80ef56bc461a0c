//! WebSockets (RFC 6455), as thin as they can be: an idle one keeps its socket, its outbox and a
//! small task, and no buffer.
//!
//! Bytes are read into a buffer of the thread, cut into messages by [`incoming`], and told to the
//! driver; what the driver puts into the [`outbox`] it also writes, as far as the socket takes it. Library
//! implementations keep a read buffer for each connection, which is most of what an idle client
//! costs; and only binary messages are needed here, without extensions.

mod frame;
mod handshake;
mod incoming;
mod outbox;
mod socket;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::session::rate::{Rate, TokenBucket};
use shared::session::server::Refused;
use shared::session::wire::Refusal;
use tokio::net::TcpStream;
use tracing::debug;

pub use handshake::accept_key;

use super::admission::Place;
use crate::drive::outbox::{Ending, Outbox};
use crate::drive::{Drive, Event, now};
use frame::Opcode;
use incoming::{Message, Violation};
use outbox::{Flushed, SocketOutbox};
use socket::{ReadEnd, Reader};

/// Pings and pongs of a connection; they do not reach the relay, which counts frames.
const CONTROL_RATE: Rate = Rate {
    burst: 20,
    per_second: 1,
};
/// How long a connection that is being closed may take to read the reason.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Close codes (RFC 6455 §7.4).
mod code {
    pub const NORMAL: u16 = 1000;
    pub const AWAY: u16 = 1001;
    pub const PROTOCOL: u16 = 1002;
    pub const UNSUPPORTED: u16 = 1003;
    pub const NOT_UTF8: u16 = 1007;
    pub const POLICY: u16 = 1008;
    pub const TOO_LARGE: u16 = 1009;
    /// Private use: more waited for the reader than may.
    pub const TOO_SLOW: u16 = 4001;
}

/// How a connection ends.
enum End {
    /// It broke, or the driver has gone: nothing can be said.
    Broken,
    /// With a close frame.
    Close(u16, &'static str),
    /// With a frame of ours that says why, and a close frame.
    Refuse(Refusal, u16, &'static str),
}

/// Serves an upgraded connection to its end.
pub async fn serve(upgrade: OnUpgrade, source: u64, drive: Drive, place: Arc<Place>) {
    let Ok(upgraded) = upgrade.await else { return };
    let Ok(Parts { io, read_buf, .. }) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        return;
    };
    let (reading, writing) = io.into_inner().into_split();
    let connection = Connection {
        link: drive.new_link(),
        outbox: Arc::new(SocketOutbox::new(writing)),
        drive,
    };
    // Spawned anew: the task that waited for the upgrade was larger.
    tokio::spawn(connection.serve(source, Reader::new(reading), read_buf.to_vec(), place));
}

struct Connection {
    link: LinkId,
    outbox: Arc<SocketOutbox>,
    drive: Drive,
}

impl Connection {
    async fn serve(self, source: u64, mut reader: Reader, early: Vec<u8>, place: Arc<Place>) {
        let outbox: Arc<dyn Outbox> = self.outbox.clone();
        if self
            .drive
            .tell(Event::Opened {
                link: self.link,
                source,
                binding: Vec::new(),
                outbox,
            })
            .await
        {
            let end = self.run(&mut reader, early).await;
            self.drive.tell(Event::Closed { link: self.link }).await;
            let close = Box::pin(self.close(reader, end));
            if tokio::time::timeout(CLOSE_TIMEOUT, close).await.is_err() {
                debug!("did not take the reason for closing in time");
            }
        }
        drop(place);
    }

    async fn run(&self, reader: &mut Reader, early: Vec<u8>) -> End {
        let mut control = TokenBucket::full(CONTROL_RATE, now());
        let mut messages = Vec::new();
        let mut read = reader.take(&early, &mut messages);
        drop(early);
        loop {
            for message in messages.drain(..) {
                if let Err(end) = self.handle(&mut control, message).await {
                    return end;
                }
            }
            if let Err(end) = read {
                return end.into();
            }
            if reader.is_behind() {
                tokio::task::yield_now().await;
            }
            messages = Vec::new();
            let next = poll_fn(|context| match self.outbox.poll_changed(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => reader.poll_read(context, &mut messages).map(Some),
            });
            read = match next.await {
                Some(read) => read,
                None => match self.flush().await {
                    Some(end) => return end,
                    None => Ok(()),
                },
            };
        }
    }

    async fn handle(&self, control: &mut TokenBucket, message: Message) -> Result<(), End> {
        match message {
            Message::Binary(bytes) => {
                let told = self
                    .drive
                    .tell(Event::Received {
                        link: self.link,
                        bytes,
                    })
                    .await;
                return if told { Ok(()) } else { Err(End::Broken) };
            }
            Message::Close(code) => return Err(End::Close(code.unwrap_or(code::NORMAL), "")),
            Message::Ping(_) | Message::Pong => {
                control
                    .take(CONTROL_RATE, now(), 1)
                    .map_err(|_| End::Close(code::POLICY, "too many pings"))?;
            }
        }
        if let Message::Ping(payload) = message {
            self.outbox.push_last(Opcode::Pong, &payload);
            self.outbox.flush();
        }
        Ok(())
    }

    /// Writes what waits. Returns how the connection is to end, if it is; what waits then goes out
    /// with the reason.
    async fn flush(&self) -> Option<End> {
        loop {
            if let Some(ending) = self.outbox.ending() {
                return Some(ending.into());
            }
            match self.outbox.try_flush() {
                Flushed::All => return None,
                Flushed::Broken => return Some(End::Broken),
                Flushed::Blocked => tokio::select! {
                    () = self.outbox.changed() => {}
                    ready = self.outbox.stream.writable() => if ready.is_err() { return Some(End::Broken) },
                },
            }
        }
    }

    /// Says why, then reads what is still coming: closing with unread bytes would reset the
    /// connection, and the reason might be lost with it.
    async fn close(self, mut reader: Reader, end: End) {
        let (code, reason) = match end {
            End::Broken => return,
            End::Close(code, reason) => (code, reason),
            End::Refuse(refusal, code, reason) => {
                let frame = encode(&Refused::new(refusal, reason).into_frame());
                self.outbox.push_last(Opcode::Binary, &frame);
                (code, reason)
            }
        };
        self.outbox.push_last(
            Opcode::Close,
            &[&code.to_be_bytes(), reason.as_bytes()].concat(),
        );
        loop {
            match self.outbox.try_flush() {
                Flushed::All => {
                    drop(self);
                    return reader.linger().await;
                }
                Flushed::Blocked => {
                    if self.outbox.stream.writable().await.is_err() {
                        return;
                    }
                }
                Flushed::Broken => return,
            }
        }
    }
}

impl From<Ending> for End {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::HungUp => Self::Close(code::POLICY, "refused"),
            Ending::Draining => Self::Close(code::AWAY, "shutting down"),
            Ending::TooSlow => Self::Close(code::TOO_SLOW, "reads too slowly"),
        }
    }
}

impl From<ReadEnd> for End {
    fn from(end: ReadEnd) -> Self {
        match end {
            ReadEnd::Closed => Self::Broken,
            ReadEnd::Violation(Violation::TooLarge) => {
                Self::Refuse(Refusal::TooLarge, code::TOO_LARGE, "the frame is too large")
            }
            ReadEnd::Violation(Violation::Text) => {
                Self::Close(code::UNSUPPORTED, "frames are binary")
            }
            ReadEnd::Violation(Violation::NotUtf8) => Self::Close(code::NOT_UTF8, "not UTF-8"),
            ReadEnd::Violation(Violation::Protocol(bad)) => Self::Close(code::PROTOCOL, bad.0),
        }
    }
}
