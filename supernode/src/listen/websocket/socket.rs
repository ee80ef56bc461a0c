//! Bytes from a socket, with no buffer of its own.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::Shutdown;

use shared::base::limits::FRAME_BYTES_MAX;
use tokio::net::TcpStream;

use super::incoming::{Incoming, Message, Violation};

/// Bytes read at once, in a buffer that all connections of a thread share.
const READ_BYTES: usize = 32 * 1024;

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

/// Reads what is there, once, and appends the messages that became whole to `messages`, also when
/// it then ends.
///
/// # Errors
/// [`ReadEnd`].
pub fn read(stream: &TcpStream, incoming: &mut Incoming, messages: &mut Vec<Message>) -> Result<(), ReadEnd> {
    BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
        Ok(0) => Err(ReadEnd::Closed),
        Ok(count) => take(buffer.get(..count).unwrap_or_default(), incoming, messages),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(_) => Err(ReadEnd::Closed),
    })
}

/// Takes bytes that were read.
///
/// # Errors
/// [`ReadEnd::Violation`].
pub fn take(bytes: &[u8], incoming: &mut Incoming, messages: &mut Vec<Message>) -> Result<(), ReadEnd> {
    incoming.take(bytes, FRAME_BYTES_MAX, |message| messages.push(message)).map_err(ReadEnd::Violation)
}

/// Ends the sending side and reads on until the other side has ended too.
pub async fn linger(stream: &TcpStream) {
    if socket2::SockRef::from(stream).shutdown(Shutdown::Write).is_err() {
        return;
    }
    while stream.readable().await.is_ok() {
        let count = BUFFER.with_borrow_mut(|buffer| stream.try_read(buffer));
        match count {
            Ok(count) if count > 0 => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => return,
        }
    }
}
