//! Proof of identity.

use super::world::*;
use crate::base::time::Timestamp;
use crate::turn::limits::NONCE_LIFETIME;
use crate::turn::wire::attribute;
use crate::turn::{Link, Verdict};

#[test]
fn a_client_allocates_by_either_algorithm_after_a_challenge() {
    for modern in [false, true] {
        let mut world = World::new();
        let mut ann = Person { modern, ..ann() };
        let challenge = ann.ask_once(&mut world, ALLOCATE, &udp_transport());
        assert_eq!(challenge.code, Some(401));
        assert_eq!(challenge.value(attribute::REALM), REALM.as_bytes());
        assert!(
            challenge
                .value(attribute::NONCE)
                .starts_with(b"obMatJos2gAAA")
        );
        assert_eq!(
            challenge.value(attribute::PASSWORD_ALGORITHMS),
            [0, 2, 0, 0, 0, 1, 0, 0]
        );
        assert!(
            world.sockets.open.is_empty(),
            "nothing is kept before proof"
        );
        ann.allocate(&mut world);
        assert_eq!(world.server.stats().allocations, 1);
    }
}

#[test]
fn a_supernode_hands_out_credentials_that_end() {
    let mut world = World::new();
    let until = Timestamp(START + 3600 * 1000);
    let issued = config().credentials.issue("persona", until).unwrap();
    let mut cleo = Person {
        username: issued.username,
        password: issued.password,
        ..person("cleo", "192.0.2.3:3333")
    };
    cleo.allocate(&mut world);
    let mut late = Person {
        client: udp("192.0.2.3:4444"),
        ..person("", "192.0.2.3:1")
    };
    (late.username, late.password) = (cleo.username.clone(), cleo.password.clone());
    for _ in 0..12 {
        world.wait(300);
        world.tick();
        assert_eq!(cleo.ask(&mut world, REFRESH, &[]).code, None);
    }
    assert_eq!(world.now, until);
    assert_eq!(
        late.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(401)
    );
    assert_eq!(
        cleo.ask(&mut world, REFRESH, &[]).code,
        None,
        "a call goes on"
    );
    cleo.ask(&mut world, REFRESH, &[(attribute::LIFETIME, vec![0; 4])]);
    assert_eq!(cleo.ask(&mut world, REFRESH, &[]).code, Some(401));
}

#[test]
fn wrong_names_passwords_and_realms_are_challenged_again() {
    let mut world = World::new();
    let mut eve = Person {
        password: "guess".to_owned(),
        ..ann()
    };
    assert_eq!(
        eve.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(401)
    );
    eve.username = "nobody".to_owned();
    assert_eq!(
        eve.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(401)
    );
    eve.username = format!("{}:ann", START / 1000 + 60);
    assert_eq!(
        eve.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(401)
    );
    assert!(world.sockets.open.is_empty());
}

#[test]
fn a_request_that_lacks_a_part_is_bad() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let whole = ann.signed(REFRESH, &[]);
    for kind in [attribute::USERNAME, attribute::REALM, attribute::NONCE] {
        // The attribute becomes an optional one that nobody knows.
        let mut bytes = whole.clone();
        let place = bytes
            .windows(2)
            .position(|it| it == kind.to_be_bytes())
            .unwrap();
        bytes[place] = 0xff;
        let (_, answer) = world.client_sends(ann.client, &bytes);
        assert_eq!(Answer::read(&answer).code, Some(400), "{kind:#x}");
    }
}

#[test]
fn a_nonce_is_good_for_its_client_and_its_time() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    // START is 13 min 20 s into a half hour.
    world.wait(2 * NONCE_LIFETIME.as_secs() - 801);
    let mut other = Person {
        client: udp("192.0.2.1:1112"),
        nonce: ann.nonce.clone(),
        ..super::world::ann()
    };
    assert_eq!(
        other.ask_once(&mut world, ALLOCATE, &udp_transport()).code,
        Some(438)
    );
    other.client = udp("192.0.2.9:1111");
    assert_eq!(
        other.ask_once(&mut world, ALLOCATE, &udp_transport()).code,
        Some(438)
    );
    other.client = ann.client;
    other.client.link = Link::Stream(1);
    assert_eq!(
        other.ask_once(&mut world, ALLOCATE, &udp_transport()).code,
        Some(438)
    );
    assert_eq!(
        ann.ask_once(&mut world, ALLOCATE, &udp_transport()).code,
        None
    );
    world.wait(1);
    let stale = ann.ask_once(&mut world, REFRESH, &[]);
    assert_eq!(stale.code, Some(438));
    assert!(stale.has(attribute::NONCE) && stale.has(attribute::REALM));
    assert_eq!(ann.ask(&mut world, REFRESH, &[]).code, None);
}

#[test]
fn nobody_can_take_the_better_algorithm_out() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let list = (attribute::PASSWORD_ALGORITHMS, vec![0, 1, 0, 0]);
    let chosen = (attribute::PASSWORD_ALGORITHM, vec![0, 1, 0, 0]);
    for attributes in [&[list.clone(), chosen.clone()][..], &[list], &[chosen]] {
        assert_eq!(
            ann.ask_once(&mut world, REFRESH, attributes).code,
            Some(400)
        );
    }
    // A nonce of the other kind, as if no algorithms had been listed.
    ann.nonce = ann.nonce.map(|nonce| nonce[13..].to_vec());
    assert_eq!(ann.ask_once(&mut world, REFRESH, &[]).code, Some(438));
}

#[test]
fn an_allocation_is_its_maker_s() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let mut ben = Person {
        client: ann.client,
        nonce: ann.nonce.clone(),
        ..ben()
    };
    ben.transaction = 1000;
    assert_eq!(ben.ask(&mut world, REFRESH, &[]).code, Some(441));
    assert_eq!(ben.permit(&mut world, PEER), Some(441));
    assert_eq!(ben.bind(&mut world, 0x4000, PEER), Some(441));
    assert_eq!(
        ben.ask(&mut world, ALLOCATE, &udp_transport()).code,
        Some(437)
    );
    assert_eq!(world.sockets.open.len(), 1);
}

#[test]
fn what_follows_the_proof_does_not_count() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let mut bytes = ann.signed(REFRESH, &[]);
    // LIFETIME 0, put behind it by somebody in between.
    bytes.extend([0, 0x0d, 0, 4, 0, 0, 0, 0]);
    let len = u16::try_from(bytes.len() - 20).unwrap().to_be_bytes();
    bytes[2..4].copy_from_slice(&len);
    let (verdict, answer) = world.client_sends(ann.client, &bytes);
    assert_eq!(verdict, Verdict::ToClient(ann.client));
    assert_eq!(Answer::read(&answer).number(attribute::LIFETIME), 600);
    assert_eq!(world.sockets.open.len(), 1);
}
