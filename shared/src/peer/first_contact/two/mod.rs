//! Two people who say hello to each other, in every order that chance finds: homes that deliver late, twice
//! or never, crashes before and after what happened is kept. In the end both speak in one group that both
//! hold, and all that was said is there once.
//!
//! MLS and mailboxes are a few lines here; what is kept and what follows from it is the real thing, and goes
//! through its encoding at every step.

mod comes;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use comes::forget;
use minicbor::bytes::ByteVec;

use super::phase::{Effect, Input, Phase};
use crate::base::codec;
use crate::base::id::{ConversationId, MessageId, PersonaId, SealKey};
use crate::base::random::Counter;
use crate::base::time::Timestamp;
use crate::mailbox::capability::{Capability, Lane};
use crate::peer::records::{ContactRecord, Failure};

const HOMES: usize = 2;
const REPEATS_MAX: u8 = 3;

/// A welcome: into which group, and the key package that opens it.
type Welcome = (ConversationId, u64);

#[derive(Debug, Clone)]
enum Body {
    Hello(u64, Option<Welcome>),
    Accept(Option<Welcome>),
    /// Which, where it was said, and which copy of it.
    Word(MessageId, ConversationId, u64),
    Receipt(MessageId, bool, u64),
}

#[derive(Debug, Clone)]
struct Entry {
    body: Body,
    at: u64,
    done: BTreeSet<usize>,
}

/// What one of them keeps.
#[derive(Debug, Clone, Default)]
struct Side {
    leads: bool,
    record: Option<ContactRecord>,
    groups: BTreeSet<ConversationId>,
    /// Key packages of mine, and whether they are at my homes.
    packages: BTreeMap<u64, bool>,
    outbox: Vec<Entry>,
    /// Said, and not confirmed.
    waiting: BTreeSet<MessageId>,
    /// How often it could not be read.
    repeats: BTreeMap<MessageId, u8>,
    shown: Vec<MessageId>,
    /// Copies that came.
    came: BTreeSet<u64>,
}

struct Pair {
    chance: u64,
    now: u64,
    ids: u64,
    sides: [Side; 2],
    /// What waits for each of them at each of their homes.
    homes: [[VecDeque<(Body, u64)>; HOMES]; 2],
    said: [BTreeSet<MessageId>; 2],
    /// An answer was never fetched: it happens to one of them at most.
    answer_lost: bool,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let side = |leads| Side {
            leads,
            ..Side::default()
        };
        Self {
            chance: seed,
            now: 1,
            ids: 0,
            sides: [side(false), side(true)],
            homes: Default::default(),
            said: Default::default(),
            answer_lost: false,
        }
    }

    /// A number below `n` (SplitMix64).
    fn roll(&mut self, n: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    fn new_group(&mut self) -> ConversationId {
        let mut group = ConversationId([0; 16]);
        group.0[..8].copy_from_slice(&self.id().to_be_bytes());
        group
    }

    fn phase(&self, who: usize) -> Phase {
        Phase::of(self.sides[who].record.as_ref())
    }

    fn put(&mut self, who: usize, body: Body) {
        let entry = Entry {
            body,
            at: self.now,
            done: BTreeSet::new(),
        };
        self.sides[who].outbox.push(entry);
    }

    /// A person opens an invite, or tries again.
    fn ask(&mut self, who: usize) {
        let is_hello = |entry: &Entry| matches!(entry.body, Body::Hello(..));
        let phase = match self.phase(who) {
            Phase::Crossed if !self.sides[who].outbox.iter().any(is_hello) => Phase::Met,
            phase => phase,
        };
        let (_, effects) = phase.next(Input::Ask);
        for effect in effects {
            let side = &mut self.sides[who];
            match effect {
                Effect::ForgetHello => {
                    let record = side.record.as_mut().unwrap();
                    let (gone, offered) = record.forget_hello(Timestamp(self.now));
                    forget(side, gone);
                    side.packages.remove(&number(offered.as_ref()));
                    withdraw(side);
                    self.say_again(who);
                }
                Effect::Greet => {
                    let package = self.id();
                    let now = Timestamp(self.now);
                    let record = self.sides[who].record.get_or_insert_with(stranger);
                    record.ask(Some(package.to_be_bytes().to_vec()));
                    self.sides[who].packages.insert(package, false);
                    // With a key package from a home of theirs, or without.
                    let welcome = (self.sides[who].record.as_ref().unwrap().group.is_none()
                        && self.roll(2) == 0)
                        .then(|| (self.new_group(), self.id()));
                    if let Some((group, theirs)) = welcome {
                        self.sides[1 - who].packages.insert(theirs, true);
                        self.sides[who].groups.insert(group);
                        let record = self.sides[who].record.as_mut().unwrap();
                        record.greet_in(now, group);
                    }
                    self.put(who, Body::Hello(package, welcome));
                }
                Effect::GreetAgain => {
                    let body = side
                        .outbox
                        .iter()
                        .find(|it| is_hello(it))
                        .unwrap()
                        .body
                        .clone();
                    withdraw(side);
                    self.say_again(who);
                    self.put(who, body);
                }
                _ => unreachable!("asking sends hellos"),
            }
        }
    }

    fn say(&mut self, who: usize) {
        if self.sides[who].record.is_none() {
            return;
        }
        let mut message = MessageId([0; 16]);
        message.0[..8].copy_from_slice(&self.id().to_be_bytes());
        self.said[who].insert(message);
        self.sides[who].waiting.insert(message);
    }

    fn say_word_again(&mut self, who: usize, message: MessageId) {
        let is_it = |entry: &Entry| matches!(entry.body, Body::Word(it, ..) if it == message);
        self.sides[who].outbox.retain(|entry| !is_it(entry));
    }

    fn say_again(&mut self, who: usize) {
        let side = &mut self.sides[who];
        side.outbox
            .retain(|entry| !matches!(entry.body, Body::Word(..)));
    }

    /// Encrypts what waits, and leaves one thing at one home.
    fn pump(&mut self, who: usize) {
        let (now, ids) = (self.now, &mut self.ids);
        let side = &mut self.sides[who];
        if let Some(group) = side.record.as_ref().and_then(|record| record.group) {
            assert!(
                side.groups.contains(&group),
                "what is spoken in is not forgotten"
            );
            let sealed: BTreeSet<_> = side.outbox.iter().filter_map(word_of).collect();
            let failed = |it: &&MessageId| side.repeats.get(it).is_some_and(|n| *n > REPEATS_MAX);
            let waiting = side.waiting.difference(&sealed).filter(|it| !failed(it));
            let waiting: Vec<_> = waiting.copied().collect();
            for message in waiting {
                *ids += 1;
                side.outbox.push(Entry {
                    body: Body::Word(message, group, *ids),
                    at: now,
                    done: BTreeSet::new(),
                });
            }
        }
        let home = usize::try_from(self.roll(HOMES as u64)).unwrap();
        let unheard = self.phase(who) == Phase::Unheard;
        let side = &mut self.sides[who];
        let introduced = !unheard
            && side
                .outbox
                .iter()
                .all(|entry| !is_opener(&entry.body) || entry.done.contains(&home));
        let next = side
            .outbox
            .iter_mut()
            .find(|entry| !entry.done.contains(&home) && (introduced || is_opener(&entry.body)));
        if let Some(entry) = next {
            entry.done.insert(home);
            self.homes[1 - who][home].push_back((entry.body.clone(), entry.at));
        }
        // A hello stays until it is answered, a word until it is confirmed.
        let may_leave = |entry: &Entry| {
            entry.done.len() == HOMES && !matches!(entry.body, Body::Hello(..) | Body::Word(..))
        };
        side.outbox.retain(|entry| !may_leave(entry));
    }

    fn fetch(&mut self, who: usize, faults: bool) {
        let home = usize::try_from(self.roll(HOMES as u64)).unwrap();
        let Some((body, at)) = self.homes[who][home].front().cloned() else {
            return;
        };
        let before = self.sides[who].clone();
        self.take(who, body, at);
        match if faults { self.roll(8) } else { 7 } {
            // Crashed before it was kept: as if it had not been fetched.
            0 => self.sides[who] = before,
            // Crashed, or the line broke, before it was acknowledged: it comes again.
            1 => {}
            _ => drop(self.homes[who][home].pop_front()),
        }
        self.reload(who);
    }

    fn reload(&mut self, who: usize) {
        if let Some(record) = &mut self.sides[who].record {
            *record = codec::decode(&codec::encode(record), 64 * 1024).unwrap();
        }
    }

    /// What has waited too long at somebody's homes goes, word and receipt alone or all there is.
    fn expire(&mut self, who: usize) {
        let phase = self.phase(who);
        let answers = self.homes[who].iter().flatten();
        let answer = answers
            .filter(|(body, _)| matches!(body, Body::Accept(_)))
            .count()
            > 0;
        if answer && (self.answer_lost || phase == Phase::Crossed) {
            return;
        }
        self.answer_lost |= answer;
        // Whoever's hello is too old knows it.
        let mut there = self.homes[who].iter().flatten();
        if there.any(|(body, _)| matches!(body, Body::Hello(..))) {
            self.lose(1 - who);
        }
        for home in &mut self.homes[who] {
            home.clear();
        }
    }

    fn lose(&mut self, who: usize) {
        let (_, effects) = self.phase(who).next(Input::Lost);
        if effects.contains(&Effect::TellLost) {
            let side = &mut self.sides[who];
            side.record.as_mut().unwrap().lose(Failure::Expired);
            withdraw(side);
        }
    }

    fn step(&mut self) {
        self.now += 1;
        let who = usize::try_from(self.roll(2)).unwrap();
        match self.roll(40) {
            0..=2 => self.ask(who),
            3..=6 => self.say(who),
            7 => self.expire(who),
            8 => self.lose(who),
            9..=24 => self.pump(who),
            _ => self.fetch(who, true),
        }
    }

    fn come_to_rest(&mut self) {
        for _ in 0..400 {
            for who in [0, 1] {
                self.now += 1;
                self.pump(who);
                self.fetch(who, false);
            }
        }
        assert!(self.homes.iter().flatten().all(VecDeque::is_empty));
    }

    /// People try again until they have met; then each says something more.
    fn heal(&mut self) {
        for _ in 0..3 {
            self.come_to_rest();
            for who in [0, 1] {
                self.say_again(who);
                self.sides[who].repeats.clear();
                self.lose(who);
                if self.phase(who) == Phase::Unheard {
                    self.ask(who);
                }
            }
        }
        if self.sides.iter().all(|side| side.record.is_none()) {
            self.ask(0);
        }
        for who in [0, 1, 0, 1, 0, 1] {
            self.come_to_rest();
            self.say(who);
        }
        self.come_to_rest();
    }
}

fn stranger() -> ContactRecord {
    let them = PersonaId([7; 32]);
    let capability = Capability::issue(&[1; 32], &them, Lane::Contact, None, &mut Counter(0));
    let way = (SealKey([2; 32]), capability);
    let who = (them, "Somebody".into());
    ContactRecord::new(Timestamp(0), who, way, Vec::new(), capability)
}

fn number(package: Option<&ByteVec>) -> u64 {
    let bytes = package.map(|package| package.as_slice());
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u64::from_be_bytes)
}

fn is_opener(body: &Body) -> bool {
    matches!(body, Body::Hello(..) | Body::Accept(_))
}

fn word_of(entry: &Entry) -> Option<MessageId> {
    match entry.body {
        Body::Word(message, ..) => Some(message),
        _ => None,
    }
}

fn withdraw(side: &mut Side) {
    side.outbox
        .retain(|entry| !matches!(entry.body, Body::Hello(..)));
}

#[test]
fn two_who_say_hello_in_any_order_end_in_one_group_and_nothing_is_lost() {
    for seed in 0..1_000 {
        let mut pair = Pair::new(seed);
        for _ in 0..120 {
            pair.step();
        }
        pair.heal();
        let [one, other] = &pair.sides;
        let spoken = |side: &Side| side.record.as_ref().unwrap().group.unwrap();
        assert_eq!(spoken(one), spoken(other), "seed {seed}");
        for who in [0, 1] {
            let (said, heard) = (&pair.said[who], &pair.sides[1 - who].shown);
            let once: BTreeSet<_> = heard.iter().copied().collect();
            assert_eq!(once.len(), heard.len(), "shown twice, seed {seed}");
            assert_eq!(&once, said, "seed {seed}");
            assert!(pair.sides[who].waiting.is_empty(), "seed {seed}");
        }
    }
}
