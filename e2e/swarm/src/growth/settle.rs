//! People come and become friends, a few hundred at a time: who is not concerned has closed the page and
//! costs no more than what is on their disk. Until all know each other they have no data channels: nothing
//! is measured yet, and there is nothing to say.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::relay::RelayLimits;

use crate::check::Violation;
use crate::faults::Crash;
use crate::net::nat::Nat;
use crate::world::World;

/// People whose pages are open at once.
const WAVE: usize = 250;
/// For a new person to have a mailbox.
const COMING: Duration = Duration::from_secs(10);
/// For two people to know each other.
const MEETING: Duration = Duration::from_secs(20);
/// After which it has failed.
const PATIENCE: Duration = Duration::from_secs(600);
/// Most supernodes a person has.
const HOMES_MAX: usize = 3;

impl World {
    fn broken(&self, what: impl std::fmt::Display) -> Violation {
        Violation {
            at: self.now,
            what: what.to_string(),
        }
    }

    /// `people` with one to three homes each among `supernodes`, and these friendships.
    ///
    /// # Errors
    /// A broken promise, or somebody could not become a friend.
    pub fn settle(
        &mut self,
        people: usize,
        supernodes: usize,
        friendships: &[(usize, usize)],
    ) -> Result<(), Violation> {
        for _ in 0..supernodes {
            self.add_node(RelayLimits::default());
        }
        for first in (0..people).step_by(WAVE) {
            let wave = first..people.min(first + WAVE);
            for person in wave.clone() {
                let homes = self.draw_homes(supernodes);
                let added = self.add_person(&format!("Person {person}"), &homes);
                added.map_err(|error| self.broken(error))?;
                self.people[person].nat = Nat::draw(&mut self.chance);
                self.people[person].webrtc = false;
            }
            self.run_for(COMING)?;
            self.close_all(wave.collect());
        }
        for wave in friendships.chunk_by(|one, other| one.0 / WAVE == other.0 / WAVE) {
            self.meet_all(wave)?;
        }
        for person in &mut self.people {
            person.webrtc = true;
        }
        Ok(())
    }

    fn draw_homes(&mut self, supernodes: usize) -> Vec<usize> {
        let count = 1 + self.chance.below(HOMES_MAX);
        let mut homes = Vec::new();
        while homes.len() < count.min(supernodes) {
            let home = self.chance.below(supernodes);
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
        homes
    }

    fn meet_all(&mut self, friendships: &[(usize, usize)]) -> Result<(), Violation> {
        let both = friendships.iter().flat_map(|(one, other)| [*one, *other]);
        let here: BTreeSet<usize> = both.collect();
        for person in &here {
            self.open_page(*person);
        }
        self.run_for(COMING)?;
        for (guest, host) in friendships {
            let met = self.befriend(*guest, *host);
            met.map_err(|error| self.broken(error))?;
        }
        let begun = self.now;
        while self.now.since(begun) < PATIENCE {
            self.run_for(MEETING)?;
            let waits = |pair: &&(usize, usize)| !self.knows(pair.0, pair.1);
            if friendships.iter().find(waits).is_none() {
                self.close_all(here);
                return Ok(());
            }
        }
        Err(self.broken("somebody could not become a friend"))
    }

    fn knows(&self, one: usize, other: usize) -> bool {
        let sees = |here: usize, there: usize| {
            let persona = self.people[there].persona;
            let chats = self.people[here].peer.chats();
            chats
                .iter()
                .any(|chat| Some(chat.persona) == persona && !chat.pending)
        };
        sees(one, other) && sees(other, one)
    }

    fn close_all(&mut self, people: BTreeSet<usize>) {
        let crash = Crash {
            written: true,
            silent: false,
        };
        for person in people {
            self.close_page(person, crash);
        }
    }

    /// Those for whom something waits look at their page, and those from whom.
    ///
    /// # Errors
    /// A broken promise, or something still waits after some rounds.
    pub fn catch_up(&mut self, rounds: usize) -> Result<(), Violation> {
        for _ in 0..rounds {
            let missing = self.checks.ledger.missing();
            let ends = missing.flat_map(|(_, it)| [it.said.from, it.said.to]);
            let ends: BTreeSet<usize> = ends.collect();
            let ends: Vec<usize> = ends.into_iter().collect();
            for wave in ends.chunks(WAVE) {
                for person in wave {
                    self.open_page(*person);
                }
                self.run_for(MEETING)?;
                self.close_all(wave.iter().copied().collect());
            }
        }
        let waits = self.checks.ledger.missing().count();
        if waits > 0 {
            return Err(self.broken(format!("{waits} messages have not arrived")));
        }
        let order = self.checks.ledger.in_order();
        order.map_err(|what| self.broken(what))
    }
}
