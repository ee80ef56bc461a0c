//! Allocations: their making, their life and their end.

use super::world::*;
use crate::turn::limits::PORT_TRIES_MAX;
use crate::turn::wire::attribute;
use crate::turn::{Config, Link, Verdict};

fn lifetime(seconds: u32) -> (u16, Vec<u8>) {
    (attribute::LIFETIME, seconds.to_be_bytes().to_vec())
}

#[test]
fn an_answer_names_the_relayed_and_the_mapped_address() {
    let mut world = World::new();
    let mut ann = ann();
    let answer = ann.ask(&mut world, ALLOCATE, &udp_transport());
    assert_eq!(
        answer.address(attribute::XOR_MAPPED_ADDRESS),
        ann.client.address
    );
    let relayed = answer.address(attribute::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.ip().to_string(), "203.0.113.9");
    assert!((50_000..=50_999).contains(&relayed.port()));
    assert_eq!(answer.number(attribute::LIFETIME), 600);
}

#[test]
fn a_life_is_as_long_as_asked_within_bounds() {
    for (asked, granted) in [
        (1, 600),
        (600, 600),
        (601, 601),
        (3600, 3600),
        (3601, 3600),
        (u32::MAX, 3600),
    ] {
        let mut world = World::new();
        let attributes = [&udp_transport()[..], &[lifetime(asked)]].concat();
        let answer = ann().ask(&mut world, ALLOCATE, &attributes);
        assert_eq!(answer.number(attribute::LIFETIME), granted);
        world.now.0 += u64::from(granted) * 1000 - 1;
        world.tick();
        assert_eq!(world.sockets.open.len(), 1);
        world.now.0 += 1;
        world.tick();
        assert_eq!(world.sockets.open.len(), 0);
        assert_eq!(world.server.stats().allocations, 0);
    }
}

#[test]
fn a_request_that_comes_again_is_answered_again_and_another_is_a_mismatch() {
    let mut world = World::new();
    let mut ann = ann();
    let (_, relayed) = ann.allocate(&mut world);
    world.wait(10);
    ann.transaction -= 1;
    let again = ann.ask(&mut world, ALLOCATE, &udp_transport());
    assert_eq!(again.address(attribute::XOR_RELAYED_ADDRESS), relayed);
    assert_eq!(again.number(attribute::LIFETIME), 590);
    assert_eq!(world.server.stats().allocated, 1);
    assert_eq!(
        ann.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(437)
    );
}

#[test]
fn refreshing_goes_on_and_zero_ends() {
    let mut world = World::new();
    let mut ann = ann();
    let (_, relayed) = ann.allocate(&mut world);
    world.wait(599);
    assert_eq!(
        ann.ask(&mut world, REFRESH, &[lifetime(1200)])
            .number(attribute::LIFETIME),
        1200
    );
    world.wait(1199);
    world.tick();
    assert_eq!(world.sockets.open.len(), 1);
    assert_eq!(
        ann.ask(&mut world, REFRESH, &[lifetime(0)])
            .number(attribute::LIFETIME),
        0
    );
    assert!(world.sockets.open.is_empty());
    assert_eq!(ann.ask(&mut world, REFRESH, &[]).code, Some(437));
    let (_, next) = ann.allocate(&mut world);
    assert_ne!(next, relayed, "ports are drawn by chance");
}

#[test]
fn what_has_expired_is_gone_before_the_tick() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    ann.permit(&mut world, PEER);
    world.wait(600);
    assert_eq!(ann.ask(&mut world, REFRESH, &[]).code, Some(437));
    assert!(matches!(
        ann.send(&mut world, PEER, b"x").0,
        Verdict::Drop(_)
    ));
    assert!(matches!(
        world.peer_sends(relay, PEER, b"x").0,
        Verdict::Drop(_)
    ));
    ann.allocate(&mut world);
    assert_eq!(world.sockets.open.len(), 1);
}

#[test]
fn what_cannot_be_had_is_refused_by_its_code() {
    let even = (attribute::EVEN_PORT, vec![0x80]);
    let token = (attribute::RESERVATION_TOKEN, vec![0; 8]);
    let family = |family| (attribute::REQUESTED_ADDRESS_FAMILY, vec![family, 0, 0, 0]);
    let second = |family| (attribute::ADDITIONAL_ADDRESS_FAMILY, vec![family, 0, 0, 0]);
    let transport = |number| (attribute::REQUESTED_TRANSPORT, vec![number, 0, 0, 0]);
    let udp = transport(17);
    for (attributes, code) in [
        (vec![], 400),
        (vec![(attribute::REQUESTED_TRANSPORT, vec![17])], 400),
        (vec![transport(6)], 442),
        (vec![udp.clone(), even.clone()], 508),
        (vec![udp.clone(), token.clone()], 508),
        (vec![udp.clone(), (attribute::EVEN_PORT, vec![])], 400),
        (vec![udp.clone(), even, token.clone()], 400),
        (vec![udp.clone(), token, family(1)], 400),
        (vec![udp.clone(), family(3)], 440),
        (vec![udp.clone(), family(1), second(2)], 400),
        (vec![udp.clone(), second(1)], 400),
        (vec![udp.clone(), (attribute::LIFETIME, vec![1])], 400),
        // DONT-FRAGMENT, which this server does not do.
        (vec![udp, (0x001a, vec![])], 420),
    ] {
        let mut world = World::new();
        let answer = ann().ask(&mut world, ALLOCATE, &attributes);
        assert_eq!(answer.code, Some(code), "{attributes:?}");
        assert!(world.sockets.open.is_empty());
    }
}

#[test]
fn each_family_is_served_if_there_is_an_address() {
    let v6 = (attribute::REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let attributes = [&udp_transport()[..], &[v6]].concat();
    let mut world = World::new();
    let mut ann = ann();
    let answer = ann.ask(&mut world, ALLOCATE, &attributes);
    let relayed = answer.address(attribute::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.ip().to_string(), "2001:db8::9");
    let other = (attribute::REQUESTED_ADDRESS_FAMILY, vec![1, 0, 0, 0]);
    assert_eq!(ann.ask(&mut world, REFRESH, &[other]).code, Some(443));
    let mut world = World::with(Config {
        relay_v6: None,
        ..config()
    });
    assert_eq!(
        super::world::ann()
            .ask(&mut world, ALLOCATE, &attributes)
            .code,
        Some(440)
    );
}

#[test]
fn who_asks_for_both_families_gets_one_and_hears_why() {
    let mut world = World::new();
    let both = (attribute::ADDITIONAL_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let attributes = [&udp_transport()[..], &[both]].concat();
    let answer = ann().ask(&mut world, ALLOCATE, &attributes);
    assert!(answer.address(attribute::XOR_RELAYED_ADDRESS).is_ipv4());
    assert_eq!(answer.value(attribute::ADDRESS_ERROR_CODE), [2, 0, 5, 8]);
}

#[test]
fn a_port_that_the_system_has_given_away_is_passed_over() {
    let mut config = config();
    config.donation.allocations_per_name = 2 * PORT_TRIES_MAX as u32;
    config.policy.relay_ports = 50_000..=50_000 + (PORT_TRIES_MAX as u16 - 1);
    let mut world = World::with(config);
    world.sockets.busy = PORT_TRIES_MAX;
    assert_eq!(
        ann().ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(508)
    );
    world.sockets.busy = PORT_TRIES_MAX - 1;
    assert_eq!(ann().ask(&mut world, ALLOCATE, &udp_transport()).code, None);
    // What was tried in vain is free again.
    for port in 1..PORT_TRIES_MAX {
        let mut ann = person("ann", &format!("192.0.2.9:{port}"));
        assert_eq!(ann.ask(&mut world, ALLOCATE, &udp_transport()).code, None);
    }
    assert_eq!(world.sockets.open.len(), PORT_TRIES_MAX);
}

#[test]
fn an_even_port_is_had_without_the_next() {
    let mut world = World::new();
    for port in 1..=10 {
        let mut ann = person("ann", &format!("192.0.2.9:{port}"));
        let attributes = [&udp_transport()[..], &[(attribute::EVEN_PORT, vec![0])]].concat();
        let answer = ann.ask(&mut world, ALLOCATE, &attributes);
        assert_eq!(answer.address(attribute::XOR_RELAYED_ADDRESS).port() % 2, 0);
    }
}

#[test]
fn a_stream_s_end_is_its_allocation_s() {
    let mut world = World::new();
    let mut ann = ann();
    ann.client.link = Link::Stream(5);
    ann.allocate(&mut world);
    world.server.closed(ben().client, &mut world.sockets);
    assert_eq!(world.sockets.open.len(), 1);
    world.server.closed(ann.client, &mut world.sockets);
    assert!(world.sockets.open.is_empty());
}

#[test]
fn closing_ends_all() {
    let mut world = World::new();
    for port in 1..20 {
        let mut client = person("ann", &format!("192.0.2.1:{port}"));
        client.username = if port < 10 { "ann" } else { "ben" }.to_owned();
        client.password = format!("{}'s", client.username);
        client.allocate(&mut world);
    }
    world.server.close(&mut world.sockets);
    assert!(world.sockets.open.is_empty() && world.server.stats().allocations == 0);
}
