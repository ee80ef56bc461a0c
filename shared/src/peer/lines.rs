//! Sessions with supernodes: one *home* line for each of my homes, and *courier* lines to the homes
//! of contacts, opened when there is something to deposit and closed when idle. Each line dials its
//! routes in turn, with growing pauses, for as long as it is wanted.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use super::io::{Outgoing, Target};
use super::{Cx, view::SupernodeState};
use crate::base::effects::LinkId;
use crate::base::id::{NodeId, PersonaId};
use crate::base::random::below;
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::mailbox::wire::{Delivery, Envelope};
use crate::session::client::{Claim, ClientSession, Event, Role, SessionError, deposit_frame};
use crate::session::route::{Route, Scheme};
use crate::session::wire::{DepositReceipt, Refusal};

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
    /// Envelopes for me.
    Deliveries(LinkId, Vec<Delivery>),
    /// Something to show has changed.
    Changed,
}

#[derive(Debug)]
enum State {
    Idle,
    Pausing(Timestamp),
    Dialling(LinkId),
    Open(LinkId, ClientSession),
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
    lines: BTreeMap<(NodeId, Role), Line>,
    by_link: BTreeMap<LinkId, (NodeId, Role)>,
    posted: BTreeMap<(LinkId, u32), Posted>,
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
        self.lines
            .get(&(*node, role))
            .is_some_and(|line| matches!(&line.state, State::Open(_, session) if session.is_ready()))
    }

    /// Whether deposits at `node` can be expected to arrive: a line is open, or the last one closed
    /// for idleness only.
    pub fn is_reachable(&self, node: &NodeId) -> bool {
        self.online
            && (self.is_ready(node, Role::Courier)
                || self.is_ready(node, Role::Home)
                || self.lines.get(&(*node, Role::Courier)).is_some_and(|line| {
                    matches!(line.state, State::Idle) && line.problem.is_none() && line.since.is_some()
                }) && !self.lines.contains_key(&(*node, Role::Home)))
    }

    /// Makes the home lines those of `homes`, and dials.
    pub fn set_homes(&mut self, cx: &mut Cx<'_>, homes: &[Home]) {
        let gone: Vec<_> = self
            .lines
            .keys()
            .filter(|(node, role)| *role == Role::Home && homes.iter().all(|home| home.node != *node))
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
        let line = self.lines.entry(key).or_insert_with(|| Line {
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
        line.used = cx.now;
        if line.routes != home.routes {
            line.routes.clone_from(&home.routes);
            line.next_route = 0;
        }
        if matches!(line.state, State::Idle) && self.online {
            self.dial(cx, key);
        }
    }

    /// Deposits an envelope over an open courier line; `false` when none is open.
    pub fn deposit(&mut self, cx: &mut Cx<'_>, node: &NodeId, envelope: Envelope, what: Posted) -> bool {
        let Some(line) = self.lines.get_mut(&(*node, Role::Courier)) else { return false };
        let State::Open(link, session) = &line.state else { return false };
        if !session.is_ready() {
            return false;
        }
        line.used = cx.now;
        self.next_request = self.next_request.wrapping_add(1);
        self.posted.insert((*link, self.next_request), what);
        cx.out.send(*link, Outgoing::Message(deposit_frame(self.next_request, envelope)));
        true
    }

    /// Deposits a live envelope now, or as soon as the line that is being opened is open.
    pub fn deposit_live(&mut self, cx: &mut Cx<'_>, home: &Home, to: PersonaId, envelope: Envelope) {
        self.want(cx, home, Role::Courier);
        if self.deposit(cx, &home.node, envelope.clone(), Posted::Live(to)) {
            return;
        }
        if let Some(line) = self.lines.get_mut(&(home.node, Role::Courier))
            && line.waiting.len() < LIVE_WAITING_MAX
        {
            line.waiting.push((cx.now, to, envelope));
        }
    }

    /// The carrier of a line is open.
    pub fn link_up(&mut self, cx: &mut Cx<'_>, link: LinkId, binding: Vec<u8>) {
        let Some(&(node, role)) = self.by_link.get(&link) else { return };
        if let Some(line) = self.lines.get_mut(&(node, role)) {
            line.state = State::Open(link, ClientSession::new(cx.now, node, role, binding));
        }
    }

    /// The carrier of a line failed or closed.
    pub fn link_down(&mut self, cx: &mut Cx<'_>, link: LinkId) -> Vec<LineEvent> {
        self.fail(cx, link, Problem::Unreachable, Duration::ZERO)
    }

    /// A message came on a line.
    pub fn receive(&mut self, cx: &mut Cx<'_>, link: LinkId, bytes: &[u8], claim: Option<&Claim<'_>>) -> Vec<LineEvent> {
        let Some(&(node, role)) = self.by_link.get(&link) else { return Vec::new() };
        let Some(line) = self.lines.get_mut(&(node, role)) else { return Vec::new() };
        let State::Open(_, session) = &mut line.state else { return Vec::new() };
        let mut frames = Vec::new();
        let result = session.receive(cx.now, bytes, claim, cx.random, &mut frames);
        for frame in frames {
            cx.out.send(link, Outgoing::Message(frame));
        }
        match result {
            Ok(None) => Vec::new(),
            Ok(Some(Event::Ready)) => {
                line.failures = 0;
                line.problem = None;
                line.since = Some(cx.now);
                line.used = cx.now;
                let waiting = core::mem::take(&mut line.waiting);
                for (at, to, envelope) in waiting {
                    if cx.now.since(at) < LIVE_WAITING {
                        self.deposit(cx, &node, envelope, Posted::Live(to));
                    }
                }
                Vec::from([LineEvent::Ready(role)])
            }
            Ok(Some(Event::Receipts(receipts))) => {
                let known = receipts
                    .into_iter()
                    .filter_map(|receipt| Some((self.posted.remove(&(link, receipt.request))?, receipt)))
                    .collect();
                Vec::from([LineEvent::Receipts(node, known)])
            }
            Ok(Some(Event::Deliveries(deliveries))) => Vec::from([LineEvent::Deliveries(link, deliveries)]),
            Ok(Some(Event::RoundTrip(ms))) => {
                line.rtt_ms = Some(ms);
                Vec::from([LineEvent::Changed])
            }
            Ok(Some(Event::Refused { code, retry_after_ms })) => match code {
                Refusal::NotClaimed | Refusal::Storage => Vec::new(),
                _ => {
                    cx.out.hang_up(link);
                    self.fail(cx, link, Problem::Unreachable, Duration::from_millis(retry_after_ms.min(600_000)))
                }
            },
            Err(error) => {
                cx.out.hang_up(link);
                let problem = match error {
                    SessionError::WrongKey => Problem::WrongKey,
                    SessionError::Version => Problem::Incompatible,
                    SessionError::Protocol | SessionError::Timeout => Problem::Unreachable,
                };
                self.fail(cx, link, problem, Duration::ZERO)
            }
        }
    }

    /// Time has passed: pauses end, silent sessions are probed, idle couriers closed.
    pub fn tick(&mut self, cx: &mut Cx<'_>) -> Vec<LineEvent> {
        let mut events = Vec::new();
        let keys: Vec<_> = self.lines.keys().copied().collect();
        for key in keys {
            let Some(line) = self.lines.get_mut(&key) else { continue };
            line.waiting.retain(|(at, ..)| cx.now.since(*at) < LIVE_WAITING);
            let idle = key.1 == Role::Courier && cx.now.since(line.used) >= COURIER_IDLE;
            match &mut line.state {
                State::Pausing(until) if *until <= cx.now => {
                    if idle {
                        line.state = State::Idle;
                    } else if self.online {
                        self.dial(cx, key);
                    }
                }
                State::Open(..) if idle => {
                    self.close(cx, key);
                    events.push(LineEvent::Changed);
                }
                State::Open(link, session) => {
                    let (link, mut frames) = (*link, Vec::new());
                    let result = session.tick(cx.now, &mut frames);
                    for frame in frames {
                        cx.out.send(link, Outgoing::Message(frame));
                    }
                    if result.is_err() {
                        cx.out.hang_up(link);
                        events.extend(self.fail(cx, link, Problem::Unreachable, Duration::ZERO));
                    }
                }
                State::Idle | State::Pausing(_) | State::Dialling(_) => {}
            }
        }
        events
    }

    /// The browser's network changed: pauses end at once, open sessions are asked whether they live.
    pub fn network_changed(&mut self, cx: &mut Cx<'_>, online: bool) {
        self.online = online;
        if !online {
            return;
        }
        for line in self.lines.values_mut() {
            match &mut line.state {
                State::Pausing(until) => *until = cx.now,
                State::Open(link, session) => {
                    let mut frames = Vec::new();
                    session.probe(cx.now, &mut frames);
                    for frame in frames {
                        cx.out.send(*link, Outgoing::Message(frame));
                    }
                }
                State::Idle | State::Dialling(_) => {}
            }
        }
        let idle: Vec<_> = self
            .lines
            .iter()
            .filter(|((_, role), line)| *role == Role::Home && matches!(line.state, State::Idle))
            .map(|(key, _)| *key)
            .collect();
        for key in idle {
            self.dial(cx, key);
        }
    }

    /// When [`Self::tick`] is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        let online = self.online;
        self.lines
            .iter()
            .filter_map(|((_, role), line)| {
                let idle = (*role == Role::Courier).then(|| line.used.after(COURIER_IDLE));
                match &line.state {
                    State::Pausing(until) => online.then_some(*until),
                    State::Open(_, session) => core::iter::once(session.deadline()).chain(idle).min(),
                    State::Idle | State::Dialling(_) => None,
                }
            })
            .min()
    }

    /// State of a line, its round trip and since when it is open.
    pub fn describe(&self, node: &NodeId, role: Role) -> (SupernodeState, Option<u32>, Option<Timestamp>) {
        let Some(line) = self.lines.get(&(*node, role)) else { return (SupernodeState::Connecting, None, None) };
        match (&line.state, line.problem) {
            (State::Open(_, session), _) if session.is_ready() => (SupernodeState::Connected, line.rtt_ms, line.since),
            (_, Some(Problem::WrongKey)) => (SupernodeState::WrongKey, None, None),
            (_, Some(Problem::Incompatible)) => (SupernodeState::Incompatible, None, None),
            (State::Pausing(until), _) => (SupernodeState::Waiting(*until), None, None),
            _ => (SupernodeState::Connecting, None, None),
        }
    }

    fn dial(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else { return };
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
        let Some(line) = self.lines.get_mut(&key) else { return };
        if let State::Dialling(link) | State::Open(link, _) = line.state {
            cx.out.hang_up(link);
            self.by_link.remove(&link);
            self.posted.retain(|(of, _), _| *of != link);
        }
        line.state = State::Idle;
    }

    fn fail(&mut self, cx: &mut Cx<'_>, link: LinkId, problem: Problem, at_least: Duration) -> Vec<LineEvent> {
        let Some(key) = self.by_link.remove(&link) else { return Vec::new() };
        self.posted.retain(|(of, _), _| *of != link);
        let Some(line) = self.lines.get_mut(&key) else { return Vec::new() };
        let doubled = PAUSE_MIN.saturating_mul(1 << line.failures.min(10)).min(PAUSE_MAX);
        let jitter = Duration::from_millis(below(cx.random, crate::base::time::millis(doubled) / 2));
        line.failures = line.failures.saturating_add(1);
        line.problem = Some(problem);
        line.since = None;
        line.state = State::Pausing(cx.now.after((doubled + jitter).max(at_least)));
        Vec::from([LineEvent::Down(key.0, key.1)])
    }
}
