//! Permissions: who may be sent to and heard from.

use super::world::*;
use crate::turn::limits::{PEERS_MAX, PERMISSIONS_MAX};
use crate::turn::{Dropped, Verdict};

#[test]
fn without_permission_nothing_passes_either_way() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    let none = Verdict::Drop(Dropped::NoPermission);
    assert_eq!(ann.send(&mut world, PEER, b"x").0, none);
    assert_eq!(world.peer_sends(relay, PEER, b"x").0, none);
    assert_eq!(ann.permit(&mut world, PEER), None);
    let peer = PEER.parse().unwrap();
    assert_eq!(
        ann.send(&mut world, PEER, b"x").0,
        Verdict::ToPeer(relay, peer)
    );
    // A permission is for an address, whatever the port.
    assert!(matches!(
        ann.send(&mut world, "198.51.100.7:1", b"x").0,
        Verdict::ToPeer(..)
    ));
    assert_eq!(
        world.peer_sends(relay, "198.51.100.7:9", b"x").0,
        Verdict::Relayed(relay, ann.client)
    );
    assert_eq!(world.peer_sends(relay, "198.51.100.8:5000", b"x").0, none);
}

#[test]
fn a_permission_lasts_300_seconds_and_data_does_not_refresh_it() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    ann.permit(&mut world, PEER);
    for _ in 0..299 {
        world.wait(1);
        assert!(matches!(
            ann.send(&mut world, PEER, b"x").0,
            Verdict::ToPeer(..)
        ));
        assert!(matches!(
            world.peer_sends(relay, PEER, b"x").0,
            Verdict::Relayed(..)
        ));
    }
    world.wait(1);
    assert!(matches!(
        ann.send(&mut world, PEER, b"x").0,
        Verdict::Drop(_)
    ));
    assert!(matches!(
        world.peer_sends(relay, PEER, b"x").0,
        Verdict::Drop(_)
    ));
    ann.ask(&mut world, REFRESH, &[]);
    ann.permit(&mut world, PEER);
    world.wait(299);
    ann.permit(&mut world, PEER);
    world.wait(299);
    assert!(matches!(
        ann.send(&mut world, PEER, b"x").0,
        Verdict::ToPeer(..)
    ));
}

#[test]
fn a_request_for_several_is_granted_whole_or_not_at_all() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let good = ann.peer("198.51.100.1:1");
    let bad = ann.peer("10.0.0.1:1");
    let code = ann
        .ask(&mut world, CREATE_PERMISSION, &[good.clone(), bad])
        .code;
    assert_eq!(code, Some(403));
    assert!(matches!(
        ann.send(&mut world, "198.51.100.1:1", b"x").0,
        Verdict::Drop(_)
    ));
    assert_eq!(ann.ask(&mut world, CREATE_PERMISSION, &[]).code, Some(400));
    let family = ann.peer("[2001:db8::1]:1");
    assert_eq!(
        ann.ask(&mut world, CREATE_PERMISSION, &[good.clone(), family])
            .code,
        Some(443)
    );
    let many = vec![good; PEERS_MAX + 1];
    assert_eq!(
        ann.ask(&mut world, CREATE_PERMISSION, &many).code,
        Some(400)
    );
    assert_eq!(
        ann.ask(&mut world, CREATE_PERMISSION, &many[1..]).code,
        None
    );
}

#[test]
fn there_are_so_many_permissions_and_expired_ones_make_room() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let address = |number| format!("198.51.100.{number}:1");
    for number in 0..PERMISSIONS_MAX {
        assert_eq!(ann.permit(&mut world, &address(number)), None);
    }
    assert_eq!(ann.permit(&mut world, &address(PERMISSIONS_MAX)), Some(508));
    assert_eq!(
        ann.bind(&mut world, 0x4000, &address(PERMISSIONS_MAX)),
        Some(508)
    );
    assert_eq!(
        ann.permit(&mut world, &address(0)),
        None,
        "a refresh needs no room"
    );
    world.wait(300);
    assert_eq!(ann.permit(&mut world, &address(PERMISSIONS_MAX)), None);
}

#[test]
fn permissions_need_an_allocation() {
    let mut world = World::new();
    assert_eq!(ann().permit(&mut world, PEER), Some(437));
    assert_eq!(ann().bind(&mut world, 0x4000, PEER), Some(437));
}
