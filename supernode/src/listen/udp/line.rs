//! The bytes of one TCP connection, with TLS around them or without.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

use super::streams::is_later;

/// Bytes read at a time.
const READ_BYTES: usize = 16 * 1024;

/// A connection that does not block.
pub struct Line {
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

impl Line {
    /// One that has been accepted. Of what is to be encrypted, at most `output_bytes_max` wait.
    ///
    /// # Errors
    /// When TLS cannot be spoken with these settings.
    pub fn new(
        socket: TcpStream,
        tls: Option<&Arc<ServerConfig>>,
        output_bytes_max: usize,
    ) -> Result<Self, rustls::Error> {
        let start = |config: &Arc<ServerConfig>| {
            let mut tls = ServerConnection::new(Arc::clone(config))?;
            tls.set_buffer_limit(Some(output_bytes_max));
            Ok::<_, rustls::Error>(Box::new(tls))
        };
        let tls = tls.map(start).transpose()?;
        Ok(Self { socket, tls })
    }

    /// For whoever waits for it.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Reads what has come, or part of it, to the end of `input`. Says whether more may come.
    ///
    /// # Errors
    /// As the operating system says; when the other side does not speak TLS as it should.
    pub fn read(&mut self, input: &mut Vec<u8>) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            let mut chunk = [0; READ_BYTES];
            let len = self.socket.read(&mut chunk)?;
            input.extend_from_slice(&chunk[..len]);
            return Ok(len > 0);
        };
        if tls.read_tls(&mut self.socket)? == 0 {
            return Ok(false);
        }
        let state = match tls.process_new_packets() {
            Ok(state) => state,
            Err(why) => {
                // The other side is told why, if it listens.
                let _ = tls.write_tls(&mut self.socket);
                return Err(io::Error::new(ErrorKind::InvalidData, why));
            }
        };
        // All of it: the socket does not say that something waits here.
        let (old, new) = (input.len(), state.plaintext_bytes_to_read());
        input.resize(old + new, 0);
        tls.reader().read_exact(&mut input[old..])?;
        Ok(!state.peer_has_closed())
    }

    /// Sends from the beginning of `bytes`. Says how many were taken.
    ///
    /// # Errors
    /// As the operating system says; [`ErrorKind::WouldBlock`] when there is no room.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.tls.is_none() {
            return self.socket.write(bytes);
        }
        let waits = self.flush()?;
        let Some(tls) = self.tls.as_mut().filter(|_| !waits) else {
            return Err(ErrorKind::WouldBlock.into());
        };
        match tls.writer().write(bytes)? {
            0 if !bytes.is_empty() => Err(ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    /// Sends what TLS has to send. Says whether something is left.
    ///
    /// # Errors
    /// As the operating system says, but for there being no room.
    pub fn flush(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else {
            return Ok(false);
        };
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if is_later(error.kind()) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
