//! Two people talk: stories in a world of real peers and real relays.

use crate::world::{World, seconds};
use shared::peer::view::{MessageState, Path};

#[test]
fn an_invite_makes_a_conversation_and_a_direct_channel() {
    let (mut world, ann, ben) = World::friends(1);
    assert_eq!(
        (world.path(ann), world.path(ben)),
        (Path::Direct, Path::Direct)
    );
    world.say(ann, "hi");
    world.run_for(seconds(1));
    world.say(ben, "hello");
    world.run_for(seconds(1));
    assert_eq!(world.person(ann).timeline(), ["Ann: hi", "Ben: hello"]);
    assert_eq!(world.person(ben).timeline(), ["Ann: hi", "Ben: hello"]);
    assert_eq!(world.states(ann), [MessageState::Delivered]);
    world.watch(ben, true);
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Read]);
}

#[test]
fn what_comes_into_a_watched_chat_is_read_at_once_and_counted_when_nobody_looks() {
    let (mut world, ann, ben) = World::friends(1);
    let unread = |world: &World| world.person(ben).peer.chats()[0].unread;
    world.watch(ben, true);
    world.say(ann, "seen");
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Read]);
    assert_eq!(unread(&world), 0);
    world.watch(ben, false);
    world.say(ann, "not yet");
    world.run_for(seconds(1));
    let states = [MessageState::Read, MessageState::Delivered];
    assert_eq!(world.states(ann), states);
    assert_eq!(unread(&world), 1);
    world.watch(ben, true);
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Read; 2]);
    assert_eq!(unread(&world), 0);
}

#[test]
fn what_is_written_before_the_answer_arrives_goes_with_it() {
    let (mut world, [ann, ben]) = World::of(2, ["Ann", "Ben"]);
    world.sleep(ann);
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "are you there?");
    world.run_for(seconds(3600));
    assert!(world.person(ben).peer.open_chat().unwrap().pending);
    assert_eq!(world.states(ben), [MessageState::Sent]);
    world.wake(ann);
    world.run_for(seconds(60));
    world.open(ann, "Ben");
    assert_eq!(world.person(ann).timeline(), ["Ben: are you there?"]);
    assert_eq!(world.states(ben), [MessageState::Delivered]);
}

#[test]
fn both_reload_and_the_history_is_there() {
    let (mut world, ann, ben) = World::friends(3);
    world.say(ann, "hi");
    world.run_for(seconds(1));
    world.reload(ann);
    world.reload(ben);
    world.run_for(seconds(5));
    world.open(ann, "Ben");
    world.open(ben, "Ann");
    assert_eq!(world.person(ann).timeline(), ["Ann: hi"]);
    assert_eq!(world.person(ben).timeline(), ["Ann: hi"]);
    assert_eq!(
        (world.path(ann), world.path(ben)),
        (Path::Direct, Path::Direct)
    );
    world.say(ben, "again");
    world.run_for(seconds(1));
    assert_eq!(world.person(ann).timeline(), ["Ann: hi", "Ben: again"]);
}

#[test]
fn one_page_reloads_and_the_other_finds_it_again() {
    for seed in 0..8 {
        let (mut world, ann, ben) = World::friends(40 + seed);
        let (stays, goes) = if seed % 2 == 0 {
            (ann, ben)
        } else {
            (ben, ann)
        };
        world.reload(goes);
        world.run_for(seconds(8));
        assert_eq!(world.path(stays), Path::Direct, "seed {seed}");
    }
}

#[test]
fn a_page_that_reloads_in_the_middle_of_an_attempt_is_found_soon() {
    for seed in 0..8 {
        let mut world = World::new(60 + seed);
        let home = world.add_node();
        let (ann, ben) = (
            world.add_person("Ann", &[home]),
            world.add_person("Ben", &[home]),
        );
        world.channels_work = false;
        world.connect(ben, ann);
        let (stays, goes) = if seed % 2 == 0 {
            (ann, ben)
        } else {
            (ben, ann)
        };
        world.sleep(goes);
        world.run_for(seconds(1));
        world.channels_work = true;
        world.wake(goes);
        world.run_for(seconds(8));
        assert_eq!(world.path(stays), Path::Direct, "seed {seed}");
    }
}

#[test]
fn a_friend_whose_page_is_closed_finds_the_message_waiting() {
    let (mut world, ann, ben) = World::friends(4);
    world.sleep(ben);
    world.run_for(seconds(30));
    world.say(ann, "one");
    world.say(ann, "two");
    world.run_for(seconds(30));
    assert_eq!(world.path(ann), Path::Supernode);
    assert_eq!(world.states(ann), [MessageState::Sent, MessageState::Sent]);
    world.run_for(seconds(30 * 3600));
    world.wake(ben);
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).announced, ["one", "two"]);
    world.open(ben, "Ann");
    assert_eq!(world.person(ben).timeline(), ["Ann: one", "Ann: two"]);
    assert_eq!(
        world.states(ann),
        [MessageState::Delivered, MessageState::Delivered]
    );
}

#[test]
fn a_supernode_that_dies_and_comes_back_is_found_again() {
    let (mut world, ann, ben) = World::friends(5);
    world.kill_node(0);
    world.run_for(seconds(20));
    world.say(ann, "over the channel");
    world.run_for(seconds(2));
    assert_eq!(world.person(ben).timeline(), ["Ann: over the channel"]);
    assert_eq!(world.states(ann), [MessageState::Delivered]);
    world.start_node(0);
    world.run_for(seconds(60));
    world.reload(ben);
    world.run_for(seconds(10));
    world.open(ben, "Ann");
    assert_eq!(world.path(ben), Path::Direct);
}

#[test]
fn with_nothing_reachable_a_message_waits_and_goes_by_itself() {
    let (mut world, ann, ben) = World::friends(6);
    world.kill_node(0);
    world.sleep(ben);
    world.run_for(seconds(30));
    world.say(ann, "later");
    world.run_for(seconds(30));
    assert_eq!(
        (world.path(ann), world.states(ann)),
        (Path::Offline, vec![MessageState::Queued])
    );
    world.reload(ann);
    world.open(ann, "Ben");
    assert_eq!(world.states(ann), [MessageState::Queued]);
    world.start_node(0);
    world.run_for(seconds(90));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.wake(ben);
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).announced, ["later"]);
}

#[test]
fn without_webrtc_a_chat_goes_by_the_supernode() {
    let (mut world, [ann, ben]) = World::of(7, ["Ann", "Ben"]);
    world.channels_work = false;
    world.connect(ben, ann);
    for round in 0..5 {
        world.say(ann, &format!("ping {round}"));
        world.run_for(seconds(1));
        world.say(ben, &format!("pong {round}"));
        world.run_for(seconds(1));
    }
    assert_eq!(world.person(ann).timeline().len(), 10);
    assert_eq!(world.person(ann).timeline(), world.person(ben).timeline());
    assert_eq!(world.states(ann), vec![MessageState::Delivered; 5]);
    assert_eq!(world.path(ann), Path::Supernode);
}

#[test]
fn friends_at_different_supernodes_talk() {
    let mut world = World::new(8);
    let (one, two) = (world.add_node(), world.add_node());
    let (ann, ben) = (
        world.add_person("Ann", &[one]),
        world.add_person("Ben", &[two]),
    );
    world.connect(ben, ann);
    world.say(ben, "hi");
    world.run_for(seconds(2));
    assert_eq!(world.person(ann).timeline(), ["Ben: hi"]);
    assert_eq!(world.path(ann), Path::Direct);
}

#[test]
fn a_message_given_up_that_did_arrive_says_so() {
    let (mut world, ann, ben) = World::friends(17);
    world.sleep(ben);
    world.run_for(seconds(30));
    world.say(ann, "slow");
    world.run_for(seconds(5));
    world.sleep(ann);
    world.run_for(seconds(29 * 24 * 3600));
    world.wake(ben);
    world.run_for(seconds(10));
    world.sleep(ben);
    world.run_for(seconds(3 * 24 * 3600));
    world.wake(ann);
    world.open(ann, "Ben");
    assert_eq!(world.states(ann), [MessageState::Failed]);
    world.run_for(seconds(10));
    assert_eq!(world.states(ann), [MessageState::Delivered]);
}

#[test]
fn with_two_homes_each_message_arrives_once() {
    let mut world = World::new(9);
    let (one, two) = (world.add_node(), world.add_node());
    let (ann, ben) = (
        world.add_person("Ann", &[one, two]),
        world.add_person("Ben", &[two, one]),
    );
    world.connect(ben, ann);
    world.sleep(ann);
    world.run_for(seconds(30));
    world.say(ben, "once");
    world.run_for(seconds(10));
    world.kill_node(one);
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced, ["once"]);
    world.start_node(one);
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["once"]);
}
