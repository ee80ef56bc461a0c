//! What a page and a supernode keep.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use shared::base::id::{DeviceId, EnvelopeId, MessageId, NodeId, PersonaId};
use shared::base::limits::{
    CONTENT_BYTES_MAX, DEVICE_LIST_BYTES_MAX, ENVELOPE_BYTES_MAX, FRAME_BYTES_MAX, HOMES_MAX,
    PARENTS_MAX, TEXT_BYTES_MAX,
};
use shared::gates::token::TokenSerial;
use shared::mailbox::capability::{CapabilitySerial, SECRET_LEN};
use shared::mailbox::server::record::{HeaderRecord, Key, MailboxRecord, PackagesRecord};
use shared::peer::records::{
    AccountRecord, AskedRecord, BlockRecord, Failure, Held, HomeRecord, MessageRecord, OutRecord,
    OutWhat, RECORD_BYTES_MAX, RequestRecord, RevokedRecord, StoredState,
};

use super::round_trip::{any_code, any_kind, drawn, for_all, round_trips};
use super::values::{
    Values, byte_string, bytes, capability, homes, id, moment, name, number, serials, small, text,
    token,
};

pub fn state() -> Values<StoredState> {
    any_code!(StoredState: Queued, Sent, Delivered, Failed)
}

pub fn failure() -> Values<Failure> {
    any_code!(Failure: Expired, Refused, TooLarge, Unreadable)
}

fn account() -> Values<AccountRecord> {
    drawn!(AccountRecord {
        persona_seed: any::<[u8; 32]>(),
        device_seed: any::<[u8; 32]>(),
        name: name(),
        devices: bytes(DEVICE_LIST_BYTES_MAX),
        homes: homes(),
        invite: capability(),
        earlier: serials(),
        taken_back: serials(),
        always_relay: any::<bool>(),
        card_at: moment(),
        public_bits: of(any::<u8>()),
    })
}

fn home() -> Values<HomeRecord> {
    let held = drawn!(Held {
        persona: id(PersonaId),
        device: id(DeviceId),
        number: number(),
        at: moment(),
    });
    drawn!(HomeRecord {
        held: vec(held, 0..4),
        token: of(token()),
        packages_at: of(moment()),
        public_bits: of(any::<u8>()),
    })
}

fn message() -> Values<MessageRecord> {
    drawn!(MessageRecord {
        id: id(MessageId),
        clock: number(),
        at: moment(),
        mine: of(state()),
        parents: vec(id(MessageId), 0..=PARENTS_MAX),
        kind: small(),
        text: text(TEXT_BYTES_MAX),
        data: bytes(TEXT_BYTES_MAX),
        failure: of(failure()),
    })
}

fn what() -> Values<OutWhat> {
    any_kind!(OutWhat:
        Body = bytes(ENVELOPE_BYTES_MAX).prop_map(OutWhat::Body),
        Message = drawn!(OutWhat::Message {
            record: message(),
            sealed: of(byte_string(CONTENT_BYTES_MAX)),
        }),
    )
}

fn out() -> Values<OutRecord> {
    drawn!(OutRecord {
        to: id(PersonaId),
        id: id(EnvelopeId),
        at: moment(),
        what: what(),
        done: vec(id(NodeId), 0..=HOMES_MAX),
        repeats: any::<u8>(),
        number: of(number()),
        expires: of(moment()),
        since: of(moment()),
        was_sent: any::<bool>(),
    })
}

fn block() -> Values<BlockRecord> {
    drawn!(BlockRecord {
        since: moment(),
        serial: id(CapabilitySerial),
    })
}

fn revoked() -> Values<RevokedRecord> {
    drawn!(RevokedRecord {
        persona: id(PersonaId),
        confirmed: vec(id(NodeId), 0..=HOMES_MAX),
    })
}

fn request() -> Values<RequestRecord> {
    let asked = drawn!(AskedRecord {
        device: id(DeviceId),
        at: moment(),
        hello: bytes(ENVELOPE_BYTES_MAX),
    });
    drawn!(RequestRecord {
        since: moment(),
        asked: of(asked),
        blocked: any::<bool>(),
    })
}

fn mailbox() -> Values<MailboxRecord> {
    drawn!(MailboxRecord {
        devices: bytes(DEVICE_LIST_BYTES_MAX),
        secret: bytes(SECRET_LEN),
        claimed_day: of(number()),
        public_bits: of(any::<u8>()),
    })
}

fn header() -> Values<HeaderRecord> {
    drawn!(HeaderRecord {
        id: id(EnvelopeId),
        at: moment(),
        expires: moment(),
        len: small(),
        request: of(any::<bool>()),
        public: of(any::<bool>()),
    })
}

fn packages() -> Values<PackagesRecord> {
    drawn!(PackagesRecord {
        next: number(),
        end: number(),
        last_resort: of(number()),
    })
}

fn key() -> Values<Key> {
    let who = || id(PersonaId);
    let numbered = || (who(), number());
    any_kind!(Key:
        Mailbox = who().prop_map(Key::Mailbox),
        Cursor = (who(), id(DeviceId)).prop_map(|(who, device)| Key::Cursor(who, device)),
        Reserved = who().prop_map(Key::Reserved),
        Revoked = (who(), id(CapabilitySerial)).prop_map(|(who, serial)| Key::Revoked(who, serial)),
        Token = (who(), id(TokenSerial)).prop_map(|(who, serial)| Key::Token(who, serial)),
        Packages = who().prop_map(Key::Packages),
        Header = numbered().prop_map(|(who, number)| Key::Header(who, number)),
        Body = numbered().prop_map(|(who, number)| Key::Body(who, number)),
    )
}

#[test]
fn what_a_page_keeps_is_read_back() {
    round_trips(RECORD_BYTES_MAX, account());
    round_trips(RECORD_BYTES_MAX, home());
    round_trips(CONTENT_BYTES_MAX, message());
    round_trips(RECORD_BYTES_MAX, block());
    round_trips(RECORD_BYTES_MAX, revoked());
    round_trips(RECORD_BYTES_MAX, request());
}

#[test]
fn what_waits_to_be_sent_is_read_back() {
    round_trips(RECORD_BYTES_MAX, out());
}

#[test]
fn what_a_supernode_keeps_is_read_back() {
    round_trips(FRAME_BYTES_MAX, mailbox());
    round_trips(FRAME_BYTES_MAX, header());
    round_trips(FRAME_BYTES_MAX, packages());
    for_all(key(), |key| {
        prop_assert_eq!(Key::from_bytes(&key.to_bytes()), Some(key));
        Ok(())
    });
}
