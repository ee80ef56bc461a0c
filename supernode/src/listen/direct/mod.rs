//! WebRTC-direct: pages reach this supernode by address and certificate hash, on the port of STUN and TURN.
//!
//! The way of a datagram: the relay's thread receives it and asks the [`gate`] whose it is; what is of
//! a client goes on to a [`thread`] of its own, for cryptography takes time. There a [`client`] is where its
//! connectivity checks come from, and what its DTLS and SCTP [carry](carrier) are frames of a session, which
//! the relay handles like those of a WebSocket. Not here: what checks and routes look like, which is
//! [`shared::direct`]; the relay and its sockets, which are [`super::udp`].

mod carrier;
pub mod certificate;
mod client;
mod doorman;
mod gate;
mod letter;
mod outbox;
mod packet;
mod record;
mod thread;

use std::net::UdpSocket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use shared::direct::credentials;
use tracing::error;

use super::address::Sources;
use crate::config::Config;
use crate::drive::Drive;
use crate::metrics::direct::Numbers;
use carrier::Settings;
use certificate::Certificate;
use doorman::Doorman;
pub use gate::Gate;
use gate::{Known, Waiting};
use letter::Letter;

/// What is needed before there is a relay to talk to.
pub struct Prepared {
    settings: Settings,
    password: String,
    letters: Receiver<Letter>,
    post: Sender<Letter>,
    waiting: Waiting,
    known: Known,
    numbers: Arc<Numbers>,
}

/// Everything that listens for clients of WebRTC-direct.
pub struct Direct {
    post: Sender<Letter>,
    thread: JoinHandle<()>,
}

impl Prepared {
    /// With this certificate; and what looks at datagrams.
    ///
    /// # Errors
    /// When the certificate cannot be used.
    pub fn new(certificate: &Certificate, numbers: Arc<Numbers>) -> Result<(Self, Gate)> {
        let (post, letters) = channel();
        let password = credentials::password(&certificate.fingerprint());
        let (waiting, known) = (Waiting::default(), Known::default());
        let gate = Gate {
            letters: post.clone(),
            known: known.clone(),
            waiting: Arc::clone(&waiting),
            password: password.clone(),
            numbers: Arc::clone(&numbers),
        };
        let prepared = Self {
            settings: Settings::new(certificate)?,
            password,
            letters,
            post,
            waiting,
            known,
            numbers,
        };
        Ok((prepared, gate))
    }

    /// Lets clients in, who are answered by `sockets`, those that the gate looks at, in the same order.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start(
        self,
        config: &Config,
        sockets: Vec<UdpSocket>,
        sources: Arc<Sources>,
        drive: Drive,
    ) -> Result<Direct> {
        let (all, each) = (config.direct_clients_max, config.sockets_per_source_max);
        let setup = thread::Setup {
            settings: self.settings,
            password: self.password,
            sockets,
            letters: self.letters,
            post: self.post.clone(),
            waiting: self.waiting,
            known: self.known,
            doorman: Doorman::new(sources, all, each),
            drive,
            numbers: self.numbers,
        };
        let thread = std::thread::Builder::new().name("direct".to_owned());
        let thread = thread.spawn(|| {
            if catch_unwind(AssertUnwindSafe(|| thread::run(setup))).is_err() {
                // Routes that lead nowhere are worse than a restart.
                error!("WebRTC-direct has broken, and the supernode ends");
                std::process::abort();
            }
        });
        Ok(Direct {
            post: self.post,
            thread: thread.context("no thread for WebRTC-direct")?,
        })
    }
}

impl Direct {
    /// Says goodbye to all.
    pub async fn stop(self) {
        // Either fails when the thread has ended, which it says itself if it panics.
        let _ = self.post.send(Letter::Stop);
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}
