//! The relay and what it acts on, without waiting for anything.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use shared::base::effects::Effect;
use shared::base::time::Timestamp;
use shared::mailbox::server::Window;
use shared::relay::{Input, Job, Relay, RelayEffects};
use tracing::{error, warn};

use super::commit::{Act, Commits, Group, Next};
use super::event::Event;
use super::link::Links;
use super::outbox::{Ending, Outbox};
use crate::metrics::Metrics;
use crate::random::System;
use crate::store::{Record, StoreError};

/// What the end of a turn leaves to the driver.
pub struct Turn {
    /// To be flushed.
    pub outboxes: Vec<Arc<dyn Outbox>>,
    /// To be committed.
    pub group: Option<Group>,
    /// A group still grows: another turn should end when all sockets were looked at.
    pub gathers: bool,
    /// To be read.
    pub windows: Vec<Window>,
    /// When the relay wants a tick.
    pub tick_in: Duration,
    /// Until when receipts wait for others.
    pub receipts_at: Option<Instant>,
    /// All is said and kept after a drain.
    pub drained: bool,
    /// Whether the relay may have a tick: a sweep is as much to write as deposits are.
    pub has_room: bool,
}

/// What a connection's event changes, under one lock.
pub struct Core {
    relay: Relay,
    random: System,
    links: Links,
    commits: Commits,
    windows: Vec<Window>,
    effects: RelayEffects,
    metrics: Arc<Metrics>,
    /// The driver has been asked to end this turn.
    awake: bool,
    draining: bool,
    recovering: bool,
    gone: bool,
}

impl Core {
    pub fn new(relay: Relay, metrics: Arc<Metrics>) -> Self {
        Self {
            relay,
            random: System::default(),
            links: Links::default(),
            commits: Commits::default(),
            windows: Vec::new(),
            effects: RelayEffects::default(),
            metrics,
            awake: false,
            draining: false,
            recovering: false,
            gone: false,
        }
    }

    /// Whether events are taken now.
    pub fn has_room(&self) -> bool {
        !self.recovering && self.commits.has_room()
    }

    /// Whether nothing is taken any more.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Takes nothing from now on, and lets go of all connections.
    pub fn end(&mut self) {
        self.gone = true;
        self.links = Links::default();
    }

    /// Whether the driver must be woken to end the turn; says so once a turn.
    pub fn wakes(&mut self) -> bool {
        let work = self.links.are_filled() || !self.windows.is_empty() || self.commits.can_start();
        let wakes = !self.awake && (work || self.draining || self.links.begin_to_wait());
        self.awake |= wakes;
        wakes
    }

    /// Takes an event.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Opened {
                link,
                source,
                binding,
                outbox,
            } => {
                self.links.open(link, outbox);
                self.handle(Input::Opened {
                    link,
                    source,
                    binding,
                });
            }
            Event::Received { link, bytes } => self.handle(Input::Received { link, bytes }),
            Event::Closed { link } => {
                if self.links.close(link) {
                    self.handle(Input::Closed { link });
                }
            }
            Event::Room(room) => self.handle(Input::Room(room)),
            Event::Drain => {
                self.draining = true;
                self.links.set_ending(Ending::Draining);
                self.handle(Input::Drain);
            }
        }
    }

    /// Takes an input.
    pub fn handle(&mut self, input: Input) {
        // Who hangs up on everybody should not do so before what they were promised is told.
        let last = matches!(input, Input::Drain) && !self.commits.is_idle();
        let mut effects = mem::take(&mut self.effects);
        self.relay
            .handle(now(), &mut self.random, input, &mut effects);
        if effects.store.is_empty() && !last {
            for effect in effects.then.drain(..) {
                if matches!(effect, Effect::Job(_)) && !self.commits.is_idle() {
                    self.commits.follow(effect);
                } else {
                    self.perform(effect);
                }
            }
        } else {
            self.commits.add(&mut effects);
        }
        self.effects = effects;
    }

    /// Sends receipts that waited for others.
    pub fn send_receipts(&mut self) {
        self.links.send_receipts(Instant::now());
    }

    /// Ends a turn: what was put into outboxes is sent, and the group that waits is committed unless
    /// a commit is in flight or it still grows.
    pub fn turn(&mut self) -> Turn {
        self.awake = false;
        for link in self.links.take_slow() {
            self.metrics.slow_readers.add(1);
            self.handle(Input::Closed { link });
        }
        self.metrics.set_gauges(&self.relay.stats());
        let (group, gathers) = match self.commits.next(Instant::now()) {
            Next::Commit(group) => (Some(group), false),
            next => (None, matches!(next, Next::Gather)),
        };
        Turn {
            group,
            gathers,
            outboxes: self.links.take_filled(),
            windows: mem::take(&mut self.windows),
            tick_in: self
                .relay
                .next_deadline()
                .map_or(Duration::MAX, |(at, _)| at.since(now())),
            receipts_at: self.links.receipts_wait_until(),
            has_room: self.has_room(),
            drained: self.draining && self.commits.is_idle() && self.windows.is_empty(),
        }
    }

    /// The commit in flight is done. Returns whether it failed: the store must be recovered and the
    /// relay [reloaded](Self::reload) before anything else.
    pub fn finish(&mut self, group: Group, result: Result<(), StoreError>) -> bool {
        self.commits.finished();
        let Err(failure) = result else {
            self.metrics.commits.add(1);
            self.metrics.commit_changes.add(group.changes() as u64);
            group
                .then
                .into_iter()
                .for_each(|effect| self.perform(effect));
            return false;
        };
        error!("a commit failed: {failure}");
        self.metrics.commit_failures.add(1);
        self.recovering = true;
        let lost = self.commits.take_waiting();
        for effect in group.then.into_iter().chain(lost) {
            match effect {
                Effect::Send(link, what) => {
                    if let Some(instead) = what.instead() {
                        self.links.send(link, instead);
                    }
                }
                Effect::HangUp(link) => self.links.hang_up(link),
                Effect::Job(_) | Effect::Notify(_) | Effect::Dial(..) => {}
            }
        }
        true
    }

    /// Goes on from what the store holds.
    pub fn reload(&mut self, records: Vec<Record>) {
        let mut effects = RelayEffects::default();
        let bad = self.relay.reload(records, &mut effects);
        if !bad.is_empty() {
            warn!("{} records could not be read", bad.len());
        }
        self.recovering = false;
        effects
            .then
            .into_iter()
            .for_each(|effect| self.perform(effect));
    }

    fn perform(&mut self, effect: Act) {
        match effect {
            Effect::Send(link, what) => self.links.send(link, what),
            Effect::HangUp(link) => self.links.hang_up(link),
            Effect::Notify(notice) => self.metrics.count(notice),
            Effect::Job(Job::Read(window)) => self.windows.push(window),
            Effect::Dial(_, never) => match never {},
        }
    }
}

/// The time, for the relay.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(shared::base::time::millis(since))
}
