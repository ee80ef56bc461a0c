//! A whole supernode, as a pure function: sessions, mailboxes and limits, composed.
//!
//! `relay.handle(now, random, input, &mut effects)` takes one input and says what to store, send,
//! read and end; [`Relay::next_deadline`] says when it wants a tick. The way of one envelope: a
//! session passes a deposit on, the [mailboxes](crate::mailbox::server) check and keep it, and the
//! effects are one batch, then the receipt to the sender and the delivery to the recipient's
//! sessions.
//!
//! **What the driver owes.** Batches are committed in order, and the effects of an input come after
//! its batch. A [`Job`] runs after every batch handed out before it. Effects of inputs without a
//! batch need not wait; only those of [`Input::Drain`] do, since they hang up on everybody: what was promised
//! before is told before. No tick comes while too much waits to be committed. When a commit fails, the driver sends each [`Outgoing::instead`] of that and
//! every later batch, hangs up where they say so, drops their other effects, and calls [`Relay::reload`] with what the store
//! really holds, before any further input. A link is named once: after [`HangUp`](Effect::HangUp)
//! or [`Input::Closed`] nothing names it again.
//!
//! Not here: sockets, disks, clocks, metrics; and who sent an envelope, which nobody tells us.
//!
//! [`Effect::HangUp`]: crate::base::effects::Effect::HangUp

mod answer;
mod gate;
mod input;
mod outgoing;
mod packages;
mod revoke;
mod session;
mod source;
mod turn;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::convert::Infallible;
use core::time::Duration;

pub use input::{Bodies, Input, Job, Notice, RelayLimits, Stats};
pub use outgoing::{Outgoing, receipts};

use crate::base::clock::{Clock, SetBack};
use crate::base::effects::{Effects, LinkId};
use crate::base::random::Random;
use crate::base::sign::SigningKey;
use crate::base::time::Timestamp;
use crate::mailbox::server::{BadRecord, Mailboxes, Swept};
use crate::session::server::{Refused, ServerSession};
use crate::session::wire::{NodeFrame, Refusal};
use source::Sources;
#[cfg(feature = "turn")]
pub use turn::TurnOffer;

/// What the relay asks of its driver. It never dials.
pub type RelayEffects = Effects<Outgoing, Infallible, Job, Notice>;

/// One open connection.
#[derive(Debug)]
struct Link {
    source: u64,
    session: ServerSession,
}

/// A whole supernode.
#[derive(Debug)]
pub struct Relay {
    key: SigningKey,
    limits: RelayLimits,
    sources: Sources,
    links: BTreeMap<LinkId, Link>,
    /// When to look at which link. An entry may be early, never late.
    deadlines: BTreeSet<(Timestamp, LinkId)>,
    mailboxes: Mailboxes,
    sweep_at: Timestamp,
    clock: Clock,
    draining: bool,
    #[cfg(feature = "turn")]
    turn: Option<TurnOffer>,
}

impl Relay {
    /// A supernode with `key`, going on from what was stored (all records but sealed bytes, see
    /// [`crate::mailbox::server::record`]). Also says which records could not be read.
    #[must_use]
    pub fn new(
        limits: RelayLimits,
        key: SigningKey,
        records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> (Self, Vec<BadRecord>) {
        let (mailboxes, bad) = Mailboxes::restore(limits.mailboxes, records);
        let relay = Self {
            key,
            limits,
            sources: Sources::default(),
            links: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            mailboxes,
            sweep_at: Timestamp(0),
            clock: Clock::default(),
            draining: false,
            #[cfg(feature = "turn")]
            turn: None,
        };
        (relay, bad)
    }

    /// Goes on from what the store really holds, after a commit failed. Sessions that had claimed a
    /// mailbox are ended, since it may not be what they were told; the others stay.
    pub fn reload(
        &mut self,
        records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
        out: &mut RelayEffects,
    ) -> Vec<BadRecord> {
        let claimed: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.session.claimed().is_some())
            .map(|(id, _)| *id)
            .collect();
        for link in claimed {
            self.refuse(
                link,
                Refused::new(Refusal::Storage, "storage failed; come again"),
                out,
            );
        }
        let (mut mailboxes, bad) = Mailboxes::restore(self.limits.mailboxes, records);
        mailboxes.set_room(self.mailboxes.has_room());
        self.mailboxes = mailboxes;
        bad
    }

    /// Takes one input.
    pub fn handle(
        &mut self,
        now: Timestamp,
        random: &mut dyn Random,
        input: Input,
        out: &mut RelayEffects,
    ) {
        if let Some(back) = self.clock.read(now) {
            self.mend_moments(&back);
        }
        let is_tick = matches!(input, Input::Tick);
        match input {
            Input::Opened {
                link,
                source,
                binding,
            } => self.handle_opened(now, random, (link, source), binding, out),
            Input::Received { link, bytes } => self.handle_received(now, link, &bytes, out),
            Input::Closed { link } => self.forget(link),
            Input::Loaded { window, bodies } => self.handle_loaded(now, &window, bodies, out),
            Input::Room(room) => self.mailboxes.set_room(room),
            Input::Drain => self.handle_drain(out),
            Input::Tick => {}
        }
        self.handle_deadlines(now, out);
        if is_tick {
            self.sweep(now, out);
        }
    }

    /// When the relay wants a [`Input::Tick`], and why.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Timestamp, &'static str)> {
        let session = self
            .deadlines
            .first()
            .map(|(at, _)| (*at, "a silent session"));
        session
            .into_iter()
            .chain([(self.sweep_at, "expired envelopes")])
            .min()
    }

    /// Gauges.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            links: self.links.len() as u64,
            kept: self.mailboxes.kept(),
        }
    }

    fn handle_opened(
        &mut self,
        now: Timestamp,
        random: &mut dyn Random,
        (link, source): (LinkId, u64),
        binding: Vec<u8>,
        out: &mut RelayEffects,
    ) {
        let admitted = if self.draining {
            Err(Refused::new(
                Refusal::Draining,
                "this supernode is shutting down",
            ))
        } else {
            self.sources.open(&self.limits, now, source)
        };
        if let Err(refused) = admitted {
            out.notify(Notice::Refused(refused.code));
            answer::send(link, &refused.into_frame(), out);
            out.hang_up(link);
            return;
        }
        let rate = self.limits.frames;
        let (session, challenge) = ServerSession::open(now, &self.key, rate, binding, random);
        self.deadlines.insert((session.deadline(), link));
        self.links.insert(link, Link { source, session });
        answer::send(link, &challenge, out);
    }

    fn handle_drain(&mut self, out: &mut RelayEffects) {
        self.draining = true;
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.refuse(
                link,
                Refused::new(Refusal::Draining, "this supernode is shutting down"),
                out,
            );
        }
    }

    /// The clock was set back: silent sessions are not waited for until it has caught up.
    fn mend_moments(&mut self, back: &SetBack) {
        back.due(&mut self.sweep_at);
        for link in self.links.values_mut() {
            link.session.set_back(back);
        }
        let links = self.links.iter();
        self.deadlines = links
            .map(|(id, link)| (link.session.deadline(), *id))
            .collect();
    }

    fn handle_deadlines(&mut self, now: Timestamp, out: &mut RelayEffects) {
        while let Some((at, link)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, link));
            let Some(due) = self.links.get(&link).map(|link| link.session.deadline()) else {
                continue;
            };
            if due > now {
                self.deadlines.insert((due, link));
            } else {
                self.refuse(
                    link,
                    Refused::new(Refusal::Timeout, "nothing was heard for too long"),
                    out,
                );
            }
        }
    }

    /// Removes what has expired. Only with a tick, so that no frame waits for these deletions.
    fn sweep(&mut self, now: Timestamp, out: &mut RelayEffects) {
        if self.sweep_at <= now {
            let next = match self.mailboxes.sweep(now, &mut out.store) {
                Swept::Full => Duration::ZERO,
                Swept::Part(next) => next,
                Swept::Round(next) => {
                    self.sources.sweep(&self.limits, now);
                    next
                }
            };
            self.sweep_at = now.after(next);
        }
    }

    /// Says why, and ends the session.
    fn refuse(&mut self, link: LinkId, refused: Refused, out: &mut RelayEffects) {
        out.notify(Notice::Refused(refused.code));
        let frame: NodeFrame = refused.into_frame();
        answer::send(link, &frame, out);
        out.hang_up(link);
        self.forget(link);
    }

    fn forget(&mut self, link: LinkId) {
        let Some(gone) = self.links.remove(&link) else {
            return;
        };
        self.sources.close(gone.source);
        if let Some((mailbox, _)) = gone.session.claimed() {
            self.mailboxes.close(link, &mailbox);
        }
    }
}

#[cfg(test)]
mod tests;
