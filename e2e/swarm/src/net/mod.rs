//! The network between people and supernodes: links that are ordered and reliable while they last,
//! as WebSockets and data channels are. What goes wrong with them is delay, an end that is gone
//! without a word, and networks that do not reach each other, in one direction or both.

pub mod nat;
pub mod partition;
pub mod pipe;
pub mod quality;

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::effects::LinkId;
use shared::base::time::Timestamp;

use crate::chance::Chance;
use crate::world::household::PROGRAMS;
use partition::Partitions;
use pipe::{Item, Side, Wire};
use quality::Quality;

/// Whoever is on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// A person's page.
    Person(usize),
    /// A supernode.
    Node(usize),
    /// Somebody with a program of their own.
    Stranger(usize),
    /// A program of a household: its number, and which.
    Program(usize, usize),
}

impl End {
    /// The person whose page it is.
    #[must_use]
    pub fn person(self) -> Option<usize> {
        match self {
            Self::Person(person) => Some(person),
            Self::Node(_) | Self::Stranger(_) | Self::Program(..) => None,
        }
    }
}

/// The nearest and the farthest two ends can be from each other.
const LATENCY: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(140));
/// What a WebSocket sent and nobody confirmed is given up after this time (TCP user timeout).
pub const SOCKET_PATIENCE: Duration = Duration::from_secs(45);
/// Without consent for this long a data channel is over (RFC 7675 §5.1).
pub const CHANNEL_PATIENCE: Duration = Duration::from_secs(30);

/// What arrived at an end.
#[derive(Debug)]
pub struct Arrival {
    /// Whose.
    pub end: End,
    /// Their name for the link.
    pub link: LinkId,
    /// What.
    pub item: Item,
}

/// See the module.
#[derive(Debug)]
pub struct Net {
    wires: BTreeMap<u64, Wire>,
    plugs: BTreeMap<(End, LinkId), (u64, Side)>,
    next: u64,
    /// Who reaches whom.
    pub partitions: Partitions,
    /// Added to everything that goes to or comes from an end.
    pub drag: BTreeMap<End, Duration>,
    /// Whose way to the network is not the best.
    pub quality: BTreeMap<End, Quality>,
    seed: u64,
    chance: Chance,
}

impl Net {
    /// An empty network.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            wires: BTreeMap::new(),
            plugs: BTreeMap::new(),
            next: 0,
            partitions: Partitions::default(),
            drag: BTreeMap::new(),
            quality: BTreeMap::new(),
            seed,
            chance: Chance::new(seed, u64::from_be_bytes(*b"network.")),
        }
    }

    /// How long something takes from one end to another, this time.
    pub fn latency(&mut self, from: End, to: End) -> Duration {
        let place = |end| match end {
            End::Person(n) => n as u64 * 4,
            End::Node(n) => n as u64 * 4 + 1,
            End::Stranger(n) => n as u64 * 4 + 2,
            End::Program(n, which) => (n * PROGRAMS + which) as u64 * 4 + 3,
        };
        let (low, high) = (place(from).min(place(to)), place(from).max(place(to)));
        let distance = Chance::new(self.seed, (low << 32) | high).between(LATENCY.0, LATENCY.1);
        let drag = [from, to].map(|end| self.drag.get(&end).copied().unwrap_or_default());
        let ways = [from, to].map(|end| self.quality_of(end).delay(&mut self.chance));
        distance + drag[0] + drag[1] + ways[0] + ways[1]
    }

    /// An end's way to the network becomes good or bad.
    pub fn set_quality(&mut self, end: End, quality: Quality) {
        match quality == Quality::default() {
            true => self.quality.remove(&end),
            false => self.quality.insert(end, quality),
        };
    }

    fn quality_of(&self, end: End) -> Quality {
        self.quality.get(&end).copied().unwrap_or_default()
    }

    /// When the copies of a datagram arrive, from now on; none if it is lost.
    pub fn datagram(&mut self, from: End, to: End) -> Vec<Duration> {
        if !self.partitions.reaches(from, to) {
            return Vec::new();
        }
        let way = self.latency(from, to);
        let mut copies = self.quality_of(from).copies(&mut self.chance);
        if self.quality_of(to).copies(&mut self.chance).is_empty() {
            copies.clear();
        }
        copies.into_iter().map(|late| way + late).collect()
    }

    /// Joins two ends; both are open at once.
    pub fn join(&mut self, patience: Duration, a: (End, LinkId), b: (End, LinkId)) {
        self.next += 1;
        self.wires.insert(self.next, Wire::new(a, b, patience));
        self.plugs.insert(a, (self.next, Side::A));
        self.plugs.insert(b, (self.next, Side::B));
    }

    /// Whether this end has the link.
    #[must_use]
    pub fn has(&self, end: End, link: LinkId) -> bool {
        self.plugs.contains_key(&(end, link))
    }

    /// Who is at the other side of a link.
    #[must_use]
    pub fn other(&self, end: End, link: LinkId) -> Option<(End, LinkId)> {
        let (wire, side) = self.plugs.get(&(end, link))?;
        Some(self.wires.get(wire)?.plug(side.other()))
    }

    /// The links of an end, in order.
    #[must_use]
    pub fn links(&self, end: End) -> Vec<LinkId> {
        let all = (end, LinkId(0))..=(end, LinkId(u64::MAX));
        self.plugs.range(all).map(|((_, link), _)| *link).collect()
    }

    /// Puts something on a link. Gives the wire and when to look at it; nothing when there is no link.
    pub fn send(
        &mut self,
        now: Timestamp,
        end: End,
        link: LinkId,
        item: Item,
    ) -> Option<(Timestamp, u64)> {
        let (id, side) = *self.plugs.get(&(end, link))?;
        let to = self.wires.get(&id)?.plug(side.other()).0;
        let mut latency = self.latency(end, to);
        for end in [end, to] {
            latency += self.quality_of(end).resent(&mut self.chance);
        }
        let wire = self.wires.get_mut(&id)?;
        Some((wire.send(side, now.after(latency), item), id))
    }

    /// This end closes a link; the other hears of it in order, unless the end just `vanishes`.
    pub fn close(
        &mut self,
        now: Timestamp,
        end: End,
        link: LinkId,
        vanishes: bool,
    ) -> Option<(Timestamp, u64)> {
        let sent = if vanishes {
            None
        } else {
            self.send(now, end, link, Item::Closed)
        };
        let (id, side) = self.plugs.remove(&(end, link))?;
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.close(side);
        }
        self.tidy(id);
        sent
    }

    /// Looks at a wire: what has arrived, and when to look again because something is stuck.
    pub fn look(&mut self, now: Timestamp, id: u64) -> (Vec<Arrival>, Option<Timestamp>) {
        let mut arrivals = Vec::new();
        let mut again: Option<Timestamp> = None;
        for side in [Side::A, Side::B] {
            let Some(wire) = self.wires.get_mut(&id) else {
                break;
            };
            let (from, to) = (wire.plug(side), wire.plug(side.other()));
            let reached = self.partitions.reaches(from.0, to.0);
            let back = self.partitions.reaches(to.0, from.0);
            let outcome = wire.advance(side, now, reached, back);
            for (at, item) in outcome.arrived {
                let (end, link) = wire.plug(at);
                arrivals.push(Arrival { end, link, item });
            }
            again = again.into_iter().chain(outcome.look_at).min();
        }
        let ended = |arrival: &&Arrival| matches!(arrival.item, Item::Closed);
        for arrival in arrivals.iter().filter(ended) {
            self.plugs.remove(&(arrival.end, arrival.link));
        }
        self.tidy(id);
        (arrivals, again)
    }

    /// Every wire, for looking at all of them when networks reach each other again.
    #[must_use]
    pub fn all(&self) -> Vec<u64> {
        self.wires.keys().copied().collect()
    }

    fn tidy(&mut self, id: u64) {
        if self.wires.get(&id).is_some_and(Wire::is_over) {
            self.wires.remove(&id);
        }
    }
}
