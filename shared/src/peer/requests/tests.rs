//! The limits, each at its greatest and past it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::base::id::NodeId;
use crate::base::random::Random;
use crate::conversation::mls::Mls;
use crate::identity::list::{DeviceEntry, DeviceList};
use crate::identity::secret::{DeviceSecret, PersonaSecret};
use crate::invite::Home;
use crate::mailbox::capability::Capability;
use crate::mailbox::parcel::Card;
use crate::peer::command::{Command, CommandError};
use crate::peer::io::{Input, PeerEffects};
use crate::session::route::Route;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// Chance that repeats itself (SplitMix64).
struct Chance(u64);

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mixed = (mixed ^ (mixed >> 31)).to_le_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

/// Ann's page, its address open; and chance.
struct Ann {
    peer: Peer,
    random: Chance,
    now: Timestamp,
}

impl Ann {
    fn new() -> Self {
        let mut ann = Self {
            peer: Peer::default(),
            random: Chance(1),
            now: NOW,
        };
        let name = String::from("Ann");
        ann.command(Command::CreatePersona { name }).unwrap();
        let work_bits = PUBLIC_BITS_MIN;
        ann.command(Command::OpenTo { work_bits }).unwrap();
        ann
    }

    fn command(&mut self, command: Command) -> Result<(), CommandError> {
        let out = &mut PeerEffects::default();
        let input = Input::Command(command);
        let done = self.peer.handle(self.now, &mut self.random, input, out);
        done.map(drop)
    }

    /// A hello of a new persona, with these words.
    fn hello(&mut self, words: Option<Vec<u8>>) -> (PersonaId, DeviceId, Body) {
        let persona = PersonaSecret::random(&mut self.random);
        let device = DeviceSecret::random(&mut self.random);
        let list = DeviceList {
            persona: persona.id(),
            version: 1,
            previous: None,
            at: NOW,
            devices: Vec::from([DeviceEntry {
                device: device.id(),
                seal: device.seal().public(),
                since: NOW,
            }]),
        };
        let list = VerifiedDeviceList::sign(&list, persona.sign()).unwrap();
        let mut mls = Mls::new(persona.id(), device.seed());
        let key_package = mls.key_package(&mut self.random, NOW, false).unwrap();
        let card = Card {
            devices: list.carried().to_vec(),
            name: "Ben".to_string(),
            homes: Vec::from([Home {
                node: NodeId([7; 32]),
                routes: Vec::from([Route::parse("wss://home.example/ws").unwrap()]),
            }]),
            capability: Capability::PUBLIC,
            inbox: persona.inbox().public(),
        };
        let body = Body::Hello {
            card,
            key_package,
            invite: Capability::PUBLIC,
            welcome: None,
            words: words.map(Into::into),
        };
        (persona.id(), device.id(), body)
    }

    fn take(&mut self, hello: &(PersonaId, DeviceId, Body)) {
        self.take_at(NOW, hello);
    }

    /// Takes it as if it had been written at `at`.
    fn take_at(&mut self, at: Timestamp, (from, device, body): &(PersonaId, DeviceId, Body)) {
        let out = &mut PeerEffects::default();
        let mut cx = Cx {
            now: self.now,
            random: &mut self.random,
            out,
            next_link: 0,
            dirty: crate::base::sorted::SortedSet::new(),
            changed: crate::base::sorted::SortedSet::new(),
        };
        self.peer.take_request(&mut cx, (*from, *device, at), body);
    }

    /// Somebody new asks.
    fn asked(&mut self) -> PersonaId {
        let hello = self.hello(None);
        self.take(&hello);
        hello.0
    }

    fn waiting(&self) -> usize {
        self.peer.requests().len()
    }
}

fn words(len: usize) -> Vec<u8> {
    let content = Content {
        id: crate::base::id::MessageId([1; 16]),
        at: NOW,
        clock: 1,
        parents: Vec::new(),
        kind: KIND_TEXT,
        text: "x".repeat(len),
        data: Vec::new(),
    };
    content.to_bytes()
}

#[test]
fn whoever_asks_anew_is_answered_by_the_newer_hello_with_the_first_words() {
    let mut ann = Ann::new();
    let (from, device, first) = ann.hello(Some(words(3)));
    ann.take(&(from, device, first.clone()));
    let mut newer = first;
    let mut mls = Mls::new(from, &[5; 32]);
    let other = mls.key_package(&mut ann.random, NOW, false).unwrap();
    let Body::Hello {
        card,
        words: said,
        key_package,
        ..
    } = &mut newer
    else {
        panic!("no hello")
    };
    card.name = "Somebody".to_string();
    *said = Some(words(9).into());
    let good = core::mem::replace(key_package, other);
    // One that could not be answered takes the place of none.
    ann.take_at(
        NOW.after(Duration::from_secs(1)),
        &(from, device, newer.clone()),
    );
    let kept = |ann: &Ann| {
        ann.peer
            .requests
            .known
            .get(&from)
            .and_then(|it| it.asked.as_ref())
            .unwrap()
            .at
    };
    assert_eq!(kept(&ann), NOW);
    if let Body::Hello { key_package, .. } = &mut newer {
        *key_package = good;
    }
    let later = NOW.after(Duration::from_secs(2));
    ann.take_at(later, &(from, device, newer.clone()));
    assert_eq!(kept(&ann), later);
    // An older one that comes late changes nothing.
    ann.take(&(from, device, newer));
    assert_eq!(kept(&ann), later);
    let shown = &ann.peer.requests()[0];
    assert_eq!(
        (shown.name.as_str(), shown.words.as_deref()),
        ("Ben", Some("xxx"))
    );
}

#[test]
fn whoever_asks_is_behind_those_who_asked_before() {
    let mut ann = Ann::new();
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.push(ann.asked());
        ann.now = ann.now.after(Duration::from_secs(1));
    }
    let shown = ann.peer.requests();
    let shown: Vec<_> = shown.iter().map(|request| request.persona).collect();
    assert_eq!(shown, asked);
}

#[test]
fn so_many_requests_wait_and_no_more() {
    let mut ann = Ann::new();
    for _ in 0..REQUESTS_HELD_MAX {
        ann.asked();
    }
    assert_eq!(ann.waiting(), REQUESTS_HELD_MAX);
    let first = ann.peer.requests()[0].persona;
    let late = ann.hello(None);
    ann.take(&late);
    assert_eq!(ann.waiting(), REQUESTS_HELD_MAX);
    // Who is put away makes room.
    ann.command(Command::DeclineRequest(first)).unwrap();
    ann.take(&late);
    assert_eq!(ann.waiting(), REQUESTS_HELD_MAX);
    // And nobody waits for ever.
    ann.now = NOW.after(REQUEST_TTL);
    ann.asked();
    assert_eq!(ann.waiting(), 1);
}

#[test]
fn first_words_are_a_paragraph_and_no_more() {
    let mut ann = Ann::new();
    for (len, fits) in [
        (0, false),
        (1, true),
        (REQUEST_WORDS_BYTES_MAX, true),
        (REQUEST_WORDS_BYTES_MAX + 1, false),
    ] {
        let before = ann.waiting();
        let hello = ann.hello(Some(words(len)));
        ann.take(&hello);
        assert_eq!(ann.waiting(), before + usize::from(fits), "{len}");
    }
    let hello = ann.hello(Some(b"no content".to_vec()));
    let before = ann.waiting();
    ann.take(&hello);
    assert_eq!(ann.waiting(), before);
}

#[test]
fn so_many_who_were_declined_are_remembered_and_the_first_is_forgotten() {
    let mut ann = Ann::new();
    let mut first = None;
    for _ in 0..=DECLINED_MAX {
        let hello = ann.hello(None);
        ann.take(&hello);
        ann.now = ann.now.after(Duration::from_secs(1));
        ann.command(Command::DeclineRequest(hello.0)).unwrap();
        let first = first.get_or_insert(hello);
        ann.take(first);
        // The one who was declined first asks again only once the list is past its end.
        let declined = ann.peer.requests.declined().count();
        assert_eq!(
            ann.waiting() > 0,
            ann.peer.requests.known.len() > DECLINED_MAX
        );
        assert!(declined <= DECLINED_MAX);
    }
    assert_eq!(ann.waiting(), 1);
}

#[test]
fn so_many_strangers_are_blocked_and_no_more() {
    let mut ann = Ann::new();
    for _ in 0..STRANGERS_BLOCKED_MAX {
        let who = ann.asked();
        ann.command(Command::BlockRequest(who)).unwrap();
    }
    let who = ann.asked();
    let refused = ann.command(Command::BlockRequest(who));
    assert_eq!(refused, Err(CommandError::TooManyBlocked));
    assert_eq!(ann.waiting(), 1, "nothing has changed");
    ann.command(Command::DeclineRequest(who)).unwrap();
    ann.command(Command::LetAskAgain).unwrap();
    assert!(ann.peer.requests.known.is_empty());
}

#[test]
fn a_hello_that_does_not_check_is_no_request() {
    let mut ann = Ann::new();
    let (from, device, body) = ann.hello(None);
    let (other, others_device, _) = ann.hello(None);
    ann.take(&(other, device, body.clone()));
    ann.take(&(from, others_device, body.clone()));
    let mut bad = body.clone();
    if let Body::Hello { key_package, .. } = &mut bad {
        let (.., foreign) = ann.hello(None);
        if let Body::Hello {
            key_package: other, ..
        } = foreign
        {
            *key_package = other;
        }
    }
    ann.take(&(from, device, bad));
    for bend in [
        |card: &mut Card| card.homes.clear(),
        |card: &mut Card| card.name.clear(),
        |card: &mut Card| card.devices.truncate(20),
    ] {
        let mut bad = body.clone();
        if let Body::Hello { card, .. } = &mut bad {
            bend(card);
        }
        ann.take(&(from, device, bad));
    }
    assert_eq!(ann.waiting(), 0);
    ann.take(&(from, device, body));
    assert_eq!(ann.waiting(), 1);
}
