//! Invites, names and limits: stories in a world of real peers and real relays.

use crate::world::{World, seconds};
use shared::base::limits::TEXT_BYTES_MAX;
use shared::invite::InviteError;
use shared::peer::command::{Command, CommandError};
use shared::peer::view::MessageState;

#[test]
fn a_hello_that_waited_until_the_invite_expired_still_counts() {
    let (mut world, [ann, ben]) = World::of(16, ["Ann", "Ben"]);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.sleep(ben);
    world.run_for(seconds(29 * 24 * 3600));
    world.wake(ben);
    world.accept(ben, &code);
    world.run_for(seconds(5));
    world.sleep(ben);
    world.run_for(seconds(5 * 24 * 3600));
    world.wake(ann);
    world.run_for(seconds(5));
    assert_eq!(world.person(ann).peer.chats()[0].name, "Ben");
}

#[test]
fn invites_that_cross_make_one_conversation() {
    let (mut world, [ann, ben]) = World::of(10, ["Ann", "Ben"]);
    let (from_ann, from_ben) = (world.person(ann).invite(), world.person(ben).invite());
    world.accept(ann, &from_ben);
    world.accept(ben, &from_ann);
    world.run_for(seconds(10));
    world.open(ann, "Ben");
    world.open(ben, "Ann");
    world.say(ann, "hi");
    world.say(ben, "ho");
    world.run_for(seconds(5));
    assert_eq!(world.person(ann).timeline().len(), 2);
    assert_eq!(world.person(ann).timeline(), world.person(ben).timeline());
}

#[test]
fn a_new_name_reaches_friends() {
    let (mut world, ann, ben) = World::friends(11);
    world.rename(ann, "Anna");
    world.run_for(seconds(5));
    assert_eq!(world.person(ben).peer.chats()[0].name, "Anna");
}

#[test]
fn older_messages_load_in_pages() {
    let (mut world, ann, ben) = World::friends(12);
    for n in 0..150 {
        world.say(ann, &format!("{n}"));
    }
    world.run_for(seconds(5));
    world.reload(ben);
    world.run_for(seconds(1));
    world.open(ben, "Ann");
    let chat = world.person(ben).chat("Ann");
    assert_eq!(world.person(ben).timeline().len(), 60);
    for expected in [120, 150] {
        world.command(ben, Command::LoadOlder(chat)).unwrap();
        world.run_for(seconds(1));
        assert_eq!(world.person(ben).timeline().len(), expected);
    }
    let expected: Vec<_> = (0..150).map(|n| format!("Ann: {n}")).collect();
    assert_eq!(world.person(ben).timeline(), expected);
    assert!(!world.person(ben).peer.open_chat().unwrap().more_before);
}

#[test]
fn what_cannot_be_done_is_said_and_changes_nothing() {
    let (mut world, ann, _) = World::friends(13);
    let chat = world.person(ann).chat("Ben");
    let say = |text: String| Command::Say {
        conversation: chat,
        text,
    };
    assert_eq!(
        world.command(ann, say(" \n ".into())),
        Err(CommandError::TextEmpty)
    );
    assert!(world.command(ann, say("x".repeat(TEXT_BYTES_MAX))).is_ok());
    assert_eq!(
        world.command(ann, say("x".repeat(TEXT_BYTES_MAX + 1))),
        Err(CommandError::TextTooLong {
            len: TEXT_BYTES_MAX + 1
        })
    );
    let own = world.person(ann).invite();
    assert_eq!(
        world.command(ann, Command::AcceptInvite { code: own }),
        Err(CommandError::Invite(InviteError::Own))
    );
    assert_eq!(
        world.command(ann, Command::CreatePersona { name: "A".into() }),
        Err(CommandError::HavePersona)
    );
    assert_eq!(
        world.command(ann, Command::Rename { name: " ".into() }),
        Err(CommandError::NameEmpty)
    );
}

#[test]
fn the_largest_message_arrives_by_channel_and_by_mailbox() {
    let (mut world, ann, ben) = World::friends(14);
    let large = "ü".repeat(TEXT_BYTES_MAX / 2);
    world.say(ann, &large);
    world.run_for(seconds(2));
    world.sleep(ben);
    world.run_for(seconds(30));
    world.say(ann, &large);
    world.run_for(seconds(5));
    world.wake(ben);
    world.run_for(seconds(5));
    assert_eq!(world.person(ben).announced.len(), 2);
    assert_eq!(
        world.states(ann),
        [MessageState::Delivered, MessageState::Delivered]
    );
}

#[test]
fn an_expired_invite_is_refused() {
    let (mut world, [ann, ben]) = World::of(15, ["Ann", "Ben"]);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.sleep(ben);
    world.run_for(seconds(32 * 24 * 3600));
    world.wake(ben);
    assert_eq!(
        world.command(ben, Command::AcceptInvite { code }),
        Err(CommandError::Invite(InviteError::Expired))
    );
}
