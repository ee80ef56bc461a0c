//! How many lines there are, and how often one is dialled.

use super::*;
use crate::base::codec::{decode, encode};
use crate::base::effects::Effect;
use crate::base::id::Nonce;
use crate::base::limits::FRAME_BYTES_MAX;
use crate::base::random::Counter;
use crate::base::sign::{Purpose, SigningKey};
use crate::base::sorted::SortedSet;
use crate::gates::work::Work;
use crate::mailbox::capability::{Capability, Lane};
use crate::peer::io::PeerEffects;
use crate::session::transcript::Transcript;
use crate::session::wire::{ClientFrame, NodeFrame, VERSION, VERSION_GATES, VERSION_MIN};

fn home(n: usize) -> Home {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&n.to_be_bytes());
    Home {
        node: NodeId(key),
        routes: Vec::from([Route::parse("wss://home.example/ws").unwrap()]),
    }
}

pub fn context<'a>(random: &'a mut Counter, out: &'a mut PeerEffects) -> Cx<'a> {
    Cx {
        now: Timestamp(0),
        random,
        out,
        next_link: 0,
        dirty: SortedSet::new(),
        changed: SortedSet::new(),
    }
}

#[test]
fn a_contact_with_ever_new_homes_takes_the_place_of_old_couriers_and_of_nothing_else() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = Lines::default();
    lines.set_homes(&mut cx, &[home(0)]);
    for n in 1..LINES_MAX + 50 {
        cx.now = Timestamp(n as u64);
        lines.want(&mut cx, &home(n), Role::Courier);
        assert_eq!(lines.lines.len(), (n + 1).min(LINES_MAX));
    }
    assert!(lines.lines.contains_key(&(home(0).node, Role::Home)));
    assert!(!lines.lines.contains_key(&(home(1).node, Role::Courier)));
}

#[test]
fn ever_new_dead_homes_are_dialled_no_faster_than_couriers_may_give_way() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = Lines {
        online: true,
        ..Lines::default()
    };
    for round in 0..50 {
        cx.now = Timestamp(10 * round);
        for n in 0..LINES_MAX + 100 {
            lines.want(&mut cx, &home(n), Role::Courier);
        }
        let dialling: Vec<LinkId> = lines.by_link.keys().copied().collect();
        for link in dialling {
            lines.link_down(&mut cx, link);
        }
    }
    let dials = out.then.iter();
    let dials = dials.filter(|effect| matches!(effect, Effect::Dial(..)));
    assert!(dials.count() <= LINES_MAX + DISPLACED.burst as usize + 1);
}

/// The frames that were sent since this was last asked.
pub fn sent(cx: &mut Cx<'_>) -> Vec<ClientFrame> {
    let then = core::mem::take(&mut cx.out.then);
    let sent = then.into_iter().filter_map(|effect| match effect {
        Effect::Send(_, Outgoing::Message(bytes)) => decode(&bytes, FRAME_BYTES_MAX).ok(),
        _ => None,
    });
    sent.collect()
}

/// Couriers with one that is open, to a supernode that speaks up to `version`.
fn open(cx: &mut Cx<'_>, version: u32) -> (Lines, NodeId) {
    let key = SigningKey::from_seed([1; 32]);
    let node = NodeId(key.public());
    let home = Home { node, ..home(1) };
    let mut lines = Lines {
        online: true,
        ..Lines::default()
    };
    lines.want(cx, &home, Role::Courier);
    let link = *lines.by_link.keys().next().unwrap();
    lines.link_up(cx, link, Vec::new());
    prove(cx, &mut lines, link, &key, version);
    assert!(lines.is_ready(&node, Role::Courier));
    sent(cx);
    (lines, node)
}

/// Has a supernode with this key greet on a link and prove it.
pub fn prove(cx: &mut Cx<'_>, lines: &mut Lines, link: LinkId, key: &SigningKey, version: u32) {
    let node = NodeId(key.public());
    let nonce = Nonce([2; 32]);
    let challenge = NodeFrame::Challenge {
        version_min: VERSION_MIN,
        version_max: version,
        node,
        nonce,
    };
    sent(cx);
    lines.receive(cx, link, &encode(&challenge), None);
    let Some(ClientFrame::Hello {
        version,
        nonce: client_nonce,
    }) = sent(cx).pop()
    else {
        panic!("no hello")
    };
    let transcript = Transcript {
        version,
        node,
        node_nonce: nonce,
        client_nonce,
        binding: Vec::new(),
    };
    let welcome = NodeFrame::Welcome {
        signature: key.sign(Purpose::SessionNode, &transcript.for_node()),
        time: Timestamp(0),
    };
    lines.receive(cx, link, &encode(&welcome), None);
}

#[test]
fn work_is_shown_to_whom_knows_of_gates_and_to_nobody_else() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    for version in VERSION_MIN..=VERSION {
        let (mut lines, node) = open(&mut cx, version);
        let to = PersonaId([3; 32]);
        let envelope = Envelope {
            to,
            capability: Capability::issue(&[4; 32], &to, Lane::Invite, None, cx.random),
            id: EnvelopeId([5; 16]),
            keep_seconds: 3600,
            bytes: Vec::new(),
        };
        let work = Work { day: 1, nonce: 2 };
        assert!(lines.deposit(&mut cx, &node, (envelope, Some(work)), Some(1)));
        let frames = sent(&mut cx);
        let shown = frames.iter();
        let shown = shown.filter(|frame| matches!(frame, ClientFrame::Show { .. }));
        assert_eq!(shown.count(), usize::from(version >= VERSION_GATES));
        assert!(matches!(frames.last(), Some(ClientFrame::Deposit { .. })));
    }
}
