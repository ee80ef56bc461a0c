//! First contact while the other is away: stories in a world of real peers and real relays.

use std::time::Duration;

use crate::world::{Who, World, seconds};
use shared::base::limits::TEXT_BYTES_MAX;
use shared::peer::command::{Command, CommandError};
use shared::peer::view::{MessageState, Obstacle};

/// Ann with two homes, away; her invite; and Ben.
fn away(seed: u64) -> (World, Who, Who, String) {
    let mut world = World::new(seed);
    let homes = [world.add_node(), world.add_node()];
    let (ann, ben) = (
        world.add_person("Ann", &homes),
        world.add_person("Ben", &homes),
    );
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.run_for(seconds(5));
    (world, ann, ben, code)
}

#[test]
fn first_words_are_read_at_once_though_nobody_ever_met() {
    let (mut world, ann, ben, code) = away(1);
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "are you there?");
    world.run_for(seconds(10));
    assert_eq!(world.states(ben), [MessageState::Sent]);
    assert!(world.person(ben).peer.open_chat().unwrap().pending);
    world.sleep(ben);
    world.run_for(seconds(3600));
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced, ["are you there?"]);
    world.open(ann, "Ben");
    world.say(ann, "I was asleep");
    world.run_for(seconds(10));
    world.sleep(ann);
    world.wake(ben);
    world.run_for(seconds(10));
    world.open(ben, "Ann");
    assert!(!world.person(ben).peer.open_chat().unwrap().pending);
    assert_eq!(
        world.person(ben).timeline(),
        ["Ben: are you there?", "Ann: I was asleep"]
    );
    assert_eq!(world.states(ben), [MessageState::Delivered]);
}

#[test]
fn many_strangers_use_up_what_there_is_and_are_heard_all_the_same() {
    let (mut world, ann, ben, code) = away(2);
    let mut strangers: Vec<_> = (0..11)
        .map(|n| world.add_person(&format!("Stranger {n}"), &[0, 1]))
        .collect();
    strangers.push(ben);
    for who in &strangers {
        world.accept(*who, &code);
        world.open(*who, "Ann");
        world.say(*who, "hello");
        world.run_for(seconds(10));
        assert_eq!(world.states(*who), [MessageState::Sent]);
        world.sleep(*who);
    }
    world.wake(ann);
    world.run_for(seconds(20));
    assert_eq!(world.person(ann).announced.len(), strangers.len());
    // The home has new ones now: another stranger is heard too.
    world.sleep(ann);
    let dora = world.add_person("Dora", &[0, 1]);
    world.accept(dora, &code);
    world.open(dora, "Ann");
    world.say(dora, "and me");
    world.run_for(seconds(10));
    world.sleep(dora);
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(
        world.person(ann).announced.last().map(String::as_str),
        Some("and me")
    );
}

#[test]
fn a_home_that_hands_out_rubbish_only_costs_the_shortcut() {
    let (mut world, ann, ben, code) = away(3);
    for node in &mut world.nodes {
        for (key, value) in &mut node.disk {
            let is_package = key[0] == b'e' && key[33] >= 0x80;
            if is_package {
                value.reverse();
            }
        }
    }
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "hi");
    world.run_for(seconds(10));
    assert_eq!(world.states(ben), [MessageState::Queued]);
    assert_eq!(world.whys(ben)[0].obstacle, Obstacle::NotAnswered);
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced, ["hi"]);
    assert_eq!(world.states(ben), [MessageState::Delivered]);
}

#[test]
fn a_page_that_reloads_while_it_asks_asks_again() {
    let (mut world, ann, ben, code) = away(4);
    world.accept(ben, &code);
    world.reload(ben);
    world.open(ben, "Ann");
    world.say(ben, "hi");
    world.run_for(Duration::from_millis(20));
    world.reload(ben);
    world.run_for(seconds(10));
    world.sleep(ben);
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced, ["hi"]);
}

#[test]
fn a_long_message_waits_for_the_answer() {
    let (mut world, ann, ben, code) = away(5);
    world.accept(ben, &code);
    world.open(ben, "Ann");
    let long = "ü".repeat(TEXT_BYTES_MAX / 2);
    world.say(ben, &long);
    world.run_for(seconds(10));
    world.say(ben, "short");
    world.run_for(seconds(10));
    let fits = world.states(ben)[0];
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(fits, MessageState::Sent, "the longest text fits the lane");
    assert_eq!(world.person(ann).announced.len(), 2);
    assert_eq!(world.states(ben), [MessageState::Delivered; 2]);
}

#[test]
fn an_invite_that_was_taken_back_lets_nobody_in_though_a_home_was_away() {
    let (mut world, ann, ben, code) = away(6);
    let cleo = world.add_person("Cleo", &[0, 1]);
    // Ben's hello waits at a home that then is not there when Ann takes the link back.
    world.accept(ben, &code);
    world.run_for(seconds(10));
    world.kill_node(1);
    world.wake(ann);
    world.command(ann, Command::TakeBackInvites).unwrap();
    let new = world.person(ann).invite();
    assert_ne!(new, code);
    world.run_for(seconds(10));
    assert!(world.person(ann).peer.chats().is_empty());
    world.reload(ann);
    world.start_node(1);
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.chats().is_empty());
    world.accept(cleo, &code);
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.chats().is_empty());
    let dora = world.add_person("Dora", &[0, 1]);
    world.accept(dora, &new);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).peer.chats()[0].name, "Dora");
}

#[test]
fn so_many_invites_are_taken_back_and_no_more_until_some_have_ended() {
    let (mut world, ann, _, _) = away(7);
    world.wake(ann);
    for _ in 0..256 {
        world.command(ann, Command::TakeBackInvites).unwrap();
    }
    assert_eq!(
        world.command(ann, Command::TakeBackInvites),
        Err(CommandError::TooManyTakenBack)
    );
    // The page stays open until all of them have ended.
    world.now = world.now.after(seconds(31 * 24 * 3600));
    world.command(ann, Command::TakeBackInvites).unwrap();
}

#[test]
fn another_invite_brings_a_first_contact_that_went_nowhere_on_its_way_again() {
    let (mut world, ann, ben, code) = away(8);
    // Ann takes the link back before Ben's hello reaches her.
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "hello?");
    world.run_for(seconds(10));
    world.wake(ann);
    world.command(ann, Command::TakeBackInvites).unwrap();
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.chats().is_empty());
    assert!(world.person(ben).peer.open_chat().unwrap().pending);

    let new = world.person(ann).invite();
    assert!(
        !world
            .person(ben)
            .peer
            .preview(world.now, &new)
            .unwrap()
            .known
    );
    world.accept(ben, &new);
    world.run_for(seconds(20));
    assert_eq!(world.person(ann).announced, ["hello?"]);
    assert!(!world.person(ben).peer.open_chat().unwrap().pending);
    assert_eq!(world.states(ben), [MessageState::Delivered]);
    // Once there is an answer, a further invite changes nothing.
    let again = world.person(ann).invite();
    world.accept(ben, &again);
    world.say(ben, "good to be here");
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced.len(), 2);
    assert_eq!(world.person(ann).peer.chats().len(), 1);
}
