//! What people say to each other.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use shared::base::id::{DeviceId, EnvelopeId, MessageId, PersonaId};
use shared::base::limits::{
    CHANNEL_BYTES_MAX, CONTENT_BYTES_MAX, DEVICE_LIST_BYTES_MAX, ENVELOPE_BYTES_MAX,
    KEY_PACKAGE_BYTES_MAX, PARENTS_MAX, SIGNAL_BYTES_MAX, TEXT_BYTES_MAX,
};
use shared::conversation::content::{Content, KIND_TEXT};
use shared::conversation::mls::limits::{MESSAGE_BYTES_MAX, WELCOME_BYTES_MAX};
use shared::mailbox::parcel::{Body, Card, Parcel, Receipt};
use shared::peer::requests::REQUEST_WORDS_BYTES_MAX;
use shared::signalling::wire::{RtcSignal, Signal};

use super::round_trip::{any_kind, drawn, for_all, round_trips};
use super::values::{
    Values, byte_string, bytes, capability, homes, id, moment, name, number, seal_key, small,
    taken, text,
};

fn message_ids(max: usize) -> Values<Vec<MessageId>> {
    vec(id(MessageId), 0..=max).boxed()
}

fn card() -> Values<Card> {
    drawn!(Card {
        devices: bytes(DEVICE_LIST_BYTES_MAX),
        name: name(),
        homes: homes(),
        capability: capability(),
        inbox: seal_key(),
    })
}

fn receipt() -> Values<Receipt> {
    drawn!(Receipt {
        delivered: message_ids(20),
        read_up_to: number(),
        unreadable: message_ids(4),
    })
}

fn step() -> Values<RtcSignal> {
    let sdp = || text(SIGNAL_BYTES_MAX);
    any_kind!(RtcSignal:
        Offer = sdp().prop_map(RtcSignal::Offer),
        Answer = sdp().prop_map(RtcSignal::Answer),
        Candidate = drawn!(RtcSignal::Candidate {
            candidate: text(SIGNAL_BYTES_MAX - 64),
            mid: of(text(64)),
            line: of(any::<u16>()),
        }),
    )
}

fn signal() -> Values<Signal> {
    any_kind!(Signal:
        Knock = Just(Signal::Knock),
        Here = Just(Signal::Here),
        Step = drawn!(Signal::Step { attempt: number(), signal: step() }),
        Bye = Just(Signal::Bye),
    )
}

/// Bodies, sealed messages among them of at most `message` bytes.
pub fn body(message: usize) -> Values<Body> {
    any_kind!(Body:
        Hello = drawn!(Body::Hello {
            card: card(),
            key_package: bytes(KEY_PACKAGE_BYTES_MAX),
            invite: capability(),
            welcome: of(byte_string(WELCOME_BYTES_MAX)),
            words: of(byte_string(REQUEST_WORDS_BYTES_MAX)),
        }),
        Accept = drawn!(Body::Accept { card: card(), welcome: bytes(WELCOME_BYTES_MAX) }),
        Message = drawn!(Body::Message { id: id(MessageId), bytes: bytes(message) }),
        Receipt = receipt().prop_map(Body::Receipt),
        Signal = signal().prop_map(Body::Signal),
        Card = card().prop_map(Body::Card),
    )
}

/// Parcels with what contacts say.
pub fn parcel() -> Values<Parcel> {
    drawn!(Parcel {
        to: id(PersonaId),
        envelope: id(EnvelopeId),
        from: id(PersonaId),
        device: id(DeviceId),
        at: moment(),
        body: body(CONTENT_BYTES_MAX),
        number: of(number()),
        taken: taken(),
    })
}

fn content() -> Values<Content> {
    drawn!(Content {
        id: id(MessageId),
        at: moment(),
        clock: number(),
        parents: message_ids(PARENTS_MAX),
        kind: prop_oneof![Just(KIND_TEXT), small()],
        text: text(TEXT_BYTES_MAX),
        data: bytes(TEXT_BYTES_MAX),
    })
}

#[test]
fn what_contacts_say_is_read_back() {
    round_trips(CHANNEL_BYTES_MAX, body(MESSAGE_BYTES_MAX));
}

#[test]
fn a_parcel_is_read_back() {
    round_trips(ENVELOPE_BYTES_MAX, parcel());
}

#[test]
fn what_opens_a_channel_is_read_back_and_fits() {
    round_trips(ENVELOPE_BYTES_MAX, signal());
    for_all(step(), |step| {
        prop_assert!(step.fits());
        Ok(())
    });
}

#[test]
fn what_a_message_says_is_read_back() {
    round_trips(CONTENT_BYTES_MAX, content());
    for_all(content(), |content| {
        prop_assert_eq!(Content::read(&content.to_bytes()), Ok(content));
        Ok(())
    });
}
