//! Pages that close, computers that sleep, clocks that are wrong.

use super::*;
use e2e_swarm::faults::{DiskState, Fault};

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

#[test]
fn everybody_comes_online_at_once_and_finds_everything() {
    let mut world = World::new(8);
    for _ in 0..3 {
        world.add_node(RelayLimits::default());
    }
    let people = 12;
    for person in 0..people {
        let name = format!("Person {person}");
        world.add_person(&name, &[0, 1, 2]).unwrap();
    }
    world.run_for(seconds(30)).unwrap();
    for guest in 0..people {
        world.befriend(guest, (guest + 1) % people).unwrap();
    }
    world.run_for(seconds(60)).unwrap();
    for person in 0..people {
        world.close_page(person, CLOSED);
    }
    // One after the other comes, writes to somebody who has been there before, and goes.
    for person in 0..people {
        world.open_page(person);
        world.run_for(seconds(20)).unwrap();
        let friend = (person + people - 1) % people;
        for _ in 0..5 {
            assert!(world.say(person, friend, "for later"));
        }
        world.run_for(seconds(20)).unwrap();
        world.close_page(person, CLOSED);
    }
    assert_eq!(arrived(&world), 5, "only the last has got anything");
    for person in 0..people {
        world.open_page(person);
    }
    world.run_for(seconds(60)).unwrap();
    assert_eq!(arrived(&world), 5 * people);
    world.verify_converged().unwrap();
}

#[test]
fn a_clock_a_year_ahead_hides_nothing_and_loses_nothing() {
    const YEAR: i64 = 365 * 86_400_000;
    let mut world = friends(9, SYMMETRIC);
    for skew in [YEAR, -YEAR, 0] {
        world.suffer(Fault::Skew(ANN, skew));
        for _ in 0..2 {
            assert!(world.say(ANN, BEN, "hi"));
            assert!(world.say(BEN, ANN, "ho"));
            world.run_for(seconds(60)).unwrap();
        }
    }
    assert_eq!(arrived(&world), 12);
    world.verify_converged().unwrap();
}

#[test]
fn a_clock_that_was_ahead_for_a_minute_keeps_nobody_waiting_for_an_hour() {
    const HOUR: i64 = 3_600_000;
    let mut world = friends(11, SYMMETRIC);
    world.suffer(Fault::Skew(BEN, HOUR));
    for node in 0..3 {
        world.suffer(Fault::NodeSkew(node, HOUR));
        world.suffer(Fault::Kill(node, CLOSED, seconds(60)));
    }
    world.run_for(seconds(60)).unwrap();
    world.suffer(Fault::Skew(BEN, 0));
    for node in 0..3 {
        world.suffer(Fault::NodeSkew(node, 0));
    }
    world.run_for(seconds(120)).unwrap();
    assert!(world.say(ANN, BEN, "hi"));
    world.run_for(seconds(60)).unwrap();
    assert_eq!(arrived(&world), 1);
    world.verify_converged().unwrap();
}

#[test]
fn a_full_disk_of_ones_own_delays_what_one_says_and_takes_nothing_back() {
    let mut world = friends(10, Nat::OPEN);
    world.suffer(Fault::Disk(ANN, DiskState::Full));
    assert!(world.say(ANN, BEN, "hi"));
    assert!(world.say(BEN, ANN, "ho"));
    world.run_for(seconds(120)).unwrap();
    assert_eq!(
        arrived(&world),
        0,
        "nothing is sent or confirmed that is not kept"
    );
    world.suffer(Fault::Disk(ANN, DiskState::Well));
    world.run_for(seconds(120)).unwrap();
    assert_eq!(arrived(&world), 2);
    world.verify_converged().unwrap();
}
