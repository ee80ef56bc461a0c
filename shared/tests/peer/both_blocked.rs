//! Two people who have blocked each other, and do so no more. What each holds of the other is worth nothing: an
//! invite or a public address brings them together again.

use crate::world::{Who, World, seconds};
use shared::base::limits::TEXT_BYTES_MAX;
use shared::peer::command::Command;
use shared::peer::records::OUT;
use shared::peer::requests::PUBLIC_BITS_MIN;
use shared::peer::view::{MessageState, Obstacle};

/// Ann and Ben, who have blocked each other for a while. Ben's chat is open, and he has said something since.
fn estranged(seed: u64) -> (World, Who, Who) {
    let (mut world, (ann, _), (ben, _)) = World::apart(seed);
    world.connect(ben, ann);
    quarrel(&mut world, ann, ben);
    world.say(ben, "friends again?");
    world.run_for(seconds(30));
    assert_eq!(world.states(ben), [MessageState::Failed]);
    assert_eq!(world.whys(ben)[0].obstacle, Obstacle::Refused);
    (world, ann, ben)
}

/// Each blocks the other, and then lets them in again.
fn quarrel(world: &mut World, ann: Who, ben: Who) {
    for command in [Command::Block, Command::Unblock] {
        for (who, name) in [(ann, "Ben"), (ben, "Ann")] {
            let chat = world.person(who).chat(name);
            world.command(who, command(chat)).unwrap();
            world.run_for(seconds(30));
        }
    }
}

fn address(world: &mut World, of: Who) -> String {
    let work_bits = PUBLIC_BITS_MIN;
    world.command(of, Command::OpenTo { work_bits }).unwrap();
    world.run_for(seconds(1));
    world.person(of).peer.public_address().unwrap().code
}

/// Both say something more, and both have everything, once. Nothing waits any more, no hello either.
fn talk(world: &mut World, ann: Who, ben: Who) {
    world.say(ann, "yes");
    world.say(ben, "good");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["friends again?", "good"]);
    assert_eq!(world.person(ben).announced, ["yes"]);
    for who in [ann, ben] {
        let states = world.states(who);
        assert!(states.iter().all(|state| *state >= MessageState::Delivered));
        assert!(!states.contains(&MessageState::Failed));
        assert_eq!(world.person(who).peer.chats().len(), 1);
        let mut waiting = world.person(who).disk.keys();
        assert!(!waiting.any(|key| key[0] == OUT));
    }
}

#[test]
fn an_invite_or_a_public_address_brings_them_together() {
    for (public, reload) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut world, ann, ben) = estranged(1);
        let code = match public {
            true => address(&mut world, ann),
            false => world.person(ann).invite(),
        };
        if reload {
            world.reload(ann);
            world.reload(ben);
            world.open(ann, "Ben");
            world.open(ben, "Ann");
        }
        assert!(
            !world
                .person(ben)
                .peer
                .preview(world.now, &code)
                .unwrap()
                .known
        );
        world.accept(ben, &code);
        world.run_for(seconds(60));
        assert!(
            world
                .person(ben)
                .peer
                .preview(world.now, &code)
                .unwrap()
                .known
        );
        talk(&mut world, ann, ben);
    }
}

#[test]
fn it_does_when_both_open_an_invite_at_once() {
    for seed in 1..5 {
        let (mut world, ann, ben) = estranged(seed);
        let codes = [ann, ben].map(|who| world.person(who).invite());
        world.accept(ben, &codes[0]);
        world.accept(ann, &codes[1]);
        world.run_for(seconds(60));
        talk(&mut world, ann, ben);
    }
}

#[test]
fn one_invite_that_is_worth_nothing_is_not_the_last() {
    let (mut world, ann, ben) = estranged(2);
    let code = world.person(ann).invite();
    world.command(ann, Command::TakeBackInvites).unwrap();
    world.run_for(seconds(5));
    world.accept(ben, &code);
    world.run_for(seconds(30));
    assert_eq!(world.states(ben), [MessageState::Failed]);
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.run_for(seconds(60));
    talk(&mut world, ann, ben);
}

#[test]
fn what_is_said_by_an_invite_waits_with_the_hello() {
    let (mut world, ann, ben) = estranged(3);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &code);
    world.say(ben, &"x".repeat(TEXT_BYTES_MAX));
    world.run_for(seconds(60));
    assert_eq!(world.states(ben), [MessageState::Sent; 2]);
    world.wake(ann);
    world.run_for(seconds(60));
    assert_eq!(world.states(ben), [MessageState::Delivered; 2]);
    assert_eq!(world.person(ann).announced.len(), 2);
}

#[test]
fn whoever_is_let_in_needs_no_invite_and_one_does_nothing() {
    let (mut world, (ann, _), (ben, _)) = World::apart(4);
    world.connect(ben, ann);
    let chat = world.person(ann).chat("Ben");
    world.command(ann, Command::Block(chat)).unwrap();
    world.run_for(seconds(10));
    world.say(ben, "hello?");
    world.run_for(seconds(30));
    assert_eq!(world.states(ben), [MessageState::Failed]);
    world.command(ann, Command::Unblock(chat)).unwrap();
    world.run_for(seconds(30));
    let code = world.person(ann).invite();
    assert!(
        world
            .person(ben)
            .peer
            .preview(world.now, &code)
            .unwrap()
            .known
    );
    let sent = world.person(ben).sent;
    world.accept(ben, &code);
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).sent, sent);
}

#[test]
fn an_invite_does_not_get_past_a_block() {
    let (mut world, ann, ben) = estranged(5);
    let chat = world.person(ann).chat("Ben");
    world.command(ann, Command::Block(chat)).unwrap();
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.run_for(seconds(60));
    assert!(world.person(ann).announced.is_empty());
    assert_eq!(world.states(ben), [MessageState::Sent]);
    world.command(ann, Command::Unblock(chat)).unwrap();
    // He has given her no right that she knows of; another invite does.
    world.command(ann, Command::TakeBackInvites).unwrap();
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.run_for(seconds(60));
    talk(&mut world, ann, ben);
}

#[test]
fn one_supernode_that_claims_to_take_everything_does_not_hide_that_the_others_refuse() {
    let mut world = World::new(6);
    let homes = [(); 3].map(|()| world.add_node());
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &homes));
    world.channels_work = false;
    world.connect(ben, ann);
    world.nodes[homes[2]].feigns = true;
    quarrel(&mut world, ann, ben);
    world.say(ben, "friends again?");
    world.run_for(seconds(60));
    assert_eq!(world.states(ben), [MessageState::Queued]);
    let why = world.whys(ben)[0];
    assert_eq!((why.obstacle, why.copies), (Obstacle::Refused, 1));
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.run_for(seconds(60));
    talk(&mut world, ann, ben);
}
