//! What a message costs does not depend on how many people there are. Counts, no times: nothing here
//! depends on the machine.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use e2e_swarm::growth::Plan;
use e2e_swarm::growth::figures::Figures;

/// A cost may differ by this factor between a small network and one four times as large: chance, in so few
/// messages, and how many of somebody's friends share a supernode.
const TOLERANCE: f64 = 1.6;

fn evening(people: usize, hours: u64) -> Figures {
    let plan = Plan {
        seed: 7,
        people,
        span: Duration::from_secs(hours * 3600),
        heap: None,
    };
    plan.run().unwrap()
}

#[test]
fn what_a_message_costs_does_not_grow_with_the_number_of_people() {
    let (few, many) = (evening(30, 4), evening(120, 1));
    assert!(few.delivered > 50 && many.delivered > 50);
    let costs = |it: &Figures| {
        [
            ("bytes", it.bytes_per_message()),
            ("inputs of supernodes", it.supernodes_per_message.inputs),
            ("commits of supernodes", it.supernodes_per_message.commits),
            ("inputs of people", it.people_per_message.inputs),
            ("commits of people", it.people_per_message.commits),
            ("bytes on a person's disk", it.person_disk),
        ]
    };
    for ((what, one), (_, other)) in costs(&few).into_iter().zip(costs(&many)) {
        let factor = (other / one).max(one / other);
        assert!(factor < TOLERANCE, "{what}: {one:.1} and {other:.1}");
    }
}

#[test]
fn the_same_seed_lives_the_same_day() {
    let one = evening(10, 1);
    assert_eq!(one.trace, evening(10, 1).trace);
}
