//! Knocking: how often a page tells a friend that it is open, and that both find each other in the end.

use std::time::Duration;

use crate::world::{Who, World, seconds};
use shared::base::codec;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::peer::view::Path;
use shared::session::wire::NodeFrame;

/// Ann and Ben, in contact, with so many homes each; both pages are closed.
fn closed(seed: u64, homes: usize) -> (World, Who, Who) {
    let mut world = World::new(seed);
    let homes: Vec<_> = (0..homes).map(|_| world.add_node()).collect();
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &homes));
    world.connect(ben, ann);
    for who in [ann, ben] {
        world.sleep(who);
    }
    world.run_for(seconds(30));
    world.heard.clear();
    (world, ann, ben)
}

/// Answers to envelopes that have reached a page. It says nothing, so all are of knocks.
fn answers(world: &World, who: Who) -> usize {
    let heard = world.heard.iter().filter(|(person, ..)| *person == who.0);
    let frames = heard.filter_map(|(_, _, bytes)| codec::decode(bytes, FRAME_BYTES_MAX).ok());
    frames
        .map(|frame| match frame {
            NodeFrame::Deposited { receipts } => receipts.len(),
            _ => 0,
        })
        .sum()
}

#[test]
fn where_nobody_is_there_a_page_knocks_once() {
    let (mut world, ann, _) = closed(1, 1);
    world.wake(ann);
    world.run_for(seconds(300));
    assert_eq!(answers(&world, ann), 1);
}

#[test]
fn with_several_homes_a_page_knocks_once_at_each() {
    let (mut world, ann, _) = closed(2, 3);
    world.wake(ann);
    world.run_for(seconds(300));
    assert_eq!(answers(&world, ann), 3);
}

#[test]
fn a_page_asks_before_it_knocks_and_knocks_where_somebody_is() {
    let (mut world, ann, ben) = closed(6, 2);
    let before = world.person(ann).live.len();
    world.wake(ann);
    world.run_for(seconds(300));
    assert_eq!(world.person(ann).live[before..], [0, 0]);
    let before = world.person(ben).live.len();
    world.wake(ben);
    world.run_for(seconds(5));
    let live = &world.person(ben).live[before..];
    assert_eq!(live[..2], [0, 0]);
    assert!(live[2..].iter().all(|len| *len > 0), "{live:?}");
    assert!(live.len() > 2);
}

#[test]
fn a_home_that_lies_about_who_is_there_hides_nobody() {
    for handed in [0, 1] {
        let (mut world, ann, ben) = closed(7, 2);
        world.wake(ann);
        world.run_for(seconds(60));
        world.nodes[0].says_present = Some(handed);
        world.wake(ben);
        world.run_for(seconds(10));
        world.open(ann, "Ben");
        assert_eq!(world.path(ann), Path::Direct, "it says {handed}");
    }
}

#[test]
fn a_friend_who_comes_later_is_found() {
    for homes in [1, 3] {
        let (mut world, ann, ben) = closed(3, homes);
        world.wake(ann);
        world.run_for(seconds(300));
        world.wake(ben);
        world.run_for(seconds(5));
        world.open(ann, "Ben");
        assert_eq!(world.path(ann), Path::Direct);
    }
}

#[test]
fn friends_who_come_in_the_same_moment_find_each_other() {
    for (seed, homes) in (0..8).flat_map(|seed| [(seed, 1), (seed, 2), (seed, 3)]) {
        let (mut world, ann, ben) = closed(seed, homes);
        world.wake(ann);
        world.run_for(Duration::from_millis(5 * seed));
        world.wake(ben);
        world.run_for(seconds(5));
        world.open(ann, "Ben");
        assert_eq!(world.path(ann), Path::Direct, "{homes} homes, seed {seed}");
    }
}

#[test]
fn a_home_that_does_not_answer_is_tried_again_and_the_one_that_did_is_not() {
    let (mut world, ann, ben) = closed(5, 2);
    world.kill_node(1);
    world.wake(ann);
    world.run_for(seconds(8));
    assert_eq!(answers(&world, ann), 1);
    world.start_node(1);
    world.run_for(seconds(300));
    let all = answers(&world, ann);
    assert!(
        all < 2 * 5,
        "each home five times would be ten; these are {all}"
    );
    world.wake(ben);
    world.run_for(seconds(5));
    world.open(ann, "Ben");
    assert_eq!(world.path(ann), Path::Direct);
}

#[test]
fn an_answer_counts_that_comes_after_the_next_question() {
    let (mut world, ann, ben) = closed(8, 1);
    world.nodes[0].answers_after = seconds(6);
    world.wake(ann);
    world.run_for(seconds(300));
    assert_eq!(answers(&world, ann), 2, "asked at once and after 1.5 s");
    world.sleep(ann);
    world.wake(ben);
    world.run_for(seconds(60));
    world.wake(ann);
    world.run_for(seconds(8));
    world.open(ann, "Ben");
    assert_eq!(world.path(ann), Path::Direct);
}
