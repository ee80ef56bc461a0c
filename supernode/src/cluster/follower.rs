//! A process that does not lead: it holds connections, and forwards what comes and goes.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Client, Subscriber};
use futures_util::StreamExt;
use shared::base::effects::LinkId;
use shared::base::random::{below, bytes};
use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep_until};
use tracing::info;

use super::post::Post;
use super::succession::{Heard, Succession};
use super::wire::{Heartbeat, Id, In, Inward, Out, Outward, Subjects};
use super::{ALIVE_INTERVAL, SILENCE_MAX};
use crate::drive::outbox::{Ending, Outbox, Pushed};
use crate::drive::{Event, Forward};
use crate::random::System;
use crate::store::StoreError;

/// Followers do not all take over at once: they wait up to so long more.
const JITTER_MS: u64 = 1000;

/// How long a candidate waits for others.
const CANDIDACY: Duration = Duration::from_secs(1);

/// Why a process no longer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody leads.
    NoLeader,
    /// This process is to end.
    Drained,
}

/// Forwards events to whoever leads.
pub struct Follower {
    /// Its name as a candidate.
    name: Id,
    post: Post,
    subjects: Subjects,
    state: Mutex<State>,
    drained: Notify,
}

#[derive(Default)]
struct State {
    tie: Option<Tie>,
    links: HashMap<LinkId, Arc<dyn Outbox>>,
    draining: bool,
}

/// Some time with one leader.
struct Tie {
    id: Id,
    leader: Id,
    /// Messages sent.
    sent: u64,
    /// Messages received.
    received: u64,
}

impl Forward for Follower {
    fn forward(&self, event: Event) -> Result<bool, Event> {
        if matches!(event, Event::Received { .. }) && !self.post.has_room() {
            return Err(event);
        }
        let mut state = self.state();
        match event {
            Event::Opened {
                link,
                source,
                binding,
                outbox,
            } => {
                if state.draining || state.tie.is_none() || !self.post.has_room() {
                    outbox.end(Ending::Draining);
                } else {
                    state.links.insert(link, outbox);
                    let bound = (!binding.is_empty()).then_some(binding);
                    self.send(&mut state, In::Opened(link.0, source, bound));
                }
            }
            Event::Received { link, bytes } => {
                if state.links.contains_key(&link) {
                    self.send(&mut state, In::Received(link.0, bytes));
                }
            }
            Event::Closed { link } => {
                if state.links.remove(&link).is_some() {
                    self.send(&mut state, In::Closed(link.0));
                }
            }
            Event::Room(_) => {}
            Event::Drain => {
                state.draining = true;
                state.end_links();
                self.drained.notify_waiters();
            }
        }
        Ok(true)
    }

    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.post.room())
    }
}

impl State {
    fn end_links(&mut self) {
        for (_, outbox) in self.links.drain() {
            outbox.end(Ending::Draining);
        }
    }
}

impl Follower {
    /// A follower that has not heard of a leader yet.
    pub fn new(post: Post, subjects: Subjects) -> Self {
        Self {
            name: bytes(&mut System::default()),
            post,
            subjects,
            state: Mutex::default(),
            drained: Notify::new(),
        }
    }

    /// Follows whoever leads, as long as somebody does.
    ///
    /// # Errors
    /// When the connection to the cluster is closed.
    pub async fn follow(&self, client: &Client) -> Result<Ended, StoreError> {
        let mut heartbeats = subscribe(client, self.subjects.leader()).await?;
        let jitter = Duration::from_millis(below(&mut System::default(), JITTER_MS));
        let mut silent_at = Instant::now() + SILENCE_MAX + jitter;
        let mut alive = interval(ALIVE_INTERVAL);
        let mut returns: Option<Subscriber> = None;
        let mut succession = Succession::new(self.name);
        loop {
            let returned = async {
                match &mut returns {
                    Some(returns) => returns.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = heartbeats.next() => {
                    let message = message.ok_or_else(closed)?;
                    let heartbeat = Heartbeat::from_bytes(&message.payload);
                    let heard = heartbeat.map_or(Heard::Nothing, |heartbeat| succession.hear(heartbeat));
                    if heard != Heard::Nothing {
                        silent_at = Instant::now() + SILENCE_MAX + jitter;
                    }
                    if let Heard::Leader(leader) = heard {
                        info!("another process leads");
                        returns = Some(self.tie(client, leader).await?);
                    }
                }
                message = returned => {
                    let message = message.ok_or_else(closed)?;
                    if !self.take(Outward::from_bytes(&message.payload)) && let Some(leader) = self.leader() {
                        returns = Some(self.tie(client, leader).await?);
                    }
                }
                _ = alive.tick() => {
                    if succession.candidate {
                        self.announce();
                    }
                    let mut state = self.state();
                    self.send(&mut state, In::Alive);
                }
                () = self.drained() => return Ok(Ended::Drained),
                () = sleep_until(silent_at), if !succession.candidate => {
                    succession.candidate = true;
                    silent_at = Instant::now() + CANDIDACY;
                    self.announce();
                }
                () = sleep_until(silent_at), if succession.candidate => {
                    let mut state = self.state();
                    state.tie = None;
                    state.end_links();
                    return Ok(Ended::NoLeader);
                }
            }
        }
    }

    /// Waits until this process is to end.
    pub async fn drained(&self) {
        loop {
            let mut drained = std::pin::pin!(self.drained.notified());
            drained.as_mut().enable();
            if self.is_draining() {
                return;
            }
            drained.await;
        }
    }

    /// Whether this process is to end.
    pub fn is_draining(&self) -> bool {
        self.state().draining
    }

    /// Says that this process is about to lead.
    pub fn announce(&self) {
        let heartbeat = Heartbeat {
            leader: self.name,
            takeover: 0,
        };
        self.post.send(self.subjects.leader(), heartbeat.to_bytes());
    }

    fn leader(&self) -> Option<Id> {
        self.state().tie.as_ref().map(|tie| tie.leader)
    }

    /// Begins anew with `leader`: all sessions end, and come again.
    async fn tie(&self, client: &Client, leader: Id) -> Result<Subscriber, StoreError> {
        let id = bytes(&mut System::default());
        {
            let mut state = self.state();
            state.tie = None;
            state.end_links();
        }
        let returns = subscribe(client, self.subjects.back(&id)).await?;
        let mut state = self.state();
        state.tie = Some(Tie {
            id,
            leader,
            sent: 0,
            received: 0,
        });
        self.send(&mut state, In::Alive);
        Ok(returns)
    }

    fn send(&self, state: &mut State, what: In) {
        if let Some(tie) = &mut state.tie {
            let message = Inward {
                tie: tie.id,
                number: tie.sent,
                what,
            };
            tie.sent += 1;
            let subject = self.subjects.to(&tie.leader);
            self.post.send(subject, message.to_bytes());
        }
    }

    /// Does what the leader says. Returns false when something was lost on the way.
    fn take(&self, message: Option<Outward>) -> bool {
        let mut state = self.state();
        let Some(tie) = &mut state.tie else {
            return true;
        };
        let Some(message) = message.filter(|message| message.number == tie.received) else {
            return false;
        };
        tie.received += 1;
        match message.what {
            Out::Alive => {}
            Out::Frame(link, frame) => {
                let link = LinkId(link);
                if let Some(outbox) = state.links.get(&link) {
                    match outbox.push(&frame) {
                        Pushed::First => outbox.flush(),
                        Pushed::Behind => {}
                        Pushed::TooMuch => {
                            state.links.remove(&link);
                            self.send(&mut state, In::Closed(link.0));
                        }
                    }
                }
            }
            Out::End(link) => {
                if let Some(outbox) = state.links.remove(&LinkId(link)) {
                    outbox.end(Ending::HungUp);
                    // The leader forgets it, too.
                    self.send(&mut state, In::Closed(link));
                }
            }
            Out::Reset => return false,
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Subscribes, and has the servers know of it before anything else is sent.
pub(super) async fn subscribe(client: &Client, subject: String) -> Result<Subscriber, StoreError> {
    let failed = |why: String| StoreError::Failed(format!("NATS: subscribing: {why}"));
    let subscriber = client.subscribe(subject).await;
    let subscriber = subscriber.map_err(|error| failed(error.to_string()))?;
    let flushed = client.flush().await;
    flushed.map_err(|error| failed(error.to_string()))?;
    Ok(subscriber)
}

pub(super) fn closed() -> StoreError {
    StoreError::Failed("NATS: the connection is closed".to_owned())
}

#[cfg(test)]
mod tests;
