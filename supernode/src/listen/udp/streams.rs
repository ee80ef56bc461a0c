//! TCP connections of clients whose networks let no UDP out, with TLS or without.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use shared::turn::stream::{Frame, frame};
use shared::turn::{Client, Link};

use super::batch::DATAGRAM_BYTES_MAX;
use super::line::Line;
use super::poll::Token;
use super::relays::SharedPoll;

/// Bytes that wait for a client to read; what comes when there are more is dropped, as a full line would.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// Connections from one address.
const PER_SOURCE_MAX: usize = 32;
/// Connections without an allocation, beside those that have one.
pub const UNPROVEN_MAX: usize = 256;
/// How long a connection may be silent without an allocation.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Connections with TLS that are taken in a second; more are closed at once. A handshake takes about as
/// long as relaying a hundred packets, with an RSA key a thousand.
const HANDSHAKES_PER_SECOND: u32 = 100;

struct Stream {
    line: Line,
    address: SocketAddr,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Whether room to write is waited for.
    waits: bool,
    heard: Instant,
}

/// All of them.
pub struct Streams {
    poll: SharedPoll,
    streams: HashMap<u64, Stream>,
    next: u64,
    max: usize,
    handshakes: Handshakes,
}

/// How many there were in the second that began then.
struct Handshakes {
    since: Instant,
    count: u32,
}

impl Handshakes {
    fn admit(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.count) = (now, 0);
        }
        self.count += 1;
        self.count <= HANDSHAKES_PER_SECOND
    }
}

/// What is to become of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Open,
    /// It has ended, or must.
    Over,
}

impl Streams {
    pub fn new(poll: SharedPoll, max: usize) -> Self {
        Self {
            poll,
            streams: HashMap::new(),
            next: 0,
            max,
            handshakes: Handshakes {
                since: Instant::now(),
                count: 0,
            },
        }
    }

    /// Takes a connection in, if one is there and there is room; with `tls`, if that is given.
    pub fn accept(&mut self, acceptor: &TcpListener, tls: Option<&Arc<ServerConfig>>) {
        let Ok((socket, address)) = acceptor.accept() else {
            return;
        };
        let from = |ip: IpAddr| {
            self.streams
                .values()
                .filter(|it| it.address.ip() == ip)
                .count()
        };
        if self.streams.len() >= self.max || from(address.ip()) >= PER_SOURCE_MAX {
            return;
        }
        if tls.is_some() && !self.handshakes.admit(Instant::now()) {
            return;
        }
        // Each packet is to go at once; it cannot matter if this fails.
        let _ = socket.set_nodelay(true);
        let token = Token::Stream(self.next);
        let watched = socket
            .set_nonblocking(true)
            .and_then(|()| self.poll.borrow().add(&socket, token));
        if watched.is_err() {
            return;
        }
        let Ok(line) = Line::new(socket, tls, OUTPUT_BYTES_MAX) else {
            return;
        };
        let stream = Stream {
            line,
            address,
            input: Vec::new(),
            output: Vec::new(),
            waits: false,
            heard: Instant::now(),
        };
        self.streams.insert(self.next, stream);
        self.next += 1;
    }

    /// The client at the other end.
    pub fn client(&self, number: u64) -> Option<Client> {
        let address = self.streams.get(&number)?.address;
        let link = Link::Stream(number);
        Some(Client { link, address })
    }

    /// Reads and writes what there is.
    pub fn work(&mut self, number: u64) -> Fate {
        let Some(stream) = self.streams.get_mut(&number) else {
            return Fate::Open;
        };
        stream.heard = Instant::now();
        let read = match stream.line.read(&mut stream.input) {
            Ok(true) => Fate::Open,
            Ok(false) => Fate::Over,
            Err(error) if is_later(error.kind()) => Fate::Open,
            Err(_) => Fate::Over,
        };
        match self.write(number, &[]) {
            Fate::Open => read,
            over => over,
        }
    }

    /// Takes the next whole message off a connection's input into `room`. Says how long it is.
    pub fn next_message(&mut self, number: u64, room: &mut [u8]) -> Result<Option<usize>, Fate> {
        let Some(stream) = self.streams.get_mut(&number) else {
            return Ok(None);
        };
        match frame(&stream.input) {
            Frame::Partial if stream.input.len() <= DATAGRAM_BYTES_MAX + 4 => Ok(None),
            Frame::Whole { len, total } if len <= room.len().min(DATAGRAM_BYTES_MAX) => {
                room[..len].copy_from_slice(&stream.input[..len]);
                stream.input.drain(..total);
                Ok(Some(len))
            }
            _ => Err(Fate::Over),
        }
    }

    /// Sends `bytes`, or drops them whole when too many wait already.
    pub fn write(&mut self, number: u64, bytes: &[u8]) -> Fate {
        let Some(stream) = self.streams.get_mut(&number) else {
            return Fate::Open;
        };
        if stream.output.len() + bytes.len() <= OUTPUT_BYTES_MAX {
            stream.output.extend_from_slice(bytes);
        }
        let mut sent = 0;
        while sent < stream.output.len() {
            match stream.line.write(&stream.output[sent..]) {
                Ok(0) => return Fate::Over,
                Ok(len) => sent += len,
                Err(error) if is_later(error.kind()) => break,
                Err(_) => return Fate::Over,
            }
        }
        stream.output.drain(..sent);
        let left = match stream.line.flush() {
            Ok(left) => left,
            Err(_) => return Fate::Over,
        };
        let waits = left || !stream.output.is_empty();
        let waited = std::mem::replace(&mut stream.waits, waits);
        let token = Token::Stream(number);
        let poll = self.poll.borrow();
        if waits != waited && poll.set_writes(stream.line.socket(), token, waits).is_err() {
            return Fate::Over;
        }
        Fate::Open
    }

    /// Closes one.
    pub fn close(&mut self, number: u64) {
        self.streams.remove(&number);
    }

    /// Those that have been silent for too long, `serves` aside.
    pub fn silent(&self, now: Instant, serves: impl Fn(&Client) -> bool) -> Vec<u64> {
        let silent = self.streams.iter().filter(|(number, stream)| {
            let link = Link::Stream(**number);
            let address = stream.address;
            now.duration_since(stream.heard) > SILENCE_MAX && !serves(&Client { link, address })
        });
        silent.map(|(number, _)| *number).collect()
    }
}

/// Whether nothing is wrong but that there is nothing, or no room.
pub fn is_later(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_handshakes() {
        let start = Instant::now();
        let mut handshakes = Handshakes {
            since: start,
            count: 0,
        };
        assert!((0..HANDSHAKES_PER_SECOND).all(|_| handshakes.admit(start)));
        assert!(!handshakes.admit(start + Duration::from_millis(999)));
        assert!(handshakes.admit(start + Duration::from_secs(1)));
    }
}
