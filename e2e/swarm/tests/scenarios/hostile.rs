//! Homes whose operators are up to no good, and strangers.

use super::*;
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
