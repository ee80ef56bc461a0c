//! One WebSocket (RFC 6455): frames in to the driver, frames out of its outbox.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::rate::{Rate, TokenBucket};
use shared::session::server::Refused;
use shared::session::wire::Refusal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracing::debug;

use crate::drive::outbox::{Ending, OUTBOX_BYTES_MAX, Outbox};
use crate::drive::{Drive, Event, now};

/// Bytes read at a time. Kept by every idle connection.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Frames are gathered to so many bytes before they are written.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// Pings and pongs of a connection; they do not reach the relay, which counts frames.
const CONTROL_RATE: Rate = Rate { burst: 20, per_second: 1 };
/// How long a connection that is being closed may take to read the reason.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Close code for a reader that let too much wait (RFC 6455 §7.4.2: private use).
pub const CLOSE_TOO_SLOW: u16 = 4001;

type Socket = WebSocketStream<TcpStream>;

/// Serves an upgraded connection to its end.
pub async fn serve(upgrade: OnUpgrade, source: u64, drive: Drive, permit: Arc<OwnedSemaphorePermit>) {
    let Ok(upgraded) = upgrade.await else { return };
    let Ok(Parts { io, read_buf, .. }) = upgraded.downcast::<TokioIo<TcpStream>>() else { return };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(OUTBOX_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let socket =
        WebSocketStream::from_partially_read(io.into_inner(), read_buf.to_vec(), Role::Server, Some(config)).await;
    let link = drive.new_link();
    let outbox = Arc::new(Outbox::default());
    if drive.tell(Event::Opened { link, source, outbox: Arc::clone(&outbox) }).await {
        run(socket, link, &outbox, &drive).await;
        drive.tell(Event::Closed { link }).await;
    }
    drop(permit);
}

async fn run(mut socket: Socket, link: LinkId, outbox: &Outbox, drive: &Drive) {
    let mut control = TokenBucket::full(CONTROL_RATE, now());
    let (code, reason) = loop {
        tokio::select! {
            () = outbox.changed() => match send(&mut socket, outbox).await {
                Ok(None) => {}
                Ok(Some(Ending::HungUp)) => break (CloseCode::Policy, "refused"),
                Ok(Some(Ending::Draining)) => break (CloseCode::Away, "shutting down"),
                Ok(Some(Ending::TooSlow)) => break (CloseCode::Library(CLOSE_TOO_SLOW), "reads too slowly"),
                Err(error) => return debug!("sending failed: {error}"),
            },
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    if !drive.tell(Event::Received { link, bytes: bytes.into() }).await {
                        return;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    if control.take(CONTROL_RATE, now(), 1).is_err() {
                        break (CloseCode::Policy, "too many pings");
                    }
                }
                Some(Ok(Message::Text(_))) => break (CloseCode::Unsupported, "frames are binary"),
                Some(Ok(Message::Close(_) | Message::Frame(_))) | None => return,
                Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                    let refused = Refused::new(Refusal::TooLarge, "the frame is too large").into_frame();
                    let _ = socket.feed(Message::Binary(Bytes::from(encode(&refused)))).await;
                    break (CloseCode::Size, "the frame is too large");
                }
                Some(Err(Error::Protocol(error))) => {
                    debug!("not a WebSocket: {error}");
                    break (CloseCode::Protocol, "not a WebSocket");
                }
                Some(Err(error)) => return debug!("reading failed: {error}"),
            },
        }
    };
    let frame = CloseFrame { code, reason: reason.into() };
    if tokio::time::timeout(CLOSE_TIMEOUT, close(socket, frame)).await.is_err() {
        debug!("did not take the reason for closing in time");
    }
}

/// Sends all that waits, and says whether the connection is to end then.
async fn send(socket: &mut Socket, outbox: &Outbox) -> Result<Option<Ending>, Error> {
    let taken = outbox.take();
    let write = async {
        for frame in taken.frames {
            socket.feed(Message::Binary(frame)).await?;
        }
        socket.flush().await
    };
    tokio::select! {
        biased;
        written = write => written.map(|()| taken.ending),
        () = cut(outbox) => Ok(Some(Ending::TooSlow)),
    }
}

/// Waits until the outbox has been given up on.
async fn cut(outbox: &Outbox) {
    while !outbox.is_cut() {
        outbox.changed().await;
    }
}

/// Says why, then reads what is still coming: closing with unread bytes would reset the connection,
/// and the reason might be lost with it.
async fn close(mut socket: Socket, frame: CloseFrame) {
    if socket.close(Some(frame)).await.is_err() {
        return;
    }
    let stream = socket.get_mut();
    let _ = stream.shutdown().await;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {}
}

