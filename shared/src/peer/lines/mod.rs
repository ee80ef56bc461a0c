//! Sessions with supernodes: one *home* line for each of my homes, and *courier* lines to the homes
//! of contacts, opened when there is something to deposit and closed when idle. Each line [tries](race) its
//! routes, with growing pauses, for as long as it is wanted.

mod race;
mod session;
mod time;
pub mod view;

use crate::base::effects::LinkId;
use crate::base::id::{EnvelopeId, NodeId, PersonaId};
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::random::below;
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::gates::{Gates, Pass};
use crate::invite::Home;
use crate::mailbox::capability::CapabilitySerial;
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
use crate::peer::Cx;
use crate::peer::allowance::{Allowance, DISPLACED, USELESS};
use crate::peer::io::Outgoing;
use crate::peer::view::{RouteProblem, SupernodeState};
use crate::session::client::{ClientSession, Role};
use crate::session::offer::Offer;
use crate::session::route::Route;
use crate::session::wire::DepositReceipt;
use alloc::boxed::Box;
use race::Race;

use alloc::vec::Vec;
use core::time::Duration;

/// A courier line that has carried nothing for this long is closed.
const COURIER_IDLE: Duration = Duration::from_secs(90);
/// First pause after a failure; doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(400);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Longest pause that a supernode may ask for, and the pause when it does not take me.
const REFUSED_PAUSE: Duration = Duration::from_secs(600);
/// Live envelopes that wait for a line that is being opened.
const LIVE_WAITING_MAX: usize = 64;
/// Life of such an envelope: signalling older than this helps nobody.
const LIVE_WAITING: Duration = Duration::from_secs(8);

/// Lines at a time, to my homes and to those of contacts.
const LINES_MAX: usize = 512;

/// What a line tells the peer.
pub enum LineEvent {
    /// Open for deposits (and, for a home, deliveries).
    Ready(NodeId, Role),
    /// Closed.
    Down(NodeId, Role),
    /// Answers to deposits, each with its entry of the outbox; of live envelopes there is none.
    Receipts(NodeId, Vec<(Option<u64>, DepositReceipt)>),
    /// Envelopes for me, by a home of mine.
    Deliveries(NodeId, LinkId, Vec<Delivery>),
    /// A home of mine asks for something before it keeps a mailbox for me.
    Gate(NodeId, Gates),
    /// A home asks for something with the first contact in this envelope; the answer to it follows.
    Asked(NodeId, EnvelopeId, Gates),
    /// What a home has of my key packages: how many for one use, and whether one of last resort.
    Packages(NodeId, u32, bool),
    /// A key package of a contact, with their device list, if there is one.
    Package(PersonaId, Option<(Vec<u8>, Vec<u8>)>),
    /// What a home of mine has done about capabilities that I took back.
    Revoked(NodeId, DepositCode, Vec<CapabilitySerial>),
    /// What a home of mine has done about who may ask, and for how much work.
    Opened(NodeId, DepositCode, u8),
    /// STUN and TURN servers of a home of mine.
    Turn(NodeId, Offer),
    /// Something to show has changed.
    Changed,
}

#[derive(Debug)]
enum State {
    Idle,
    Pausing(Timestamp),
    Trying(Race),
    /// With a supernode that has proved its key.
    Open(LinkId, Box<ClientSession>),
}

/// Why a line is not open, or a route of it does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Unreachable,
    WrongKey,
    Incompatible,
    NoRoom,
    Gate,
}

struct Line {
    routes: Vec<Route>,
    /// What is wrong with each of them.
    problems: Vec<Option<RouteProblem>>,
    /// The one that works, or did last.
    good_route: Option<usize>,
    state: State,
    problem: Option<Problem>,
    failures: u32,
    used: Timestamp,
    since: Option<Timestamp>,
    rtt_ms: Option<u32>,
    waiting: Vec<(Timestamp, Envelope)>,
    useless: Allowance,
    /// What is asked of whoever registers.
    asked: Gates,
    /// What is shown with a claim.
    pass: Option<Pass>,
}

/// All lines.
#[derive(Default)]
pub struct Lines {
    lines: SortedMap<(NodeId, Role), Line>,
    by_link: SortedMap<LinkId, (NodeId, Role)>,
    /// Requests that an entry of the outbox waits for.
    posted: SortedMap<(LinkId, u32), u64>,
    next_request: u32,
    displaced: Allowance,
    /// Whether the browser has a network.
    pub online: bool,
}

impl Lines {
    /// Whether `link` belongs to a line.
    pub fn owns(&self, link: LinkId) -> bool {
        self.by_link.contains_key(&link)
    }

    /// Whether a line to `node` is open.
    pub fn is_ready(&self, node: &NodeId, role: Role) -> bool {
        self.lines.get(&(*node, role)).is_some_and(
            |line| matches!(&line.state, State::Open(_, session) if session.is_ready()),
        )
    }

    /// Whether deposits at `node` can be expected to arrive: a line is open, or the last one closed
    /// for idleness only.
    pub fn is_reachable(&self, node: &NodeId) -> bool {
        self.online
            && (self.is_ready(node, Role::Courier)
                || self.is_ready(node, Role::Home)
                || self.lines.get(&(*node, Role::Courier)).is_some_and(|line| {
                    matches!(line.state, State::Idle)
                        && line.problem.is_none()
                        && line.since.is_some()
                }) && !self.lines.contains_key(&(*node, Role::Home)))
    }

    /// Longest life of an envelope at a home of mine, as it said.
    pub fn keep_of(&self, node: &NodeId) -> Duration {
        match self.lines.get(&(*node, Role::Home)).map(|line| &line.state) {
            Some(State::Open(_, session)) => session.keep(),
            _ => KEEP_TTL_MAX,
        }
    }

    /// Whether a home is there, and speaks no `version` of the session.
    pub fn is_older(&self, home: &NodeId, version: u32) -> bool {
        let line = self.lines.get(&(*home, Role::Home));
        line.is_some_and(|line| match &line.state {
            State::Open(_, session) => session.is_ready() && session.version() < version,
            _ => false,
        })
    }

    /// Sends a frame that came with `version` of the session; `false` when that cannot be.
    pub fn send(
        &mut self,
        cx: &mut Cx<'_>,
        key: (NodeId, Role),
        version: u32,
        frame: impl FnOnce() -> Vec<u8>,
    ) -> bool {
        let Some(line) = self.lines.get_mut(&key) else {
            return false;
        };
        match &line.state {
            State::Open(link, session) if session.is_ready() && session.version() >= version => {
                line.used = cx.now;
                cx.out.send(*link, Outgoing::Message(frame()));
                true
            }
            _ => false,
        }
    }

    /// Makes the home lines those of `homes`, and dials.
    pub fn set_homes(&mut self, cx: &mut Cx<'_>, homes: &[Home]) {
        let gone: Vec<_> = self
            .lines
            .keys()
            .filter(|(node, role)| {
                *role == Role::Home && homes.iter().all(|home| home.node != *node)
            })
            .copied()
            .collect();
        for key in gone {
            self.close(cx, key);
            self.lines.remove(&key);
        }
        for home in homes {
            self.want(cx, home, Role::Home);
        }
    }

    /// Asks for a line; opens it unless it is open, being opened or pausing.
    pub fn want(&mut self, cx: &mut Cx<'_>, home: &Home, role: Role) {
        let key = (home.node, role);
        if !self.make_room(cx, key) {
            return;
        }
        let line = self.lines.get_or_insert_with(key, || Line {
            routes: Vec::new(),
            problems: Vec::new(),
            good_route: None,
            state: State::Idle,
            problem: None,
            failures: 0,
            used: cx.now,
            since: None,
            rtt_ms: None,
            waiting: Vec::new(),
            useless: Allowance::default(),
            asked: Gates::OPEN,
            pass: None,
        });
        let Some(line) = line else { return };
        line.used = cx.now;
        line.set_routes(&home.routes);
        if matches!(line.state, State::Idle) && self.online {
            self.dial(cx, key);
        }
    }

    /// At [`LINES_MAX`] the courier that is not open and was used longest ago gives way, within
    /// [`DISPLACED`] if it waits to be dialled again: contacts may name new homes again and again. Whether
    /// there is room.
    fn make_room(&mut self, cx: &mut Cx<'_>, wanted: (NodeId, Role)) -> bool {
        if self.lines.len() < LINES_MAX || self.lines.contains_key(&wanted) {
            return true;
        }
        let oldest = self
            .lines
            .iter()
            .filter(|((_, role), line)| {
                *role == Role::Courier && !matches!(line.state, State::Open(..))
            })
            .min_by_key(|(_, line)| (!matches!(line.state, State::Idle), line.used))
            .map(|(key, line)| (*key, matches!(line.state, State::Idle)));
        let Some((key, idle)) = oldest else {
            return false;
        };
        if !idle && !self.displaced.take(DISPLACED, cx.now, 1) {
            return false;
        }
        self.close(cx, key);
        self.lines.remove(&key);
        true
    }

    /// A home has brought `count` kept envelopes that are good for nothing. One that goes on with that is
    /// left alone for [`PAUSE_MAX`]; what it still keeps is not lost.
    pub fn note_useless(&mut self, cx: &mut Cx<'_>, link: LinkId, count: u32) -> Vec<LineEvent> {
        let Some(line) = self
            .by_link
            .get(&link)
            .and_then(|key| self.lines.get_mut(key))
        else {
            return Vec::new();
        };
        if line.useless.take(USELESS, cx.now, count) {
            return Vec::new();
        }
        cx.out.hang_up(link);
        self.fail(cx, link, Problem::Unreachable, PAUSE_MAX)
    }

    /// The carrier of a line is open.
    pub fn link_up(&mut self, cx: &mut Cx<'_>, link: LinkId, binding: Vec<u8>) {
        let Some(&(node, role)) = self.by_link.get(&link) else {
            return;
        };
        if let Some(line) = self.lines.get_mut(&(node, role))
            && let State::Trying(race) = &mut line.state
        {
            let session = ClientSession::new(cx.now, node, role, binding).showing(line.pass);
            race.up(link, session);
        }
    }

    /// The carrier of a line failed or closed.
    pub fn link_down(&mut self, cx: &mut Cx<'_>, link: LinkId) -> Vec<LineEvent> {
        self.fail(cx, link, Problem::Unreachable, Duration::ZERO)
    }

    /// Shows this at a home from now on, and claims at once.
    pub fn show(&mut self, cx: &mut Cx<'_>, node: NodeId, pass: Pass) {
        let key = (node, Role::Home);
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        line.pass = Some(pass);
        if matches!(line.state, State::Pausing(_) | State::Idle) && self.online {
            self.dial(cx, key);
        }
    }

    /// State of a line, its round trip and since when it is open.
    pub fn describe(
        &self,
        node: &NodeId,
        role: Role,
    ) -> (SupernodeState, Option<u32>, Option<Timestamp>) {
        let Some(line) = self.lines.get(&(*node, role)) else {
            return (SupernodeState::Connecting, None, None);
        };
        match (&line.state, line.problem) {
            (State::Open(_, session), _) if session.is_ready() => {
                (SupernodeState::Connected, line.rtt_ms, line.since)
            }
            (_, Some(Problem::WrongKey)) => (SupernodeState::WrongKey, None, None),
            (_, Some(Problem::NoRoom)) => (SupernodeState::NoRoom, None, None),
            (_, Some(Problem::Gate)) => (SupernodeState::Gate(line.asked), None, None),
            (_, Some(Problem::Incompatible)) => (SupernodeState::Incompatible, None, None),
            (State::Pausing(until), _) => (SupernodeState::Waiting(*until), None, None),
            _ => (SupernodeState::Connecting, None, None),
        }
    }

    fn close(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        for link in line.links() {
            cx.out.hang_up(link);
            self.by_link.remove(&link);
            self.posted.retain(|(of, _), _| *of != link);
        }
        line.state = State::Idle;
    }

    /// A link of a line has ended. The line goes on while other routes may work.
    fn fail(
        &mut self,
        cx: &mut Cx<'_>,
        link: LinkId,
        problem: Problem,
        at_least: Duration,
    ) -> Vec<LineEvent> {
        let Some(key) = self.by_link.remove(&link) else {
            return Vec::new();
        };
        self.posted.retain(|(of, _), _| *of != link);
        let Some(line) = self.lines.get_mut(&key) else {
            return Vec::new();
        };
        let mut at_least = at_least;
        if matches!(line.state, State::Trying(_)) {
            line.lose(link, problem);
            let State::Trying(race) = &mut line.state else {
                return Vec::new();
            };
            at_least = race.pause_at_least(at_least);
            if !race.is_lost() {
                self.try_next(cx, key);
                return Vec::new();
            }
        }
        let doubled = PAUSE_MIN
            .saturating_mul(1 << line.failures.min(10))
            .min(PAUSE_MAX);
        let jitter =
            Duration::from_millis(below(cx.random, crate::base::time::millis(doubled) / 2));
        line.failures = line.failures.saturating_add(1);
        line.problem = Some(problem);
        line.since = None;
        line.state = State::Pausing(cx.now.after((doubled + jitter).max(at_least)));
        Vec::from([LineEvent::Down(key.0, key.1)])
    }
}

#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod tests;
