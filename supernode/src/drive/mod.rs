//! Runs the relay: inputs in, effects out.
//!
//! A connection's task has the relay handle a frame as soon as it is read: there is no queue between
//! them, only a lock that nobody holds while waiting. What is to be sent gathers in outboxes and goes
//! out when the turn of the runtime is over, so that a link that got ten envelopes in one turn costs
//! one write. Receipts that nobody waits for may wait a moment for others ([`link::RECEIPTS_DELAY`]).
//!
//! Batches gather while a commit is in flight and become the next one: a group commit without a
//! timer, so a lone deposit waits for nobody and a thousand share an fsync. Effects that follow a
//! batch wait for it; live traffic does not. Who hears that something is committed often says the next
//! thing at once, so a group is committed when a look at all sockets has found nothing more for it.
//!
//! When a commit fails, everybody who was promised something by it is told that it failed, the store
//! is recovered, and the relay goes on from what the store really holds; until then no events are
//! taken. Contract: [`shared::relay`].

mod commit;
mod core;
mod event;
mod link;
pub mod outbox;
mod way;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
pub use event::{Drive as Local, Event};
use shared::relay::{Input, Relay};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
pub use way::{Drive, Forward};

use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use commit::InFlight;
use core::Core;
pub use core::now;
use event::Shared;

/// Longest sleep; the relay is asked again then.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// How often recovering the store is tried before giving up.
const RECOVERY_ATTEMPTS: u32 = 60;
/// Pause between attempts to recover the store.
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);

/// Ends turns, commits, reads and keeps time.
pub struct Driver {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    in_flight: InFlight,
    loaded: UnboundedReceiver<Input>,
    load: UnboundedSender<Input>,
}

impl Driver {
    /// A driver for `relay` and where to send it events.
    #[must_use]
    pub fn new(relay: Relay, store: Arc<dyn Store>, metrics: Arc<Metrics>) -> (Self, Local) {
        let (drive, shared) = Local::new(Core::new(relay, metrics));
        let (load, loaded) = unbounded_channel();
        let driver = Self {
            shared,
            store,
            in_flight: InFlight::default(),
            loaded,
            load,
        };
        (driver, drive)
    }

    /// Runs until drained.
    ///
    /// # Errors
    /// When the store failed and cannot be recovered.
    pub async fn run(mut self) -> Result<()> {
        let ended = self.turns().await;
        if let Ok(mut core) = self.shared.core() {
            core.end();
        }
        self.shared.room.notify_waiters();
        ended
    }

    async fn turns(&mut self) -> Result<()> {
        let mut tick = std::pin::pin!(sleep_until(Instant::now()));
        let mut receipts = std::pin::pin!(sleep_until(Instant::now()));
        let mut receipts_at = None;
        let (mut has_room, mut gathers) = (true, false);
        loop {
            tokio::select! {
                biased;
                (group, result) = self.in_flight.done() => {
                    if self.shared.core()?.finish(group, result) {
                        self.end_turn()?;
                        self.recover().await?;
                    }
                    self.shared.room.notify_waiters();
                }
                Some(input) = self.loaded.recv() => self.shared.core()?.handle(input),
                () = self.shared.turn.notified() => {}
                () = &mut receipts, if receipts_at.is_some() => self.shared.core()?.send_receipts(),
                () = &mut tick, if has_room => self.shared.core()?.handle(Input::Tick),
                // Comes back when all sockets were looked at.
                () = tokio::task::yield_now(), if gathers => {}
            }
            let turn = self.end_turn()?;
            (has_room, gathers) = (turn.has_room, turn.gathers);
            let now = Instant::now();
            if let Some(at) = turn.receipts_at
                && receipts_at != turn.receipts_at
            {
                receipts.as_mut().reset(at.into());
            }
            receipts_at = turn.receipts_at;
            let at = now + turn.tick_in.min(SLEEP_MAX);
            // Deadlines mostly move away: a timer that fires early is cheaper than one set anew.
            if at < tick.deadline() || tick.is_elapsed() {
                tick.as_mut().reset(at);
            }
            if turn.drained {
                info!("drained");
                return Ok(());
            }
        }
    }

    fn end_turn(&mut self) -> Result<core::Turn> {
        let mut turn = self.shared.core()?.turn();
        for outbox in turn.outboxes.drain(..) {
            outbox.flush();
        }
        if let Some(group) = turn.group.take() {
            self.in_flight.start(Arc::clone(&self.store), group);
        }
        for window in turn.windows.drain(..) {
            let (store, load) = (Arc::clone(&self.store), self.load.clone());
            tokio::task::spawn_blocking(move || {
                let bodies = commit::read(&*store, &window);
                // Nobody listens once the driver is gone, and then nobody needs it.
                let _ = load.send(Input::Loaded { window, bodies });
            });
        }
        Ok(turn)
    }

    async fn recover(&mut self) -> Result<()> {
        for attempt in 1..=RECOVERY_ATTEMPTS {
            let store = Arc::clone(&self.store);
            let records =
                tokio::task::spawn_blocking(move || store.recover().and_then(|()| store.index()))
                    .await?;
            match records {
                Ok(records) => {
                    self.shared.core()?.reload(records);
                    warn!("the store works again");
                    return Ok(());
                }
                Err(failure @ StoreError::Overtaken) => return Err(failure.into()),
                Err(failure) => warn!(
                    "the store does not recover ({attempt} of {RECOVERY_ATTEMPTS}): {failure}"
                ),
            }
            tokio::time::sleep(RECOVERY_PAUSE).await;
        }
        bail!("the store cannot be recovered: it failed {RECOVERY_ATTEMPTS} times")
    }
}
