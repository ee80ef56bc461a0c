//! What clients and supernodes say to each other.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use shared::base::id::{DeviceId, EnvelopeId, NodeId, Nonce, PersonaId, Signature};
use shared::base::limits::{
    DEVICE_LIST_BYTES_MAX, ENVELOPE_BYTES_MAX, FRAME_BYTES_MAX, KEY_PACKAGE_BYTES_MAX, PACKAGES_MAX,
};
use shared::gates::Gates;
use shared::mailbox::capability::SECRET_LEN;
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::offer::{CREDENTIAL_BYTES_MAX, SERVER_URL_BYTES_MAX, SERVER_URLS_MAX};
use shared::session::wire::{ClientFrame, DepositReceipt, NodeFrame, Refusal};

use super::gates;
use super::round_trip::{any_code, any_kind, drawn, round_trips};
use super::values::{
    Values, byte_string, bytes, capability, id, moment, number, serials, small, text,
};

fn envelope() -> Values<Envelope> {
    drawn!(Envelope {
        to: id(PersonaId),
        capability: capability(),
        id: id(EnvelopeId),
        keep_seconds: small(),
        bytes: bytes(ENVELOPE_BYTES_MAX),
    })
}

/// One that may be as large as any, or several small ones.
fn deliveries() -> Values<Vec<Delivery>> {
    let of = |max| {
        drawn!(Delivery {
            sequence: number(),
            id: id(EnvelopeId),
            at: moment(),
            bytes: bytes(max),
            public: of(any::<bool>()),
        })
    };
    prop_oneof![vec(of(ENVELOPE_BYTES_MAX), 0..=1), vec(of(40), 0..6)].boxed()
}

fn deposit_code() -> Values<DepositCode> {
    any_code!(DepositCode:
        Ok, NoMailbox, NoCapability, CapabilityExpired, CapabilityRevoked, Full, TooLarge, NoRoom,
        Storage, SlowDown, GateRequired,
    )
}

fn refusal() -> Values<Refusal> {
    any_code!(Refusal:
        BadFrame, TooLarge, Version, BadProof, StaleDevices, SlowDown, NotClaimed, NoRoom, Draining,
        Timeout, Storage, GateRequired,
    )
}

fn receipt() -> Values<DepositReceipt> {
    drawn!(DepositReceipt {
        request: small(),
        id: id(EnvelopeId),
        code: deposit_code(),
        handed: small(),
        keep_seconds: of(small()),
    })
}

fn client() -> Values<ClientFrame> {
    let package = || byte_string(KEY_PACKAGE_BYTES_MAX);
    any_kind!(ClientFrame:
        Hello = drawn!(ClientFrame::Hello { version: small(), nonce: id(Nonce) }),
        Claim = drawn!(ClientFrame::Claim {
            devices: bytes(DEVICE_LIST_BYTES_MAX),
            device: id(DeviceId),
            signature: id(Signature),
            capability_secret: bytes(SECRET_LEN),
        }),
        Deposit = drawn!(ClientFrame::Deposit { request: small(), envelope: envelope() }),
        Ack = drawn!(ClientFrame::Ack { up_to: number() }),
        Ping = drawn!(ClientFrame::Ping { token: small() }),
        Revoke = drawn!(ClientFrame::Revoke { serials: serials() }),
        Show = drawn!(ClientFrame::Show { pass: gates::pass() }),
        Publish = drawn!(ClientFrame::Publish {
            packages: vec(package(), 0..=PACKAGES_MAX),
            last_resort: of(package()),
        }),
        Fetch = drawn!(ClientFrame::Fetch { mailbox: id(PersonaId), capability: capability() }),
        Turn = Just(ClientFrame::Turn {}).boxed(),
        Open = drawn!(ClientFrame::Open { work_bits: any::<u8>() }),
    )
}

fn node() -> Values<NodeFrame> {
    let gates = drawn!(Gates {
        invite: any::<bool>(),
        work_bits: any::<u8>(),
    });
    any_kind!(NodeFrame:
        Challenge = drawn!(NodeFrame::Challenge {
            version_min: small(),
            version_max: small(),
            node: id(NodeId),
            nonce: id(Nonce),
        }),
        Welcome = drawn!(NodeFrame::Welcome { signature: id(Signature), time: moment() }),
        Claimed = drawn!(NodeFrame::Claimed {
            acked: number(),
            waiting: number(),
            keep_seconds: of(small()),
        }),
        Deposited = drawn!(NodeFrame::Deposited { receipts: vec(receipt(), 0..6) }),
        Deliver = drawn!(NodeFrame::Deliver { deliveries: deliveries() }),
        Pong = drawn!(NodeFrame::Pong { token: small() }),
        Refused = drawn!(NodeFrame::Refused {
            code: refusal(),
            text: text(200),
            retry_after_ms: number(),
        }),
        Gates = drawn!(NodeFrame::Gates { gates: gates, envelope: of(id(EnvelopeId)) }),
        Packages = drawn!(NodeFrame::Packages { left: small(), last_resort: any::<bool>() }),
        Package = drawn!(NodeFrame::Package {
            mailbox: id(PersonaId),
            code: deposit_code(),
            devices: of(byte_string(DEVICE_LIST_BYTES_MAX)),
            package: of(byte_string(KEY_PACKAGE_BYTES_MAX)),
        }),
        Revoked = drawn!(NodeFrame::Revoked { code: deposit_code(), serials: serials() }),
        Turn = drawn!(NodeFrame::Turn {
            urls: vec(text(SERVER_URL_BYTES_MAX), 0..=SERVER_URLS_MAX),
            username: text(CREDENTIAL_BYTES_MAX),
            password: text(CREDENTIAL_BYTES_MAX),
            life_seconds: small(),
        }),
        Opened = drawn!(NodeFrame::Opened { code: deposit_code(), work_bits: any::<u8>() }),
    )
}

#[test]
fn what_clients_say_is_read_back() {
    round_trips(FRAME_BYTES_MAX, client());
}

#[test]
fn what_supernodes_say_is_read_back() {
    round_trips(FRAME_BYTES_MAX, node());
}

#[test]
fn an_envelope_is_read_back() {
    round_trips(FRAME_BYTES_MAX, envelope());
}
