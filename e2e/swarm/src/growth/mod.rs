//! What the network costs, and how that grows with it: many people, a day as it is in life, good weather.
//!
//! A [`Plan`] lets people [`settle`](World::settle) in a small world ([`graph`]), live by [`rhythm`] and
//! [`day`], and be looked at ([`figures`]); all that was said must then arrive once and in order. Peers
//! and relays are the real ones. Of the checkers only the ledger is asked: the others read every frame
//! and record, and would be most of what is measured.
//!
//! Not here: faults ([`crate::town`]). Bytes are those of frames and channel messages; TCP, TLS, DTLS
//! and ICE come on top.

pub mod day;
pub mod figures;
pub mod graph;
pub mod meter;
pub mod plot;
pub mod process;
pub mod rhythm;
mod settle;
pub mod table;

use std::time::Duration;

use crate::chance::Chance;
use crate::check::Violation;
use crate::world::World;
use day::Day;
use figures::Figures;
use process::Moment;

/// Friends that a person has on average.
pub const DEGREE: usize = 8;
/// Thousandths of friendships that are with somebody far away.
const REWIRED: u32 = 100;
/// People for whom there is one supernode, and how many there are at least.
const PEOPLE_PER_SUPERNODE: usize = 100;
const SUPERNODES_MIN: usize = 3;
/// Rounds in which what still waits at the end must arrive: to the homes, and from there.
const ROUNDS: usize = 3;

/// How large a network, for how long.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Everything is drawn from this.
    pub seed: u64,
    /// How many people.
    pub people: usize,
    /// How long they live.
    pub span: Duration,
    /// Bytes of the heap that are in use, if somebody counts them.
    pub heap: Option<fn() -> u64>,
}

impl Plan {
    /// Supernodes for so many people.
    #[must_use]
    pub fn supernodes(&self) -> usize {
        (self.people / PEOPLE_PER_SUPERNODE).max(SUPERNODES_MIN)
    }

    /// Lets them live.
    ///
    /// # Errors
    /// A broken promise.
    pub fn run(&self) -> Result<Figures, Violation> {
        let mut world = World::new(self.seed);
        world.checks.only_ledger = true;
        world.day = Some(Box::new(Day::new(self.seed, self.people, self.heap)));
        let mut chance = Chance::new(self.seed, u64::from_be_bytes(*b"whoknows"));
        let friendships = graph::small_world(self.people, DEGREE, REWIRED, &mut chance);
        let begun = Moment::now();
        world.settle(self.people, self.supernodes(), &friendships)?;
        let settled = begun.elapsed();
        let before = figures::Counts::of(&world);
        let begun = Moment::now();
        world.begin_day(self.span);
        world.run_for(self.span)?;
        let lived = begun.elapsed();
        let after = figures::Counts::of(&world);
        if let Some(day) = &mut world.day {
            day.meter.running = false;
        }
        world.catch_up(ROUNDS)?;
        Ok(Figures::of(self, world, [before, after], [settled, lived]))
    }
}
