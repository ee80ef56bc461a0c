//! Sessions with supernodes: one *home* line for each of my homes, and *courier* lines to the homes
//! of contacts, opened when there is something to deposit and closed when idle. Each line dials its
//! routes in turn, with growing pauses, for as long as it is wanted.

mod session;
mod time;

use crate::base::effects::LinkId;
use crate::base::id::{NodeId, PersonaId};
use crate::base::random::below;
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::mailbox::wire::{Delivery, Envelope};
use crate::peer::Cx;
use crate::peer::io::Target;
use crate::peer::view::SupernodeState;
use crate::session::client::{ClientSession, Role};
use crate::session::route::{Route, Scheme};
use crate::session::wire::DepositReceipt;
use alloc::boxed::Box;

use alloc::vec::Vec;
use core::time::Duration;

/// A courier line that has carried nothing for this long is closed.
const COURIER_IDLE: Duration = Duration::from_secs(90);
/// First pause after a failure; doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(400);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Live envelopes that wait for a line that is being opened.
const LIVE_WAITING_MAX: usize = 64;
/// Life of such an envelope: signalling older than this helps nobody.
const LIVE_WAITING: Duration = Duration::from_secs(8);

/// What a deposit was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// An entry of the outbox.
    Out(u64),
    /// Signalling for a contact.
    Live(PersonaId),
}

/// What a line tells the peer.
pub enum LineEvent {
    /// Open for deposits (and, for a home, deliveries).
    Ready(Role),
    /// Closed.
    Down(NodeId, Role),
    /// Answers to deposits.
    Receipts(NodeId, Vec<(Posted, DepositReceipt)>),
    /// Envelopes for me, by a home of mine.
    Deliveries(NodeId, LinkId, Vec<Delivery>),
    /// Something to show has changed.
    Changed,
}

#[derive(Debug)]
enum State {
    Idle,
    Pausing(Timestamp),
    Dialling(LinkId),
    Open(LinkId, Box<ClientSession>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    Unreachable,
    WrongKey,
    Incompatible,
}

struct Line {
    routes: Vec<Route>,
    next_route: usize,
    state: State,
    problem: Option<Problem>,
    failures: u32,
    used: Timestamp,
    since: Option<Timestamp>,
    rtt_ms: Option<u32>,
    waiting: Vec<(Timestamp, PersonaId, Envelope)>,
}

/// All lines.
#[derive(Default)]
pub struct Lines {
    lines: SortedMap<(NodeId, Role), Line>,
    by_link: SortedMap<LinkId, (NodeId, Role)>,
    posted: SortedMap<(LinkId, u32), Posted>,
    next_request: u32,
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
        let line = self.lines.get_or_insert_with(key, || Line {
            routes: Vec::new(),
            next_route: 0,
            state: State::Idle,
            problem: None,
            failures: 0,
            used: cx.now,
            since: None,
            rtt_ms: None,
            waiting: Vec::new(),
        });
        let Some(line) = line else { return };
        line.used = cx.now;
        if line.routes != home.routes {
            line.routes.clone_from(&home.routes);
            line.next_route = 0;
        }
        if matches!(line.state, State::Idle) && self.online {
            self.dial(cx, key);
        }
    }

    /// The carrier of a line is open.
    pub fn link_up(&mut self, cx: &mut Cx<'_>, link: LinkId, binding: Vec<u8>) {
        let Some(&(node, role)) = self.by_link.get(&link) else {
            return;
        };
        if let Some(line) = self.lines.get_mut(&(node, role)) {
            line.state = State::Open(
                link,
                Box::new(ClientSession::new(cx.now, node, role, binding)),
            );
        }
    }

    /// The carrier of a line failed or closed.
    pub fn link_down(&mut self, cx: &mut Cx<'_>, link: LinkId) -> Vec<LineEvent> {
        self.fail(cx, link, Problem::Unreachable, Duration::ZERO)
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
            (_, Some(Problem::Incompatible)) => (SupernodeState::Incompatible, None, None),
            (State::Pausing(until), _) => (SupernodeState::Waiting(*until), None, None),
            _ => (SupernodeState::Connecting, None, None),
        }
    }

    fn dial(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        let count = line.routes.len();
        let route = (0..count)
            .filter_map(|step| line.routes.get((line.next_route + step) % count))
            .find(|route| route.scheme() != Scheme::Unknown)
            .cloned();
        let Some(route) = route else {
            line.problem = Some(Problem::Incompatible);
            line.state = State::Pausing(cx.now.after(PAUSE_MAX));
            return;
        };
        line.next_route = line.next_route.wrapping_add(1) % count.max(1);
        let link = cx.new_link();
        line.state = State::Dialling(link);
        self.by_link.insert(link, key);
        cx.out.dial(link, Target::Supernode { route });
    }

    fn close(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        if let State::Dialling(link) | State::Open(link, _) = line.state {
            cx.out.hang_up(link);
            self.by_link.remove(&link);
            self.posted.retain(|(of, _), _| *of != link);
        }
        line.state = State::Idle;
    }

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
