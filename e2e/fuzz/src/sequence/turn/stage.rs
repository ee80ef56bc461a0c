//! The server, its sockets, and people who use it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use arbitrary::Unstructured;
use shared::base::time::Timestamp;
use shared::turn::limits::REPLY_BYTES_MAX;
use shared::turn::{
    Client, Config, Credentials, Donation, HEADROOM, Link, Month, Packet, Policy, Relay, Relays,
    Server, TAILROOM, Verdict,
};

use super::belief::Belief;
use super::messages::{self, Attribute, Proof, SEND};
use crate::chance::Bytes;
use crate::edit::edited;

/// How many people there are, and peers.
pub const PEOPLE: usize = 3;
pub const PEERS: usize = 4;

const START: u64 = 1_800_000_000_000;
const HERE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 9);
const ALLOCATIONS_MAX: usize = 2;

/// Sockets by number of their allocation.
#[derive(Default)]
struct Sockets(BTreeMap<Relay, SocketAddr>);

impl Relays for Sockets {
    fn open(&mut self, relay: Relay, address: SocketAddr) -> bool {
        assert!(!self.0.values().any(|open| *open == address));
        assert_eq!(self.0.insert(relay, address), None);
        true
    }

    fn close(&mut self, relay: Relay) {
        assert!(self.0.remove(&relay).is_some());
    }
}

struct Person {
    client: Client,
    username: String,
    password: String,
    proof: Option<Proof>,
    belief: Belief,
    /// The last request, and what it asked for.
    last: (Vec<u8>, Vec<Attribute>),
}

pub struct Stage {
    server: Server,
    sockets: Sockets,
    people: Vec<Person>,
    now: u64,
    transactions: u128,
    relayed: bool,
}

impl Stage {
    pub fn new() -> Self {
        let credentials = Credentials::none()
            .with_secret(b"secret")
            .with_user("ann", "ann's");
        let until = Timestamp(START + 7_200_000);
        let issued = credentials.issue("ben", until).expect("there is a secret");
        let names = [
            ("ann".to_owned(), "ann's".to_owned()),
            (issued.username, issued.password),
            ("ann".to_owned(), "ann's".to_owned()),
        ];
        let people = (0..)
            .zip(names)
            .map(|(number, (username, password))| Person {
                client: Client {
                    link: match number {
                        2 => Link::Stream(7),
                        _ => Link::Datagrams(0),
                    },
                    address: (Ipv4Addr::new(192, 0, 2, number), 4000).into(),
                },
                username,
                password,
                proof: None,
                belief: Belief::default(),
                last: (Vec::new(), Vec::new()),
            });
        let config = Config {
            realm: "kith".to_owned(),
            relay_v4: Some(HERE),
            relay_v6: None,
            policy: Policy {
                allow_private: false,
                own: vec![HERE.into()],
                relay_ports: 50_000..=50_003,
                service_ports: vec![3478],
            },
            credentials,
            donation: Donation {
                allocations: ALLOCATIONS_MAX,
                allocations_per_name: 1,
                bytes_per_second_each: 0,
                bytes_per_second: 0,
                bytes_per_month: 0,
            },
            month: Month::default(),
        };
        Self {
            server: Server::new(config, Timestamp(START), &mut Bytes::of(9)),
            sockets: Sockets::default(),
            people: people.collect(),
            now: START,
            transactions: 0,
            relayed: false,
        }
    }

    /// A peer: strangers, somebody behind this machine, and whoever is relayed first.
    pub fn peer(&self, which: usize) -> SocketAddr {
        let stranger = |last, port| (Ipv4Addr::new(198, 51, 100, last), port).into();
        match which {
            0 => stranger(7, 5000),
            1 => stranger(7, 6000),
            2 => stranger(8, 5000),
            3 => (Ipv4Addr::new(10, 0, 0, 1), 5000).into(),
            _ => {
                let first = self.sockets.0.values().next().copied();
                first.unwrap_or_else(|| (HERE, 50_000).into())
            }
        }
    }

    /// Asks, and once more when challenged; by the password of `impostor`, if there is one.
    pub fn ask(
        &mut self,
        who: usize,
        method: u16,
        attributes: &[Attribute],
        impostor: Option<usize>,
    ) {
        let password = self.people[impostor.unwrap_or(who)].password.clone();
        for _ in 0..2 {
            self.transactions += 1;
            let mut proof = self.people[who].proof.clone();
            if let Some(proof) = &mut proof {
                proof.password.clone_from(&password);
            }
            let is_forged = proof.is_some() && password != self.people[who].password;
            let bytes = messages::request(method, self.transactions, attributes, proof.as_ref());
            self.people[who].last = (bytes.clone(), attributes.to_vec());
            let (verdict, bytes) = self.client_sends(who, &bytes);
            let Some(answer) = messages::answer(&bytes) else {
                assert!(matches!(verdict, Verdict::Drop(_)), "{verdict:?}");
                return;
            };
            assert_eq!(verdict, Verdict::ToClient(self.people[who].client));
            if let Some((realm, nonce)) = answer.challenge {
                let person = &mut self.people[who];
                person.proof = Some(Proof {
                    username: person.username.clone(),
                    password: person.password.clone(),
                    realm,
                    nonce,
                });
                continue;
            }
            assert!(!(answer.is_success && is_forged), "a wrong password passes");
            if answer.is_success {
                self.people[who]
                    .belief
                    .granted(self.now, attributes, &answer);
            }
            return;
        }
    }

    /// The last request again, changed a little. If that is granted it was not changed where it matters.
    pub fn damaged(&mut self, who: usize, input: &mut Unstructured<'_>) {
        let (bytes, attributes) = self.people[who].last.clone();
        let (verdict, bytes) = self.client_sends(who, &edited(&bytes, input));
        assert!(
            !matches!(verdict, Verdict::ToPeer(..)) || self.people[who].belief.is_alive(self.now)
        );
        let answer = messages::answer(&bytes).filter(|_| matches!(verdict, Verdict::ToClient(_)));
        if let Some(answer) = answer.filter(|answer| answer.is_success) {
            self.people[who]
                .belief
                .granted(self.now, &attributes, &answer);
        }
    }

    pub fn channel_data(&mut self, who: usize, number: u16, len: usize, more: u8) {
        let data = vec![0xda; len];
        let said = (len as u16).wrapping_add(u16::from(more % 3));
        let bytes = [&number.to_be_bytes(), &said.to_be_bytes(), &data[..]].concat();
        let peer = self.people[who].belief.peer(self.now, number);
        let peer = peer.filter(|_| usize::from(said) == len);
        let (verdict, bytes) = self.client_sends(who, &bytes);
        self.judge(who, verdict, &bytes, peer, &data);
    }

    pub fn send(&mut self, who: usize, peer: SocketAddr, len: usize) {
        let data = vec![0xda; len];
        let bytes = messages::indication(SEND, &[messages::peer(peer), (0x13, data.clone())]);
        let may = self.people[who].belief.permits(self.now, peer.ip());
        let (verdict, bytes) = self.client_sends(who, &bytes);
        self.judge(who, verdict, &bytes, may.then_some(peer), &data);
    }

    /// Data goes out exactly when it may, and unchanged.
    fn judge(
        &mut self,
        who: usize,
        verdict: Verdict,
        bytes: &[u8],
        may: Option<SocketAddr>,
        data: &[u8],
    ) {
        match (verdict, may) {
            (Verdict::ToPeer(relay, to), Some(peer)) => {
                assert_eq!((to, bytes), (peer, data));
                assert!(self.sockets.0.contains_key(&relay) && to.ip() != HERE);
                self.relayed = true;
            }
            (Verdict::Relayed(_, client), Some(peer)) => {
                assert_eq!(peer.ip(), HERE, "only what is relayed here comes back");
                let other = self.people.iter().find(|other| other.client == client);
                let belief = &other.expect("somebody who is there").belief;
                assert!(belief.permits(self.now, HERE.into()));
                self.relayed = true;
            }
            (Verdict::Drop(_), Some(peer)) => assert_eq!(peer.ip(), HERE, "{who} may send there"),
            (Verdict::Drop(_), None) => {}
            (Verdict::ToClient(_), Some(_)) => panic!("an answer to data of {who}"),
            (verdict, None) => panic!("{who}: {verdict:?}, though it must not"),
        }
    }

    pub fn peer_sends(&mut self, peer: SocketAddr, relay: u32) {
        let now = Timestamp(self.now);
        let (verdict, bytes) = packet(b"data", |packet| {
            self.server.handle_peer(now, Relay(relay), peer, packet)
        });
        match verdict {
            Verdict::Relayed(_, client) => {
                let to = self.people.iter().find(|person| person.client == client);
                let belief = &to.expect("somebody who is there").belief;
                assert!(belief.permits(self.now, peer.ip()));
                assert!(bytes.windows(4).any(|part| part == b"data"));
                self.relayed = true;
            }
            Verdict::Drop(_) => {}
            Verdict::ToPeer(..) | Verdict::ToClient(_) => panic!("{verdict:?} for a peer's data"),
        }
    }

    pub fn wait(&mut self, millis: u64) {
        self.now += millis;
    }

    pub fn tick(&mut self) {
        let now = Timestamp(self.now);
        self.server.tick(now, now, &mut self.sockets);
    }

    /// A stream ends; a datagram's client cannot.
    pub fn close(&mut self, who: usize) {
        let person = &mut self.people[who];
        if matches!(person.client.link, Link::Stream(_)) {
            self.server.closed(person.client, &mut self.sockets);
            person.belief = Belief::default();
        }
    }

    /// What always holds.
    pub fn check(&self) {
        let stats = self.server.stats();
        assert_eq!(stats.allocations, self.sockets.0.len());
        assert!(stats.allocations <= ALLOCATIONS_MAX);
        for person in &self.people {
            let is_alive = person.belief.is_alive(self.now);
            assert!(!is_alive || self.server.serves(&person.client));
        }
    }

    /// Ends it. Says whether something was relayed.
    pub fn end(mut self) -> bool {
        self.server.close(&mut self.sockets);
        assert!(self.sockets.0.is_empty());
        self.relayed
    }

    fn client_sends(&mut self, who: usize, bytes: &[u8]) -> (Verdict, Vec<u8>) {
        let (now, client) = (Timestamp(self.now), self.people[who].client);
        packet(bytes, |packet| {
            let sockets = &mut self.sockets;
            self.server.handle_client(now, client, packet, sockets)
        })
    }
}

fn packet(bytes: &[u8], handle: impl FnOnce(&mut Packet<'_>) -> Verdict) -> (Verdict, Vec<u8>) {
    let room = bytes.len().max(REPLY_BYTES_MAX);
    let mut buffer = vec![0; HEADROOM + room + TAILROOM];
    buffer[HEADROOM..HEADROOM + bytes.len()].copy_from_slice(bytes);
    let mut packet = Packet::new(&mut buffer, HEADROOM, bytes.len());
    let verdict = handle(&mut packet);
    (verdict, packet.bytes().to_vec())
}
