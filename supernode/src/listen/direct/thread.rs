//! The thread of WebRTC-direct: clients, their timers, and what they tell the relay.

mod talk;

use std::collections::{BTreeSet, HashMap};
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use shared::base::effects::LinkId;
use shared::base::random::bytes;
use shared::direct::check;

use super::carrier::Settings;
use super::client::Client;
use super::doorman::Doorman;
use super::gate::{Known, Waiting};
use super::letter::{Letter, Way};
use crate::drive::{self, Drive, Event};
use crate::metrics::direct::Numbers;
use crate::random::System;

/// Letters taken before clients are looked at.
const LETTERS_AT_ONCE: usize = 256;
/// How long the relay may be busy before it is told again.
const AGAIN: Duration = Duration::from_millis(2);
/// How often numbers are published and sources forgotten.
const TICK: Duration = Duration::from_secs(1);
/// Clients whose data channel is not open yet. With more, the one that has been at it longest is forgotten: anybody
/// can send first checks from addresses that are not theirs.
pub const OPENING_CLIENTS_MAX: usize = 1024;

/// How long who was in the middle of another connection is not answered, after its last check: until its browser
/// finds that nobody is there, and dials anew.
const STALE_LIFE: Duration = Duration::from_secs(60);
/// Those who are remembered so. Others are taken for new again and again, until their sessions find out.
const STALE_MAX: usize = 16_384;

/// How long the last words of all may take when the supernode ends.
const STOP_MAX: Duration = Duration::from_secs(1);

/// What the thread is given.
pub struct Setup {
    pub settings: Settings,
    pub password: String,
    pub sockets: Vec<UdpSocket>,
    pub letters: Receiver<Letter>,
    /// For outboxes.
    pub post: Sender<Letter>,
    pub waiting: Waiting,
    pub known: Known,
    pub doorman: Doorman,
    pub drive: Drive,
    pub numbers: Arc<Numbers>,
}

struct Thread {
    setup: Setup,
    clients: HashMap<u64, Client>,
    next_client: u64,
    by_name: HashMap<Box<str>, u64>,
    by_address: HashMap<Way, u64>,
    by_link: HashMap<LinkId, u64>,
    opening: BTreeSet<(Instant, u64)>,
    due: BTreeSet<(Instant, u64)>,
    /// Who is in the middle of a connection to somebody who is gone, and when they were heard.
    stale: HashMap<Box<str>, Instant>,
    /// Everything is to have ended by then.
    stop_at: Option<Instant>,
    /// To look at in this round.
    stirred: Vec<u64>,
    /// What the relay did not take of clients that are gone.
    unsaid: Vec<Event>,
    random: System,
    now: Instant,
}

/// Runs until told to stop.
pub fn run(setup: Setup) {
    let mut thread = Thread {
        setup,
        clients: HashMap::new(),
        next_client: 0,
        by_name: HashMap::new(),
        by_address: HashMap::new(),
        by_link: HashMap::new(),
        opening: BTreeSet::new(),
        due: BTreeSet::new(),
        stale: HashMap::new(),
        stop_at: None,
        stirred: Vec::new(),
        unsaid: Vec::new(),
        random: System::default(),
        now: Instant::now(),
    };
    thread.rounds();
    thread.end();
}

impl Thread {
    fn rounds(&mut self) {
        let mut tick_at = self.now + TICK;
        loop {
            let due = self.due.first().map_or(tick_at, |(due, _)| *due);
            let mut wake_at = due.min(tick_at).min(self.stop_at.unwrap_or(tick_at));
            if !self.unsaid.is_empty() {
                wake_at = wake_at.min(self.now + AGAIN);
            }
            let wait = wake_at.saturating_duration_since(Instant::now());
            let first = match self.setup.letters.recv_timeout(wait) {
                Ok(letter) => Some(letter),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.now = Instant::now();
            let more = std::iter::from_fn(|| self.setup.letters.try_recv().ok());
            let letters: Vec<_> = first
                .into_iter()
                .chain(more)
                .take(LETTERS_AT_ONCE)
                .collect();
            for letter in letters {
                self.read(letter);
            }
            self.time();
            self.say_again();
            for id in std::mem::take(&mut self.stirred) {
                self.look(id);
            }
            if let Some(stop_at) = self.stop_at
                && (self.clients.values().all(|client| !client.is_open()) || self.now >= stop_at)
            {
                return;
            }
            if self.now >= tick_at {
                tick_at = self.now + TICK;
                self.setup.doorman.sweep(drive::now());
                let now = self.now;
                self.stale.retain(|_, heard| now < *heard + STALE_LIFE);
                let clients = self.setup.doorman.clients() as u64;
                self.setup.numbers.clients.set(clients);
            }
        }
    }

    fn read(&mut self, letter: Letter) {
        match letter {
            Letter::Datagram(way, datagram) => {
                self.setup.waiting.fetch_sub(1, Ordering::Relaxed);
                self.datagram(way, &datagram);
            }
            Letter::Filled(link) => {
                if let Some(id) = self.by_link.get(&link) {
                    self.stir(*id);
                }
            }
            Letter::Stop => {
                self.stop_at = Some(self.now + STOP_MAX);
                let all: Vec<_> = self.clients.keys().copied().collect();
                all.into_iter().for_each(|id| self.stir(id));
            }
        }
    }

    fn datagram(&mut self, way: Way, datagram: &[u8]) {
        if check::is_dtls(datagram) {
            let Some(&id) = self.by_address.get(&way) else {
                return;
            };
            let Some(client) = self.clients.get_mut(&id) else {
                return;
            };
            let received = client.receive(self.now, &self.setup.settings, datagram);
            match received {
                Ok(()) => self.stir(id),
                Err(over) => self.over(id, over),
            }
        } else if let Ok(check) = check::read(datagram, &self.setup.password) {
            if let Some(heard) = self.stale.get_mut(check.username.text) {
                *heard = self.now;
                return;
            }
            let transaction = bytes(&mut self.random);
            let known = self.by_name.get(check.username.text).copied();
            // Where somebody else is, nobody else is: the address may be forged.
            let other = self.by_address.get(&way).copied();
            if known.is_some() && other.is_some() && other != known {
                return;
            }
            let Some(id) = known.or_else(|| self.admit(&check, way)) else {
                self.setup.numbers.turned_away.add(1);
                return;
            };
            let Some(client) = self.clients.get_mut(&id) else {
                return;
            };
            let before = client.trial.as_ref().map(|trial| trial.way);
            let asked = client.checked(self.now, &check, way, transaction);
            let trial = client.trial.as_ref().map(|trial| trial.way);
            let answer = check::answer(&check, way.address, &self.setup.password);
            self.send(way, answer.bytes());
            if let Some(asked) = asked {
                self.send(way, asked.bytes());
            }
            if before != trial {
                before.iter().for_each(|way| self.forget_way(way, id));
                trial.iter().for_each(|way| self.know_way(*way, id));
            }
            self.arm(id);
        } else if let Some(&id) = self.by_address.get(&way)
            && let Some(client) = self.clients.get_mut(&id)
        {
            let before = client.way;
            if client.answered(self.now, datagram, way) {
                self.forget_way(&before, id);
                self.setup.numbers.moved.add(1);
            }
        }
    }

    /// Lets somebody new in.
    fn admit(&mut self, check: &check::Check<'_>, way: Way) -> Option<u64> {
        let before = self.by_address.get(&way).copied();
        let holder = before.and_then(|before| self.clients.get(&before));
        if self.stop_at.is_some() || holder.is_some_and(|it| it.holds(&way, self.now)) {
            return None;
        }
        let source = self.setup.doorman.admit(drive::now(), way.address.ip())?;
        if self.opening.len() >= OPENING_CLIENTS_MAX
            && let Some(&(_, oldest)) = self.opening.first()
        {
            self.remove(oldest);
        }
        // One address, one client: a page that dials again from the same port has forgotten the last time.
        if let Some(before) = before {
            self.make_way(before, &way);
        }
        let id = self.next_client;
        self.next_client += 1;
        let client = Client::new(&check.username, source, way, self.now);
        self.by_name.insert(client.username.clone(), id);
        self.opening.insert((client.began, id));
        self.clients.insert(id, client);
        self.know_way(way, id);
        Some(id)
    }

    /// A client that is here no more is forgotten; one that only seemed to be is so no more.
    fn make_way(&mut self, id: u64, way: &Way) {
        match self.clients.get_mut(&id) {
            Some(client) if client.way != *way => {
                client.trial = None;
                self.forget_way(way, id);
            }
            _ => self.remove(id),
        }
    }

    /// What comes this way is this client's.
    fn know_way(&mut self, way: Way, id: u64) {
        if self.by_address.insert(way, id).is_none() {
            self.setup.known.add(way);
        }
    }

    fn forget_way(&mut self, way: &Way, id: u64) {
        if self.by_address.get(way) == Some(&id) {
            self.by_address.remove(way);
            self.setup.known.remove(way);
        }
    }

    fn stir(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id)
            && !client.is_stirred
        {
            client.is_stirred = true;
            self.stirred.push(id);
        }
    }

    /// Wakes those whose time has come.
    fn time(&mut self) {
        while let Some(&(at, id)) = self.due.first()
            && at <= self.now
        {
            self.due.pop_first();
            let Some(client) = self.clients.get_mut(&id) else {
                continue;
            };
            client.due = None;
            if client.is_lost(self.now) {
                if client.is_stale() && self.stale.len() < STALE_MAX {
                    self.stale.insert(client.username.clone(), self.now);
                }
                self.setup.numbers.lost.add(1);
                self.remove(id);
                continue;
            }
            match client.pass(self.now) {
                Ok(()) => self.stir(id),
                Err(over) => self.over(id, over),
            }
        }
    }
}
