//! The standard world: a town of friends who talk, in bad weather for some hours and then in good
//! weather for some minutes, after which everything has arrived.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::base::id::MessageId;
use shared::peer::command::Command;
use shared::peer::view::{MessageState, Why};
use shared::relay::RelayLimits;

use crate::check::Violation;
use crate::faults::hostile::Temper;
use crate::faults::weather::Weather;
use crate::net::nat::Nat;
use crate::world::stranger::Aim;
use crate::world::{Event, Person, World};

/// Everything has arrived within this time after the weather has become good.
pub const CONVERGENCE: Duration = Duration::from_secs(15 * 60);
/// Nothing waits longer than this once everything works.
const LAST_LOOK: Duration = Duration::from_secs(60);
/// For people to find each other before anything goes wrong.
const SETTLING: Duration = Duration::from_secs(60);
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
    /// One supernode is hostile, and strangers try their luck.
    pub enemies: bool,
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
            enemies: seed % 2 == 1,
        }
    }

    /// The command that runs it again.
    #[must_use]
    pub fn command(&self) -> String {
        format!(
            "cargo xtask swarm --seed {} --people {} --supernodes {} --hours {} --enemies {}",
            self.seed,
            self.people,
            self.supernodes,
            self.span.as_secs_f64() / 3600.0,
            self.enemies
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
        if self.enemies {
            let bad = world.chance.below(self.supernodes);
            world.nodes[bad].temper = Temper::bad();
            for aim in [Aim::Deposit, Aim::Claim, Aim::Impersonate] {
                world.add_stranger(aim);
            }
        }
        world.forecast(&self.weather, self.span);
        self.converse(world);
        world.run_for(self.span)?;
        world.heal();
        world.run_for(CONVERGENCE)?;
        world.verify_converged()
    }

    /// People come, each with a few supernodes, and become friends: a ring in which some know somebody
    /// across (Watts, Strogatz 1998).
    fn settle(&self, world: &mut World) -> Result<(), Violation> {
        for _ in 0..self.supernodes {
            world.add_node(RelayLimits::default());
        }
        let refused = |world: &World, error: &dyn std::fmt::Display| Violation {
            at: world.now,
            what: format!("a command was refused: {error}"),
        };
        for person in 0..self.people {
            let first = world.chance.below(self.supernodes);
            let homes: Vec<_> = (0..HOMES.min(self.supernodes))
                .map(|n| (first + n) % self.supernodes)
                .collect();
            let name = format!("Person {person}");
            world
                .add_person(&name, &homes)
                .map_err(|error| refused(world, &error))?;
            world.people[person].nat = Nat::draw(&mut world.chance);
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

/// To whom, their number, and what their author sees.
type Unconfirmed = (usize, u64, Option<(MessageState, Option<Why>)>);

impl World {
    /// Whether everything has arrived, or its author sees that it failed.
    ///
    /// # Errors
    /// What has not.
    pub fn verify_converged(&mut self) -> Result<(), Violation> {
        let at = self.now;
        let broken = |what| Violation { at, what };
        self.checks.ledger.in_order().map_err(broken)?;
        let mut missing = self.checks.ledger.missing();
        let first = missing.next().map(|(id, it)| (*id, it.said.clone()));
        let others = missing.count();
        if let Some((id, said)) = first {
            // Nothing of what goes wrong here is a reason to give up.
            let outcome = self.outcome_of(said.from, said.to, id)?;
            return Err(broken(format!(
                "what person {} said to person {} {} s ago (their number {}) has not arrived: {outcome:?}; nor have {others} others",
                said.from,
                said.to,
                at.since(said.at).as_secs(),
                said.number
            )));
        }
        // What was put there a moment ago has a little time to go.
        let waited = self.outboxes();
        self.run_for(LAST_LOOK)?;
        let still = self.outboxes();
        if let Some((person, key)) = still.intersection(&waited).next() {
            let unconfirmed = self.unconfirmed(*person)?;
            return Err(broken(format!(
                "something still waits in the outbox of person {person} ({key:?}): {unconfirmed:?}"
            )));
        }
        Ok(())
    }

    /// What waits to be sent, of all people.
    fn outboxes(&self) -> BTreeSet<(usize, Vec<u8>)> {
        let of = |(number, person): (usize, &Person)| {
            let waits = person.disk.kept.range(vec![b'o']..vec![b'p']);
            waits
                .map(|(key, _)| (number, key.clone()))
                .collect::<Vec<_>>()
        };
        self.people.iter().enumerate().flat_map(of).collect()
    }

    /// What a person said that has arrived and of which they do not know it: to whom, which, and what
    /// they see.
    fn unconfirmed(&mut self, person: usize) -> Result<Vec<Unconfirmed>, Violation> {
        let entries = self.checks.ledger.entries();
        let said: Vec<_> = entries
            .filter(|(_, it)| it.said.from == person && it.kept)
            .map(|(id, it)| (*id, it.said.to, it.said.number))
            .collect();
        let mut found = Vec::new();
        for (id, to, number) in said {
            match self.outcome_of(person, to, id)? {
                Some((MessageState::Delivered | MessageState::Read, _)) => {}
                outcome => found.push((to, number, outcome)),
            }
        }
        Ok(found)
    }

    /// How far its author sees a message, and why not further.
    ///
    /// # Errors
    /// A promise broken while looking.
    pub fn outcome_of(
        &mut self,
        from: usize,
        to: usize,
        id: MessageId,
    ) -> Result<Option<(MessageState, Option<Why>)>, Violation> {
        let Some(chat) = self.chat(from, to) else {
            return Ok(None);
        };
        let _ = self.command(from, Command::CloseChat);
        let _ = self.command(from, Command::OpenChat(chat));
        loop {
            self.run_for(Duration::from_millis(50))?;
            let Some(open) = self.people[from].peer.open_chat() else {
                return Ok(None);
            };
            if let Some(message) = open.messages.iter().find(|it| it.id == id) {
                return Ok(Some((message.state, message.why)));
            }
            if !open.more_before {
                return Ok(None);
            }
            let _ = self.command(from, Command::LoadOlder(chat));
        }
    }
}
