//! Several processes that are one supernode, over NATS.
//!
//! One of them leads: it has the relay, and the store on JetStream. The others follow: they hold
//! connections, and forward frames to the leader and back over core subjects ([`wire`]). So a session may be
//! on any process, and envelopes reach it wherever it is.
//!
//! When the leader is silent for [`SILENCE_MAX`], a follower says that it will take over, and does unless
//! somebody else was first: it opens the store, which ends the old leader's right to write
//! ([`crate::store::nats`]), reads it, and leads. Nothing that was
//! acknowledged depends on who believes to lead: without the store, nobody can acknowledge. Sessions
//! end at a change, and pages come again by themselves.
//!
//! Not here: sharing the relay's work. One process at a time decides and commits.

mod follower;
mod leader;
mod post;
mod queue;
mod succession;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::Client;
use shared::base::random::bytes;
use tokio::task::JoinHandle;
use tokio::time::interval;
use tracing::info;

use crate::drive::Drive;
use crate::random::System;
use crate::store::nats::{Nats, Settings, connect};
use follower::{Ended, Follower};
use leader::Leader;
use post::Post;
use wire::{Heartbeat, Subjects};

/// How often a leader says that it leads, and a follower that it follows.
const ALIVE_INTERVAL: Duration = Duration::from_millis(500);
/// Who is silent for so long is gone. Longer than an election of the servers' own usually takes.
const SILENCE_MAX: Duration = Duration::from_secs(4);
/// How long last words may take.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// One process of several.
pub struct Member {
    client: Client,
    settings: Settings,
    subjects: Subjects,
    post: Post,
    follower: Arc<Follower>,
}

/// Says that this process is about to lead, until dropped.
pub struct Candidacy(JoinHandle<()>);

impl Drop for Candidacy {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Member {
    /// Joins those who use the same stream.
    ///
    /// # Errors
    /// When no server can be reached.
    pub async fn join(settings: Settings) -> Result<Self> {
        let client = connect(&settings)
            .await
            .context("cannot join the cluster")?;
        let subjects = Subjects::of(&settings.stream);
        let post = Post::by(client.clone());
        let follower = Follower::new(post.clone(), subjects.clone());
        Ok(Self {
            client,
            settings,
            subjects,
            post,
            follower: Arc::new(follower),
        })
    }

    /// The way for connections, wherever the relay is.
    #[must_use]
    pub fn drive(&self) -> Drive {
        Drive::there(self.follower.clone())
    }

    /// Follows while somebody leads. Returns the store when it is this process's turn to lead, with what
    /// keeps others from it meanwhile; `None` when it was drained.
    ///
    /// # Errors
    /// When the cluster or the store cannot be used.
    pub async fn follow(&self) -> Result<Option<(Arc<Nats>, Candidacy)>> {
        match self.follower.follow(&self.client).await? {
            Ended::Drained => Ok(None),
            Ended::NoLeader => {
                info!("nobody leads: taking over");
                let candidacy = Candidacy(tokio::spawn(self.announce()));
                let settings = self.settings.clone();
                let opened = tokio::task::spawn_blocking(move || Nats::open(&settings));
                let store = tokio::select! {
                    store = opened => store?.context("cannot take the store over")?,
                    () = self.follower.drained() => return Ok(None),
                };
                Ok(Some((Arc::new(store), candidacy)))
            }
        }
    }

    /// Whether it was drained. What was told to this process before its relay was there, the relay does
    /// not know.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.follower.is_draining()
    }

    /// Waits until what was sent is with the servers, for a while.
    pub async fn flush(&self) {
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, self.post.flush()).await;
    }

    fn announce(&self) -> impl Future<Output = ()> + use<> {
        let (follower, mut alive) = (Arc::clone(&self.follower), interval(ALIVE_INTERVAL));
        async move {
            loop {
                alive.tick().await;
                follower.announce();
            }
        }
    }

    /// Leads, with the relay behind `drive`, until somebody else does.
    ///
    /// # Errors
    /// Always, in the end: why it is over.
    pub async fn lead(&self, store: &Nats, drive: Drive, candidacy: Candidacy) -> Result<()> {
        let heartbeat = Heartbeat {
            leader: bytes(&mut System::default()),
            takeover: store.takeover(),
        };
        let leader = Leader::new(heartbeat, self.post.clone(), self.subjects.clone(), drive);
        self.post.send(self.subjects.leader(), heartbeat.to_bytes());
        drop(candidacy);
        info!("leading");
        leader.lead(&self.client).await?;
        Ok(())
    }
}
