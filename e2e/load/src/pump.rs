//! Thousands of connections on one thread, so that the generator costs less than what it measures.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use anyhow::{Result, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::talk::{Heard, Talk};

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;
/// Events taken at once.
const EVENTS: usize = 1024;

struct Connection {
    stream: TcpStream,
    talk: Box<dyn Talk>,
    /// The start of a frame that is not whole.
    partial: Vec<u8>,
    /// What the socket did not take.
    waiting: Vec<u8>,
}

/// Connections and what they have heard.
pub struct Pump {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    buffer: Vec<u8>,
}

impl Pump {
    /// No connections.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            connections: Vec::new(),
            buffer: vec![0; READ_BYTES],
        })
    }

    /// Takes over a connection after its handshake and returns its number.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn add(&mut self, stream: std::net::TcpStream, talk: Box<dyn Talk>) -> Result<usize> {
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        let index = self.connections.len();
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(index), both)?;
        self.connections.push(Connection {
            stream,
            talk,
            partial: Vec::new(),
            waiting: Vec::new(),
        });
        Ok(index)
    }

    /// Sends the `number`th message on a connection.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn say(&mut self, connection: usize, number: u64) -> Result<()> {
        let connection = &mut self.connections[connection];
        connection.talk.say(number, &mut connection.waiting);
        connection.flush()
    }

    /// Tells the server that all are still there, and answers it when it asks.
    ///
    /// # Errors
    /// As [`Self::turn`].
    pub fn keep_alive(&mut self) -> Result<()> {
        for connection in &mut self.connections {
            connection.talk.keep_alive(&mut connection.waiting);
            connection.flush()?;
        }
        self.turn(Duration::ZERO, &mut Vec::new())
    }

    /// Waits for at most `timeout` and appends what each connection has heard.
    ///
    /// # Errors
    /// When a connection has ended or its server does not keep to the protocol.
    pub fn turn(&mut self, timeout: Duration, heard: &mut Vec<(usize, Heard)>) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let Token(index) = event.token();
            let connection = &mut self.connections[index];
            if event.is_writable() {
                connection.flush()?;
            }
            if event.is_readable() {
                let new = connection.read(&mut self.buffer)?;
                if new != Heard::default() {
                    heard.push((index, new));
                }
            }
        }
        Ok(())
    }
}

impl Connection {
    fn flush(&mut self) -> Result<()> {
        while !self.waiting.is_empty() {
            match self.stream.write(&self.waiting) {
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<Heard> {
        let mut all = Heard::default();
        loop {
            let count = match self.stream.read(buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            };
            ensure!(count > 0, "the server ended a connection");
            let read = &buffer[..count];
            let (used, heard) = if self.partial.is_empty() {
                let (used, heard) = self.talk.hear(read, &mut self.waiting)?;
                self.partial.extend_from_slice(&read[used..]);
                (0, heard)
            } else {
                self.partial.extend_from_slice(read);
                self.talk.hear(&self.partial, &mut self.waiting)?
            };
            self.partial.drain(..used);
            all.delivered += heard.delivered;
            all.answered += heard.answered;
            if count < buffer.len() {
                break;
            }
        }
        self.flush()?;
        Ok(all)
    }
}
