//! Who leads, from the page's first moment on: get the lead, load what is kept, draw, connect; let
//! go when another tab asks; wait; begin again.
//!
//! What the first screen does not need does not hold it up: `kith.json` is fetched meanwhile, and
//! the core starts when it is there, or does not come in time. Nor does the core's own code: where
//! nothing is kept, the first screen is drawn before it has arrived.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot::{self, Receiver, Sender};
use shared::peer::Peer;
use shared::peer::io::Input;

use super::Engine;
use super::lead::Lead;
use super::view::{Failure, Phase, View};
use crate::platform::config::{self, Supernodes};
use crate::platform::leader::{self, Ask, Lock, Tabs};
use crate::platform::storage::{self, Ended, Opening, StorageError};
use crate::platform::task::{sleep, spawn};
use crate::platform::{core, lifecycle, page, webrtc};

/// How long the start waits for `kith.json`.
const CONFIG_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a tab that let go keeps the lock for the one that asked.
const HANDOVER: Duration = Duration::from_secs(3);

/// Why a lead ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Another tab asked for it.
    Asked,
    /// Another tab took the lock, or the records.
    Taken,
    /// A newer version of the page waits to change the records.
    Newer,
    /// The browser closed the records.
    Gone,
}

/// Ends one lead; the first reason counts.
#[derive(Clone)]
pub struct End(Rc<RefCell<Option<Sender<Why>>>>);

impl End {
    fn new() -> (Self, Receiver<Why>) {
        let (send, receive) = oneshot::channel();
        (Self(Rc::new(RefCell::new(Some(send)))), receive)
    }

    /// Says why.
    pub fn tell(&self, why: Why) {
        if let Some(send) = self.0.take() {
            let _ = send.send(why);
        }
    }
}

/// Runs until the page ends. `mount` is called once, when there is something to draw.
pub async fn run(engine: Rc<Engine>, mount: impl FnOnce()) {
    let name = format!("kith:{}", page::folder());
    let mut mount = Some(mount);
    let mut mount = move || {
        if let Some(mount) = mount.take() {
            mount();
            page::mark("kith:mounted");
        }
    };
    // The lock, the records and `kith.json` take about as long; none waits for another.
    let mut opening = Some(storage::open(&name));
    let mut supernodes = Some(fetch_supernodes());
    let (mut end, mut ended) = End::new();
    let mut lock = leader::lock(&name, Ask::IfFree, stolen(&end)).await;
    loop {
        let held = match lock.take() {
            Some(lock) => lock,
            None => {
                opening = None;
                engine.show(Phase::OtherTab);
                mount();
                (end, ended) = End::new();
                wait_for_turn(&engine, &name, &end).await
            }
        };
        let opened = opening.take().unwrap_or_else(|| storage::open(&name));
        let lead = match begin(&engine, opened, &end, &mut mount).await {
            Ok(lead) => lead,
            Err(phase) => {
                engine.show(phase);
                return mount();
            }
        };
        mount();
        start_when_ready(&lead, supernodes.take().unwrap_or_else(fetch_supernodes));
        let asked = end.clone();
        let tabs = Tabs::listen(&name, move || asked.tell(Why::Asked));
        let why = ended.await.unwrap_or(Why::Gone);
        engine.leave();
        match why {
            Why::Asked => {
                lead.let_go().await;
                engine.show(Phase::OtherTab);
                tabs.say_gone();
                for _ in 0..HANDOVER.as_secs() * 10 {
                    if held.is_stolen() {
                        break;
                    }
                    sleep(Duration::from_millis(100)).await;
                }
            }
            Why::Newer => lead.let_go().await,
            Why::Taken => lead.cut(),
            Why::Gone => {
                lead.cut();
                return engine.show(Phase::Failed(Failure::Gone));
            }
        }
        (end, ended) = End::new();
    }
}

fn stolen(end: &End) -> impl FnOnce() + 'static {
    let end = end.clone();
    move || end.tell(Why::Taken)
}

/// Waits until no other tab leads, or the person wants this one to.
async fn wait_for_turn(engine: &Rc<Engine>, name: &str, end: &End) -> Lock {
    loop {
        let (send, turn) = oneshot::channel::<Lock>();
        let send = Rc::new(RefCell::new(Some(send)));
        let give = move |lock: Option<Lock>, send: &RefCell<Option<Sender<Lock>>>| {
            if let (Some(lock), Some(send)) = (lock, send.take()) {
                // Refused when the turn came the other way; the lock is then free again.
                let _ = send.send(lock);
            }
        };
        let (waiting, waiting_name, waiting_end) = (Rc::clone(&send), name.to_owned(), end.clone());
        spawn(async move {
            let lock = leader::lock(&waiting_name, Ask::Wait, stolen(&waiting_end)).await;
            give(lock, &waiting);
        });
        let (name, end) = (name.to_owned(), end.clone());
        engine.on_take_over(move || {
            let (send, name, end) = (Rc::clone(&send), name.clone(), end.clone());
            spawn(async move {
                leader::ask_to_let_go(&name).await;
                let lock = leader::lock(&name, Ask::Steal, stolen(&end)).await;
                give(lock, &send);
            });
        });
        if let Ok(lock) = turn.await {
            return lock;
        }
    }
}

async fn begin(
    engine: &Rc<Engine>,
    opened: Result<Opening, StorageError>,
    end: &End,
    mount: &mut impl FnMut(),
) -> Result<Rc<Lead>, Phase> {
    let ends = end.clone();
    let ended = move |how| {
        ends.tell(match how {
            Ended::Newer => Why::Newer,
            Ended::Closed => Why::Gone,
        });
    };
    let opened = opened.map_err(refusal)?;
    let taken = opened.take(Peer::LAZY_PREFIX, ended).await;
    let (store, records) = taken.map_err(refusal)?;
    if records.is_empty() {
        engine.greet();
        mount();
    }
    core::loaded().await;
    let peer = Peer::load(records).map_err(|_| Phase::Failed(Failure::Damaged))?;
    let mut view = View::empty(Phase::Starting);
    view.webrtc = webrtc::supported();
    view.browser_offline = !lifecycle::is_online();
    view.fill(&peer);
    let lead = Lead::new(engine, end.clone(), peer, store);
    engine.enter(view, &lead);
    Ok(lead)
}

fn refusal(error: StorageError) -> Phase {
    match error {
        StorageError::Full => Phase::Failed(Failure::Full),
        _ => Phase::NoStorage,
    }
}

fn start_when_ready(lead: &Rc<Lead>, supernodes: Receiver<Supernodes>) {
    let lead = Rc::clone(lead);
    spawn(async move {
        let supernodes = supernodes.await.unwrap_or_default();
        lead.input(Input::Start {
            supernodes,
            webrtc: webrtc::supported(),
        });
        if !lifecycle::is_online() {
            lead.input(Input::NetworkChanged { online: false });
        }
        lead.input(Input::Visible(lifecycle::is_visible()));
        page::mark("kith:started");
    });
}

fn fetch_supernodes() -> Receiver<Supernodes> {
    let (send, receive) = oneshot::channel();
    let send = Rc::new(RefCell::new(Some(send)));
    let late = Rc::clone(&send);
    let give = |send: &RefCell<Option<Sender<Supernodes>>>, found| {
        if let Some(send) = send.take() {
            let _ = send.send(found);
        }
    };
    spawn(async move {
        let found = config::supernodes().await;
        give(&send, found);
    });
    spawn(async move {
        sleep(CONFIG_TIMEOUT).await;
        give(&late, Supernodes::new());
    });
    receive
}
