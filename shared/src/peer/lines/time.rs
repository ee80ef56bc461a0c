//! What time and the network do to lines.

use super::{COURIER_IDLE, LIVE_WAITING, LineEvent, Lines, Problem, State};
use crate::base::clock::SetBack;
use crate::base::time::Timestamp;
use crate::peer::Cx;
use crate::peer::io::Outgoing;
use crate::session::client::Role;
use alloc::vec::Vec;
use core::time::Duration;

impl Lines {
    /// Time has passed: pauses end, silent sessions are probed, idle couriers closed.
    pub fn tick(&mut self, cx: &mut Cx<'_>) -> Vec<LineEvent> {
        let mut events = Vec::new();
        let keys: Vec<_> = self.lines.keys().copied().collect();
        for key in keys {
            let Some(line) = self.lines.get_mut(&key) else {
                continue;
            };
            line.waiting
                .retain(|(at, ..)| cx.now.since(*at) < LIVE_WAITING);
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
                    // What it never answered goes another way, or the same way again.
                    events.push(LineEvent::Down(key.0, key.1));
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
                State::Trying(race) => {
                    let (late, frames) = race.tick(cx.now);
                    let is_due = race.is_due(cx.now);
                    for (link, frame) in frames {
                        cx.out.send(link, Outgoing::Message(frame));
                    }
                    if is_due {
                        self.try_next(cx, key);
                    }
                    for link in late {
                        cx.out.hang_up(link);
                        events.extend(self.fail(cx, link, Problem::Unreachable, Duration::ZERO));
                    }
                }
                State::Idle | State::Pausing(_) => {}
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
                State::Idle | State::Trying(_) => {}
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

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        for line in self.lines.values_mut() {
            back.past(&mut line.used);
            line.since.iter_mut().for_each(|at| back.past(at));
            line.waiting.iter_mut().for_each(|(at, _)| back.past(at));
            match &mut line.state {
                State::Pausing(until) => back.due(until),
                State::Open(_, session) => session.set_back(back),
                State::Trying(race) => race.set_back(back),
                State::Idle => {}
            }
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
                    State::Open(_, session) => {
                        core::iter::once(session.deadline()).chain(idle).min()
                    }
                    State::Trying(race) => race.deadline(),
                    State::Idle => None,
                }
            })
            .min()
    }
}
