//! The client's side of RFC 6455, no more than a load generator needs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;

use anyhow::{Result, bail, ensure};

/// Longest answer to a handshake, in bytes.
const ANSWER_BYTES_MAX: usize = 4096;
/// First byte of a whole binary message.
const BINARY: u8 = 0x82;

/// A whole frame at the start of some bytes.
pub struct Frame {
    /// Where its payload is.
    pub payload: Range<usize>,
    /// Whether it is a binary message; else it is a control frame.
    pub binary: bool,
}

/// Shakes hands.
///
/// # Errors
/// When the server does not switch protocols.
pub fn handshake(
    stream: &mut TcpStream,
    host: SocketAddr,
    path: &str,
    protocol: Option<&str>,
) -> Result<()> {
    let protocol = protocol.map_or_else(String::new, |name| {
        format!("Sec-WebSocket-Protocol: {name}\r\n")
    });
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head belongs to the session.
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        answer.extend(byte);
        ensure!(answer.len() < ANSWER_BYTES_MAX, "an endless answer");
    }
    if !answer.starts_with(b"HTTP/1.1 101") {
        bail!("no upgrade: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

/// Appends a binary message. The mask is zero: for the server that is as good as any, and it costs the
/// generator nothing.
pub fn write(payload: &[u8], out: &mut Vec<u8>) {
    out.push(BINARY);
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// Receives exactly one binary message on a socket that blocks.
///
/// # Errors
/// When the connection ends, or the server ends the session.
pub fn receive(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(frame) = read(&bytes) {
            ensure!(frame.binary, "the server closed the session");
            return Ok(bytes.drain(frame.payload).collect());
        }
        // Never beyond the frame: what follows belongs to whoever reads next.
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.extend(byte);
    }
}

/// Sends a binary message on a socket that blocks.
///
/// # Errors
/// When the connection has ended.
pub fn send(payload: &[u8], stream: &mut TcpStream) -> Result<()> {
    let mut out = Vec::new();
    write(payload, &mut out);
    Ok(stream.write_all(&out)?)
}

/// The frame at the start of `bytes`, when it is whole.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Frame> {
    let [first, short, rest @ ..] = bytes else {
        return None;
    };
    let (start, len): (usize, usize) = match short {
        126 => (4, usize::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*rest.first_chunk()?) as usize),
        short => (2, usize::from(*short)),
    };
    let payload = start..start.checked_add(len)?;
    bytes.get(payload.clone())?;
    Some(Frame {
        payload,
        binary: *first == BINARY,
    })
}
