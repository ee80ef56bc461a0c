//! Homes whose operators are up to no good, and strangers.

use super::*;
use e2e_swarm::faults::contact::Malice;
use e2e_swarm::faults::hostile::Temper;
use e2e_swarm::world::stranger::Aim;

#[test]
fn two_hostile_homes_of_three_delay_and_take_nothing() {
    for seed in 20..24 {
        let mut world = friends(seed, SYMMETRIC);
        for node in [0, 1] {
            world.nodes[node].temper = Temper::bad();
        }
        for _ in 0..20 {
            assert!(world.say(ANN, BEN, "hi"));
            assert!(world.say(BEN, ANN, "ho"));
            world.run_for(seconds(30)).unwrap();
        }
        world.run_for(seconds(600)).unwrap();
        assert_eq!(arrived(&world), 40, "seed {seed}");
        world.heal();
        world.converge().unwrap();
    }
}

#[test]
fn strangers_with_every_aim_get_nowhere() {
    let mut world = friends(24, Nat::OPEN);
    for aim in [
        Aim::Deposit,
        Aim::Claim,
        Aim::Impersonate,
        Aim::Junk,
        Aim::Register,
    ] {
        world.add_stranger(aim);
    }
    for _ in 0..30 {
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(60)).unwrap();
    }
    assert!(world.checks.rights.attempts() > 30);
    assert_eq!(arrived(&world), 30);
    assert_eq!(world.people[BEN].peer.chats().len(), 1);
    world.verify_converged().unwrap();
}

#[test]
fn a_contact_gone_bad_harms_nobody_elses_conversation() {
    for seed in 25..28 {
        let mut world = friends(seed, Nat::OPEN);
        let cleo = world.add_person("Cleo", &[0, 1, 2]).unwrap();
        world.people[cleo].nat = Nat::OPEN;
        world.run_for(seconds(20)).unwrap();
        for host in [ANN, BEN] {
            world.befriend(cleo, host).unwrap();
        }
        world.run_for(seconds(60)).unwrap();
        world.people[cleo].malice = Malice::bad();
        for round in 0..30 {
            // While Ben is away there is something to lie about.
            if round % 10 == 5 {
                world.close_page(BEN, CLOSED);
            } else if round % 10 == 8 {
                world.open_page(BEN);
            }
            assert!(world.say(ANN, BEN, "hi"));
            for friend in [ANN, BEN] {
                world.say(cleo, friend, "you there?");
            }
            world.run_for(seconds(30)).unwrap();
        }
        assert!(world.people[cleo].malice.done() > 60, "seed {seed}");
        world.heal();
        world.converge().unwrap();
        assert_eq!(world.checks.ledger.said_by(ANN, BEN), 30);
    }
}
