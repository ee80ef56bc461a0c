//! What people say to each other, as far as it is not hidden in a group.

use minicbor::bytes::ByteVec;
use shared::base::id::{DeviceId, EnvelopeId, MessageId, NodeId, PersonaId, SealKey};
use shared::base::time::Timestamp;
use shared::conversation::content::{Content, KIND_TEXT};
use shared::invite::Home;
use shared::mailbox::parcel::{Body, Card, Parcel, Receipt};
use shared::mailbox::tally::{Taken, Window};
use shared::session::route::Route;
use shared::signalling::wire::{RtcSignal, Signal};

use super::frames::capability;
use super::frozen::{Frozen, all_kinds, kinds, names, newest, older};

pub fn home() -> Home {
    Home {
        node: NodeId([1; 32]),
        routes: vec![
            Route::parse("wss://one.example/ws").unwrap(),
            Route::parse("direct:192.0.2.1:3478:abc").unwrap(),
        ],
    }
}

fn card() -> Card {
    Card {
        devices: vec![2; 4],
        name: "Ann".into(),
        homes: vec![home()],
        capability: capability(),
        inbox: SealKey([3; 32]),
    }
}

pub fn window() -> Window {
    let mut window = Window::default();
    for number in [1, 3, 64] {
        window.insert(number);
    }
    window
}

fn receipt() -> Receipt {
    Receipt {
        delivered: vec![MessageId([1; 16]), MessageId([2; 16])],
        read_up_to: 300,
        unreadable: vec![MessageId([3; 16])],
    }
}

fn hello(welcome: Option<ByteVec>, words: Option<ByteVec>) -> Body {
    Body::Hello {
        card: card(),
        key_package: vec![4; 6],
        invite: capability(),
        welcome,
        words,
    }
}

fn bodies() -> Vec<Frozen<Body>> {
    vec![
        older("body-hello.1", hello(None, None)),
        older("body-hello.2", hello(Some(vec![5; 6].into()), None)),
        newest(
            "body-hello.3",
            hello(Some(vec![5; 6].into()), Some(vec![6; 6].into())),
        ),
        newest(
            "body-accept.1",
            Body::Accept {
                card: card(),
                welcome: vec![5; 6],
            },
        ),
        newest(
            "body-message.1",
            Body::Message {
                id: MessageId([6; 16]),
                bytes: vec![7; 6],
            },
        ),
        newest("body-receipt.1", Body::Receipt(receipt())),
        newest("body-signal.1", Body::Signal(Signal::Knock)),
        newest("body-card.1", Body::Card(card())),
    ]
}

fn signals() -> Vec<Frozen<Signal>> {
    let step = |signal| Signal::Step { attempt: 9, signal };
    vec![
        newest("signal-knock.1", Signal::Knock),
        newest("signal-here.1", Signal::Here),
        newest("signal-step.1", step(RtcSignal::Offer("v=0".into()))),
        newest("signal-bye.1", Signal::Bye),
    ]
}

fn steps() -> Vec<Frozen<RtcSignal>> {
    vec![
        newest("rtc-offer.1", RtcSignal::Offer("v=0\r\no=-".into())),
        newest("rtc-answer.1", RtcSignal::Answer("v=0\r\no=-".into())),
        newest(
            "rtc-candidate.1",
            RtcSignal::Candidate {
                candidate: "candidate:1 1 udp 1 192.0.2.1 9 typ host".into(),
                mid: Some("0".into()),
                line: Some(0),
            },
        ),
    ]
}

fn parcel(number: Option<u64>, taken: Vec<Taken>) -> Parcel {
    Parcel {
        to: PersonaId([1; 32]),
        envelope: EnvelopeId([2; 16]),
        from: PersonaId([3; 32]),
        device: DeviceId([4; 32]),
        at: Timestamp(1_800_000_000_000),
        body: Body::Receipt(receipt()),
        number,
        taken,
    }
}

fn parcels() -> Vec<Frozen<Parcel>> {
    let taken = Taken {
        node: NodeId([5; 32]),
        numbers: window(),
    };
    vec![
        older("parcel.1", parcel(None, Vec::new())),
        newest("parcel.2", parcel(Some(64), vec![taken])),
    ]
}

fn contents() -> Vec<Frozen<Content>> {
    let content = |kind, data| Content {
        id: MessageId([1; 16]),
        at: Timestamp(1_800_000_000_000),
        clock: 12,
        parents: vec![MessageId([2; 16])],
        kind,
        text: "grüß dich".into(),
        data,
    };
    vec![
        newest("content-text.1", content(KIND_TEXT, Vec::new())),
        newest("content-unknown.1", content(900, vec![3; 4])),
    ]
}

pub fn files() -> Vec<String> {
    [
        names(&bodies()),
        names(&signals()),
        names(&steps()),
        names(&parcels()),
        names(&contents()),
    ]
    .concat()
}

#[test]
fn what_contacts_say_is_frozen() {
    let (kinds, kind) = kinds!(Body:
        Hello = "hello", Accept = "accept", Message = "message", Receipt = "receipt",
        Signal = "signal", Card = "card",
    );
    all_kinds(&bodies(), kinds, kind);
    bodies().iter().for_each(Frozen::holds);
    parcels().iter().for_each(Frozen::holds);
}

#[test]
fn what_opens_a_channel_is_frozen() {
    let (kinds, kind) = kinds!(Signal: Knock = "knock", Here = "here", Step = "step", Bye = "bye");
    all_kinds(&signals(), kinds, kind);
    signals().iter().for_each(Frozen::holds);
    let (kinds, kind) = kinds!(RtcSignal:
        Offer = "offer", Answer = "answer", Candidate = "candidate",
    );
    all_kinds(&steps(), kinds, kind);
    steps().iter().for_each(Frozen::holds);
}

#[test]
fn what_a_message_says_is_frozen() {
    contents().iter().for_each(Frozen::holds);
    for frozen in contents() {
        assert_eq!(Content::read(&frozen.says.to_bytes()), Ok(frozen.says));
    }
}
