//! What a client and a supernode say to each other.

use minicbor::bytes::ByteVec;
use shared::base::id::{DeviceId, EnvelopeId, NodeId, Nonce, PersonaId, Signature};
use shared::base::time::Timestamp;
use shared::gates::token::Token;
use shared::gates::work::Work;
use shared::gates::{Gates, Pass};
use shared::mailbox::capability::{Capability, CapabilitySerial};
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::wire::{ClientFrame, DepositReceipt, NodeFrame, Refusal};

use super::frozen::{Frozen, all_kinds, kinds, names, newest, older};

pub fn capability() -> Capability {
    let bytes: Vec<u8> = (0..24).collect();
    Capability::from_bytes(&bytes).unwrap()
}

pub fn token() -> Token {
    let bytes: Vec<u8> = [&[0x58, 24][..], &[9; 24]].concat();
    minicbor::decode(&bytes[..]).unwrap()
}

fn package(byte: u8) -> ByteVec {
    vec![byte; 3].into()
}

fn client() -> Vec<Frozen<ClientFrame>> {
    vec![
        newest(
            "client-hello.1",
            ClientFrame::Hello {
                version: 2,
                nonce: Nonce([1; 32]),
            },
        ),
        newest(
            "client-claim.1",
            ClientFrame::Claim {
                devices: vec![1, 2, 3],
                device: DeviceId([2; 32]),
                signature: Signature([3; 64]),
                capability_secret: vec![4; 32],
            },
        ),
        newest(
            "client-deposit.1",
            ClientFrame::Deposit {
                request: 1_000,
                envelope: Envelope {
                    to: PersonaId([5; 32]),
                    capability: capability(),
                    id: EnvelopeId([6; 16]),
                    keep_seconds: 86_400,
                    bytes: vec![7; 5],
                },
            },
        ),
        newest("client-ack.1", ClientFrame::Ack { up_to: 1 << 40 }),
        newest("client-ping.1", ClientFrame::Ping { token: 7 }),
        newest(
            "client-revoke.1",
            ClientFrame::Revoke {
                serials: vec![CapabilitySerial([1; 8]), CapabilitySerial([2; 8])],
            },
        ),
        newest(
            "client-show.1",
            ClientFrame::Show {
                pass: Pass {
                    token: Some(token()),
                    work: Some(Work {
                        day: 20_000,
                        nonce: u64::MAX,
                    }),
                },
            },
        ),
        newest(
            "client-publish.1",
            ClientFrame::Publish {
                packages: vec![package(1), package(2)],
                last_resort: Some(package(3)),
            },
        ),
        newest(
            "client-fetch.1",
            ClientFrame::Fetch {
                mailbox: PersonaId([8; 32]),
                capability: capability(),
            },
        ),
        newest("client-turn.1", ClientFrame::Turn {}),
        newest("client-open.1", ClientFrame::Open { work_bits: 20 }),
    ]
}

fn claimed(keep_seconds: Option<u32>) -> NodeFrame {
    NodeFrame::Claimed {
        acked: 4,
        waiting: 500,
        keep_seconds,
    }
}

fn deposited(keep_seconds: Option<u32>) -> NodeFrame {
    NodeFrame::Deposited {
        receipts: vec![DepositReceipt {
            request: 1_000,
            id: EnvelopeId([5; 16]),
            code: DepositCode::GateRequired,
            handed: 2,
            keep_seconds,
        }],
    }
}

fn deliver(public: Option<bool>) -> NodeFrame {
    NodeFrame::Deliver {
        deliveries: vec![Delivery {
            sequence: 70_000,
            id: EnvelopeId([6; 16]),
            at: Timestamp(1_800_000_000_001),
            bytes: vec![7; 5],
            public,
        }],
    }
}

fn node() -> Vec<Frozen<NodeFrame>> {
    vec![
        newest(
            "node-challenge.1",
            NodeFrame::Challenge {
                version_min: 1,
                version_max: 2,
                node: NodeId([1; 32]),
                nonce: Nonce([2; 32]),
            },
        ),
        newest(
            "node-welcome.1",
            NodeFrame::Welcome {
                signature: Signature([3; 64]),
                time: Timestamp(1_800_000_000_000),
            },
        ),
        older("node-claimed.1", claimed(None)),
        newest("node-claimed.2", claimed(Some(7_200))),
        older("node-deposited.1", deposited(None)),
        newest("node-deposited.2", deposited(Some(7_200))),
        older("node-deliver.1", deliver(None)),
        newest("node-deliver.2", deliver(Some(true))),
        newest("node-pong.1", NodeFrame::Pong { token: 7 }),
        newest(
            "node-refused.1",
            NodeFrame::Refused {
                code: Refusal::SlowDown,
                text: "too many frames".into(),
                retry_after_ms: 1_500,
            },
        ),
        newest(
            "node-gates.1",
            NodeFrame::Gates {
                gates: Gates {
                    invite: true,
                    work_bits: 20,
                },
                envelope: Some(EnvelopeId([8; 16])),
            },
        ),
        newest(
            "node-packages.1",
            NodeFrame::Packages {
                left: 8,
                last_resort: true,
            },
        ),
        newest(
            "node-package.1",
            NodeFrame::Package {
                mailbox: PersonaId([9; 32]),
                code: DepositCode::Ok,
                devices: Some(package(1)),
                package: Some(package(2)),
            },
        ),
        newest(
            "node-revoked.1",
            NodeFrame::Revoked {
                code: DepositCode::NoRoom,
                serials: vec![CapabilitySerial([1; 8]), CapabilitySerial([2; 8])],
            },
        ),
        newest(
            "node-turn.1",
            NodeFrame::Turn {
                urls: vec!["turn:192.0.2.1:3478?transport=udp".into()],
                username: "1800000000:ann".into(),
                password: "secret".into(),
                life_seconds: 43_200,
            },
        ),
        newest(
            "node-opened.1",
            NodeFrame::Opened {
                code: DepositCode::Ok,
                work_bits: 20,
            },
        ),
    ]
}

/// Their numbers are in one file each, in order.
fn codes() -> (Frozen<Vec<DepositCode>>, Frozen<Vec<Refusal>>) {
    use DepositCode as D;
    use Refusal as R;
    let deposits = vec![
        D::Ok,
        D::NoMailbox,
        D::NoCapability,
        D::CapabilityExpired,
        D::CapabilityRevoked,
        D::Full,
        D::TooLarge,
        D::NoRoom,
        D::Storage,
        D::SlowDown,
        D::GateRequired,
    ];
    let refusals = vec![
        R::BadFrame,
        R::TooLarge,
        R::Version,
        R::BadProof,
        R::StaleDevices,
        R::SlowDown,
        R::NotClaimed,
        R::NoRoom,
        R::Draining,
        R::Timeout,
        R::Storage,
        R::GateRequired,
    ];
    (
        newest("deposit-codes.1", deposits),
        newest("refusals.1", refusals),
    )
}

pub fn files() -> Vec<String> {
    let (deposits, refusals) = codes();
    let codes = vec![deposits.file, refusals.file];
    [names(&client()), names(&node()), codes].concat()
}

#[test]
fn what_clients_say_is_frozen() {
    let (kinds, kind) = kinds!(ClientFrame:
        Hello = "hello", Claim = "claim", Deposit = "deposit", Ack = "ack", Ping = "ping",
        Revoke = "revoke", Show = "show", Publish = "publish", Fetch = "fetch",
        Turn = "turn", Open = "open",
    );
    all_kinds(&client(), kinds, kind);
    client().iter().for_each(Frozen::holds);
}

#[test]
fn what_supernodes_say_is_frozen() {
    let (kinds, kind) = kinds!(NodeFrame:
        Challenge = "challenge", Welcome = "welcome", Claimed = "claimed", Deposited = "deposited",
        Deliver = "deliver", Pong = "pong", Refused = "refused", Gates = "gates",
        Packages = "packages", Package = "package", Revoked = "revoked",
        Turn = "turn", Opened = "opened",
    );
    all_kinds(&node(), kinds, kind);
    node().iter().for_each(Frozen::holds);
}

#[test]
fn codes_keep_their_numbers() {
    let (deposits, refusals) = codes();
    deposits.holds();
    refusals.holds();
    let (kinds, kind) = kinds!(DepositCode:
        Ok = "0", NoMailbox = "1", NoCapability = "2", CapabilityExpired = "3",
        CapabilityRevoked = "4", Full = "5", TooLarge = "6", NoRoom = "7", Storage = "8",
        SlowDown = "9", GateRequired = "10",
    );
    let said: Vec<_> = deposits.says.iter().map(kind).collect();
    assert_eq!(said, kinds);
    let (kinds, kind) = kinds!(Refusal:
        BadFrame = "0", TooLarge = "1", Version = "2", BadProof = "3", StaleDevices = "4",
        SlowDown = "5", NotClaimed = "6", NoRoom = "7", Draining = "8", Timeout = "9",
        Storage = "10", GateRequired = "11",
    );
    let said: Vec<_> = refusals.says.iter().map(kind).collect();
    assert_eq!(said, kinds);
}
