//! NATs, and networks that part, flap and lose.

use super::*;
use e2e_swarm::faults::Fault;
use e2e_swarm::net::End;
use e2e_swarm::net::partition::Partition;
use e2e_swarm::net::quality::{Access, Quality};

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
fn pages_that_cannot_reach_each_other_talk_through_a_relay() {
    let mut world = strangers(2, SYMMETRIC, RelayLimits::default());
    world.relay_packets(0);
    for person in [ANN, BEN] {
        world.close_page(person, CLOSED);
        world.open_page(person);
    }
    world.run_for(seconds(20)).unwrap();
    world.befriend(BEN, ANN).unwrap();
    world.run_for(seconds(60)).unwrap();
    assert_eq!(path(&world, ANN), Path::Relayed);
    assert!(world.say(ANN, BEN, "hi"));
    world.run_for(seconds(5)).unwrap();
    let [direct, relayed, mailbox] = shares(&world);
    assert_eq!((direct, relayed, mailbox), (0, 1, 0));

    // The relay dies, and for a while there is the mailbox.
    world.kill_node(0, CLOSED);
    world.run_for(seconds(60)).unwrap();
    assert_eq!(path(&world, ANN), Path::Supernode);
    assert!(world.say(BEN, ANN, "ho"));
    world.run_for(seconds(10)).unwrap();
    assert_eq!(shares(&world), [0, 1, 1]);
    world.start_node(0);
    world.run_for(seconds(120)).unwrap();
    assert_eq!(path(&world, ANN), Path::Relayed);
    world.verify_converged().unwrap();
}

fn shares(world: &World) -> [usize; 3] {
    let entries = world.checks.ledger.entries();
    let arrived = entries.filter(|(_, entry)| entry.arrived.is_some());
    world.checks.paths.shares(arrived.map(|(id, _)| id))
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
fn a_flapping_one_way_partition_turns_nothing_round() {
    for (seed, out_works) in [(11, true), (12, false)] {
        let mut world = friends(seed, Nat::OPEN);
        let partition = Partition {
            inside: [End::Person(BEN)].into(),
            out_works,
            in_works: !out_works,
        };
        // Five seconds of each, for ten minutes.
        world.suffer(Fault::Flap(partition, seconds(5), 60));
        for _ in 0..20 {
            assert!(world.say(ANN, BEN, "hi"));
            assert!(world.say(BEN, ANN, "ho"));
            world.run_for(seconds(29)).unwrap();
        }
        world.run_for(seconds(120)).unwrap();
        assert_eq!(arrived(&world), 40);
        world.verify_converged().unwrap();
        assert_eq!(path(&world, ANN), Path::Direct, "they have found back");
    }
}

#[test]
fn pages_on_bad_networks_find_each_other_and_what_is_lost_is_sent_again() {
    for (seed, access) in [(13, Access::Mobile), (14, Access::Satellite)] {
        let mut world = strangers(seed, Nat::OPEN, RelayLimits::default());
        for person in [ANN, BEN] {
            let quality = Quality {
                access,
                loss: 100,
                twice: 50,
                disorder: Duration::from_millis(300),
            };
            world.suffer(Fault::Access(End::Person(person), quality));
        }
        world.befriend(BEN, ANN).unwrap();
        world.run_for(seconds(180)).unwrap();
        assert_eq!(path(&world, ANN), Path::Direct, "{access:?}");
        for _ in 0..30 {
            assert!(world.say(ANN, BEN, "hi"));
            world.run_for(seconds(3)).unwrap();
        }
        world.run_for(seconds(60)).unwrap();
        assert_eq!(arrived(&world), 30);
        world.verify_converged().unwrap();
    }
}
