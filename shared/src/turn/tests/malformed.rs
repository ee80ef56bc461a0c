//! Bytes that are no messages, or strange ones.

use super::world::*;
use crate::turn::limits::ATTRIBUTES_MAX;
use crate::turn::wire::attribute;
use crate::turn::{Dropped, Verdict};

const MALFORMED: Verdict = Verdict::Drop(Dropped::Malformed);

fn came(bytes: &[u8]) -> Verdict {
    World::new().client_sends(udp("192.0.2.1:1"), bytes).0
}

#[test]
fn headers_must_be_sound() {
    let good = request(BINDING, &[(0x8022, b"soft".to_vec())]);
    assert!(matches!(came(&good), Verdict::ToClient(_)));
    for (place, byte) in [(4, 0), (7, 0x43), (2, 1), (3, 9), (3, 4), (3, 12)] {
        let mut bad = good.clone();
        bad[place] = byte;
        assert_eq!(came(&bad), MALFORMED, "{place}");
    }
    for len in 1..good.len() {
        assert_eq!(came(&good[..len]), MALFORMED, "cut to {len}");
    }
    let long = [&good[..], &[0; 4]].concat();
    assert_eq!(came(&long), MALFORMED);
}

#[test]
fn lengths_that_lead_out_of_the_message_are_noticed() {
    for len in [5_u16, 8, 0x7fff, 0xfffc, 0xffff] {
        let mut bytes = request(BINDING, &[(0x8022, b"soft".to_vec())]);
        bytes[22..24].copy_from_slice(&len.to_be_bytes());
        assert_eq!(came(&bytes), MALFORMED, "{len}");
    }
    let mut bytes = request(BINDING, &[]);
    bytes[2..4].copy_from_slice(&[0, 4]);
    bytes.extend([0x80, 0x22, 0, 3]);
    assert_eq!(came(&bytes), MALFORMED, "a length without its value");
}

#[test]
fn a_message_has_so_many_attributes() {
    let many = vec![(0x8022, vec![]); ATTRIBUTES_MAX];
    assert!(matches!(
        came(&request(BINDING, &many)),
        Verdict::ToClient(_)
    ));
    let more = vec![(0x8022, vec![]); ATTRIBUTES_MAX + 1];
    assert_eq!(came(&request(BINDING, &more)), MALFORMED);
}

#[test]
fn unknown_attributes_are_named_or_skipped_by_their_number() {
    let mut world = World::new();
    let client = udp("192.0.2.1:1");
    let attributes = [
        (0x7fff, vec![1; 3]),
        (0x8000 + 0x77, vec![]),
        (0x0033, vec![]),
    ];
    let (_, bytes) = world.client_sends(client, &request(BINDING, &attributes));
    let answer = Answer::read(&bytes);
    assert_eq!(answer.code, Some(420));
    assert_eq!(
        answer.value(attribute::UNKNOWN_ATTRIBUTES),
        [0x7f, 0xff, 0, 0x33]
    );
    let all: Attributes = (0..ATTRIBUTES_MAX as u16)
        .map(|it| (0x7000 + it, vec![]))
        .collect();
    let (_, bytes) = world.client_sends(client, &request(BINDING, &all));
    assert_eq!(
        Answer::read(&bytes)
            .value(attribute::UNKNOWN_ATTRIBUTES)
            .len(),
        2 * ATTRIBUTES_MAX
    );
}

#[test]
fn a_fingerprint_is_checked_and_answered_with_one() {
    use stun_types::message::{Message, MessageClass, MessageType, MessageWriteVec, Method};
    use stun_types::prelude::*;
    let kind = MessageType::from_class_method(MessageClass::Request, Method::new(BINDING));
    let mut writer = Message::builder(kind, 5.into(), MessageWriteVec::new());
    writer.add_fingerprint().unwrap();
    let mut bytes = writer.finish();
    let mut world = World::new();
    let (_, answer) = world.client_sends(udp("192.0.2.1:1"), &bytes);
    assert!(
        Answer::read(&answer).has(attribute::FINGERPRINT),
        "which its reader has checked"
    );
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(came(&bytes), MALFORMED);
    let behind = [&request(BINDING, &[])[..], &[0x80, 0x28, 0, 4, 0, 0, 0, 0]].concat();
    assert_eq!(came(&behind), MALFORMED);
}

#[test]
fn what_is_for_others_on_the_port_is_left_to_them() {
    // DTLS, RTP, QUIC, and ranges that RFC 7983 leaves open.
    for first in [4, 19, 20, 63, 0x50, 0x7f, 0x80, 0xbf, 0xc0, 0xff] {
        assert_eq!(
            came(&[first; 100]),
            Verdict::Drop(Dropped::Foreign),
            "{first}"
        );
    }
    assert_eq!(came(&[]), Verdict::Drop(Dropped::Foreign));
}

#[test]
fn answers_and_unknown_methods_are_not_answered() {
    use stun_types::message::MessageClass::*;
    for (class, method) in [
        (Success, BINDING),
        (Error, ALLOCATE),
        (Indication, BINDING),
        (Request, 0x00a),
        (Request, 0x07f),
    ] {
        assert_eq!(
            came(&message(class, method, 1, &[])),
            MALFORMED,
            "{class:?} {method}"
        );
    }
}
