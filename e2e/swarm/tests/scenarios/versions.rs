//! Old programs, new programs, and those that do not exist yet.

use super::*;
use e2e_swarm::town::{Mix, Plan};
use e2e_swarm::world::era::Era;

#[test]
fn a_page_of_any_age_talks_with_a_page_of_any_age_by_homes_of_all_ages() {
    let ages = [Era::Old, Era::Now, Era::Later];
    for (ann, ben) in ages.into_iter().flat_map(|ann| ages.map(|ben| (ann, ben))) {
        for nat in [Nat::OPEN, SYMMETRIC] {
            let mut world = World::new(40);
            for era in ages {
                let node = world.add_node(RelayLimits::default());
                world.nodes[node].era = era;
            }
            for (name, era) in [("Ann", ann), ("Ben", ben)] {
                let person = world.add_person(name, &[0, 1, 2]).unwrap();
                world.people[person].nat = nat;
                // The first connections are made in the moment in which the page is opened.
                world.people[person].era = era;
                world.close_page(person, CLOSED);
                world.open_page(person);
            }
            world.run_for(seconds(20)).unwrap();
            world.befriend(BEN, ANN).unwrap();
            world.run_for(seconds(60)).unwrap();
            assert!(world.say(ANN, BEN, "hi"), "{ann:?} {ben:?}");
            assert!(world.say(BEN, ANN, "ho"), "{ann:?} {ben:?}");
            world.run_for(seconds(60)).unwrap();
            assert_eq!(arrived(&world), 2, "{ann:?} {ben:?} {nat:?}");
            world.verify_converged().unwrap();
        }
    }
}

#[test]
fn a_town_with_old_and_new_programs_lives_through_a_storm() {
    let plan = Plan {
        people: 8,
        mix: Mix {
            eras: true,
            ..Mix::default()
        },
        ..Plan::standard(41)
    };
    let told = |violation: e2e_swarm::check::Violation| violation.what;
    let world = plan
        .run()
        .map_err(|(_, violation)| told(violation))
        .unwrap();
    assert!(arrived(&world) > 50);
}
