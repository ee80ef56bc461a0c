//! A contact gone bad: over its data channels it says things again, and to others than it said them to; it
//! passes on what others told it, says of what went to others that it has arrived or could not be read, and
//! floods. It can do no more than spoil what is between the two.

use shared::base::codec::encode;
use shared::base::id::MessageId;
use shared::base::random::bytes;
use shared::mailbox::parcel::{Body, Receipt};
use shared::signalling::wire::{RtcSignal, Signal};

use crate::chance::Chance;
use crate::world::World;

/// What it remembers, of what it said and of what it heard.
const KEPT_MAX: usize = 50;
/// Messages that one lie is about.
const LIE_MAX: usize = 64;
/// What is said at once in a flood.
const FLOOD: usize = 40;

/// How often somebody does what, per thousand things that they say over a channel.
#[derive(Debug, Default)]
pub struct Malice {
    /// Says something again, to whom it belongs or not.
    pub repeats: u32,
    /// Passes on what somebody else told it.
    pub passes_on: u32,
    /// Lies about what has arrived.
    pub lies: u32,
    /// Says what nobody understands.
    pub babbles: u32,
    /// Asks for channels, ends them and asks again.
    pub floods: u32,
    done: usize,
    said: Vec<Vec<u8>>,
    heard: Vec<Vec<u8>>,
}

impl Malice {
    /// A bit of everything.
    #[must_use]
    pub fn bad() -> Self {
        Self {
            repeats: 300,
            passes_on: 300,
            lies: 500,
            babbles: 150,
            floods: 10,
            ..Self::default()
        }
    }

    fn is_none(&self) -> bool {
        self.repeats + self.passes_on + self.lies + self.babbles + self.floods == 0
    }

    /// How much it has said that it should not.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Somebody told it this.
    pub(crate) fn hears(&mut self, body: &[u8]) {
        if !self.is_none() {
            remember(&mut self.heard, body);
        }
    }
}

fn remember(all: &mut Vec<Vec<u8>>, body: &[u8]) {
    all.push(body.to_vec());
    let surplus = all.len().saturating_sub(KEPT_MAX);
    all.drain(..surplus);
}

fn babble(chance: &mut Chance) -> Vec<u8> {
    let id = MessageId(bytes(chance));
    match chance.below(3) {
        0 => bytes::<60>(chance).to_vec(),
        1 => encode(&Body::Message {
            id,
            bytes: bytes::<200>(chance).to_vec(),
        }),
        _ => encode(&Body::Receipt(Receipt {
            delivered: vec![id],
            read_up_to: u64::MAX,
            unreadable: vec![id],
        })),
    }
}

fn demand(chance: &mut Chance) -> Signal {
    let attempt = chance.bits();
    match chance.below(4) {
        0 => Signal::Knock,
        1 => Signal::Here,
        2 => Signal::Bye,
        _ => Signal::Step {
            attempt,
            signal: RtcSignal::Offer("v=0".into()),
        },
    }
}

impl World {
    /// What a person says to another over a channel after this body.
    pub(crate) fn adds(&mut self, person: usize, to: usize, body: &[u8]) -> Vec<Vec<u8>> {
        if self.people[person].malice.is_none() {
            return Vec::new();
        }
        let missing = self.checks.ledger.missing();
        let of_others = missing.filter(|(_, it)| it.said.from == to && it.said.to != person);
        let of_others: Vec<_> = of_others.map(|(id, _)| *id).take(LIE_MAX).collect();
        let (malice, chance) = (&mut self.people[person].malice, &mut self.chance);
        let mut out = Vec::new();
        if chance.happens(malice.repeats) {
            out.extend(malice.said.get(chance.below(malice.said.len())).cloned());
        }
        if chance.happens(malice.passes_on) {
            out.extend(malice.heard.get(chance.below(malice.heard.len())).cloned());
        }
        if chance.happens(malice.lies) && !of_others.is_empty() {
            let unreadable = chance.happens(300).then(|| of_others.clone());
            out.push(encode(&Body::Receipt(Receipt {
                delivered: of_others,
                read_up_to: u64::MAX,
                unreadable: unreadable.unwrap_or_default(),
            })));
        }
        if chance.happens(malice.babbles) {
            out.push(babble(chance));
        }
        if chance.happens(malice.floods) {
            let demands = (0..FLOOD).map(|_| encode(&Body::Signal(demand(chance))));
            out.extend(demands);
        }
        remember(&mut malice.said, body);
        malice.done += out.len();
        out
    }
}
