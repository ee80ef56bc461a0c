//! Bytes that are no frames.

use super::people::Person;
use super::world::{Counter, World};
use crate::base::codec::encode;
use crate::base::effects::LinkId;
use crate::base::limits::{DEVICE_LIST_BYTES_MAX, FRAME_BYTES_MAX};
use crate::base::random::{Random, below};
use crate::relay::Input;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};

#[test]
fn garbage_ends_the_session_at_any_stage() {
    for garbage in [
        &b""[..],
        b"\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xff",
        &[0x9b; 64],
    ] {
        let mut world = World::new();
        let ann = Person::ann();
        let [connected, ready, claimed] = [world.connect(), world.ready(), world.claimed(&ann, 0)];
        for client in [connected, ready, claimed] {
            world.say_bytes(&client, garbage.to_vec());
            assert_eq!(world.ended(&client).0, Refusal::BadFrame);
        }
    }
}

#[test]
fn every_truncated_frame_and_every_longer_one_is_refused() {
    let ann = Person::ann();
    let mut world = World::new();
    let client = world.ready();
    for frame in [
        encode(&ann.claim(&client.transcript, 0)),
        encode(&ClientFrame::Deposit {
            request: 1,
            envelope: ann.envelope(1, b"hello"),
        }),
        encode(&ClientFrame::Ack { up_to: 300 }),
    ] {
        for len in 0..frame.len() {
            let client = world.ready();
            world.say_bytes(&client, frame[..len].to_vec());
            assert_eq!(world.ended(&client).0, Refusal::BadFrame, "{len}");
        }
        let client = world.ready();
        world.say_bytes(&client, [frame.as_slice(), &[0]].concat());
        assert_eq!(world.ended(&client).0, Refusal::BadFrame);
    }
    assert_eq!(world.relay.stats().kept.mailboxes, 0);
}

#[test]
fn flipped_bits_never_panic_and_never_claim() {
    let ann = Person::ann();
    let mut world = World::new();
    let mut random = Counter(1);
    for _ in 0..400 {
        let client = world.ready();
        let mut frame = encode(&ann.claim(&client.transcript, 0));
        let mut hash = [0; 8];
        random.fill(&mut hash);
        let digest = crate::base::hash::sha256(&[&hash]);
        let position = usize::from(u16::from_be_bytes([digest.0[0], digest.0[1]])) % frame.len();
        frame[position] ^= 1 << (below(&mut random, 8));
        world.say_bytes(&client, frame);
        match world.next(client.link) {
            NodeFrame::Refused {
                code: Refusal::BadFrame | Refusal::BadProof,
                ..
            } => {}
            // The capability secret is the client's to choose.
            NodeFrame::Claimed { .. } => world.handle(Input::Closed { link: client.link }),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_largest_frame_is_read_and_a_larger_one_is_too_large() {
    let ann = Person::ann();
    for (extra, refusal) in [(0, Refusal::BadProof), (1, Refusal::TooLarge)] {
        let mut world = World::new();
        let client = world.ready();
        let ClientFrame::Claim {
            device, signature, ..
        } = ann.claim(&client.transcript, 0)
        else {
            panic!()
        };
        let frame = |len| {
            encode(&ClientFrame::Claim {
                devices: Vec::new(),
                device,
                signature,
                capability_secret: vec![0; len],
            })
        };
        let overhead = frame(FRAME_BYTES_MAX / 2).len() - FRAME_BYTES_MAX / 2;
        let bytes = frame(FRAME_BYTES_MAX + extra - overhead);
        assert_eq!(bytes.len(), FRAME_BYTES_MAX + extra);
        world.say_bytes(&client, bytes);
        assert_eq!(world.ended(&client).0, refusal);
    }
}

#[test]
fn a_device_list_that_is_too_long_proves_nothing() {
    let ann = Person::ann();
    let mut world = World::new();
    let client = world.ready();
    let mut claim = ann.claim(&client.transcript, 0);
    if let ClientFrame::Claim { devices, .. } = &mut claim {
        devices.resize(DEVICE_LIST_BYTES_MAX + 1, 0);
    }
    world.say(&client, &claim);
    assert_eq!(world.ended(&client).0, Refusal::BadProof);
}

#[test]
fn inputs_about_unknown_links_do_nothing() {
    let mut world = World::new();
    world.handle(Input::Received {
        link: LinkId(77),
        bytes: b"hello".to_vec(),
    });
    world.handle(Input::Closed { link: LinkId(77) });
    assert!(world.hung_up.is_empty());
    assert_eq!(world.relay.stats().links, 0);
}
