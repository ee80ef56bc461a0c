//! First contacts that go astray: hellos that die, cross, come twice, too late or too early. In the end
//! people talk, or are told why not.

use std::time::Duration;

use crate::world::{Who, World, seconds};
use shared::invite::InviteError;
use shared::mailbox::server::MailboxLimits;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::Notice;
use shared::peer::view::{MessageState, Obstacle};
use shared::relay::RelayLimits;

fn days(n: u64) -> Duration {
    seconds(n * 24 * 3600)
}

/// Both say something, and both have both.
fn they_talk(world: &mut World, ann: Who, ben: Who) {
    world.open(ann, "Ben");
    world.open(ben, "Ann");
    world.say(ann, "hi");
    world.say(ben, "ho");
    world.run_for(seconds(90));
    assert_eq!(world.person(ann).timeline(), world.person(ben).timeline());
    for who in [ann, ben] {
        let states = world.states(who);
        assert!(states.iter().all(|state| *state >= MessageState::Delivered));
    }
}

fn unheard(world: &World, who: Who) -> Option<Obstacle> {
    world.person(who).peer.open_chat().unwrap().unheard
}

#[test]
fn whoever_was_not_heard_hears_the_other_whichever_key_is_smaller() {
    for seed in 1..7 {
        let (mut world, (ann, _), (ben, _)) = World::apart(seed);
        let code = world.person(ann).invite();
        // Ben's hello is dropped: Ann has taken the link back, and her home was away when she said so.
        world.sleep(ann);
        world.accept(ben, &code);
        world.run_for(seconds(10));
        world.sleep(ben);
        world.wake(ann);
        world.command(ann, Command::TakeBackInvites).unwrap();
        world.run_for(seconds(10));
        assert!(world.person(ann).peer.chats().is_empty());
        world.wake(ben);
        let from_ben = world.person(ben).invite();
        world.accept(ann, &from_ben);
        world.run_for(seconds(20));
        they_talk(&mut world, ann, ben);
    }
}

#[test]
fn the_answer_to_a_first_link_counts_though_a_second_one_was_opened_that_is_dead() {
    let (mut world, (ann, _), (ben, of_ben)) = World::apart(1);
    let first = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &first);
    world.run_for(seconds(10));
    world.sleep(ben);
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).peer.chats().len(), 1);
    world.command(ann, Command::TakeBackInvites).unwrap();
    let second = world.person(ann).invite();
    world.command(ann, Command::TakeBackInvites).unwrap();
    world.run_for(seconds(10));
    world.sleep(ann);
    // Ben opens the second link before his home gives him the answer.
    world.kill_node(of_ben);
    world.wake(ben);
    world.accept(ben, &second);
    world.run_for(seconds(10));
    world.start_node(of_ben);
    world.run_for(seconds(60));
    world.open(ben, "Ann");
    assert!(!world.person(ben).peer.open_chat().unwrap().pending);
    world.wake(ann);
    world.run_for(seconds(10));
    they_talk(&mut world, ann, ben);
}

#[test]
fn a_second_link_takes_the_first_words_along() {
    let (mut world, (ann, _), (ben, _)) = World::apart(2);
    let first = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &first);
    world.open(ben, "Ann");
    world.say(ben, "are you there?");
    world.run_for(seconds(10));
    assert_eq!(world.states(ben), [MessageState::Sent]);
    world.wake(ann);
    world.sleep(ben);
    world.command(ann, Command::TakeBackInvites).unwrap();
    let second = world.person(ann).invite();
    world.run_for(seconds(10));
    world.wake(ben);
    world.accept(ben, &second);
    world.run_for(seconds(30));
    assert_eq!(world.person(ann).announced, ["are you there?"]);
    they_talk(&mut world, ann, ben);
}

#[test]
fn words_reach_no_home_before_the_hello_does() {
    let mut world = World::new(3);
    let limits = RelayLimits {
        mailboxes: MailboxLimits {
            requests: 1,
            ..MailboxLimits::default()
        },
        ..RelayLimits::default()
    };
    let small = world.add_node_with(limits);
    let other = world.add_node();
    let ann = world.add_person("Ann", &[small, other]);
    let [ben, cleo] = ["Ben", "Cleo"].map(|name| world.add_person(name, &[other]));
    world.channels_work = false;
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.accept(cleo, &code);
    world.run_for(seconds(5));
    world.sleep(cleo);
    // Cleo's hello fills the lane of the small home: Ben's reaches the other one alone, which dies.
    world.accept(ben, &code);
    world.run_for(seconds(40));
    world.lose_disk(other);
    world.kill_node(other);
    world.wake(ann);
    world.run_for(seconds(1));
    world.open(ben, "Ann");
    world.say(ben, "are you there?");
    world.run_for(seconds(200));
    assert_eq!(world.person(ann).announced, ["are you there?"]);
}

#[test]
fn whoever_is_refused_is_told_in_the_chat_and_a_new_link_helps() {
    let (mut world, (ann, _), (ben, _)) = World::apart(4);
    let code = world.person(ann).invite();
    world.command(ann, Command::TakeBackInvites).unwrap();
    world.run_for(seconds(5));
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "let me in");
    world.run_for(seconds(10));
    assert_eq!(unheard(&world, ben), Some(Obstacle::Refused));
    assert!(world.person(ben).peer.chats()[0].unheard);
    let is_told = |notice: &&Notice| matches!(notice, Notice::Unheard { .. });
    assert_eq!(world.person(ben).told.iter().filter(is_told).count(), 1);
    // It is kept, and tried again it is refused again.
    world.reload(ben);
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    let chat = world.person(ben).chat("Ann");
    world.command(ben, Command::AskAgain(chat)).unwrap();
    assert_eq!(unheard(&world, ben), None);
    world.run_for(seconds(10));
    assert_eq!(unheard(&world, ben), Some(Obstacle::Refused));
    assert_eq!(world.person(ben).told.iter().filter(is_told).count(), 2);
    let new = world.person(ann).invite();
    world.accept(ben, &new);
    world.run_for(seconds(20));
    assert_eq!(unheard(&world, ben), None);
    assert_eq!(world.person(ann).announced, ["let me in"]);
    they_talk(&mut world, ann, ben);
}

#[test]
fn whoever_was_not_fetched_in_a_month_is_told_and_gets_through_by_a_new_link() {
    let (mut world, (ann, _), (ben, _)) = World::apart(5);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &code);
    world.open(ben, "Ann");
    world.say(ben, "hello?");
    world.run_for(seconds(10));
    world.sleep(ben);
    world.run_for(days(31));
    world.wake(ben);
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    assert_eq!(unheard(&world, ben), Some(Obstacle::Expired));
    let chat = world.person(ben).chat("Ann");
    assert_eq!(
        world.command(ben, Command::AskAgain(chat)),
        Err(CommandError::Invite(InviteError::Expired))
    );
    world.wake(ann);
    world.run_for(seconds(5));
    let new = world.person(ann).invite();
    world.accept(ben, &new);
    world.run_for(seconds(20));
    assert_eq!(world.person(ann).announced, ["hello?"]);
    they_talk(&mut world, ann, ben);
}

#[test]
fn an_answer_that_comes_after_hope_was_given_up_counts() {
    let (mut world, (ann, _), (ben, _)) = World::apart(6);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &code);
    world.run_for(seconds(10));
    world.sleep(ben);
    world.run_for(days(29));
    world.wake(ann);
    world.run_for(seconds(10));
    world.sleep(ann);
    world.run_for(days(3));
    // Ben's page gives the hello up as soon as it starts, and then finds the answer.
    world.wake(ben);
    world.open(ben, "Ann");
    assert_eq!(unheard(&world, ben), Some(Obstacle::Expired));
    world.run_for(seconds(10));
    assert_eq!(unheard(&world, ben), None);
    world.wake(ann);
    world.run_for(seconds(5));
    they_talk(&mut world, ann, ben);
}

#[test]
fn a_message_that_is_said_again_is_shown_and_counted_once() {
    let (mut world, (ann, of_ann), (ben, _)) = World::apart(7);
    world.connect(ben, ann);
    world.command(ben, Command::CloseChat).unwrap();
    // Ben has it; but what confirms it does not reach Ann for a month.
    world.kill_node(of_ann);
    world.say(ann, "once");
    world.run_for(seconds(10));
    world.sleep(ben);
    for _ in 0..31 {
        world.run_for(days(1));
    }
    assert_eq!(world.states(ann), [MessageState::Failed]);
    let message = world.person(ann).peer.open_chat().unwrap().messages[0].id;
    let conversation = world.person(ann).chat("Ben");
    let again = Command::Retry {
        conversation,
        message,
    };
    world.command(ann, again).unwrap();
    world.run_for(seconds(10));
    world.start_node(of_ann);
    world.wake(ben);
    world.run_for(seconds(90));
    assert_eq!(world.person(ben).announced, ["once"]);
    assert_eq!(world.person(ben).peer.chats()[0].unread, 1);
    assert_eq!(world.states(ann), [MessageState::Delivered]);
}
