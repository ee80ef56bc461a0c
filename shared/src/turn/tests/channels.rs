//! Channels: four bytes instead of thirty-six.

use super::world::*;
use crate::turn::limits::CHANNELS_MAX;
use crate::turn::wire::attribute;
use crate::turn::{Dropped, HEADROOM, Link, Packet, Verdict};

#[test]
fn data_takes_the_channel_both_ways() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    assert_eq!(ann.bind(&mut world, 0x4000, PEER), None);
    let there = world.client_sends(ann.client, &on_channel(0x4000, b"hello"));
    assert_eq!(
        there,
        (
            Verdict::ToPeer(relay, PEER.parse().unwrap()),
            b"hello".to_vec()
        )
    );
    let back = world.peer_sends(relay, PEER, b"hi");
    assert_eq!(
        back,
        (
            Verdict::Relayed(relay, ann.client),
            on_channel(0x4000, b"hi")
        )
    );
    let empty = world.client_sends(ann.client, &on_channel(0x4000, b""));
    assert_eq!(empty.1, b"");
}

#[test]
fn numbers_are_those_of_the_rfc() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    for (number, code) in [
        (0x3fff, Some(400)),
        (0x4000, None),
        (0x4fff, None),
        (0x5000, Some(400)),
        (0x7fff, Some(400)),
        (0, Some(400)),
        (0xffff, Some(400)),
    ] {
        let peer = format!("198.51.100.7:{}", number.max(1));
        assert_eq!(ann.bind(&mut world, number, &peer), code, "{number:#x}");
    }
    let peer = ann.peer(PEER);
    assert_eq!(ann.ask(&mut world, CHANNEL_BIND, &[peer]).code, Some(400));
    let number = (attribute::CHANNEL_NUMBER, vec![0x40, 1, 0, 0]);
    assert_eq!(ann.ask(&mut world, CHANNEL_BIND, &[number]).code, Some(400));
}

#[test]
fn a_number_has_one_peer_and_a_peer_one_number() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:1"), None);
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:1"), None);
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:2"), Some(400));
    assert_eq!(ann.bind(&mut world, 0x4001, "198.51.100.7:1"), Some(400));
    assert_eq!(ann.bind(&mut world, 0x4001, "198.51.100.7:2"), None);
    // Two channels, each bound, but not to each other's peer.
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:2"), Some(400));
    world.wait(599);
    assert_eq!(ann.ask(&mut world, REFRESH, &[]).code, None);
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:2"), Some(400));
    world.wait(1);
    assert_eq!(ann.bind(&mut world, 0x4000, "198.51.100.7:2"), None);
}

#[test]
fn a_channel_lasts_600_seconds_its_permission_300_and_data_refreshes_neither() {
    let mut world = World::new();
    let mut ann = ann();
    let (relay, _) = ann.allocate(&mut world);
    ann.bind(&mut world, 0x4000, PEER);
    let data = on_channel(0x4000, b"x");
    for second in 1..=600 {
        world.wait(1);
        if second % 299 == 0 {
            ann.permit(&mut world, PEER);
            ann.ask(&mut world, REFRESH, &[]);
        }
        let (there, _) = world.client_sends(ann.client, &data);
        let (back, bytes) = world.peer_sends(relay, PEER, b"x");
        assert_eq!(back, Verdict::Relayed(relay, ann.client));
        let is_bound = second < 600;
        assert_eq!(matches!(there, Verdict::ToPeer(..)), is_bound, "{second}");
        assert_eq!(
            bytes[0] == 0x40,
            is_bound,
            "a Data indication when the channel has ended"
        );
    }
    ann.bind(&mut world, 0x4000, PEER);
    world.wait(300);
    let (there, _) = world.client_sends(ann.client, &data);
    assert_eq!(there, Verdict::Drop(Dropped::NoPermission));
    assert_eq!(
        world.peer_sends(relay, PEER, b"x").0,
        Verdict::Drop(Dropped::NoPermission)
    );
}

#[test]
fn there_are_so_many_channels() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    let bind = |world: &mut World, ann: &mut Person, number: u16| {
        ann.bind(
            world,
            0x4000 + number,
            &format!("198.51.100.7:{}", number + 1),
        )
    };
    let max = u16::try_from(CHANNELS_MAX).unwrap();
    for number in 0..max {
        assert_eq!(bind(&mut world, &mut ann, number), None);
    }
    assert_eq!(bind(&mut world, &mut ann, max), Some(508));
    assert_eq!(bind(&mut world, &mut ann, 0), None);
}

#[test]
fn lengths_are_believed_as_far_as_they_go() {
    let mut world = World::new();
    let mut ann = ann();
    ann.allocate(&mut world);
    ann.bind(&mut world, 0x4000, PEER);
    let mut came = |bytes: &[u8]| world.client_sends(ann.client, bytes);
    let (verdict, bytes) = came(&[&on_channel(0x4000, b"12345")[..], &[0; 3]].concat());
    assert!(
        matches!(verdict, Verdict::ToPeer(..)) && bytes == b"12345",
        "padding is taken off"
    );
    for bad in [
        &[0x40][..],
        &[0x40, 0, 0],
        &[0x40, 0, 0, 1],
        &[0x40, 0, 0xff, 0xff, 1],
    ] {
        assert_eq!(came(bad).0, Verdict::Drop(Dropped::Malformed), "{bad:?}");
    }
    assert_eq!(
        came(&on_channel(0x4001, b"x")).0,
        Verdict::Drop(Dropped::NoChannel)
    );
}

#[test]
fn in_a_stream_channel_data_is_padded() {
    let mut world = World::new();
    let mut ann = ann();
    ann.client.link = Link::Stream(1);
    let (relay, _) = ann.allocate(&mut world);
    ann.bind(&mut world, 0x4000, PEER);
    let (_, bytes) = world.peer_sends(relay, PEER, b"12345");
    assert_eq!(bytes, [&on_channel(0x4000, b"12345")[..], &[0; 3]].concat());
}

#[test]
fn without_room_before_or_behind_nothing_is_sent() {
    let mut world = World::new();
    let mut ann = ann();
    ann.client.link = Link::Stream(1);
    let (relay, _) = ann.allocate(&mut world);
    ann.bind(&mut world, 0x4000, PEER);
    for (start, len, fits) in [
        (3, 4, false),
        (4, 4, true),
        (4, 5, false),
        (HEADROOM, 4, true),
    ] {
        let mut buffer = vec![7; start + len];
        let mut packet = Packet::new(&mut buffer, start, len);
        let peer = PEER.parse().unwrap();
        let verdict = world
            .server
            .handle_peer(world.now, relay, peer, &mut packet);
        assert_eq!(
            verdict == Verdict::Relayed(relay, ann.client),
            fits,
            "{start} {len}"
        );
    }
}
