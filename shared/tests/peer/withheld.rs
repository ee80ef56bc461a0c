//! Homes that take messages and do not hand them over, and homes that only seem to: stories in a world of
//! real peers and real relays.

use std::time::Duration;

use crate::world::{Who, World, seconds};
use shared::peer::view::{HeldBack, MessageState};

const HOUR: Duration = Duration::from_secs(3600);

/// Ann, Ben and Cleo with three homes each, all in contact with Ben, no channels, Ben away.
fn away(seed: u64) -> (World, [Who; 3]) {
    let mut world = World::new(seed);
    let homes = [world.add_node(), world.add_node(), world.add_node()];
    let people = ["Ann", "Ben", "Cleo"].map(|name| world.add_person(name, &homes));
    let [ann, ben, cleo] = people;
    world.channels_work = false;
    world.connect(ben, cleo);
    world.connect(ben, ann);
    world.sleep(ben);
    world.run_for(seconds(30));
    (world, people)
}

/// What Ben's network settings say of each home.
fn said(world: &World, who: Who) -> Vec<Option<HeldBack>> {
    let homes = world.person(who).peer.network().homes;
    homes.iter().map(|home| home.held_back).collect()
}

fn say_all(world: &mut World, who: Who, texts: &[&str]) {
    for text in texts {
        world.say(who, text);
        world.run_for(seconds(5));
    }
}

#[test]
fn a_home_that_holds_messages_back_is_noticed_and_nothing_is_lost() {
    let (mut world, [ann, ben, cleo]) = away(1);
    world.nodes[1].withholds = true;
    say_all(&mut world, ann, &["one", "two", "three"]);
    world.wake(ben);
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, ["one", "two", "three"]);
    assert_eq!(said(&world, ben), [None; 3], "it may still come");
    world.run_for(seconds(240));
    let by_ann = HeldBack {
        messages: 2,
        contacts: 1,
    };
    assert_eq!(said(&world, ben), [None, Some(by_ann), None]);
    say_all(&mut world, cleo, &["four", "five"]);
    world.run_for(seconds(240));
    let by_both = said(&world, ben)[1].unwrap();
    assert_eq!(by_both.contacts, 2);
    world.reload(ben);
    world.run_for(seconds(5));
    assert_eq!(
        said(&world, ben),
        [None, Some(by_both), None],
        "it is remembered"
    );
    assert_eq!(world.states(ann), [MessageState::Delivered; 3]);
}

#[test]
fn what_comes_late_is_forgiven() {
    let (mut world, [ann, ben, _]) = away(2);
    world.nodes[2].withholds = true;
    say_all(&mut world, ann, &["one", "two"]);
    world.wake(ben);
    world.run_for(HOUR);
    assert!(said(&world, ben)[2].is_some());
    world.nodes[2].withholds = false;
    world.reload(ben);
    world.run_for(seconds(60));
    assert_eq!(said(&world, ben), [None; 3]);
    assert_eq!(world.person(ben).announced, ["one", "two"], "each once");
}

#[test]
fn a_home_that_is_only_away_for_a_while_is_not_blamed() {
    let (mut world, [ann, ben, _]) = away(3);
    say_all(&mut world, ann, &["one", "two", "three"]);
    world.kill_node(1);
    world.wake(ben);
    world.run_for(HOUR);
    world.reload(ben);
    world.run_for(HOUR);
    say_all(&mut world, ann, &["four"]);
    world.start_node(1);
    world.run_for(HOUR);
    say_all(&mut world, ann, &["five", "six"]);
    world.run_for(HOUR);
    assert_eq!(said(&world, ben), [None; 3]);
    assert_eq!(world.person(ben).announced.len(), 6);
}

#[test]
fn honest_homes_are_never_blamed_whatever_is_said_and_reloaded() {
    for seed in 10..16 {
        let (mut world, [ann, ben, cleo]) = away(seed);
        for round in 0..30_u64 {
            match (round * 7 + seed) % 5 {
                0 => world.reload(ann),
                1 if round % 2 == 0 => world.sleep(ben),
                2 => world.wake(ben),
                _ => {}
            }
            world.run_for(seconds(3));
            if world.person(ann).peer.open_chat().is_none() {
                world.open(ann, "Ben");
            }
            world.say(ann, "a");
            world.say(cleo, "c");
            world.run_for(seconds(20 + round * 13));
        }
        world.wake(ben);
        world.run_for(HOUR);
        assert_eq!(said(&world, ben), [None; 3], "seed {seed}");
        assert_eq!(world.person(ben).announced.len(), 60, "seed {seed}");
    }
}

#[test]
fn a_home_that_lost_its_disk_did_not_hand_over_what_it_took() {
    let (mut world, [ann, ben, _]) = away(4);
    say_all(&mut world, ann, &["one", "two", "three"]);
    world.lose_disk(0);
    world.wake(ben);
    world.run_for(HOUR);
    assert_eq!(world.person(ben).announced, ["one", "two", "three"]);
    assert_eq!(said(&world, ben)[0].map(|held| held.messages), Some(2));
}

#[test]
fn what_is_so_old_that_it_may_have_expired_is_not_missed() {
    let (mut world, [ann, ben, cleo]) = away(5);
    say_all(&mut world, ann, &["one", "two"]);
    world.sleep(ann);
    world.sleep(cleo);
    world.lose_disk(0);
    world.run_for(HOUR * 24 * 29);
    world.wake(ben);
    world.run_for(HOUR);
    assert_eq!(world.person(ben).announced, ["one", "two"]);
    assert_eq!(said(&world, ben), [None; 3]);
}

#[test]
fn a_first_contact_by_two_homes_is_held_against_neither() {
    let mut world = World::new(8);
    let homes = [world.add_node(), world.add_node()];
    let (ann, ben) = (
        world.add_person("Ann", &homes),
        world.add_person("Ben", &homes),
    );
    world.channels_work = false;
    world.connect(ben, ann);
    world.run_for(seconds(30));
    say_all(&mut world, ben, &["hi"]);
    say_all(&mut world, ann, &["hello"]);
    world.run_for(seconds(600));
    assert_eq!(said(&world, ann), [None; 2]);
    assert_eq!(said(&world, ben), [None; 2]);
}
