//! Runs the relay: inputs in, effects out.
//!
//! One task owns the relay. It takes all inputs that have queued up, lets the relay handle each, and
//! performs effects without a batch at once. Batches gather while a commit is in flight and become
//! the next one: a group commit without a timer, so a lone deposit waits for nobody and a thousand
//! share an fsync. Effects that follow a batch wait for it; live traffic does not.
//!
//! When a commit fails, everybody who was promised something by it is told that it failed, the store
//! is recovered, and the relay goes on from what the store really holds. Contract:
//! [`shared::relay`].

mod commit;
mod event;
mod link;
pub mod outbox;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
pub use event::{Drive, Event};
use shared::base::effects::Effect;
use shared::base::time::Timestamp;
use shared::relay::{Input, Job, Relay, RelayEffects};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use crate::metrics::Metrics;
use crate::random::System;
use crate::store::Store;
use commit::{Act, Commits, Group};
use link::Links;
use outbox::Ending;

/// Inputs handled before effects are looked at again.
const INPUTS_AT_ONCE: usize = 256;
/// How often recovering the store is tried before giving up.
const RECOVERY_ATTEMPTS: u32 = 10;
/// Pause between attempts to recover the store.
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);

/// The relay and all it acts on.
pub struct Driver {
    relay: Relay,
    random: System,
    store: Arc<dyn Store>,
    links: Links,
    commits: Commits,
    events: Receiver<Event>,
    loaded: UnboundedReceiver<Input>,
    load: UnboundedSender<Input>,
    metrics: Arc<Metrics>,
    draining: bool,
}

impl Driver {
    /// A driver for `relay` and where to send it events.
    #[must_use]
    pub fn new(relay: Relay, store: Arc<dyn Store>, metrics: Arc<Metrics>) -> (Self, Drive) {
        let (drive, events) = Drive::new();
        let (load, loaded) = unbounded_channel();
        let driver = Self {
            relay,
            random: System::default(),
            commits: Commits::new(Arc::clone(&store)),
            store,
            links: Links::default(),
            events,
            loaded,
            load,
            metrics,
            draining: false,
        };
        (driver, drive)
    }

    /// Runs until drained.
    ///
    /// # Errors
    /// When the store failed and cannot be recovered.
    pub async fn run(mut self) -> Result<()> {
        let mut events = Vec::with_capacity(INPUTS_AT_ONCE);
        loop {
            let wait = self
                .relay
                .next_deadline()
                .map_or(Duration::MAX, |(at, _)| at.since(now()));
            tokio::select! {
                biased;
                outcome = self.commits.done() => self.finish(outcome).await?,
                Some(input) = self.loaded.recv() => self.handle(input),
                count = self.events.recv_many(&mut events, INPUTS_AT_ONCE), if self.commits.has_room() => {
                    if count == 0 {
                        bail!("nobody is left to listen");
                    }
                    for event in events.drain(..) {
                        self.take(event);
                    }
                }
                () = tokio::time::sleep(wait) => self.handle(Input::Tick),
            }
            self.links.flush();
            self.commits.start();
            self.metrics.set_gauges(&self.relay.stats());
            if self.draining && self.commits.is_idle() {
                info!("drained");
                return Ok(());
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Opened {
                link,
                source,
                outbox,
            } => {
                self.links.open(link, outbox);
                self.handle(Input::Opened { link, source });
            }
            Event::Received { link, bytes } => {
                if self.links.is_open(link) {
                    self.handle(Input::Received { link, bytes });
                }
            }
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

    fn handle(&mut self, input: Input) {
        let mut effects = RelayEffects::default();
        self.relay
            .handle(now(), &mut self.random, input, &mut effects);
        if effects.store.is_empty() {
            let waits = |effect: &Act| matches!(effect, Effect::Job(_));
            let (jobs, rest): (Vec<_>, Vec<_>) = effects.then.into_iter().partition(waits);
            rest.into_iter().for_each(|effect| self.perform(effect));
            if !jobs.is_empty() && !self.commits.is_idle() {
                self.commits.add(RelayEffects {
                    then: jobs,
                    ..RelayEffects::default()
                });
            } else {
                jobs.into_iter().for_each(|job| self.perform(job));
            }
        } else {
            self.commits.add(effects);
        }
    }

    fn perform(&mut self, effect: Act) {
        match effect {
            Effect::Send(link, frame) => {
                if !self.links.send(link, &frame.bytes) {
                    self.metrics.slow_readers.add(1);
                    self.handle(Input::Closed { link });
                }
            }
            Effect::HangUp(link) => self.links.hang_up(link),
            Effect::Notify(notice) => self.metrics.count(notice),
            Effect::Job(Job::Read(window)) => {
                let (store, load) = (Arc::clone(&self.store), self.load.clone());
                tokio::task::spawn_blocking(move || {
                    let bodies = commit::read(&*store, &window);
                    // Nobody listens once the driver is gone, and then nobody needs it.
                    let _ = load.send(Input::Loaded { window, bodies });
                });
            }
            Effect::Dial(_, never) => match never {},
        }
    }

    async fn finish(
        &mut self,
        outcome: (Group, Result<(), crate::store::StoreError>),
    ) -> Result<()> {
        let (group, result) = outcome;
        match result {
            Ok(()) => {
                self.metrics.commits.add(1);
                self.metrics.commit_changes.add(group.changes() as u64);
                group
                    .then
                    .into_iter()
                    .for_each(|effect| self.perform(effect));
                Ok(())
            }
            Err(failure) => {
                error!("a commit failed: {failure}");
                self.metrics.commit_failures.add(1);
                let lost = self.commits.take_waiting();
                for effect in group.then.into_iter().chain(lost) {
                    match effect {
                        Effect::Send(link, frame) => {
                            if let Some(instead) = frame.instead {
                                self.links.send(link, &instead);
                            }
                        }
                        Effect::HangUp(link) => self.links.hang_up(link),
                        Effect::Job(_) | Effect::Notify(_) | Effect::Dial(..) => {}
                    }
                }
                self.links.flush();
                self.recover().await
            }
        }
    }

    async fn recover(&mut self) -> Result<()> {
        for attempt in 1..=RECOVERY_ATTEMPTS {
            let store = Arc::clone(&self.store);
            let records =
                tokio::task::spawn_blocking(move || store.recover().and_then(|()| store.index()))
                    .await?;
            match records {
                Ok(records) => {
                    let mut effects = RelayEffects::default();
                    let bad = self.relay.reload(records, &mut effects);
                    if !bad.is_empty() {
                        warn!("{} records could not be read", bad.len());
                    }
                    effects
                        .then
                        .into_iter()
                        .for_each(|effect| self.perform(effect));
                    warn!("the store works again");
                    return Ok(());
                }
                Err(failure) => warn!(
                    "the store does not recover ({attempt} of {RECOVERY_ATTEMPTS}): {failure}"
                ),
            }
            tokio::time::sleep(RECOVERY_PAUSE).await;
        }
        Err(anyhow::anyhow!("it failed {RECOVERY_ATTEMPTS} times"))
            .context("the store cannot be recovered")
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
