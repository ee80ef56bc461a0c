//! TCP connections of clients whose networks let no UDP out.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use shared::turn::stream::{Frame, frame};
use shared::turn::{Client, Link};

use super::batch::DATAGRAM_BYTES_MAX;
use super::poll::Token;
use super::relays::SharedPoll;

/// Bytes that wait for a client to read; what comes when there are more is dropped, as a full line would.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;
/// Bytes read at a time.
const READ_BYTES: usize = 16 * 1024;
/// Connections from one address.
const PER_SOURCE_MAX: usize = 32;
/// Connections without an allocation, beside those that have one.
pub const UNPROVEN_MAX: usize = 256;
/// How long a connection may be silent without an allocation.
const SILENCE_MAX: Duration = Duration::from_secs(30);

struct Stream {
    socket: TcpStream,
    address: SocketAddr,
    input: Vec<u8>,
    output: Vec<u8>,
    heard: Instant,
}

/// All of them.
pub struct Streams {
    poll: SharedPoll,
    streams: HashMap<u64, Stream>,
    next: u64,
    max: usize,
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
        }
    }

    /// Takes a connection in, if one is there and there is room.
    pub fn accept(&mut self, acceptor: &TcpListener) {
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
        // Each packet is to go at once; it cannot matter if this fails.
        let _ = socket.set_nodelay(true);
        let token = Token::Stream(self.next);
        let watched = socket
            .set_nonblocking(true)
            .and_then(|()| self.poll.borrow().add(&socket, token));
        if watched.is_err() {
            return;
        }
        let stream = Stream {
            socket,
            address,
            input: Vec::new(),
            output: Vec::new(),
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
        let mut chunk = [0; READ_BYTES];
        let read = match stream.socket.read(&mut chunk) {
            Ok(0) => Fate::Over,
            Ok(len) => {
                stream.input.extend_from_slice(&chunk[..len]);
                Fate::Open
            }
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
        let waited = !stream.output.is_empty();
        if stream.output.len() + bytes.len() <= OUTPUT_BYTES_MAX {
            stream.output.extend_from_slice(bytes);
        }
        let mut sent = 0;
        while sent < stream.output.len() {
            match stream.socket.write(&stream.output[sent..]) {
                Ok(0) => return Fate::Over,
                Ok(len) => sent += len,
                Err(error) if is_later(error.kind()) => break,
                Err(_) => return Fate::Over,
            }
        }
        stream.output.drain(..sent);
        let waits = !stream.output.is_empty();
        let token = Token::Stream(number);
        let poll = self.poll.borrow();
        if waits != waited && poll.set_writes(&stream.socket, token, waits).is_err() {
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

fn is_later(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
