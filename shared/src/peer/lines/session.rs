//! What happens on a line that is open: handshake, deposits, deliveries.

use super::{LIVE_WAITING, LIVE_WAITING_MAX, LineEvent, Lines, Problem, REFUSED_PAUSE, State};
use crate::base::effects::LinkId;
use crate::base::id::{NodeId, PersonaId};
use crate::gates::Pass;
use crate::gates::work::Work;
use crate::invite::Home;
use crate::mailbox::wire::Envelope;
use crate::peer::Cx;
use crate::peer::io::Outgoing;
use crate::session::client::{Claim, Event, Role, SessionError, deposit_frame, show_frame};
use crate::session::wire::{Refusal, VERSION_GATES};
use alloc::vec::Vec;
use core::time::Duration;

impl Lines {
    /// Deposits an envelope, of an entry of the outbox or live, over an open courier line; `false` when
    /// none is open.
    pub fn deposit(
        &mut self,
        cx: &mut Cx<'_>,
        node: &NodeId,
        (envelope, work): (Envelope, Option<Work>),
        entry: Option<u64>,
    ) -> bool {
        let Some(line) = self.lines.get_mut(&(*node, Role::Courier)) else {
            return false;
        };
        let State::Open(link, session) = &line.state else {
            return false;
        };
        if !session.is_ready() {
            return false;
        }
        line.used = cx.now;
        self.next_request = self.next_request.wrapping_add(1);
        if let Some(entry) = entry {
            self.posted.insert((*link, self.next_request), entry);
        }
        // An older supernode asks for nothing, and knows no such frame.
        if let Some(work) = work.filter(|_| session.version() >= VERSION_GATES) {
            let pass = Pass {
                token: None,
                work: Some(work),
            };
            cx.out.send(*link, Outgoing::Message(show_frame(pass)));
        }
        cx.out.send(
            *link,
            Outgoing::Message(deposit_frame(self.next_request, envelope)),
        );
        true
    }

    /// Deposits a live envelope now, or as soon as the line that is being opened is open.
    pub fn deposit_live(&mut self, cx: &mut Cx<'_>, home: &Home, envelope: Envelope) {
        self.want(cx, home, Role::Courier);
        if self.deposit(cx, &home.node, (envelope.clone(), None), None) {
            return;
        }
        if let Some(line) = self.lines.get_mut(&(home.node, Role::Courier))
            && line.waiting.len() < LIVE_WAITING_MAX
        {
            line.waiting.push((cx.now, envelope));
        }
    }

    /// Live envelopes for somebody that still wait for a line go nowhere.
    pub fn forget_live(&mut self, to: &PersonaId) {
        for line in self.lines.values_mut() {
            line.waiting.retain(|(_, envelope)| envelope.to != *to);
        }
    }

    /// A message came on a line.
    pub fn receive(
        &mut self,
        cx: &mut Cx<'_>,
        link: LinkId,
        bytes: &[u8],
        claim: Option<&Claim<'_>>,
    ) -> Vec<LineEvent> {
        let Some(&(node, role)) = self.by_link.get(&link) else {
            return Vec::new();
        };
        let Some(line) = self.lines.get_mut(&(node, role)) else {
            return Vec::new();
        };
        let session = match &mut line.state {
            State::Open(_, session) => Some(session),
            State::Trying(race) => race.session(link),
            State::Idle | State::Pausing(_) => None,
        };
        let Some(session) = session else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        let result = session.receive(cx.now, bytes, claim, cx.random, &mut frames);
        let has_won = session.has_proof();
        for frame in frames {
            cx.out.send(link, Outgoing::Message(frame));
        }
        if has_won {
            self.win(cx, (node, role), link);
        }
        let Some(line) = self.lines.get_mut(&(node, role)) else {
            return Vec::new();
        };
        match result {
            Ok(None) => Vec::new(),
            Ok(Some(Event::Ready)) => {
                line.failures = 0;
                line.problem = None;
                line.since = Some(cx.now);
                line.used = cx.now;
                let waiting = core::mem::take(&mut line.waiting);
                for (at, envelope) in waiting {
                    if cx.now.since(at) < LIVE_WAITING {
                        self.deposit(cx, &node, (envelope, None), None);
                    }
                }
                Vec::from([LineEvent::Ready(node, role)])
            }
            Ok(Some(Event::Receipts(receipts))) => {
                let known = receipts
                    .into_iter()
                    .map(|receipt| (self.posted.remove(&(link, receipt.request)), receipt))
                    .collect();
                Vec::from([LineEvent::Receipts(node, known)])
            }
            Ok(Some(Event::Deliveries(deliveries))) => {
                Vec::from([LineEvent::Deliveries(node, link, deliveries)])
            }
            Ok(Some(Event::RoundTrip(ms))) => {
                line.rtt_ms = Some(ms);
                Vec::from([LineEvent::Changed])
            }
            Ok(Some(Event::Packages { left, last_resort })) if role == Role::Home => {
                Vec::from([LineEvent::Packages(node, left, last_resort)])
            }
            Ok(Some(Event::Revoked { code, serials })) if role == Role::Home => {
                Vec::from([LineEvent::Revoked(node, code, serials)])
            }
            Ok(Some(Event::Opened(code, work_bits))) if role == Role::Home => {
                Vec::from([LineEvent::Opened(node, code, work_bits)])
            }
            Ok(Some(Event::Turn(offer))) if role == Role::Home => {
                Vec::from([LineEvent::Turn(node, offer)])
            }
            // Mine are at my homes only.
            Ok(Some(
                Event::Packages { .. } | Event::Revoked { .. } | Event::Turn(_) | Event::Opened(..),
            )) => Vec::new(),
            Ok(Some(Event::Package { mailbox, found })) => {
                Vec::from([LineEvent::Package(mailbox, found)])
            }
            Ok(Some(Event::Gates {
                gates,
                envelope: Some(envelope),
            })) => Vec::from([LineEvent::Asked(node, envelope, gates)]),
            Ok(Some(Event::Gates {
                gates,
                envelope: None,
            })) => {
                line.asked = gates;
                Vec::new()
            }
            Ok(Some(Event::Refused {
                code: Refusal::GateRequired,
                ..
            })) => {
                let gates = line.asked;
                cx.out.hang_up(link);
                let mut events = self.fail(cx, link, Problem::Gate, REFUSED_PAUSE);
                events.push(LineEvent::Gate(node, gates));
                events
            }
            Ok(Some(Event::Refused {
                code,
                retry_after_ms,
            })) => {
                let pause = Duration::from_millis(retry_after_ms).min(REFUSED_PAUSE);
                let (problem, pause) = match code {
                    Refusal::NotClaimed | Refusal::Storage => return Vec::new(),
                    Refusal::NoRoom => (Problem::NoRoom, REFUSED_PAUSE),
                    _ => (Problem::Unreachable, pause),
                };
                cx.out.hang_up(link);
                self.fail(cx, link, problem, pause)
            }
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
}
