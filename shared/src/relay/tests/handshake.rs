//! Before anything else.

use super::people::Person;
use super::world::{START, World, days};
use crate::base::id::Nonce;
use crate::base::limits::{HANDSHAKE_TIMEOUT, KEEPALIVE, SESSION_TIMEOUT, SWEEP_INTERVAL};
use crate::relay::Input;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION};
use core::time::Duration;

#[test]
fn a_session_shakes_hands_and_answers_pings() {
    let mut world = World::new();
    let client = world.ready();
    world.say(&client, &ClientFrame::Ping { token: 42 });
    assert_eq!(world.next(client.link), NodeFrame::Pong { token: 42 });
}

#[test]
fn a_version_outside_the_range_is_refused() {
    for version in [0, VERSION + 1, u32::MAX] {
        let mut world = World::new();
        let client = world.connect();
        world.say(
            &client,
            &ClientFrame::Hello {
                version,
                nonce: Nonce([1; 32]),
            },
        );
        assert_eq!(world.ended(&client).0, Refusal::Version);
    }
}

#[test]
fn challenges_never_repeat() {
    let mut world = World::new();
    let nonces: Vec<_> = (0..20)
        .map(|_| world.connect().transcript.node_nonce)
        .collect();
    assert!(
        nonces
            .iter()
            .enumerate()
            .all(|(index, nonce)| !nonces[..index].contains(nonce))
    );
}

#[test]
fn anything_before_hello_ends_the_session() {
    let ann = Person::ann();
    for frame in [
        ClientFrame::Ping { token: 1 },
        ClientFrame::Ack { up_to: 1 },
        ClientFrame::Revoke {
            serials: Vec::new(),
        },
        ClientFrame::Deposit {
            request: 1,
            envelope: ann.envelope(1, b"early"),
        },
    ] {
        let mut world = World::new();
        let client = world.connect();
        world.say(&client, &frame);
        assert_eq!(world.ended(&client).0, Refusal::BadFrame);
    }
    let mut world = World::new();
    let client = world.connect();
    world.say(&client, &ann.claim(&client.transcript, 0));
    assert_eq!(world.ended(&client).0, Refusal::BadFrame);
    assert_eq!(world.relay.stats().kept.mailboxes, 0);
}

#[test]
fn a_second_hello_ends_the_session() {
    let mut world = World::new();
    let client = world.ready();
    world.say(
        &client,
        &ClientFrame::Hello {
            version: VERSION,
            nonce: Nonce([1; 32]),
        },
    );
    assert_eq!(world.ended(&client).0, Refusal::BadFrame);
    world.say(&client, &ClientFrame::Ping { token: 1 });
    assert!(world.is_silent(&client));
}

#[test]
fn a_client_that_never_says_hello_is_dropped() {
    let mut world = World::new();
    let client = world.connect();
    world.run_for(HANDSHAKE_TIMEOUT - Duration::from_millis(1));
    assert!(!world.hung_up.contains(&client.link));
    world.run_for(Duration::from_millis(1));
    assert_eq!(world.ended(&client).0, Refusal::Timeout);
    assert_eq!(world.relay.stats().links, 0);
}

#[test]
fn a_session_lives_as_long_as_it_is_heard() {
    let mut world = World::new();
    let client = world.ready();
    for token in 0..20 {
        world.run_for(KEEPALIVE);
        world.say(&client, &ClientFrame::Ping { token });
        assert_eq!(world.next(client.link), NodeFrame::Pong { token });
    }
    world.run_for(SESSION_TIMEOUT - Duration::from_millis(1));
    assert!(!world.hung_up.contains(&client.link));
    world.run_for(Duration::from_millis(1));
    assert_eq!(world.ended(&client).0, Refusal::Timeout);
}

#[test]
fn a_clock_that_is_set_back_keeps_no_silent_session_open() {
    let mut world = World::new();
    world.now = START.after(days(1));
    let (ready, silent) = (world.ready(), world.connect());
    world.now = START;
    world.handle(Input::Tick);
    world.run_for(HANDSHAKE_TIMEOUT - Duration::from_millis(1));
    assert!(world.hung_up.is_empty(), "nobody is dropped for it either");
    world.run_for(Duration::from_millis(1));
    assert_eq!(world.ended(&silent).0, Refusal::Timeout);
    assert!(!world.hung_up.contains(&ready.link));
    world.run_for(SESSION_TIMEOUT - HANDSHAKE_TIMEOUT);
    assert_eq!(world.ended(&ready).0, Refusal::Timeout);
    let next = world.relay.next_deadline().unwrap().0;
    assert!(next <= world.now.after(SWEEP_INTERVAL));
}

#[test]
fn a_draining_supernode_says_so_to_all_and_takes_no_more() {
    let mut world = World::new();
    let [early, late] = [world.ready(), world.connect()];
    world.handle(Input::Drain);
    assert_eq!(world.ended(&early).0, Refusal::Draining);
    assert_eq!(world.ended(&late).0, Refusal::Draining);
    let link = world.open_from(5);
    assert!(matches!(
        world.next(link),
        NodeFrame::Refused {
            code: Refusal::Draining,
            ..
        }
    ));
    assert!(world.hung_up.contains(&link));
    assert_eq!(world.relay.stats().links, 0);
}
