//! What goes over the wire, by what it is for; and what takes how long.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use minicbor::Decoder;
use shared::base::codec;
use shared::base::id::EnvelopeId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::wire::{ClientFrame, NodeFrame};

use super::day::Day;
use crate::check::blind::holds;
use crate::fields::Fields;
use crate::net::End;
use crate::world::Person;

/// What bytes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Messages in envelopes, to a home and from it.
    Kept,
    /// Receipts in envelopes, to a home and from it.
    KeptReceipts,
    /// First contacts and cards in envelopes.
    Contacts,
    /// Live envelopes: signalling by way of homes.
    Live,
    /// Messages over channels.
    Channel,
    /// Receipts over channels.
    ChannelReceipts,
    /// Everything else over channels.
    ChannelSignals,
    /// Answers to deposits and acknowledgements of what was handed over.
    Answers,
    /// The beginning of sessions, and refusals.
    Sessions,
    /// Pings and pongs.
    KeepAlive,
    /// Key packages.
    Packages,
}

impl Kind {
    /// All, in the order in which they are shown, by name.
    pub const ALL: [(Self, &str); 11] = [
        (Self::Kept, "kept messages"),
        (Self::KeptReceipts, "kept receipts"),
        (Self::Contacts, "contacts and cards"),
        (Self::Live, "live envelopes (signalling)"),
        (Self::Channel, "messages over channels"),
        (Self::ChannelReceipts, "receipts over channels"),
        (Self::ChannelSignals, "signalling over channels"),
        (Self::Answers, "answers of and to supernodes"),
        (Self::Sessions, "beginnings of sessions"),
        (Self::KeepAlive, "pings"),
        (Self::Packages, "key packages"),
    ];
}

/// Calls, and what they took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Calls {
    /// How many.
    pub count: u64,
    /// Real time.
    pub real: Duration,
}

impl Calls {
    /// One more.
    pub fn add(&mut self, real: Duration) {
        self.count += 1;
        self.real += real;
    }
}

/// Times one call, if it is to be measured. Nothing depends on it.
#[derive(Debug)]
pub struct Watch(Option<Instant>);

impl Watch {
    /// The call begins.
    #[must_use]
    pub fn start(day: &Option<Box<Day>>) -> Self {
        let running = day.as_ref().is_some_and(|day| day.meter.running);
        Self(running.then(Instant::now))
    }

    /// It is over.
    pub fn stop(self, day: &mut Option<Box<Day>>, calls: fn(&mut Meter) -> &mut Calls) {
        if let (Some(start), Some(day)) = (self.0, day) {
            calls(&mut day.meter).add(start.elapsed());
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Meter {
    /// Whether bytes are counted.
    pub running: bool,
    /// Bytes by kind.
    pub bytes: BTreeMap<Kind, u64>,
    /// Peers' calls.
    pub peers: Calls,
    /// Peers from their disk.
    pub loads: Calls,
    /// Relays' calls.
    pub relays: Calls,
    /// Pages closed while a heap was measured, and the bytes that this freed.
    pub freed: (u64, u64),
    envelopes: BTreeMap<EnvelopeId, Kind>,
}

impl Meter {
    fn count(&mut self, kind: Kind, bytes: usize) {
        if self.running {
            *self.bytes.entry(kind).or_default() += bytes as u64;
        }
    }

    /// A page was closed, and that freed so many bytes.
    pub fn freed(&mut self, bytes: u64) {
        if self.running {
            self.freed.0 += 1;
            self.freed.1 += bytes;
        }
    }

    /// A page sends.
    pub fn person_sends(&mut self, person: &Person, to: Option<End>, bytes: &[u8]) {
        let variant = variant(bytes);
        if let Some(End::Person(_)) = to {
            let kind = match variant {
                Some(BODY_MESSAGE) => Kind::Channel,
                Some(BODY_RECEIPT) => Kind::ChannelReceipts,
                _ => Kind::ChannelSignals,
            };
            return self.count(kind, bytes.len());
        }
        let kind = match variant {
            Some(2) => self.deposit(person, bytes),
            Some(3) => Kind::Answers,
            Some(4) => Kind::KeepAlive,
            Some(7 | 8) => Kind::Packages,
            _ => Kind::Sessions,
        };
        self.count(kind, bytes.len());
    }

    /// What is in an envelope, only its author's disk can tell.
    fn deposit(&mut self, person: &Person, bytes: &[u8]) -> Kind {
        let frame = codec::decode::<ClientFrame>(bytes, FRAME_BYTES_MAX);
        let Ok(ClientFrame::Deposit { envelope, .. }) = frame else {
            return Kind::Sessions;
        };
        if envelope.keep_seconds == 0 {
            return Kind::Live;
        }
        let mut outbox = person.disk.kept.range(vec![OUTBOX]..vec![OUTBOX + 1]);
        let entry = outbox.find(|(_, record)| holds(record, &envelope.id.0));
        let kind = entry.and_then(|(_, record)| kind_of(record));
        let kind = kind.unwrap_or(Kind::Contacts);
        self.envelopes.insert(envelope.id, kind);
        kind
    }

    /// A supernode sends.
    pub fn node_sends(&mut self, bytes: &[u8]) {
        let kind = match variant(bytes) {
            Some(4) => return self.delivers(bytes),
            Some(3) => Kind::Answers,
            Some(5) => Kind::KeepAlive,
            Some(8 | 9) => Kind::Packages,
            _ => Kind::Sessions,
        };
        self.count(kind, bytes.len());
    }

    fn delivers(&mut self, bytes: &[u8]) {
        let frame = codec::decode::<NodeFrame>(bytes, FRAME_BYTES_MAX);
        let Ok(NodeFrame::Deliver { deliveries }) = frame else {
            return;
        };
        let inside: usize = deliveries.iter().map(|it| it.bytes.len()).sum();
        let around = bytes.len().saturating_sub(inside) / deliveries.len().max(1);
        for delivery in deliveries {
            let kind = match self.envelopes.get(&delivery.id) {
                _ if delivery.sequence == 0 => Kind::Live,
                Some(kind) => *kind,
                None => Kind::Contacts,
            };
            self.count(kind, delivery.bytes.len() + around);
        }
    }
}

/// First byte of the keys under which a page keeps what is on its way.
const OUTBOX: u8 = b'o';
/// Field of such a record: what it is.
const WHAT: u32 = 3;
/// Numbers of [`shared::mailbox::parcel::Body`].
const BODY_MESSAGE: u32 = 2;
const BODY_RECEIPT: u32 = 3;

/// The number of an enum's variant.
fn variant(bytes: &[u8]) -> Option<u32> {
    let mut decoder = Decoder::new(bytes);
    decoder.array().ok()?;
    decoder.u32().ok()
}

/// What an entry of an outbox will be in an envelope.
fn kind_of(record: &[u8]) -> Option<Kind> {
    let mut what = Decoder::new(Fields::of(record)?.raw(WHAT)?);
    what.array().ok()?;
    if what.u32().ok()? == 1 {
        return Some(Kind::Kept);
    }
    what.array().ok()?;
    let body = variant(what.bytes().ok()?)?;
    Some(if body == BODY_RECEIPT {
        Kind::KeptReceipts
    } else {
        Kind::Contacts
    })
}
