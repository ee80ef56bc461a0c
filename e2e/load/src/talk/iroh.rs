//! The relay protocol of iroh, version 2, as much as sending and receiving datagrams takes.
//!
//! A relay does not check for whom one may send, and answers nothing: whoever knows a key reaches it.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::{Context, Result, bail, ensure};
use ring::signature::{Ed25519KeyPair, KeyPair};
use shared::base::random::bytes;

use super::{Heard, Talk};
use crate::person::System;
use crate::{socket, websocket};

/// What the signature of a handshake is for.
const CHALLENGE: &str = "iroh-relay handshake v1 challenge signature";

// Kinds of frames.
const SERVER_CHALLENGE: u8 = 0;
const CLIENT_AUTH: u8 = 1;
const SERVER_CONFIRMS_AUTH: u8 = 2;
const TO_RELAY: u8 = 4;
const TO_CLIENT: u8 = 6;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Who a client is.
pub struct Key(Ed25519KeyPair);

impl Key {
    /// Somebody new.
    ///
    /// # Errors
    /// Never: every seed is one.
    pub fn new() -> Result<Self> {
        let seed: [u8; 32] = bytes(&mut System);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Ok(Self(pair.ok().context("no key")?))
    }

    fn id(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

/// A connected client.
pub struct Iroh {
    datagram: Vec<u8>,
}

impl Iroh {
    /// Says datagrams of `len` bytes to `to`.
    #[must_use]
    pub fn new(to: &Key, len: usize) -> Self {
        let no_congestion = [0];
        let datagram = [&[TO_RELAY], to.id(), &no_congestion, &vec![7; len]].concat();
        Self { datagram }
    }
}

impl Talk for Iroh {
    fn say(&mut self, _: u64, out: &mut Vec<u8>) {
        websocket::write(&self.datagram, out);
    }

    fn hear(&mut self, bytes: &[u8], answer: &mut Vec<u8>) -> Result<(usize, Heard)> {
        let mut used = 0;
        let mut heard = Heard::default();
        while let Some(rest) = bytes.get(used..)
            && let Some(frame) = websocket::read(rest)
        {
            used += frame.payload.end;
            ensure!(frame.binary, "the relay closed the session");
            match rest[frame.payload].split_first().context("no frame")? {
                (&TO_CLIENT, _) => heard.delivered += 1,
                (&PING, data) => websocket::write(&[&[PONG], data].concat(), answer),
                (kind, _) => bail!("unexpected frame {kind}"),
            }
        }
        Ok((used, heard))
    }
}

/// Connects and shakes hands as `key`.
///
/// # Errors
/// When the relay does not do its part.
pub fn connect(address: SocketAddr, key: &Key) -> Result<TcpStream> {
    let mut stream = socket::connect(Ipv4Addr::LOCALHOST, address)?;
    websocket::handshake(&mut stream, address, "/relay", Some("iroh-relay-v2"))?;
    let challenge = websocket::receive(&mut stream)?;
    let Some((&SERVER_CHALLENGE, challenge)) = challenge.split_first() else {
        bail!("no challenge")
    };
    let signature = key.0.sign(&blake3::derive_key(CHALLENGE, challenge));
    // Postcard: an array as it is, bytes with their length before them.
    let auth = [&[CLIENT_AUTH], key.id(), &[64], signature.as_ref()].concat();
    websocket::send(&auth, &mut stream)?;
    let answer = websocket::receive(&mut stream)?;
    ensure!(answer.first() == Some(&SERVER_CONFIRMS_AUTH), "not let in");
    Ok(stream)
}
