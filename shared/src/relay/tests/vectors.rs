//! Frames and records as bytes, frozen: what is written here was on somebody's wire or disk. The
//! bytes are CBOR diagnostic by hand (RFC 8949 §3), not copied from the encoder.

use core::fmt::Debug;

use minicbor::{Decode, Encode};

use crate::base::codec::{decode, encode};
use crate::base::id::{DeviceId, EnvelopeId, NodeId, Nonce, PersonaId, Signature};
use crate::base::time::Timestamp;
use crate::gates::work::Work;
use crate::gates::{Gates, Pass};
use crate::mailbox::capability::{Capability, CapabilitySerial};
use crate::mailbox::server::record::{HeaderRecord, Key, MailboxRecord};
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
use crate::session::wire::{ClientFrame, DepositReceipt, NodeFrame, Refusal};

fn holds<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug>(value: &T, bytes: &[&[u8]]) {
    let bytes = bytes.concat();
    assert_eq!(encode(value), bytes, "{value:?}");
    assert_eq!(decode::<T>(&bytes, usize::MAX).as_ref(), Ok(value));
}

/// Head of a byte string of 32, 64 and 16 bytes.
const B32: &[u8] = &[0x58, 32];
const B64: &[u8] = &[0x58, 64];
const B16: &[u8] = &[0x50];

#[test]
fn what_clients_say() {
    holds(
        &ClientFrame::Hello {
            version: 1,
            nonce: Nonce([0xaa; 32]),
        },
        &[&[0x82, 0, 0xa2, 0, 1, 1], B32, &[0xaa; 32]],
    );
    holds(
        &ClientFrame::Claim {
            devices: vec![1, 2],
            device: DeviceId([0xbb; 32]),
            signature: Signature([0xcc; 64]),
            capability_secret: vec![3],
        },
        &[
            &[0x82, 1, 0xa4, 0, 0x42, 1, 2, 1],
            B32,
            &[0xbb; 32],
            &[2],
            B64,
            &[0xcc; 64],
            &[3, 0x41, 3],
        ],
    );
    let capability = Capability::from_bytes(&[0xdd; 24]).unwrap();
    holds(
        &ClientFrame::Deposit {
            request: 500,
            envelope: Envelope {
                to: PersonaId([0xee; 32]),
                capability,
                id: EnvelopeId([0xff; 16]),
                keep_seconds: 60,
                bytes: b"hi".to_vec(),
            },
        },
        &[
            &[0x82, 2, 0xa2, 0, 0x19, 0x01, 0xf4, 1, 0xa5, 0],
            B32,
            &[0xee; 32],
            &[1, 0x58, 24],
            &[0xdd; 24],
            &[2],
            B16,
            &[0xff; 16],
            &[3, 0x18, 60, 4, 0x42, b'h', b'i'],
        ],
    );
    holds(&ClientFrame::Ack { up_to: 7 }, &[&[0x82, 3, 0xa1, 0, 7]]);
    holds(
        &ClientFrame::Ping { token: 24 },
        &[&[0x82, 4, 0xa1, 0, 0x18, 24]],
    );
    holds(
        &ClientFrame::Revoke {
            serials: vec![CapabilitySerial([5; 8])],
        },
        &[&[0x82, 5, 0xa1, 0, 0x81, 0x48], &[5; 8]],
    );
    holds(
        &ClientFrame::Show {
            pass: Pass {
                token: None,
                work: Some(Work { day: 300, nonce: 7 }),
            },
        },
        &[&[0x82, 6, 0xa1, 0, 0xa1, 1, 0xa2, 0, 0x19, 0x01, 0x2c, 1, 7]],
    );
}

#[test]
fn what_is_said_of_key_packages() {
    holds(
        &ClientFrame::Publish {
            packages: vec![vec![1].into(), vec![2].into()],
            last_resort: Some(vec![3].into()),
        },
        &[&[0x82, 7, 0xa2, 0, 0x82, 0x41, 1, 0x41, 2, 1, 0x41, 3]],
    );
    holds(
        &ClientFrame::Fetch {
            mailbox: PersonaId([1; 32]),
            capability: Capability::from_bytes(&[2; 24]).unwrap(),
        },
        &[&[0x82, 8, 0xa2, 0], B32, &[1; 32], &[1, 0x58, 24], &[2; 24]],
    );
    holds(
        &NodeFrame::Packages {
            left: 7,
            last_resort: true,
        },
        &[&[0x82, 8, 0xa2, 0, 7, 1, 0xf5]],
    );
    holds(
        &NodeFrame::Package {
            mailbox: PersonaId([1; 32]),
            code: DepositCode::Ok,
            devices: Some(vec![4].into()),
            package: None,
        },
        &[&[0x82, 9, 0xa3, 0], B32, &[1; 32], &[1, 0, 2, 0x41, 4]],
    );
}

#[test]
fn what_supernodes_say() {
    holds(
        &NodeFrame::Challenge {
            version_min: 1,
            version_max: 1,
            node: NodeId([1; 32]),
            nonce: Nonce([2; 32]),
        },
        &[
            &[0x82, 0, 0xa4, 0, 1, 1, 1, 2],
            B32,
            &[1; 32],
            &[3],
            B32,
            &[2; 32],
        ],
    );
    holds(
        &NodeFrame::Welcome {
            signature: Signature([3; 64]),
            time: Timestamp(9),
        },
        &[&[0x82, 1, 0xa2, 0], B64, &[3; 64], &[1, 9]],
    );
    holds(
        &NodeFrame::Claimed {
            acked: 2,
            waiting: 3,
            keep_seconds: None,
        },
        &[&[0x82, 2, 0xa2, 0, 2, 1, 3]],
    );
    holds(
        &NodeFrame::Claimed {
            acked: 2,
            waiting: 3,
            keep_seconds: Some(3600),
        },
        &[&[0x82, 2, 0xa3, 0, 2, 1, 3, 2, 0x19, 0x0e, 0x10]],
    );
    let receipt = DepositReceipt {
        request: 1,
        id: EnvelopeId([4; 16]),
        code: DepositCode::Full,
        handed: 2,
        keep_seconds: None,
    };
    holds(
        &NodeFrame::Deposited {
            receipts: vec![receipt],
        },
        &[
            &[0x82, 3, 0xa1, 0, 0x81, 0xa4, 0, 1, 1],
            B16,
            &[4; 16],
            &[2, 5, 3, 2],
        ],
    );
    let shorter = DepositReceipt {
        code: DepositCode::Ok,
        keep_seconds: Some(60),
        ..receipt
    };
    holds(
        &NodeFrame::Deposited {
            receipts: vec![shorter],
        },
        &[
            &[0x82, 3, 0xa1, 0, 0x81, 0xa5, 0, 1, 1],
            B16,
            &[4; 16],
            &[2, 0, 3, 2, 4, 0x18, 60],
        ],
    );
    let delivery = Delivery {
        sequence: 6,
        id: EnvelopeId([5; 16]),
        at: Timestamp(10),
        bytes: vec![7],
        public: None,
    };
    holds(
        &NodeFrame::Deliver {
            deliveries: vec![delivery],
        },
        &[
            &[0x82, 4, 0xa1, 0, 0x81, 0xa4, 0, 6, 1],
            B16,
            &[5; 16],
            &[2, 10, 3, 0x41, 7],
        ],
    );
    holds(&NodeFrame::Pong { token: 1 }, &[&[0x82, 5, 0xa1, 0, 1]]);
    holds(
        &NodeFrame::Refused {
            code: Refusal::SlowDown,
            text: "no".into(),
            retry_after_ms: 5,
        },
        &[&[0x82, 6, 0xa3, 0, 5, 1, 0x62, b'n', b'o', 2, 5]],
    );
    holds(
        &NodeFrame::Gates {
            gates: Gates {
                invite: true,
                work_bits: 20,
            },
            envelope: Some(EnvelopeId([5; 16])),
        },
        &[&[0x82, 7, 0xa2, 0, 0xa2, 0, 0xf5, 1, 20, 1], B16, &[5; 16]],
    );
}

#[test]
fn what_is_stored() {
    holds(
        &MailboxRecord {
            devices: vec![1],
            secret: vec![2],
            claimed_day: Some(3),
            public_bits: None,
        },
        &[&[0xa3, 0, 0x41, 1, 1, 0x41, 2, 2, 3]],
    );
    holds(
        &MailboxRecord {
            devices: vec![1],
            secret: vec![2],
            claimed_day: Some(3),
            public_bits: Some(20),
        },
        &[&[0xa4, 0, 0x41, 1, 1, 0x41, 2, 2, 3, 3, 20]],
    );
    holds(
        &HeaderRecord {
            id: EnvelopeId([3; 16]),
            at: Timestamp(1),
            expires: Timestamp(2),
            len: 300,
            request: None,
            public: None,
        },
        &[
            &[0xa4, 0],
            B16,
            &[3; 16],
            &[1, 1, 2, 2, 3, 0x19, 0x01, 0x2c],
        ],
    );
    holds(
        &HeaderRecord {
            id: EnvelopeId([3; 16]),
            at: Timestamp(1),
            expires: Timestamp(2),
            len: 3,
            request: Some(true),
            public: None,
        },
        &[&[0xa5, 0], B16, &[3; 16], &[1, 1, 2, 2, 3, 3, 4, 0xf5]],
    );
    holds(
        &HeaderRecord {
            id: EnvelopeId([3; 16]),
            at: Timestamp(1),
            expires: Timestamp(2),
            len: 3,
            request: Some(true),
            public: Some(true),
        },
        &[
            &[0xa6, 0],
            B16,
            &[3; 16],
            &[1, 1, 2, 2, 3, 3, 4, 0xf5, 5, 0xf5],
        ],
    );
    let ann = PersonaId([8; 32]);
    assert_eq!(Key::Mailbox(ann).to_bytes(), [&b"m"[..], &[8; 32]].concat());
    assert_eq!(
        Key::Header(ann, 258).to_bytes(),
        [&b"h"[..], &[8; 32], &[0, 0, 0, 0, 0, 0, 1, 2]].concat()
    );
    assert_eq!(Key::Body(ann, 1).to_bytes().first(), Some(&b'e'));
    assert_eq!(Key::Cursor(ann, DeviceId([9; 32])).to_bytes().len(), 65);
}

#[test]
fn what_is_said_of_who_may_ask() {
    holds(
        &ClientFrame::Open { work_bits: 20 },
        &[&[0x82, 10, 0xa1, 0, 20]],
    );
    holds(
        &NodeFrame::Opened {
            code: DepositCode::Ok,
            work_bits: 20,
        },
        &[&[0x82, 12, 0xa2, 0, 0, 1, 20]],
    );
    let public = Capability::PUBLIC.to_bytes();
    assert_eq!((public[0], public[1..].iter().max()), (2, Some(&0)));
}

#[test]
fn what_is_said_of_revocations() {
    holds(
        &NodeFrame::Revoked {
            code: DepositCode::Ok,
            serials: vec![CapabilitySerial([5; 8])],
        },
        &[&[0x82, 10, 0xa2, 0, 0, 1, 0x81, 0x48], &[5; 8]],
    );
}

#[test]
fn what_is_said_of_turn() {
    holds(&ClientFrame::Turn {}, &[&[0x82, 9, 0xa0]]);
    holds(
        &NodeFrame::Turn {
            urls: vec!["stun:a:1".into()],
            username: "1:b".into(),
            password: "c".into(),
            life_seconds: 60,
        },
        &[
            &[0x82, 11, 0xa4, 0, 0x81, 0x68],
            b"stun:a:1",
            &[1, 0x63],
            b"1:b",
            &[2, 0x61, b'c', 3, 0x18, 60],
        ],
    );
}

#[test]
fn unknown_keys_are_skipped() {
    let newer = [0x82, 4, 0xa2, 0, 9, 0x18, 99, 0x63, b'n', b'e', b'w'];
    assert_eq!(decode(&newer, 100), Ok(ClientFrame::Ping { token: 9 }));
}
