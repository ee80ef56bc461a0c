//! After a block is over: what was sent before and not confirmed.

use crate::block::{block, unblock};
use crate::world::{Who, World, seconds};
use shared::peer::view::MessageState;

/// Ann and Ben with a home each, whose pages cannot reach each other; Ann's chat is open.
fn by_mailbox(seed: u64) -> (World, Who, Who) {
    let mut world = World::new(seed);
    world.channels_work = false;
    let homes = [world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes[..1]);
    let ben = world.add_person("Ben", &homes[1..]);
    world.connect(ben, ann);
    (world, ann, ben)
}

#[test]
fn a_receipt_that_was_refused_is_given_when_its_author_is_let_in_again() {
    for reload in [false, true] {
        let (mut world, ann, ben) = by_mailbox(1);
        world.sleep(ben);
        world.say(ann, "are you there?");
        world.run_for(seconds(10));
        block(&mut world, ann, "Ben");
        world.run_for(seconds(10));
        world.wake(ben);
        world.run_for(seconds(60));
        assert_eq!(world.person(ben).announced, ["are you there?"]);
        assert_eq!(world.states(ann), [MessageState::Sent]);
        if reload {
            world.reload(ben);
            world.run_for(seconds(10));
        }
        unblock(&mut world, ann, "Ben");
        world.run_for(seconds(60));
        assert_eq!(world.states(ann), [MessageState::Delivered]);
        assert_eq!(world.person(ben).announced, ["are you there?"]);
    }
}

#[test]
fn what_was_dropped_unseen_comes_when_its_author_is_let_in_again() {
    let (mut world, ann, ben) = by_mailbox(2);
    world.sleep(ann);
    world.say(ben, "read this");
    world.run_for(seconds(30));
    world.kill_node(0);
    world.wake(ann);
    block(&mut world, ann, "Ben");
    world.start_node(0);
    world.run_for(seconds(120));
    assert!(world.person(ann).announced.is_empty());
    assert_eq!(world.states(ben), [MessageState::Sent]);
    unblock(&mut world, ann, "Ben");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["read this"]);
    assert_eq!(world.states(ben), [MessageState::Delivered]);
}

#[test]
fn what_was_confirmed_is_not_sent_again() {
    let (mut world, ann, ben) = by_mailbox(3);
    world.say(ann, "one");
    world.say(ben, "two");
    world.run_for(seconds(60));
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    let sent = world.person(ben).sent;
    unblock(&mut world, ann, "Ben");
    world.run_for(seconds(20));
    // Knocks and their answers, and pings.
    assert!(world.person(ben).sent - sent <= 8);
    assert_eq!(world.person(ann).announced, ["two"]);
    assert_eq!(world.person(ben).announced, ["one"]);
}

#[test]
fn what_was_sent_and_then_refused_goes_by_itself_when_its_author_is_let_in() {
    for reload in [false, true] {
        let (mut world, ann, ben) = by_mailbox(4);
        world.kill_node(1);
        world.sleep(ben);
        world.start_node(1);
        world.say(ann, "read this");
        world.run_for(seconds(30));
        assert_eq!(world.states(ann), [MessageState::Sent]);
        // He drops it unseen; and she blocks him too, and thinks better of it.
        world.kill_node(1);
        world.wake(ben);
        block(&mut world, ben, "Ann");
        block(&mut world, ann, "Ben");
        world.start_node(1);
        world.run_for(seconds(60));
        unblock(&mut world, ann, "Ben");
        world.run_for(seconds(60));
        assert_eq!(world.states(ann), [MessageState::Failed]);
        if reload {
            world.reload(ann);
            world.open(ann, "Ben");
            world.run_for(seconds(10));
        }
        // Her card is refused as well, until an invite of hers tells him how to reach her.
        let code = world.person(ann).invite();
        unblock(&mut world, ben, "Ann");
        world.run_for(seconds(30));
        world.accept(ben, &code);
        world.run_for(seconds(60));
        assert_eq!(world.states(ann), [MessageState::Delivered]);
        assert_eq!(world.person(ben).announced, ["read this"]);
    }
}
