//! Kith's session protocol over WebSocket.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use shared::base::codec::{decode, encode};
use shared::base::id::Nonce;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::random::bytes;
use shared::base::sign::{Purpose, verify_signature};
use shared::mailbox::wire::DepositCode;
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, NodeFrame, VERSION};

use super::{Heard, Talk};
use crate::person::{Person, System};
use crate::socket;
use crate::websocket;

/// Connections from one source address; the supernode takes 64 at a time.
const PER_SOURCE: usize = 60;

/// An open session.
pub struct Kith {
    to: Arc<[Arc<Person>]>,
    keep_seconds: u32,
    body: Vec<u8>,
    requests: u32,
}

impl Kith {
    /// Says messages of `len` sealed bytes to `to`, live ones when `keep_seconds` is 0.
    #[must_use]
    pub fn new(to: Arc<Person>, keep_seconds: u32, len: usize) -> Self {
        Self::in_turn(Arc::new([to]), keep_seconds, len)
    }

    /// Like [`Self::new`], to one of several people: whose turn it is, the number of the message says.
    #[must_use]
    pub fn in_turn(to: Arc<[Arc<Person>]>, keep_seconds: u32, len: usize) -> Self {
        Self {
            to,
            keep_seconds,
            body: vec![7; len],
            requests: 0,
        }
    }
}

impl Talk for Kith {
    fn say(&mut self, number: u64, out: &mut Vec<u8>) {
        self.requests = self.requests.wrapping_add(1);
        let person = &self.to[(number % self.to.len() as u64) as usize];
        let envelope = person.envelope(number, self.keep_seconds, self.body.clone());
        let frame = ClientFrame::Deposit {
            request: self.requests,
            envelope,
        };
        websocket::write(&encode(&frame), out);
    }

    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        websocket::write(&encode(&ClientFrame::Ping { token: 0 }), out);
    }

    fn hear(&mut self, bytes: &[u8], answer: &mut Vec<u8>) -> Result<(usize, Heard)> {
        let mut used = 0;
        let mut heard = Heard::default();
        let mut up_to = 0;
        while let Some(rest) = bytes.get(used..)
            && let Some(frame) = websocket::read(rest)
        {
            used += frame.payload.end;
            ensure!(frame.binary, "the supernode closed the session");
            match decode(&rest[frame.payload], FRAME_BYTES_MAX)? {
                NodeFrame::Deliver { deliveries } => {
                    heard.delivered += u32::try_from(deliveries.len())?;
                    up_to = deliveries.last().map_or(0, |last| last.sequence).max(up_to);
                }
                NodeFrame::Deposited { receipts } => {
                    heard.answered += u32::try_from(receipts.len())?;
                    let bad = receipts
                        .iter()
                        .find(|receipt| receipt.code != DepositCode::Ok);
                    if let Some(bad) = bad {
                        bail!("a deposit was refused: {:?}", bad.code);
                    }
                }
                NodeFrame::Pong { .. } => {}
                other => bail!("unexpected: {other:?}"),
            }
        }
        if up_to > 0 {
            websocket::write(&encode(&ClientFrame::Ack { up_to }), answer);
        }
        Ok((used, heard))
    }
}

/// Connects as the `number`th client, shakes hands, and claims the mailbox of `claim` if there is one.
///
/// # Errors
/// When the supernode does not do its part.
pub fn connect(address: SocketAddr, number: usize, claim: Option<&Person>) -> Result<TcpStream> {
    let mut stream = socket::connect(source(number), address)?;
    websocket::handshake(&mut stream, address, "/ws", None)?;
    let NodeFrame::Challenge { node, nonce, .. } = receive(&mut stream)? else {
        bail!("no challenge")
    };
    let transcript = Transcript {
        version: VERSION,
        node,
        node_nonce: nonce,
        client_nonce: Nonce(bytes(&mut System)),
        binding: Vec::new(),
    };
    send(
        &mut stream,
        &ClientFrame::Hello {
            version: VERSION,
            nonce: transcript.client_nonce,
        },
    )?;
    let NodeFrame::Welcome { signature, .. } = receive(&mut stream)? else {
        bail!("no welcome")
    };
    verify_signature(
        &node.0,
        Purpose::SessionNode,
        &transcript.for_node(),
        &signature,
    )?;
    if let Some(person) = claim {
        send(&mut stream, &person.claim(&transcript))?;
        match receive(&mut stream)? {
            NodeFrame::Claimed { .. } => {}
            other => bail!("{other:?} instead of claimed"),
        }
    }
    Ok(stream)
}

/// Sends a frame on a socket that blocks.
///
/// # Errors
/// When the connection has ended.
pub fn send(stream: &mut TcpStream, frame: &ClientFrame) -> Result<()> {
    websocket::send(&encode(frame), stream)
}

fn receive(stream: &mut TcpStream) -> Result<NodeFrame> {
    Ok(decode(&websocket::receive(stream)?, FRAME_BYTES_MAX)?)
}

fn source(number: usize) -> Ipv4Addr {
    let [.., high, low] = (number / PER_SOURCE + 2).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}
