//! Indications, and the way between two allocations.

use super::world::*;
use crate::turn::wire::{address, attribute};
use crate::turn::{Config, Dropped, Verdict};
use stun_types::message::MessageClass;

/// The peer and the data of a Data indication.
fn read(bytes: &[u8]) -> (String, Vec<u8>) {
    let indication = Answer::read(bytes);
    assert_eq!(
        (indication.class, indication.method),
        (MessageClass::Indication, 7)
    );
    let peer = indication.address(attribute::XOR_PEER_ADDRESS);
    (peer.to_string(), indication.value(attribute::DATA).to_vec())
}

#[test]
fn indications_carry_data_of_any_length_both_ways() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    ann.permit(&mut world, PEER);
    for len in (0..40).chain([1200, 1500, 9000]) {
        let data: Vec<u8> = (0..len).map(|number| number as u8).collect();
        let there = ann.send(&mut world, PEER, &data);
        assert_eq!(
            there,
            (Verdict::ToPeer(relay, PEER.parse().unwrap()), data.clone())
        );
        let (verdict, bytes) = world.peer_sends(relay, PEER, &data);
        assert_eq!(verdict.client(), Some(ann.client));
        assert_eq!(read(&bytes), (PEER.to_owned(), data));
    }
}

#[test]
fn over_ipv6_too() {
    let mut world = World::new();
    let mut ann = ann();
    ann.ask_once(&mut world, ALLOCATE, &[]);
    let family = (attribute::REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let attributes = [&udp_transport()[..], &[family]].concat();
    ann.ask(&mut world, ALLOCATE, &attributes);
    let relay = *world.sockets.open.keys().next().unwrap();
    let peer = "[2001:db8:1::7]:5000";
    assert_eq!(ann.permit(&mut world, peer), None);
    let (verdict, bytes) = ann.send(&mut world, peer, b"hello");
    assert_eq!(verdict, Verdict::ToPeer(relay, peer.parse().unwrap()));
    assert_eq!(bytes, b"hello");
    let (_, bytes) = world.peer_sends(relay, peer, b"hi");
    assert_eq!(read(&bytes), (peer.to_owned(), b"hi".to_vec()));
    assert_eq!(ann.permit(&mut world, PEER), Some(443));
}

#[test]
fn a_bad_indication_is_dropped_without_an_answer() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    ann.permit(&mut world, PEER);
    let (value, len) = address::write(PEER.parse().unwrap(), &id(99));
    let peer = (attribute::XOR_PEER_ADDRESS, value[..len].to_vec());
    let data = (attribute::DATA, b"x".to_vec());
    let dont_fragment = (0x001a, Vec::new());
    let malformed = Verdict::Drop(Dropped::Malformed);
    for (attributes, verdict) in [
        (vec![], malformed),
        (vec![peer.clone()], malformed),
        (vec![data.clone()], malformed),
        (
            vec![(attribute::XOR_PEER_ADDRESS, vec![0, 1]), data.clone()],
            malformed,
        ),
        (vec![dont_fragment, peer, data], malformed),
    ] {
        let bytes = message(MessageClass::Indication, SEND, 99, &attributes);
        assert_eq!(world.client_sends(ann.client, &bytes).0, verdict);
    }
    let (verdict, _) = ben().send(&mut world, PEER, b"x");
    assert_eq!(verdict, Verdict::Drop(Dropped::NoAllocation));
    let bytes = message(MessageClass::Indication, BINDING, 99, &[]);
    assert_eq!(world.client_sends(ann.client, &bytes).0, malformed);
}

#[test]
fn between_two_allocations_nothing_touches_a_socket() {
    let mut world = World::new();
    let (mut ann, mut ben) = (ann(), ben());
    let (_, anns) = ann.allocate(&mut world);
    let (_, bens) = ben.allocate(&mut world);
    let (anns, bens) = (anns.to_string(), bens.to_string());
    let none = Verdict::Drop(Dropped::NoPermission);
    assert_eq!(
        ann.send(&mut world, &bens, b"x").0,
        none,
        "ann has not permitted ben"
    );
    assert_eq!(ann.permit(&mut world, &bens), None);
    assert_eq!(
        ann.send(&mut world, &bens, b"x").0,
        none,
        "ben has not permitted ann"
    );
    assert_eq!(ben.permit(&mut world, &anns), None);
    let (verdict, bytes) = ann.send(&mut world, &bens, b"hello");
    assert_eq!(verdict.client(), Some(ben.client));
    assert_eq!(read(&bytes), (anns.clone(), b"hello".to_vec()));
    assert_eq!(ben.bind(&mut world, 0x4abc, &anns), None);
    let (verdict, bytes) = ann.send(&mut world, &bens, b"hello");
    assert_eq!(verdict.client(), Some(ben.client));
    assert_eq!(bytes, on_channel(0x4abc, b"hello"));
    let (verdict, bytes) = world.client_sends(ben.client, &bytes);
    assert_eq!(verdict.client(), Some(ann.client));
    assert_eq!(read(&bytes), (bens.clone(), b"hello".to_vec()));
    assert_eq!(world.server.stats().local, 3);
    // A port that is nobody's may be another program's.
    let free = (50_000..51_000).map(|port| format!("203.0.113.9:{port}"));
    let free = free
        .into_iter()
        .find(|it| *it != anns && *it != bens)
        .unwrap();
    let (verdict, _) = ann.send(&mut world, &free, b"x");
    assert_eq!(verdict, Verdict::Drop(Dropped::Forbidden));
}

#[test]
fn each_of_two_allocations_pays_and_all_pay_once() {
    let mut config = config();
    config.donation.bytes_per_second_each = 100;
    let mut world = World::with(config);
    let (mut ann, mut ben) = (ann(), ben());
    let (_, anns) = ann.allocate(&mut world);
    let (bens_relay, bens) = ben.allocate(&mut world);
    ann.permit(&mut world, &bens.to_string());
    ben.permit(&mut world, &anns.to_string());
    ben.permit(&mut world, PEER);
    assert_eq!(
        ann.send(&mut world, &bens.to_string(), &[0; 60]).0,
        Verdict::Relayed(bens_relay, ben.client)
    );
    assert_eq!(world.server.stats().month.bytes, 60);
    let limit = Verdict::Drop(Dropped::Limit);
    assert_eq!(world.peer_sends(bens_relay, PEER, &[0; 41]).0, limit);
    assert_eq!(
        world.peer_sends(bens_relay, PEER, &[0; 40]).0,
        Verdict::Relayed(bens_relay, ben.client)
    );
}

#[test]
fn a_relay_that_is_not_there_relays_nothing() {
    let mut world = World::with(Config {
        relay_v6: None,
        ..config()
    });
    let relay = crate::turn::Relay(3);
    assert_eq!(
        world.peer_sends(relay, PEER, b"x").0,
        Verdict::Drop(Dropped::NoAllocation)
    );
}
