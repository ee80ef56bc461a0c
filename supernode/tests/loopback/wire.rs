//! RFC 6455 byte by byte, on a bare TCP connection: what a library would not let a test send.

use std::net::SocketAddr;

use shared::base::codec::{decode, encode};
use shared::base::id::Nonce;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::wire::{ClientFrame, NodeFrame, VERSION};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::PATIENCE;

pub const BINARY: u8 = 0x82;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;
pub const CLOSE: u8 = 0x88;
/// The last fragment of a message; without the topmost bit, one in the middle.
pub const LAST: u8 = 0x80;
pub const FIN: u8 = 0x80;

/// How the length of a frame is written.
#[derive(Clone, Copy)]
pub enum Form {
    Short,
    Two,
    Eight,
}

/// A masked frame whose length is in its shortest form.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let form = match payload.len() {
        0..=125 => Form::Short,
        126..=0xffff => Form::Two,
        _ => Form::Eight,
    };
    frame_in(form, first, payload, [0x37, 0xfa, 0x21, 0x3d])
}

/// A frame as told, right or wrong.
pub fn frame_in(form: Form, first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let len = payload.len();
    let mut out = vec![first];
    match form {
        Form::Short => out.push(0x80 | u8::try_from(len).unwrap()),
        Form::Two => {
            out.push(0x80 | 126);
            out.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        Form::Eight => {
            out.push(0x80 | 127);
            out.extend((len as u64).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    out
}

/// What came from the supernode.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>),
    /// The end of the connection.
    End,
}

/// A connection after its upgrade.
pub struct Wire {
    pub stream: TcpStream,
    /// The answer's head.
    pub head: String,
}

impl Wire {
    /// Upgrades a connection, with more `headers` if any.
    pub async fn open(address: SocketAddr, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        Self { stream, head }
    }

    /// Upgrades and shakes hands: messages are taken.
    pub async fn ready(address: SocketAddr) -> Self {
        let mut wire = Self::open(address, "").await;
        let Came::Binary(_challenge) = wire.next().await else {
            panic!("no challenge")
        };
        let hello = ClientFrame::Hello {
            version: VERSION,
            nonce: Nonce([7; 32]),
        };
        wire.send(&frame(BINARY, &encode(&hello))).await;
        let Came::Binary(welcome) = wire.next().await else {
            panic!("no welcome")
        };
        let welcome = decode::<NodeFrame>(&welcome, FRAME_BYTES_MAX).unwrap();
        assert!(matches!(welcome, NodeFrame::Welcome { .. }));
        wire
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame. Each must be as a server's has to be: whole, unmasked, without reserved bits,
    /// its length in the shortest form, control frames short.
    pub async fn next(&mut self) -> Came {
        timeout(PATIENCE, self.read())
            .await
            .expect("a frame in time")
    }

    async fn read(&mut self) -> Came {
        let Ok(first) = self.stream.read_u8().await else {
            return Came::End;
        };
        assert_eq!(first & 0xf0, FIN, "whole, and no reserved bits");
        let short = self.stream.read_u8().await.unwrap();
        assert_eq!(short & 0x80, 0, "a server masks nothing");
        let len = match short {
            126 => u64::from(self.stream.read_u16().await.unwrap()),
            127 => self.stream.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let shortest = match len {
            0..=125 => short < 126,
            126..=0xffff => short == 126,
            _ => short == 127,
        };
        assert!(shortest, "{len} as {short}");
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        self.stream.read_exact(&mut payload).await.unwrap();
        assert!(first & 0x08 == 0 || payload.len() <= 125);
        match first {
            BINARY => Came::Binary(payload),
            PONG => Came::Pong(payload),
            CLOSE => Came::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            other => panic!("opcode {other:x}"),
        }
    }
}
