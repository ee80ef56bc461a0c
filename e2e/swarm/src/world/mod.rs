//! The world: people, supernodes and strangers on one network, one event after the other.

mod acts;
pub mod asking;
pub mod channel;
pub mod era;
pub mod household;
pub mod ice;
pub mod node;
pub mod person;
pub mod stranger;
mod talk;
mod turns;

use std::time::Duration;

use shared::base::time::Timestamp;
use shared::peer::io::Input as PeerInput;
use shared::relay::Input as RelayInput;

use crate::chance::Chance;
use crate::check::{Checks, Violation};
use crate::faults::Fault;
use crate::growth::day::{Day, Step};
use crate::heap::Heap;
use crate::net::Net;
use crate::trace::Trace;
use channel::Rendezvous;
pub use household::Household;
pub use node::Node;
pub use person::Person;
pub use stranger::Stranger;
pub use talk::Said;

/// When every world begins: 15 January 2027, 8:00 UTC.
pub const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);

/// What can happen. A `life` is one run of a page or process; what was meant for an earlier one is void.
#[derive(Debug)]
pub enum Event {
    /// A person's page takes an input.
    Person(usize, u32, PeerInput),
    /// A transaction of a person's disk ends.
    PersonKept(usize, u32),
    /// A person's deadline may have come.
    PersonWake(usize, u32, Timestamp),
    /// A supernode takes an input.
    Node(usize, u32, RelayInput),
    /// A transaction of a supernode's disk ends.
    NodeKept(usize, u32),
    /// A supernode's deadline may have come.
    NodeWake(usize, u32, Timestamp),
    /// Something may have arrived on a wire.
    Look(u64),
    /// Two pages have found each other, or not.
    Channel(Rendezvous),
    /// Something goes wrong, or is mended.
    Fault(Fault),
    /// A person says something to their nth friend.
    Talk(usize, usize),
    /// A stranger tries something.
    Mischief(usize),
    /// A step of somebody's day.
    Day(Step),
    /// A person takes back all their invites.
    TakeBack(usize),
    /// A person blocks their nth friend, or lets them in again.
    Block(usize, usize, bool),
    /// Somebody asks by a public address, or decides who may.
    Asking(asking::Step),
    /// A program of a household does something.
    Program(usize, usize),
    /// A device of a household has kept something.
    Stored(usize, usize, household::Step),
    /// A household changes its list of devices.
    Relist(usize),
}

/// See the module.
pub struct World {
    /// The true time.
    pub now: Timestamp,
    /// Everything is drawn from this.
    pub seed: u64,
    /// For what the world itself decides.
    pub chance: Chance,
    heap: Heap<Event>,
    /// All people.
    pub people: Vec<Person>,
    /// All supernodes.
    pub nodes: Vec<Node>,
    /// All strangers.
    pub strangers: Vec<Stranger>,
    /// All households.
    pub households: Vec<Household>,
    /// Codes of invites that were taken back, and whose.
    pub taken_back: Vec<(usize, String)>,
    /// Things go wrong.
    pub stormy: bool,
    /// How long it took until everything had arrived, once everything was mended.
    pub converged_after: Option<Duration>,
    /// Between them.
    pub net: Net,
    /// All that happened.
    pub trace: Trace,
    /// What must hold.
    pub checks: Checks,
    /// How people live, when the world is there to be measured.
    pub day: Option<Box<Day>>,
    next_node_link: u64,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            now: BEGINNING,
            seed,
            chance: Chance::new(seed, u64::from_be_bytes(*b"theworld")),
            heap: Heap::default(),
            people: Vec::new(),
            nodes: Vec::new(),
            strangers: Vec::new(),
            households: Vec::new(),
            taken_back: Vec::new(),
            stormy: true,
            converged_after: None,
            net: Net::new(seed),
            trace: Trace::default(),
            checks: Checks::default(),
            day: None,
            next_node_link: 0,
        }
    }

    /// `event` happens after `span`.
    pub fn post(&mut self, span: Duration, event: Event) {
        self.heap.post(self.now.after(span), event);
    }

    /// `event` happens at `at`.
    pub fn post_at(&mut self, at: Timestamp, event: Event) {
        self.heap.post(at.max(self.now), event);
    }

    /// Runs everything that happens within `span`.
    ///
    /// # Errors
    /// The first broken promise; the world is then as it was found.
    pub fn run_for(&mut self, span: Duration) -> Result<(), Violation> {
        let end = self.now.after(span);
        while let Some((at, event)) = self.heap.take(end) {
            self.now = at;
            self.perform(event);
            if let Some(violation) = self.checks.take(self.now) {
                return Err(violation);
            }
        }
        self.now = end;
        Ok(())
    }

    fn perform(&mut self, event: Event) {
        match event {
            Event::Person(person, life, input) => {
                if self.people[person].is_in(life) {
                    self.person_input(person, input);
                }
            }
            Event::PersonKept(person, life) => {
                if self.people[person].is_in(life) {
                    self.person_kept(person);
                }
            }
            Event::PersonWake(person, life, at) => {
                if self.people[person].is_in(life) {
                    self.person_wake(person, at);
                }
            }
            Event::Node(node, life, input) => {
                if self.nodes[node].is_in(life) {
                    self.node_input(node, input);
                }
            }
            Event::NodeKept(node, life) => {
                if self.nodes[node].is_in(life) {
                    self.node_kept(node);
                }
            }
            Event::NodeWake(node, life, at) => {
                if self.nodes[node].is_in(life) {
                    self.node_wake(node, at);
                }
            }
            Event::Look(wire) => self.look(wire),
            Event::Channel(rendezvous) => self.meet(rendezvous),
            Event::Fault(fault) => self.suffer(fault),
            Event::Talk(person, friend) => self.talk(person, friend),
            Event::Mischief(stranger) => self.mischief(stranger),
            Event::Day(step) => self.live(step),
            Event::TakeBack(person) => self.take_back(person),
            Event::Block(person, friend, on) => self.block(person, friend, on),
            Event::Asking(step) => self.asking(step),
            Event::Program(household, which) => self.program(household, which),
            Event::Stored(household, which, step) => self.program_stored(household, which, step),
            Event::Relist(household) => self.relist(household),
        }
    }
}
