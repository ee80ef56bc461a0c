//! A server, its sockets, and people.

use core::net::SocketAddr;
use std::collections::BTreeMap;

use stun_types::attribute::{AttributeType, RawAttribute};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageType, MessageWriteVec, Method,
};
use stun_types::prelude::*;

use crate::base::random::Counter;
use crate::base::time::Timestamp;
use crate::turn::wire::{address, attribute};
use crate::turn::*;

pub const BINDING: u16 = 1;
pub const ALLOCATE: u16 = 3;
pub const REFRESH: u16 = 4;
pub const SEND: u16 = 6;
pub const CREATE_PERMISSION: u16 = 8;
pub const CHANNEL_BIND: u16 = 9;

pub const REALM: &str = "kith";
/// 2023-11-14 22:13:20 UTC.
pub const START: u64 = 1_700_000_000_000;
pub const PEER: &str = "198.51.100.7:5000";

/// Sockets that the server has opened, and addresses that it cannot have.
#[derive(Default)]
pub struct Sockets {
    pub open: BTreeMap<Relay, SocketAddr>,
    pub busy: usize,
}

impl Relays for Sockets {
    fn open(&mut self, relay: Relay, address: SocketAddr) -> bool {
        if self.busy > 0 {
            self.busy -= 1;
            return false;
        }
        assert!(!self.open.values().any(|open| *open == address));
        assert_eq!(self.open.insert(relay, address), None);
        true
    }

    fn close(&mut self, relay: Relay) {
        assert!(self.open.remove(&relay).is_some());
    }
}

/// What came of a packet: the verdict, and the bytes to send.
pub type Came = (Verdict, Vec<u8>);

pub struct World {
    pub server: Server,
    pub sockets: Sockets,
    pub now: Timestamp,
}

pub fn config() -> Config {
    Config {
        realm: REALM.to_owned(),
        relay_v4: Some("203.0.113.9".parse().unwrap()),
        relay_v6: Some("2001:db8::9".parse().unwrap()),
        policy: Policy {
            allow_private: false,
            own: vec![
                "203.0.113.9".parse().unwrap(),
                "2001:db8::9".parse().unwrap(),
            ],
            relay_ports: 50_000..=50_999,
            service_ports: vec![3478],
        },
        credentials: Credentials::none()
            .with_secret(b"secret")
            .with_user("ann", "ann's")
            .with_user("ben", "ben's"),
        donation: Donation {
            allocations: 100,
            allocations_per_name: 10,
            bytes_per_second_each: 0,
            bytes_per_second: 0,
            bytes_per_month: 0,
        },
        month: Month::default(),
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(config())
    }

    pub fn with(config: Config) -> Self {
        let now = Timestamp(START);
        Self {
            server: Server::new(config, now, &mut Counter(0)),
            sockets: Sockets::default(),
            now,
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now.0 += seconds * 1000;
    }

    pub fn tick(&mut self) {
        self.server.tick(self.now, self.now, &mut self.sockets);
    }

    pub fn client_sends(&mut self, client: Client, bytes: &[u8]) -> Came {
        let mut buffer = room_for(bytes);
        let mut packet = Packet::new(&mut buffer, HEADROOM, bytes.len());
        let verdict = self
            .server
            .handle_client(self.now, client, &mut packet, &mut self.sockets);
        (verdict, packet.bytes().to_vec())
    }

    pub fn peer_sends(&mut self, relay: Relay, peer: &str, bytes: &[u8]) -> Came {
        let mut buffer = room_for(bytes);
        let mut packet = Packet::new(&mut buffer, HEADROOM, bytes.len());
        let peer = peer.parse().unwrap();
        let verdict = self.server.handle_peer(self.now, relay, peer, &mut packet);
        (verdict, packet.bytes().to_vec())
    }
}

fn room_for(bytes: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; HEADROOM + bytes.len().max(512) + TAILROOM];
    buffer[HEADROOM..][..bytes.len()].copy_from_slice(bytes);
    buffer
}

/// Somebody with credentials.
pub struct Person {
    pub client: Client,
    pub username: String,
    pub password: String,
    /// SHA-256 for key and message, instead of MD5 and SHA-1.
    pub modern: bool,
    pub nonce: Option<Vec<u8>>,
    pub transaction: u128,
}

pub fn udp(address: &str) -> Client {
    Client {
        link: Link::Datagrams(0),
        address: address.parse().unwrap(),
    }
}

pub fn ann() -> Person {
    person("ann", "192.0.2.1:1111")
}

pub fn ben() -> Person {
    person("ben", "192.0.2.2:2222")
}

pub fn person(name: &str, address: &str) -> Person {
    Person {
        client: udp(address),
        username: name.to_owned(),
        password: format!("{name}'s"),
        modern: false,
        nonce: None,
        transaction: 7,
    }
}

pub type Attributes = Vec<(u16, Vec<u8>)>;

impl Person {
    pub fn credentials(&self) -> MessageIntegrityCredentials {
        LongTermKeyCredentials::new(
            self.username.clone(),
            self.password.clone(),
            REALM.to_owned(),
        )
        .into()
    }

    /// A request with proof, if there is a nonce to prove with.
    pub fn signed(&self, method: u16, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut all = attributes.to_vec();
        let Some(nonce) = &self.nonce else {
            return message(MessageClass::Request, method, self.transaction, &all);
        };
        all.push((attribute::USERNAME, self.username.clone().into()));
        all.push((attribute::REALM, REALM.into()));
        all.push((attribute::NONCE, nonce.clone()));
        if self.modern {
            all.push((attribute::PASSWORD_ALGORITHMS, vec![0, 2, 0, 0, 0, 1, 0, 0]));
            all.push((attribute::PASSWORD_ALGORITHM, vec![0, 2, 0, 0]));
        }
        let mut writer = written(MessageClass::Request, method, self.transaction, &all);
        let algorithm = match self.modern {
            true => IntegrityAlgorithm::Sha256,
            false => IntegrityAlgorithm::Sha1,
        };
        writer
            .add_message_integrity(&self.credentials(), algorithm)
            .unwrap();
        writer.finish()
    }

    /// Asks once.
    pub fn ask_once(
        &mut self,
        world: &mut World,
        method: u16,
        attributes: &[(u16, Vec<u8>)],
    ) -> Answer {
        self.transaction += 1;
        let request = self.signed(method, attributes);
        let (verdict, bytes) = world.client_sends(self.client, &request);
        assert_eq!(
            verdict,
            Verdict::ToClient(self.client),
            "{method} {attributes:?}"
        );
        let answer = Answer::read(&bytes);
        assert_eq!(answer.transaction, self.transaction);
        let is_challenge = matches!(answer.code, Some(401 | 438));
        if !is_challenge
            && answer.has(attribute::MESSAGE_INTEGRITY)
                | answer.has(attribute::MESSAGE_INTEGRITY_SHA256)
        {
            let read = Message::from_bytes(&bytes).unwrap();
            read.validate_integrity(&self.credentials()).unwrap();
        } else {
            assert!(
                is_challenge || answer.code == Some(400),
                "unsigned: {answer:?}"
            );
        }
        answer
    }

    /// Asks, and again when challenged.
    pub fn ask(&mut self, world: &mut World, method: u16, attributes: &[(u16, Vec<u8>)]) -> Answer {
        let answer = self.ask_once(world, method, attributes);
        if !matches!(answer.code, Some(401 | 438)) {
            return answer;
        }
        self.nonce = Some(answer.value(attribute::NONCE).to_vec());
        self.ask_once(world, method, attributes)
    }

    /// Allocates; gives the number and address of it.
    pub fn allocate(&mut self, world: &mut World) -> (Relay, SocketAddr) {
        let answer = self.ask(world, ALLOCATE, &udp_transport());
        assert_eq!(answer.code, None, "{answer:?}");
        let relayed = answer.address(attribute::XOR_RELAYED_ADDRESS);
        let mut open = world.sockets.open.iter();
        let (relay, _) = open.find(|(_, address)| **address == relayed).unwrap();
        (*relay, relayed)
    }

    pub fn permit(&mut self, world: &mut World, peer: &str) -> Option<u16> {
        let attributes = [self.peer(peer)];
        self.ask(world, CREATE_PERMISSION, &attributes).code
    }

    pub fn bind(&mut self, world: &mut World, number: u16, peer: &str) -> Option<u16> {
        let [high, low] = number.to_be_bytes();
        let number = (attribute::CHANNEL_NUMBER, vec![high, low, 0, 0]);
        let attributes = [number, self.peer(peer)];
        self.ask(world, CHANNEL_BIND, &attributes).code
    }

    pub fn send(&mut self, world: &mut World, peer: &str, data: &[u8]) -> Came {
        self.transaction += 1;
        let (value, len) = address::write(peer.parse().unwrap(), &id(self.transaction));
        let attributes = [
            (attribute::XOR_PEER_ADDRESS, value[..len].to_vec()),
            (attribute::DATA, data.to_vec()),
        ];
        let bytes = message(
            MessageClass::Indication,
            SEND,
            self.transaction,
            &attributes,
        );
        world.client_sends(self.client, &bytes)
    }

    /// XOR-PEER-ADDRESS. Over IPv6 it depends on the transaction: that of the next request, which must
    /// not be challenged.
    pub fn peer(&self, peer: &str) -> (u16, Vec<u8>) {
        let (value, len) = address::write(peer.parse().unwrap(), &id(self.transaction + 1));
        (attribute::XOR_PEER_ADDRESS, value[..len].to_vec())
    }
}

pub fn udp_transport() -> Attributes {
    vec![(attribute::REQUESTED_TRANSPORT, vec![17, 0, 0, 0])]
}

pub fn on_channel(number: u16, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap();
    [&number.to_be_bytes(), &len.to_be_bytes(), data].concat()
}

pub fn id(transaction: u128) -> [u8; 12] {
    *transaction.to_be_bytes().last_chunk().unwrap()
}

fn written(
    class: MessageClass,
    method: u16,
    transaction: u128,
    attributes: &[(u16, Vec<u8>)],
) -> MessageWriteVec {
    let kind = MessageType::from_class_method(class, Method::new(method));
    let mut writer = Message::builder(kind, transaction.into(), MessageWriteVec::new());
    for (kind, value) in attributes {
        let raw = RawAttribute::new(AttributeType::new(*kind), value);
        writer.add_attribute(&raw).unwrap();
    }
    writer
}

pub fn message(
    class: MessageClass,
    method: u16,
    transaction: u128,
    attributes: &[(u16, Vec<u8>)],
) -> Vec<u8> {
    written(class, method, transaction, attributes).finish()
}

pub fn request(method: u16, attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    message(MessageClass::Request, method, 99, attributes)
}

/// A message, read by another implementation.
#[derive(Debug, Clone)]
pub struct Answer {
    pub class: MessageClass,
    pub method: u16,
    pub transaction: u128,
    /// Of an error.
    pub code: Option<u16>,
    pub attributes: Attributes,
}

impl Answer {
    pub fn read(bytes: &[u8]) -> Self {
        let message = Message::from_bytes(bytes).unwrap();
        let attributes: Attributes = message
            .iter_attributes()
            .map(|(_, raw)| (raw.get_type().value(), raw.value.to_vec()))
            .collect();
        let mut answer = Self {
            class: message.class(),
            method: message.method().value(),
            transaction: message.transaction_id().into(),
            code: None,
            attributes,
        };
        if answer.class == MessageClass::Error {
            let value = answer.value(attribute::ERROR_CODE);
            answer.code = Some(u16::from(value[2]) * 100 + u16::from(value[3]));
        }
        answer
    }

    pub fn has(&self, kind: u16) -> bool {
        self.attributes.iter().any(|(known, _)| *known == kind)
    }

    pub fn value(&self, kind: u16) -> &[u8] {
        let found = self.attributes.iter().find(|(known, _)| *known == kind);
        &found
            .unwrap_or_else(|| panic!("no {kind:#x} in {self:?}"))
            .1
    }

    pub fn number(&self, kind: u16) -> u32 {
        u32::from_be_bytes(self.value(kind).try_into().unwrap())
    }

    pub fn address(&self, kind: u16) -> SocketAddr {
        address::read(self.value(kind), &id(self.transaction)).unwrap()
    }
}
