//! The standard world: a town of friends who talk, in bad weather for some hours and then in good
//! weather for some minutes, after which everything has arrived.

pub mod converge;
mod mix;
mod newcomers;
mod reconcile;

use std::time::Duration;

pub use converge::CONVERGENCE;
pub use mix::Mix;

use crate::check::Violation;
use crate::faults::contact::Malice;
use crate::faults::hostile::Temper;
use crate::faults::weather::Weather;
use crate::net::nat::Nat;
use crate::world::era::Era;
use crate::world::stranger::Aim;
use crate::world::{Event, World};

/// For people to find each other before anything goes wrong.
const SETTLING: Duration = Duration::from_secs(60);
/// How new programs are, where they differ.
const ERAS: [Era; 3] = [Era::Old, Era::Now, Era::Later];
/// Supernodes in one person's `kith.json`.
const HOMES: usize = 3;

/// What kind of town.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Everything is drawn from this.
    pub seed: u64,
    /// How many people.
    pub people: usize,
    /// How many supernodes.
    pub supernodes: usize,
    /// For how long things go wrong.
    pub span: Duration,
    /// Mean time between things that one person says of their own accord.
    pub silence: Duration,
    /// How often what goes wrong.
    pub weather: Weather,
    /// What else there is.
    pub mix: Mix,
}

impl Plan {
    /// The world of which many seeds are run.
    #[must_use]
    pub fn standard(seed: u64) -> Self {
        Self {
            seed,
            people: 5,
            supernodes: 3,
            span: Duration::from_secs(30 * 60),
            silence: Duration::from_secs(150),
            weather: Weather::STORM,
            mix: Mix::of(seed),
        }
    }

    /// The command that runs it again.
    #[must_use]
    pub fn command(&self) -> String {
        format!(
            "cargo xtask swarm --seed {} --people {} --supernodes {} --hours {} --with {} --weather {}",
            self.seed,
            self.people,
            self.supernodes,
            self.span.as_secs_f64() / 3600.0,
            self.mix,
            self.weather
        )
    }

    /// Builds the town, lets it live, and heals it.
    ///
    /// # Errors
    /// The first broken promise, with the world as it was found.
    pub fn run(&self) -> Result<World, (Box<World>, Violation)> {
        let mut world = World::new(self.seed);
        match self.live(&mut world) {
            Ok(()) => Ok(world),
            Err(violation) => Err((Box::new(world), violation)),
        }
    }

    fn live(&self, world: &mut World) -> Result<(), Violation> {
        self.settle(world)?;
        self.unsettle(world)?;
        world.forecast(self.weather, self.span);
        self.converse(world);
        world.run_for(self.span)?;
        world.heal();
        world.converge()
    }

    /// Who is there besides friends and good supernodes.
    fn unsettle(&self, world: &mut World) -> Result<(), Violation> {
        let first = world.chance.below(self.supernodes);
        if self.mix.enemies {
            world.nodes[first].temper = Temper::bad();
            let traitor = world.chance.below(self.people);
            world.people[traitor].malice = Malice::bad();
            for aim in [Aim::Deposit, Aim::Claim, Aim::Impersonate, Aim::Junk] {
                world.add_stranger(aim);
            }
            for person in 0..self.people {
                let at = world.chance.about(self.span / 2);
                world.post(at, Event::TakeBack(person));
            }
        }
        if self.mix.gates {
            world.add_stranger(Aim::Register);
        }
        if self.mix.blocks {
            self.quarrel(world);
        }
        if self.mix.public {
            self.newcomers_ask(world);
            if self.mix.enemies {
                world.add_stranger(Aim::Ask);
            }
        }
        if self.mix.household {
            // A supernode that lies may lose what only it has.
            let good = (first + 1) % self.supernodes;
            let household = world.add_household(good).map_err(|error| Violation {
                at: world.now,
                what: error.to_string(),
            })?;
            world.post(self.span / 2, Event::Relist(household));
        }
        Ok(())
    }

    /// Each person blocks a friend at some time, and lets every other one in again.
    fn quarrel(&self, world: &mut World) {
        for person in 0..self.people {
            let friends = world.people[person].friends.len();
            let friend = world.chance.below(friends);
            let from = world.chance.about(self.span / 3);
            let until = from + world.chance.about(self.span / 4);
            let soon = |at: Duration| at < self.span;
            if soon(from) {
                world.post(from, Event::Block(person, friend, true));
            }
            if soon(until) && world.chance.happens(500) {
                world.post(until, Event::Block(person, friend, false));
            }
        }
    }

    /// People come, each with a few supernodes, and become friends: a ring in which some know somebody
    /// across (Watts, Strogatz 1998).
    fn settle(&self, world: &mut World) -> Result<(), Violation> {
        for node in 0..self.supernodes {
            world.add_node(self.mix.limits(node));
            // Not every volunteer can give a relay.
            if node % 2 == 0 {
                world.relay_packets(node);
            }
            if self.mix.eras {
                world.nodes[node].era = ERAS[node % ERAS.len()];
            }
        }
        let refused = |world: &World, error: &dyn std::fmt::Display| Violation {
            at: world.now,
            what: format!("a command was refused: {error}"),
        };
        for person in 0..self.people {
            let homes = self.homes(world);
            let name = format!("Person {person}");
            world
                .add_person(&name, &homes)
                .map_err(|error| refused(world, &error))?;
            world.people[person].nat = Nat::draw(&mut world.chance);
            if self.mix.eras {
                // Old programs have nothing to show at a gate.
                let known = ERAS.split_at(usize::from(self.mix.gates)).1;
                world.people[person].era = known[world.chance.below(known.len())];
            }
        }
        if self.mix.public {
            let came = self.newcomers_come(world);
            came.map_err(|error| refused(world, &error))?;
        }
        world.run_for(SETTLING)?;
        for guest in 0..self.people {
            for step in 1..=2 {
                let host = if world.chance.happens(150) {
                    world.chance.below(self.people)
                } else {
                    (guest + step) % self.people
                };
                if host != guest && !world.people[guest].friends.contains(&host) {
                    world
                        .befriend(guest, host)
                        .map_err(|error| refused(world, &error))?;
                }
            }
        }
        world.run_for(SETTLING)
    }

    /// A few supernodes, for one person.
    fn homes(&self, world: &mut World) -> Vec<usize> {
        let first = world.chance.below(self.supernodes);
        let homes = 0..HOMES.min(self.supernodes);
        homes.map(|n| (first + n) % self.supernodes).collect()
    }

    fn converse(&self, world: &mut World) {
        for person in 0..self.people {
            let mut at = world.chance.about(self.silence);
            while at < self.span {
                let friends = world.people[person].friends.len();
                let friend = world.chance.below(friends);
                // Who has something to say says two or three things.
                for _ in 0..=world.chance.below(3) {
                    world.post(at, Event::Talk(person, friend));
                    at += world.chance.about(Duration::from_secs(4));
                }
                at += world.chance.about(self.silence);
            }
        }
    }
}
