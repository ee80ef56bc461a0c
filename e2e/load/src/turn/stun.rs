//! A client's messages, written and read by `stun-types`.

use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};
use stun_types::attribute::{AttributeType, RawAttribute};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageType,
    MessageWriteVec, Method,
};
use stun_types::prelude::*;

/// Methods (RFC 8489 §18.2, RFC 8656 §17).
pub const BINDING: u16 = 1;
/// Asks for an allocation.
pub const ALLOCATE: u16 = 3;
/// Makes it last, or ends it.
pub const REFRESH: u16 = 4;
/// Lets a peer through.
pub const CREATE_PERMISSION: u16 = 8;
/// Gives a peer a number.
pub const CHANNEL_BIND: u16 = 9;

const USERNAME: u16 = 0x06;
const ERROR_CODE: u16 = 0x09;
const CHANNEL_NUMBER: u16 = 0x0c;
const LIFETIME: u16 = 0x0d;
const XOR_PEER_ADDRESS: u16 = 0x12;
const REALM: u16 = 0x14;
const NONCE: u16 = 0x15;
const XOR_RELAYED_ADDRESS: u16 = 0x16;
const REQUESTED_TRANSPORT: u16 = 0x19;

const COOKIE: u32 = 0x2112_a442;

/// A name and password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// An attribute: its kind and value.
pub type Attribute = (u16, Vec<u8>);

/// What a server asks to be proved with.
#[derive(Debug, Clone)]
pub struct Challenge {
    realm: String,
    nonce: Vec<u8>,
}

/// UDP, relayed.
#[must_use]
pub fn transport() -> Attribute {
    (REQUESTED_TRANSPORT, vec![17, 0, 0, 0])
}

/// How long an allocation is to live.
#[must_use]
pub fn lifetime(seconds: u32) -> Attribute {
    (LIFETIME, seconds.to_be_bytes().to_vec())
}

/// The number of a channel.
#[must_use]
pub fn channel(number: u16) -> Attribute {
    let [high, low] = number.to_be_bytes();
    (CHANNEL_NUMBER, vec![high, low, 0, 0])
}

/// Somebody to reach.
#[must_use]
pub fn peer(address: SocketAddrV4) -> Attribute {
    let port = address.port() ^ (COOKIE >> 16) as u16;
    let ip = u32::from(*address.ip()) ^ COOKIE;
    let value = [&[0, 1], &port.to_be_bytes()[..], &ip.to_be_bytes()].concat();
    (XOR_PEER_ADDRESS, value)
}

/// A request; with proof, if there is a challenge.
///
/// # Errors
/// When an attribute is too long.
pub fn request(
    method: u16,
    transaction: u128,
    attributes: &[Attribute],
    account: &Account,
    challenge: Option<&Challenge>,
) -> Result<Vec<u8>> {
    let kind = MessageType::from_class_method(MessageClass::Request, Method::new(method));
    let mut writer = Message::builder(kind, transaction.into(), MessageWriteVec::new());
    let mut add = |kind: u16, value: &[u8]| {
        let raw = RawAttribute::new(AttributeType::new(kind), value);
        writer.add_attribute(&raw).map_err(|why| anyhow!("{why:?}"))
    };
    for (kind, value) in attributes {
        add(*kind, value)?;
    }
    let Some(Challenge { realm, nonce }) = challenge else {
        return Ok(writer.finish());
    };
    add(USERNAME, account.user.as_bytes())?;
    add(REALM, realm.as_bytes())?;
    add(NONCE, nonce)?;
    let (user, password) = (account.user.clone(), account.password.clone());
    let credentials = LongTermKeyCredentials::new(user, password, realm.clone());
    writer
        .add_message_integrity(&credentials.into(), IntegrityAlgorithm::Sha1)
        .map_err(|why| anyhow!("{why:?}"))?;
    Ok(writer.finish())
}

/// What a server answered.
#[derive(Debug)]
pub enum Answer {
    /// Yes; and the relayed address, if there is one.
    Success(Option<SocketAddrV4>),
    /// Prove it (401), or prove it anew (438).
    Challenge(Challenge),
    /// No, by this code.
    Refused(u16),
}

/// Reads an answer, and to which transaction.
#[must_use]
pub fn answer(bytes: &[u8]) -> Option<(u128, Answer)> {
    let message = Message::from_bytes(bytes).ok()?;
    let value = |kind: u16| message.raw_attribute(AttributeType::new(kind));
    let transaction = message.transaction_id().into();
    let answer = match message.class() {
        MessageClass::Success => {
            Answer::Success(value(XOR_RELAYED_ADDRESS).and_then(|raw| address(&raw.value)))
        }
        MessageClass::Error => {
            let code = value(ERROR_CODE)?;
            let code = u16::from(code.value.get(2)? & 7) * 100 + u16::from(*code.value.get(3)?);
            match (code, value(REALM), value(NONCE)) {
                (401 | 438, Some(realm), Some(nonce)) => Answer::Challenge(Challenge {
                    realm: String::from_utf8_lossy(&realm.value).into_owned(),
                    nonce: nonce.value.to_vec(),
                }),
                _ => Answer::Refused(code),
            }
        }
        _ => return None,
    };
    Some((transaction, answer))
}

fn address(value: &[u8]) -> Option<SocketAddrV4> {
    let [_, 1, high, low, ip @ ..] = value else {
        return None;
    };
    let port = u16::from_be_bytes([*high, *low]) ^ (COOKIE >> 16) as u16;
    let ip = u32::from_be_bytes(ip.try_into().ok()?) ^ COOKIE;
    Some(SocketAddrV4::new(Ipv4Addr::from(ip), port))
}
