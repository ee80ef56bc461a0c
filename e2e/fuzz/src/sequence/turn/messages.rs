//! Messages by another implementation.

use std::net::{IpAddr, SocketAddr};

use stun_types::attribute::{AttributeType, RawAttribute};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageType,
    MessageWriteVec, Method,
};
use stun_types::prelude::*;

pub const ALLOCATE: u16 = 3;
pub const REFRESH: u16 = 4;
pub const SEND: u16 = 6;
pub const CREATE_PERMISSION: u16 = 8;
pub const CHANNEL_BIND: u16 = 9;

const LIFETIME: u16 = 0x0d;
const XOR_PEER_ADDRESS: u16 = 0x12;
const REALM: u16 = 0x14;
const NONCE: u16 = 0x15;
const COOKIE: u32 = 0x2112_a442;

/// Kind and value.
pub type Attribute = (u16, Vec<u8>);

/// What somebody proves themselves by.
#[derive(Debug, Clone)]
pub struct Proof {
    pub username: String,
    pub password: String,
    pub realm: String,
    pub nonce: Vec<u8>,
}

pub fn transport() -> Attribute {
    (0x19, vec![17, 0, 0, 0])
}

pub fn family(family: u8) -> Attribute {
    (0x17, vec![family, 0, 0, 0])
}

pub fn even_port(byte: u8) -> Attribute {
    (0x18, vec![byte])
}

pub fn lifetime(seconds: u32) -> Attribute {
    (LIFETIME, seconds.to_be_bytes().to_vec())
}

pub fn channel(number: u16) -> Attribute {
    let [high, low] = number.to_be_bytes();
    (0x0c, vec![high, low, 0, 0])
}

/// XOR-PEER-ADDRESS, of IPv4: over IPv6 it depends on the transaction.
pub fn peer(peer: SocketAddr) -> Attribute {
    let IpAddr::V4(ip) = peer.ip() else {
        return (XOR_PEER_ADDRESS, vec![0, 2]);
    };
    let port = peer.port() ^ (COOKIE >> 16) as u16;
    let ip = ip.to_bits() ^ COOKIE;
    let value = [&[0, 1], &port.to_be_bytes()[..], &ip.to_be_bytes()].concat();
    (XOR_PEER_ADDRESS, value)
}

/// Which peers attributes name.
pub fn peers(attributes: &[Attribute]) -> Vec<SocketAddr> {
    let values = attributes
        .iter()
        .filter(|(kind, _)| *kind == XOR_PEER_ADDRESS);
    let read = |value: &[u8]| {
        let port = u16::from_be_bytes(*value.get(2..)?.first_chunk()?);
        let ip = u32::from_be_bytes(*value.get(4..)?.first_chunk()?) ^ COOKIE;
        Some((std::net::Ipv4Addr::from(ip), port ^ (COOKIE >> 16) as u16).into())
    };
    values.filter_map(|(_, value)| read(value)).collect()
}

pub fn request(
    method: u16,
    transaction: u128,
    attributes: &[Attribute],
    proof: Option<&Proof>,
) -> Vec<u8> {
    write(
        MessageClass::Request,
        method,
        transaction,
        attributes,
        proof,
    )
}

pub fn indication(method: u16, attributes: &[Attribute]) -> Vec<u8> {
    write(MessageClass::Indication, method, 5, attributes, None)
}

fn write(
    class: MessageClass,
    method: u16,
    transaction: u128,
    attributes: &[Attribute],
    proof: Option<&Proof>,
) -> Vec<u8> {
    let kind = MessageType::from_class_method(class, Method::new(method));
    let mut writer = Message::builder(kind, transaction.into(), MessageWriteVec::new());
    let mut all = attributes.to_vec();
    if let Some(proof) = proof {
        all.push((0x06, proof.username.clone().into_bytes()));
        all.push((REALM, proof.realm.clone().into_bytes()));
        all.push((NONCE, proof.nonce.clone()));
    }
    for (kind, value) in &all {
        let raw = RawAttribute::new(AttributeType::new(*kind), value);
        // What is there twice is not written again.
        let _ = writer.add_attribute(&raw);
    }
    if let Some(proof) = proof {
        let Proof {
            username,
            password,
            realm,
            ..
        } = proof.clone();
        let credentials = LongTermKeyCredentials::new(username, password, realm);
        writer
            .add_message_integrity(&credentials.into(), IntegrityAlgorithm::Sha1)
            .expect("there is room for 24 bytes");
    }
    writer.finish()
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub method: u16,
    pub is_success: bool,
    /// LIFETIME, in seconds.
    pub lifetime: Option<u64>,
    /// REALM and NONCE of a challenge.
    pub challenge: Option<(String, Vec<u8>)>,
}

/// Reads one. `None` if it is something else.
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let message = Message::from_bytes(bytes).ok()?;
    let value = |kind: u16| {
        let raw = message.raw_attribute(AttributeType::new(kind))?;
        Some(raw.value.to_vec())
    };
    let is_success = match message.class() {
        MessageClass::Success => true,
        MessageClass::Error => false,
        _ => return None,
    };
    let challenge = value(REALM).zip(value(NONCE));
    let challenge = challenge.map(|(realm, nonce)| (String::from_utf8_lossy(&realm).into(), nonce));
    let lifetime = value(LIFETIME).and_then(|value| value.try_into().ok());
    Some(Answer {
        method: message.method().value(),
        is_success,
        lifetime: lifetime.map(|seconds| u32::from_be_bytes(seconds).into()),
        challenge,
    })
}
