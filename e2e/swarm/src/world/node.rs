//! A supernode: the real relay behind a disk, in a process that can be killed; or one whose operator
//! is up to no good.

use std::time::Duration;

use shared::base::effects::{Effect, LinkId};
use shared::base::id::NodeId;
use shared::base::random::bytes;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::mailbox::server::record::{BODY_PREFIX, Key};
use shared::peer::io::Input as PeerInput;
use shared::relay::{Input, Job, Notice, Outgoing, Relay, RelayEffects, RelayLimits};
use shared::session::route::Route;

use super::era::{self, Era};
use super::{Event, World};
use crate::chance::Chance;
use crate::disk::Disk;
use crate::faults::Crash;
use crate::faults::hostile::Temper;
use crate::growth::meter::Watch;
use crate::net::pipe::Item;
use crate::net::{End, SOCKET_PATIENCE};

/// An effect of a supernode.
pub type Act = Effect<Outgoing, core::convert::Infallible, Job, Notice>;

/// One transaction, with its fsync.
const PACE: Duration = Duration::from_millis(3);
/// Nobody answers: the browser gives up dialling.
const DIAL_PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
pub struct Node {
    /// Key seed.
    pub key: [u8; 32],
    /// As configured.
    pub limits: RelayLimits,
    /// The core.
    pub relay: Relay,
    /// What it keeps.
    pub disk: Disk<Act>,
    /// The process runs.
    pub up: bool,
    /// Counts processes.
    pub life: u32,
    /// Its clock minus the true one, in milliseconds.
    pub skew: i64,
    /// The process dies at the next transaction.
    pub doom: Option<Crash>,
    /// How new its program is.
    pub era: Era,
    /// What its operator is like.
    pub temper: Temper,
    /// It relays packets.
    pub relays: bool,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Inputs taken.
    pub inputs: u64,
    pub(crate) chance: Chance,
    /// The true time at which the timer ends, and what the clock should show then.
    armed: Option<(Timestamp, Timestamp)>,
}

impl Node {
    pub(super) fn is_in(&self, life: u32) -> bool {
        self.up && self.life == life
    }

    /// What its clock shows at `now`.
    #[must_use]
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_add_signed(self.skew))
    }

    /// All records that a start reads.
    fn index(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let kept = self.disk.kept.iter();
        kept.filter(|(key, _)| key.first() != Some(&BODY_PREFIX))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

impl World {
    /// A supernode with an empty disk.
    pub fn add_node(&mut self, limits: RelayLimits) -> usize {
        let number = self.nodes.len();
        let mut chance = Chance::new(self.seed, number as u64 | 2 << 32);
        let key = bytes(&mut chance);
        let (relay, _) = Relay::new(limits, SigningKey::from_seed(key), []);
        self.nodes.push(Node {
            key,
            limits,
            relay,
            disk: Disk::new(PACE),
            up: true,
            life: 1,
            skew: 0,
            doom: None,
            era: Era::Now,
            temper: Temper::default(),
            relays: false,
            sent_bytes: 0,
            inputs: 0,
            chance,
            armed: None,
        });
        number
    }

    /// Its key and routes.
    #[must_use]
    pub fn supernode(&self, node: usize) -> (NodeId, Vec<Route>) {
        let key = NodeId(SigningKey::from_seed(self.nodes[node].key).public());
        let route = Route::parse(&format!("ws://node{node}/ws"));
        (key, route.into_iter().collect())
    }

    /// The process is gone at once; what is on its disk stays.
    pub fn kill_node(&mut self, node: usize, crash: Crash) {
        let it = &mut self.nodes[node];
        if !it.up {
            return;
        }
        if crash.written {
            self.checks.node_kept(node, it, self.now);
        }
        it.disk.crash(crash.written);
        (it.up, it.doom) = (false, None);
        self.checks.node_died(node);
        self.break_relayed(node);
        for link in self.net.links(End::Node(node)) {
            self.close(End::Node(node), link, crash.silent);
        }
    }

    /// The process starts, from its disk.
    pub fn start_node(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        if it.up {
            return;
        }
        let (relay, bad) = Relay::new(it.limits, SigningKey::from_seed(it.key), it.index());
        it.relay = relay;
        (it.up, it.armed) = (true, None);
        it.life += 1;
        self.offer_turn(node);
        if !bad.is_empty() {
            let text = format!("supernode {node}: {} records cannot be read", bad.len());
            self.checks.broken(text);
        }
        self.arm_node(node);
    }

    /// A page dials a route.
    pub(super) fn dial_node(&mut self, person: usize, link: LinkId, route: &Route) {
        let number = route.host().trim_start_matches("node").parse::<usize>();
        let node = number.ok().filter(|node| *node < self.nodes.len());
        let ends = (End::Person(person), node.map(End::Node));
        let reached = ends.1.is_some_and(|end| {
            let partitions = &self.net.partitions;
            partitions.reaches(ends.0, end) && partitions.reaches(end, ends.0)
        });
        let up = node.is_some_and(|node| self.nodes[node].up);
        let (Some(end), true, true) = (ends.1, reached, up) else {
            // A machine that is there refuses at once, one that is not reached says nothing.
            let after = if reached {
                Duration::from_millis(80)
            } else {
                DIAL_PATIENCE
            };
            let life = self.people[person].life;
            let down = PeerInput::LinkDown { link };
            return self.post(after, Event::Person(person, life, down));
        };
        let there = self.new_link();
        self.net.join(SOCKET_PATIENCE, (ends.0, link), (end, there));
        self.put(end, there, Item::Opened);
        self.put(ends.0, link, Item::Opened);
    }

    pub(super) fn node_input(&mut self, node: usize, input: Input) {
        match &input {
            Input::Received { link, bytes } => {
                self.trace.note(self.now, 3, node as u64, bytes);
                let from = self.net.other(End::Node(node), *link).map(|from| from.0);
                let it = &self.nodes[node];
                self.checks
                    .node_hears(&self.people, (node, it), (*link, from), self.now, bytes);
                if self.lies(node, *link, bytes) {
                    return;
                }
            }
            Input::Closed { link } => {
                self.trace.note(self.now, 4, node as u64, &[]);
                self.checks.devices.ended(node, *link);
            }
            _ => self.trace.note(self.now, 4, node as u64, &[]),
        }
        let it = &mut self.nodes[node];
        it.inputs += 1;
        let mut out = RelayEffects::default();
        let now = it.clock(self.now);
        self.checks.devices.clock(node, now);
        let watch = Watch::start(&self.day);
        it.relay.handle(now, &mut it.chance, input, &mut out);
        watch.stop(&mut self.day, |meter| &mut meter.relays);
        self.node_accept(node, out);
    }

    fn node_accept(&mut self, node: usize, out: RelayEffects) {
        for act in &out.then {
            if let Effect::HangUp(link) = act {
                self.checks.devices.ended(node, *link);
            }
        }
        self.checks
            .node_bounded(node, &self.nodes[node], &out.store);
        if out.store.is_empty() {
            // Jobs wait for what was written before them; live traffic does not.
            let is_job = |act: &Act| matches!(act, Effect::Job(_));
            let (jobs, live): (Vec<_>, Vec<_>) = out.then.into_iter().partition(is_job);
            let jobs = self.nodes[node].disk.follow(jobs);
            for act in live.into_iter().chain(jobs) {
                self.perform_node(node, act);
            }
        } else {
            self.nodes[node].disk.push(out.store, out.then);
        }
        self.node_write(node);
        self.node_rests(node);
        self.arm_node(node);
    }

    fn node_rests(&mut self, node: usize) {
        if self.nodes[node].up && self.nodes[node].disk.is_idle() {
            self.checks.devices.rests(node);
        }
    }

    fn node_write(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        if !it.disk.begin() {
            return;
        }
        if let Some(crash) = it.doom.take() {
            return self.kill_node(node, crash);
        }
        let (life, mean) = (it.life, it.disk.pace);
        let span = Duration::from_millis(1) + it.chance.about(mean);
        self.post(span, Event::NodeKept(node, life));
    }

    pub(super) fn node_kept(&mut self, node: usize) {
        if self.nodes[node].disk.full {
            return self.node_write_failed(node);
        }
        self.checks.node_kept(node, &self.nodes[node], self.now);
        for act in self.nodes[node].disk.commit() {
            self.perform_node(node, act);
        }
        self.node_write(node);
        self.node_rests(node);
    }

    /// Everybody who was promised something is told, and the relay goes on from what is really kept.
    fn node_write_failed(&mut self, node: usize) {
        self.checks.devices.refused(node);
        for act in self.nodes[node].disk.refuse() {
            match act {
                Effect::Send(link, what) => {
                    if let Some(instead) = what.instead() {
                        let bytes = instead.into_bytes();
                        self.put(End::Node(node), link, Item::Message(bytes));
                    }
                }
                Effect::HangUp(link) => self.close(End::Node(node), link, false),
                Effect::Job(_) | Effect::Notify(_) | Effect::Dial(..) => {}
            }
        }
        let mut out = RelayEffects::default();
        let it = &mut self.nodes[node];
        let index = it.index();
        it.relay.reload(index, &mut out);
        self.node_accept(node, out);
    }

    pub(crate) fn arm_node(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        let Some((deadline, _)) = it.relay.next_deadline().filter(|_| it.up) else {
            return;
        };
        let at = Timestamp(deadline.0.saturating_add_signed(-it.skew)).max(self.now);
        if it.armed.is_some_and(|(armed, _)| armed <= at) {
            return;
        }
        it.armed = Some((at, deadline));
        let life = it.life;
        self.post_at(at, Event::NodeWake(node, life, at));
    }

    pub(super) fn node_wake(&mut self, node: usize, at: Timestamp) {
        let it = &mut self.nodes[node];
        let Some((_, shows)) = it.armed.filter(|(armed, _)| *armed == at) else {
            return;
        };
        it.armed = None;
        let now = it.clock(self.now);
        let due = it.relay.next_deadline();
        if let Some((_, why)) = due.filter(|(deadline, _)| *deadline <= now) {
            self.checks.ticks(self.now, End::Node(node), why);
            self.node_input(node, Input::Tick);
        } else if now < shows {
            // The clock was set back meanwhile.
            self.node_input(node, Input::Tick);
        }
        self.arm_node(node);
    }

    fn perform_node(&mut self, node: usize, act: Act) {
        let me = End::Node(node);
        match act {
            Effect::Send(link, what) => {
                let bytes = what.into_bytes();
                let it = &mut self.nodes[node];
                it.sent_bytes += bytes.len() as u64;
                self.checks
                    .node_sends((node, &self.nodes[node]), link, self.now, &bytes);
                if let Some(day) = &mut self.day {
                    day.meter.node_sends(&bytes);
                }
                let to = match self.net.other(me, link) {
                    Some((End::Person(person), _)) => self.people[person].era,
                    _ => Era::Now,
                };
                let bytes = era::offered(self.nodes[node].era, to, bytes);
                for bytes in self.tampered(node, link, bytes) {
                    self.put(me, link, Item::Message(bytes));
                }
            }
            Effect::HangUp(link) => self.close(me, link, false),
            Effect::Job(Job::Read(window)) => {
                let key = |sequence| Key::Body(window.mailbox, sequence).to_bytes();
                let it = &self.nodes[node];
                let found = it.disk.kept.range(key(window.first)..=key(window.last));
                let bodies = found
                    .filter_map(|(key, value)| match Key::from_bytes(key)? {
                        Key::Body(_, sequence) => Some((sequence, value.clone())),
                        _ => None,
                    })
                    .collect();
                let life = it.life;
                let loaded = Input::Loaded {
                    window,
                    bodies: Ok(bodies),
                };
                self.post(Duration::from_millis(1), Event::Node(node, life, loaded));
            }
            Effect::Notify(_) => {}
            Effect::Dial(_, never) => match never {},
        }
    }
}
