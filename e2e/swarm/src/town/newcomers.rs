//! People who know nobody, and ask by public addresses that they have found; and owners who open and close
//! theirs.

use std::time::Duration;

use shared::peer::command::CommandError;
use shared::peer::requests::PUBLIC_BITS_MIN;

use super::Plan;
use crate::net::nat::Nat;
use crate::world::asking::Step;
use crate::world::{Event, World};

/// How many come.
const NEWCOMERS: usize = 2;
/// How many each of them asks.
const ASKED: usize = 3;

impl Plan {
    /// They come, and everybody opens their address.
    ///
    /// # Errors
    /// What the core says against it.
    pub(super) fn newcomers_come(&self, world: &mut World) -> Result<(), CommandError> {
        for number in 0..NEWCOMERS {
            let homes = self.homes(world);
            let person = world.add_person(&format!("Newcomer {number}"), &homes)?;
            world.people[person].nat = Nat::draw(&mut world.chance);
        }
        for person in 0..world.people.len() {
            world.open_to(person, PUBLIC_BITS_MIN)?;
        }
        Ok(())
    }

    /// They will ask, also each other, some twice; and owners look who asks, and change their minds.
    pub(super) fn newcomers_ask(&self, world: &mut World) {
        let everybody = world.people.len();
        for person in 0..everybody {
            world.post(Duration::ZERO, Event::Asking(Step::Look(person)));
            if world.chance.happens(400) {
                let closed = world.chance.about(self.span / 3);
                let open = closed + world.chance.about(self.span / 4);
                let bits = PUBLIC_BITS_MIN + u8::from(world.chance.happens(500));
                world.post(closed, Event::Asking(Step::Open(person, 0)));
                world.post(open, Event::Asking(Step::Open(person, bits)));
            }
        }
        for guest in self.people..everybody {
            for _ in 0..ASKED {
                let host = world.chance.below(everybody);
                let at = world.chance.about(self.span / 4);
                let again = at + world.chance.about(self.span / 3);
                if host == guest || at >= self.span {
                    continue;
                }
                world.post(at, Event::Asking(Step::Ask(guest, host)));
                if again < self.span && world.chance.happens(500) {
                    world.post(again, Event::Asking(Step::Ask(guest, host)));
                }
            }
            let mut at = world.chance.about(self.silence);
            while at < self.span {
                let friend = world.chance.below(ASKED);
                world.post(at, Event::Talk(guest, friend));
                at += world.chance.about(self.silence);
            }
        }
    }
}
