//! Datagrams to the STUN and TURN server, from clients who have no credentials: they are answered or
//! dropped, and nothing is ever relayed for them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use arbitrary::Unstructured;
use shared::base::time::Timestamp;
use shared::turn::limits::REPLY_BYTES_MAX;
use shared::turn::stream::{Frame, frame};
use shared::turn::{
    Client, Config, Credentials, Donation, HEADROOM, Link, Month, Packet, Policy, Relay, Relays,
    Server, TAILROOM, Verdict,
};

use crate::chance::Bytes;
use crate::edit::edited;

const DATAGRAMS_MAX: usize = 8;
/// A Binding request (RFC 8489 §5) with SOFTWARE, and an Allocate request (RFC 8656 §7.1) for UDP.
const GOOD: [&[u8]; 2] = [
    b"\x00\x01\x00\x08\x21\x12\xa4\x42abcdefghijkl\x80\x22\x00\x04kith",
    b"\x00\x03\x00\x08\x21\x12\xa4\x42abcdefghijkl\x00\x19\x00\x04\x11\x00\x00\x00",
];

/// Sockets that nobody without credentials gets.
struct None_;

impl Relays for None_ {
    fn open(&mut self, _: Relay, _: SocketAddr) -> bool {
        panic!("relays for somebody without credentials");
    }

    fn close(&mut self, _: Relay) {}
}

fn server(now: Timestamp) -> Server {
    let here = Ipv4Addr::new(203, 0, 113, 9);
    let config = Config {
        realm: "kith".to_owned(),
        relay_v4: Some(here),
        relay_v6: None,
        policy: Policy {
            allow_private: false,
            own: vec![here.into()],
            relay_ports: 50_000..=50_009,
            service_ports: vec![3478],
        },
        credentials: Credentials::none()
            .with_secret(b"secret")
            .with_user("ann", "ann's"),
        donation: Donation {
            allocations: 5,
            allocations_per_name: 2,
            bytes_per_second_each: 0,
            bytes_per_second: 0,
            bytes_per_month: 0,
        },
        month: Month::default(),
    };
    Server::new(config, now, &mut Bytes::of(8))
}

/// Whether something was answered.
pub fn run(bytes: &[u8]) -> bool {
    match frame(bytes) {
        Frame::Whole { len, total } => assert!(len <= total && total <= bytes.len()),
        Frame::Partial | Frame::Broken => {}
    }
    let mut input = Unstructured::new(bytes);
    let mut now = Timestamp(1_800_000_000_000);
    let mut server = server(now);
    let mut answered = false;
    for _ in 0..DATAGRAMS_MAX {
        if input.is_empty() {
            break;
        }
        let which = input.int_in_range(0..=2).unwrap_or(0);
        let datagram = edited(GOOD.get(which).copied().unwrap_or_default(), &mut input);
        let from = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 4000);
        let client = Client {
            address: from,
            link: Link::Datagrams(0),
        };
        let mut buffer = vec![0; (HEADROOM + datagram.len() + TAILROOM).max(REPLY_BYTES_MAX)];
        buffer[HEADROOM..HEADROOM + datagram.len()].copy_from_slice(&datagram);
        let mut packet = Packet::new(&mut buffer, HEADROOM, datagram.len());
        match server.handle_client(now, client, &mut packet, &mut None_) {
            Verdict::ToClient(_) => {
                assert!(packet.bytes().len() <= REPLY_BYTES_MAX);
                answered = true;
            }
            Verdict::Drop(_) => {}
            _ => panic!("relays for somebody without credentials"),
        }
        assert_eq!(server.stats().allocations, 0);
        now.0 += 100;
        server.tick(now, now, &mut None_);
    }
    answered
}
