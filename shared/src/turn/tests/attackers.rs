//! Those who would use the relay against others.

use super::world::*;
use crate::turn::limits::{REALM_BYTES_MAX, REPLIES_BURST};
use crate::turn::wire::attribute;
use crate::turn::{Config, Credentials, Dropped, Policy, Verdict};

/// One of each kind that the policy refuses; the policy's own tests know the edges.
const REFUSED: [&str; 12] = [
    "0.1.2.3",
    "127.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "198.18.0.1",
    "192.0.0.1",
];
const REFUSED_V6: [&str; 10] = [
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "2001::1",
];

#[test]
fn what_is_not_the_internet_cannot_be_reached_in_any_way() {
    for family in [1, 2] {
        let mut world = World::new();
        let mut eve = ann();
        eve.ask_once(&mut world, ALLOCATE, &[]);
        let family_asked = (attribute::REQUESTED_ADDRESS_FAMILY, vec![family, 0, 0, 0]);
        let attributes = [&udp_transport()[..], &[family_asked]].concat();
        assert_eq!(eve.ask(&mut world, ALLOCATE, &attributes).code, None);
        let refused: &[_] = if family == 1 { &REFUSED } else { &REFUSED_V6 };
        for ip in refused {
            let peer = core::net::SocketAddr::new(ip.parse().unwrap(), 80).to_string();
            assert_eq!(eve.permit(&mut world, &peer), Some(403), "{peer}");
            assert_eq!(eve.bind(&mut world, 0x4000, &peer), Some(403), "{peer}");
            let (verdict, _) = eve.send(&mut world, &peer, b"x");
            assert!(matches!(verdict, Verdict::Drop(_)), "{peer}");
        }
    }
}

#[test]
fn the_supernode_s_own_ports_cannot_be_reached_through_it() {
    for allow_private in [false, true] {
        let config = config();
        let policy = Policy {
            allow_private,
            ..config.policy.clone()
        };
        let mut world = World::with(Config { policy, ..config });
        let mut eve = ann();
        eve.allocate(&mut world);
        // The permission is for the address, which may have relayed ports.
        assert_eq!(eve.permit(&mut world, "203.0.113.9:3478"), None);
        assert_eq!(eve.bind(&mut world, 0x4000, "203.0.113.9:3478"), Some(403));
        let (verdict, _) = eve.send(&mut world, "203.0.113.9:3478", b"x");
        assert_eq!(verdict, Verdict::Drop(Dropped::Forbidden));
        let other = eve.bind(&mut world, 0x4001, "203.0.113.9:22");
        assert_eq!(other, if allow_private { None } else { Some(403) });
        assert_eq!(eve.bind(&mut world, 0x4002, "203.0.113.9:50999"), None);
        assert_eq!(eve.bind(&mut world, 0x4003, "198.51.100.1:0"), Some(403));
    }
}

#[test]
fn short_requests_get_short_answers() {
    let mut world = World::new();
    let client = udp("192.0.2.1:1");
    let (_, challenge) = world.client_sends(client, &request(ALLOCATE, &[]));
    assert_eq!(Answer::read(&challenge).code, Some(401));
    assert!(challenge.len() <= 68, "{}", challenge.len());
    let (_, mapped) = world.client_sends(client, &request(BINDING, &[]));
    assert_eq!(mapped.len(), 32);
    let (_, mapped) = world.client_sends(udp("[2001:db8::1]:1"), &request(BINDING, &[]));
    assert_eq!(mapped.len(), 44);
}

#[test]
fn the_short_challenge_is_enough_to_allocate() {
    let mut world = World::new();
    let mut ann = ann();
    assert_eq!(ann.ask(&mut world, ALLOCATE, &[]).code, Some(400));
    assert_eq!(ann.nonce.as_ref().map(Vec::len), Some(20));
    ann.allocate(&mut world);
}

#[test]
fn the_longest_realm_fits_into_a_challenge() {
    let realm = "r".repeat(REALM_BYTES_MAX);
    let mut world = World::with(Config {
        realm: realm.clone(),
        ..config()
    });
    let (_, bytes) = world.client_sends(udp("192.0.2.1:1"), &request(ALLOCATE, &udp_transport()));
    let challenge = Answer::read(&bytes);
    assert_eq!(challenge.value(attribute::REALM), realm.as_bytes());
    assert!(challenge.has(attribute::NONCE) && challenge.has(attribute::PASSWORD_ALGORITHMS));
}

#[test]
fn replies_without_proof_are_bounded_for_each_source() {
    let mut world = World::new();
    let mut replies = |bytes: &[u8], client| {
        let came = (0..REPLIES_BURST * 3).map(|_| world.client_sends(client, bytes).0);
        came.filter(|verdict| *verdict == Verdict::ToClient(client))
            .count()
    };
    let burst = REPLIES_BURST as usize;
    assert_eq!(replies(&request(ALLOCATE, &[]), udp("192.0.2.1:1")), burst);
    assert_eq!(
        replies(&request(BINDING, &[]), udp("192.0.2.1:2")),
        0,
        "the port does not matter"
    );
    assert_eq!(replies(&request(BINDING, &[]), udp("192.0.2.2:1")), burst);
    assert_eq!(
        replies(
            &request(BINDING, &[(0x0003, vec![0; 4])]),
            udp("192.0.2.3:1")
        ),
        burst
    );
}

#[test]
fn who_has_proved_it_is_not_counted_among_them() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    for _ in 0..REPLIES_BURST * 3 {
        assert_eq!(ann.ask_once(&mut world, REFRESH, &[]).code, None);
    }
}

#[test]
fn a_spoofed_source_learns_nothing_that_helps_elsewhere() {
    let mut world = World::new();
    let mut eve = ann();
    eve.ask_once(&mut world, ALLOCATE, &udp_transport());
    let own = eve.ask_once(&mut world, ALLOCATE, &udp_transport());
    eve.nonce = Some(own.value(attribute::NONCE).to_vec());
    // With the nonce that she was given, from an address that is not hers.
    eve.client = udp("198.51.100.99:9");
    assert_eq!(
        eve.ask_once(&mut world, ALLOCATE, &udp_transport()).code,
        Some(438)
    );
    assert!(world.sockets.open.is_empty());
}

#[test]
fn a_server_without_credentials_serves_nobody() {
    let mut world = World::with(Config {
        credentials: Credentials::none(),
        ..config()
    });
    assert_eq!(
        ann().ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(401)
    );
}
