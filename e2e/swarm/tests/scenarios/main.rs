//! Stories in which one thing goes wrong, and what people get.
#![allow(clippy::unwrap_used)]

mod contact;
mod homes;
mod hostile;
mod networks;
mod pages;
mod requests;
mod versions;

use std::time::Duration;

use e2e_swarm::faults::Crash;
use e2e_swarm::net::nat::{Depends, Nat};
use e2e_swarm::world::World;
use shared::peer::view::{MessageState, Path, Why};
use shared::relay::RelayLimits;

const ANN: usize = 0;
const BEN: usize = 1;

/// A NAT behind which nobody finds a direct way to another such.
const SYMMETRIC: Nat = Nat {
    mapping: Depends::AddressAndPort,
    filtering: Depends::AddressAndPort,
};

/// Somebody closes the page.
const CLOSED: Crash = Crash {
    written: true,
    silent: false,
};

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Three supernodes, and Ann and Ben who do not know each other, both behind `nat`.
fn strangers(seed: u64, nat: Nat, limits: RelayLimits) -> World {
    let mut world = World::new(seed);
    for _ in 0..3 {
        world.add_node(limits);
    }
    for name in ["Ann", "Ben"] {
        let person = world.add_person(name, &[0, 1, 2]).unwrap();
        world.people[person].nat = nat;
    }
    world.run_for(seconds(20)).unwrap();
    world
}

/// The same, and they are friends.
fn friends_with(seed: u64, nat: Nat, limits: RelayLimits) -> World {
    let mut world = strangers(seed, nat, limits);
    world.befriend(BEN, ANN).unwrap();
    world.run_for(seconds(60)).unwrap();
    world
}

fn friends(seed: u64, nat: Nat) -> World {
    friends_with(seed, nat, RelayLimits::default())
}

fn path(world: &World, person: usize) -> Path {
    world.people[person].peer.chats()[0].path
}

fn arrived(world: &World) -> usize {
    world.checks.ledger.latencies().len()
}

/// What Ann sees of the last thing that she said to Ben.
fn last_of_ann(world: &mut World) -> (MessageState, Option<Why>) {
    let entries = world.checks.ledger.entries();
    let of_ann = entries.filter(|(_, it)| it.said.from == ANN);
    let (id, _) = of_ann.max_by_key(|(_, it)| it.said.number).unwrap();
    let id = *id;
    world.outcome_of(ANN, BEN, id).unwrap().unwrap()
}
