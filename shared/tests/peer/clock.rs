//! Clocks that were wrong for a while: what was noted by them keeps nobody waiting.

use crate::world::{Who, World, seconds};
use shared::base::limits::KEEP_TTL_MAX;
use shared::peer::command::Command;
use shared::peer::view::{MessageState, Obstacle};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Ann and Ben, whose pages cannot reach each other.
fn by_mailbox(seed: u64) -> (World, Who, Who) {
    let (mut world, [ann, ben]) = World::of(seed, ["Ann", "Ben"]);
    world.channels_work = false;
    world.connect(ben, ann);
    (world, ann, ben)
}

/// Ann says something, and Ben has it soon.
fn arrives(world: &mut World, ann: Who, ben: Who) {
    world.say(ann, "are you there?");
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, ["are you there?"]);
    assert_eq!(world.states(ann), [MessageState::Delivered]);
}

#[test]
fn a_pause_that_a_fast_clock_began_is_no_longer_than_any_other() {
    let (mut world, ann, ben) = by_mailbox(1);
    world.set_clock(ben, HOUR);
    world.kill_node(0);
    world.run_for(seconds(40));
    world.set_clock(ben, Duration::ZERO);
    world.start_node(0);
    world.run_for(seconds(60));
    arrives(&mut world, ann, ben);
}

#[test]
fn a_session_that_was_heard_by_a_fast_clock_is_found_dead_in_time() {
    let (mut world, ann, ben) = by_mailbox(2);
    world.set_clock(ben, HOUR);
    world.run_for(seconds(60));
    world.set_clock(ben, Duration::ZERO);
    // The network forgets the connection, and tells nobody.
    world.sockets.retain(|(person, _), _| *person != ben.0);
    world.run_for(seconds(120));
    arrives(&mut world, ann, ben);
}

#[test]
fn what_was_written_by_a_fast_clock_says_what_keeps_it() {
    for reload in [false, true] {
        let (mut world, ann, _) = by_mailbox(3);
        world.set_clock(ann, HOUR);
        world.kill_node(0);
        world.say(ann, "hello");
        world.set_clock(ann, Duration::ZERO);
        if reload {
            world.reload(ann);
            world.open(ann, "Ben");
        }
        world.run_for(seconds(10));
        let why = world.whys(ann);
        assert_eq!(
            why.first().map(|why| why.obstacle),
            Some(Obstacle::Unreachable)
        );
    }
}

#[test]
fn nobody_is_hung_up_on_because_a_clock_jumped_back_and_forth() {
    let (mut world, ann, ben) = by_mailbox(4);
    let dialled = world.person(ben).dialled;
    for ahead in [HOUR, Duration::ZERO, HOUR, Duration::ZERO] {
        world.set_clock(ben, ahead);
        world.run_for(seconds(5));
    }
    arrives(&mut world, ann, ben);
    // A jump ahead looks like a long silence: the line is made anew, and no more than that.
    assert!(world.person(ben).dialled - dialled <= 6);
}

#[test]
fn a_clock_that_falls_back_for_a_while_makes_nothing_too_old() {
    let (mut world, ann, ben) = by_mailbox(5);
    let right = 24 * 60 * HOUR;
    world.set_clock(ann, right);
    world.kill_node(0);
    world.say(ann, "are you there?");
    world.set_clock(ann, Duration::ZERO);
    world.run_for(seconds(10));
    world.set_clock(ann, right);
    world.run_for(seconds(10));
    world.start_node(0);
    world.run_for(seconds(120));
    assert_eq!(world.person(ben).announced, ["are you there?"]);
    assert_eq!(world.states(ann), [MessageState::Delivered]);
}

#[test]
fn a_name_given_while_a_clock_was_ahead_keeps_no_later_one_out() {
    let year = 365 * 24 * HOUR;
    for bens in [Duration::ZERO, year] {
        let (mut world, ann, ben) = by_mailbox(6);
        world.set_clock(ann, year);
        world.set_clock(ben, bens);
        rename(&mut world, ann, "Anna");
        assert_eq!(world.person(ben).peer.chats()[0].name, "Anna");
        world.set_clock(ann, Duration::ZERO);
        world.set_clock(ben, Duration::ZERO);
        world.reload(ann);
        rename(&mut world, ann, "Anne");
        assert_eq!(world.person(ben).peer.chats()[0].name, "Anne");
    }
}

fn rename(world: &mut World, who: Who, name: &str) {
    let name = name.into();
    world.command(who, Command::Rename { name }).unwrap();
    world.run_for(seconds(60));
}

#[test]
fn a_first_contact_is_given_up_in_time_though_a_clock_was_ahead_before() {
    let year = 365 * 24 * HOUR;
    let mut world = World::new(7);
    let homes = [world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes[..1]);
    let ben = world.add_person("Ben", &homes[1..]);
    let cem = world.add_person("Cem", &homes[..1]);
    world.connect(ann, cem);
    world.set_clock(ann, year);
    rename(&mut world, ann, "Anna");
    world.set_clock(ann, Duration::ZERO);
    let code = world.person(ben).invite();
    world.kill_node(homes[1]);
    world.accept(ann, &code);
    world.sleep(ann);
    world.sleep(cem);
    world.run_for(KEEP_TTL_MAX);
    world.wake(ann);
    world.run_for(seconds(5));
    world.open(ann, "Ben");
    let open = world.person(ann).peer.open_chat().unwrap();
    assert_eq!(open.unheard, Some(Obstacle::Expired));
}
