//! Stories in which one thing goes wrong, and what people get.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use e2e_swarm::faults::{Crash, DiskState, Fault};
use e2e_swarm::net::End;
use e2e_swarm::net::nat::{Depends, Nat};
use e2e_swarm::net::partition::Partition;
use e2e_swarm::world::World;
use shared::peer::view::Path;
use shared::relay::RelayLimits;

const ANN: usize = 0;
const BEN: usize = 1;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Ann and Ben, friends, with three homes; Ann behind `nat`.
fn friends(seed: u64, nat: Nat) -> World {
    let mut world = World::new(seed);
    for _ in 0..3 {
        world.add_node(RelayLimits::default());
    }
    for name in ["Ann", "Ben"] {
        world.add_person(name, &[0, 1, 2]).unwrap();
    }
    world.people[ANN].nat = nat;
    world.people[BEN].nat = nat;
    world.run_for(seconds(20)).unwrap();
    world.befriend(BEN, ANN).unwrap();
    world.run_for(seconds(60)).unwrap();
    world
}

const SYMMETRIC: Nat = Nat {
    mapping: Depends::AddressAndPort,
    filtering: Depends::AddressAndPort,
};

fn path(world: &World, person: usize) -> Path {
    world.people[person].peer.chats()[0].path
}

fn arrived(world: &World) -> usize {
    world.checks.ledger.latencies().len()
}

#[test]
fn pages_that_can_reach_each_other_talk_directly_and_others_by_their_homes() {
    for (nat, expected) in [(Nat::OPEN, Path::Direct), (SYMMETRIC, Path::Supernode)] {
        let mut world = friends(1, nat);
        assert_eq!(path(&world, ANN), expected);
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(5)).unwrap();
        assert_eq!(arrived(&world), 1, "{nat:?}");
        world.verify_converged().unwrap();
    }
}

#[test]
fn a_page_that_crashes_between_keeping_and_sending_sends_when_it_is_opened_again() {
    for written in [false, true] {
        let mut world = friends(2, SYMMETRIC);
        let crash = Crash {
            written,
            silent: true,
        };
        world.suffer(Fault::ClosePage(ANN, crash, seconds(30)));
        assert!(world.say(ANN, BEN, "hi"));
        assert!(!world.people[ANN].awake, "it crashed in the transaction");
        world.run_for(seconds(300)).unwrap();
        // What was not written was never said: nobody was told otherwise.
        assert_eq!(arrived(&world), usize::from(written));
        world.verify_converged().unwrap();
    }
}

#[test]
fn a_supernode_that_dies_in_a_commit_has_promised_nothing() {
    for written in [false, true] {
        let mut world = friends(3, SYMMETRIC);
        for node in 0..3 {
            let crash = Crash {
                written,
                silent: false,
            };
            world.suffer(Fault::Kill(node, crash, seconds(20)));
        }
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(2)).unwrap();
        assert!(world.nodes.iter().all(|node| !node.up));
        world.run_for(seconds(200)).unwrap();
        assert_eq!(arrived(&world), 1);
        world.verify_converged().unwrap();
    }
}

#[test]
fn a_network_that_works_one_way_only_delays_and_loses_nothing() {
    for (out_works, in_works) in [(true, false), (false, true), (false, false)] {
        let mut world = friends(4, Nat::OPEN);
        assert_eq!(path(&world, ANN), Path::Direct);
        let partition = Partition {
            inside: [End::Person(BEN)].into(),
            out_works,
            in_works,
        };
        world.suffer(Fault::Part(partition, seconds(120)));
        assert!(world.say(ANN, BEN, "hi"));
        assert!(world.say(BEN, ANN, "ho"));
        world.run_for(seconds(300)).unwrap();
        assert_eq!(arrived(&world), 2);
        world.verify_converged().unwrap();
    }
}

#[test]
fn a_full_disk_at_every_home_keeps_the_message_with_its_author_until_there_is_room() {
    let mut world = friends(5, SYMMETRIC);
    for node in 0..3 {
        world.suffer(Fault::NodeDisk(node, DiskState::Full));
    }
    world.close_page(
        BEN,
        Crash {
            written: true,
            silent: false,
        },
    );
    world.run_for(seconds(30)).unwrap();
    assert!(world.say(ANN, BEN, "hi"));
    world.run_for(seconds(120)).unwrap();
    world.heal();
    world.run_for(seconds(300)).unwrap();
    assert_eq!(arrived(&world), 1);
    world.verify_converged().unwrap();
}

#[test]
fn a_computer_that_slept_through_the_night_gets_everything_in_order() {
    let mut world = friends(6, Nat::OPEN);
    world.suffer(Fault::Suspend(BEN, seconds(8 * 3600)));
    for _ in 0..20 {
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(600)).unwrap();
    }
    world.run_for(seconds(8 * 3600)).unwrap();
    assert_eq!(arrived(&world), 20);
    world.verify_converged().unwrap();
}

#[test]
fn clocks_that_are_hours_apart_neither_lose_nor_turn_round_what_is_said() {
    let mut world = friends(7, Nat::OPEN);
    for (step, skew) in [7_200_000, -7_200_000, 3_000, 0].into_iter().enumerate() {
        world.suffer(Fault::Skew(ANN, skew));
        world.suffer(Fault::Skew(BEN, -skew));
        for _ in 0..3 {
            assert!(world.say(ANN, BEN, "hi"), "step {step}");
            assert!(world.say(BEN, ANN, "ho"), "step {step}");
            world.run_for(seconds(40)).unwrap();
        }
    }
    world.run_for(seconds(300)).unwrap();
    assert_eq!(arrived(&world), 24);
    world.verify_converged().unwrap();
}
