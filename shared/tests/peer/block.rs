//! Contacts that are blocked, and let in again.

use crate::world::{Who, World, seconds};
use shared::base::codec::{decode, encode};
use shared::base::id::NodeId;
use shared::base::limits::{FRAME_BYTES_MAX, REVOKED_MAX};
use shared::mailbox::capability::CapabilitySerial;
use shared::mailbox::server::record::Key;
use shared::peer::command::{Command, CommandError};
use shared::peer::records::{OUT, REVOKED, RevokedRecord};
use shared::peer::view::{MessageState, Obstacle, Path};
use shared::session::wire::NodeFrame;
use std::time::Duration;

/// Ann with two homes, and Ben; in contact, chats open.
fn two_homes(seed: u64) -> (World, Who, Who) {
    let mut world = World::new(seed);
    let homes = [world.add_node(), world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes[..2]);
    let ben = world.add_person("Ben", &homes[2..]);
    world.connect(ben, ann);
    (world, ann, ben)
}

pub fn block(world: &mut World, who: Who, name: &str) {
    let chat = world.person(who).chat(name);
    world.command(who, Command::Block(chat)).unwrap();
}

pub fn unblock(world: &mut World, who: Who, name: &str) {
    let chat = world.person(who).chat(name);
    world.command(who, Command::Unblock(chat)).unwrap();
}

/// Homes that have confirmed, of how many.
fn confirmed(world: &World, who: Who) -> (u32, u32) {
    let blocked = world.person(who).peer.blocked();
    (blocked[0].confirmed, blocked[0].homes)
}

#[test]
fn a_blocked_contact_gets_nothing_in_and_hears_only_that_it_is_not_taken() {
    let (mut world, ann, ben) = two_homes(1);
    world.say(ben, "hello");
    world.run_for(seconds(5));
    assert_eq!(world.path(ann), Path::Direct);
    block(&mut world, ann, "Ben");
    world.run_for(seconds(5));
    assert_eq!(confirmed(&world, ann), (2, 2));
    assert_eq!(world.path(ann), Path::Offline);
    assert!(world.person(ann).peer.open_chat().unwrap().blocked);

    let sent = world.person(ann).sent;
    world.say(ben, "are you angry?");
    world.run_for(seconds(60));
    let states = [MessageState::Delivered, MessageState::Failed];
    assert_eq!(world.states(ben), states);
    assert_eq!(world.whys(ben)[0].obstacle, Obstacle::Refused);
    assert_ne!(world.path(ben), Path::Direct);
    assert_eq!(world.person(ann).announced, ["hello"]);
    // Pings to her own homes, and nothing to Ben.
    assert!(world.person(ann).sent - sent <= 8);
    let chat = world.person(ann).peer.open_chat().unwrap().id;
    let text = "no".into();
    let conversation = chat;
    assert_eq!(
        world.command(ann, Command::Say { conversation, text }),
        Err(CommandError::Blocked)
    );
    // It stays so, whoever comes back.
    world.reload(ann);
    world.reload(ben);
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["hello"]);
    assert_eq!(world.person(ann).peer.blocked()[0].name, "Ben");
}

#[test]
fn what_waits_for_a_page_that_then_blocks_its_author_is_dropped_unseen() {
    let (mut world, ann, ben) = two_homes(2);
    world.sleep(ann);
    world.say(ben, "read this");
    world.run_for(seconds(30));
    assert_eq!(world.states(ben), [MessageState::Sent]);
    world.kill_node(0);
    world.kill_node(1);
    world.wake(ann);
    block(&mut world, ann, "Ben");
    world.reload(ann);
    world.start_node(0);
    world.start_node(1);
    world.run_for(seconds(120));
    assert!(world.person(ann).announced.is_empty());
    assert_eq!(world.person(ann).peer.chats()[0].unread, 0);
    assert_eq!(confirmed(&world, ann), (2, 2));
    // No home is blamed for what was dropped here.
    let homes = world.person(ann).peer.network().homes;
    assert!(homes.iter().all(|home| home.held_back.is_none()));
}

#[test]
fn a_home_that_was_away_is_told_when_it_is_back_whatever_happened_to_the_page() {
    let (mut world, ann, ben) = two_homes(3);
    world.channels_work = false;
    world.kill_node(1);
    block(&mut world, ann, "Ben");
    world.reload(ann);
    world.run_for(seconds(20));
    assert_eq!(confirmed(&world, ann), (1, 2));
    world.kill_node(0);
    world.reload(ann);
    world.start_node(1);
    world.run_for(seconds(60));
    assert_eq!(confirmed(&world, ann), (2, 2));
    world.say(ben, "by the other door");
    world.run_for(seconds(60));
    assert_eq!(world.states(ben).last(), Some(&MessageState::Queued));
    assert_eq!(world.whys(ben)[0].obstacle, Obstacle::Refused);
    assert!(world.person(ann).announced.is_empty());
}

#[test]
fn whoever_is_let_in_again_has_another_right_and_nothing_is_lost() {
    let (mut world, ann, ben) = two_homes(4);
    world.say(ann, "one");
    world.run_for(seconds(5));
    block(&mut world, ann, "Ben");
    world.run_for(seconds(5));
    world.say(ben, "two");
    world.run_for(seconds(60));
    assert_eq!(world.states(ben), [MessageState::Failed]);
    unblock(&mut world, ann, "Ben");
    world.reload(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.blocked().is_empty());
    let open = world.person(ben).peer.open_chat().unwrap();
    let (conversation, message) = (open.id, open.messages.last().unwrap().id);
    let retry = Command::Retry {
        conversation,
        message,
    };
    world.command(ben, retry).unwrap();
    world.say(ann, "three");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["two"]);
    assert_eq!(world.person(ben).announced, ["one", "three"]);
    assert_eq!(world.path(ann), Path::Direct);
    // Once more, and the new right is as worthless as the old one.
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    world.say(ben, "four");
    world.run_for(seconds(60));
    assert_eq!(world.states(ben).last(), Some(&MessageState::Failed));
}

#[test]
fn a_message_of_mine_that_has_not_gone_waits_until_they_are_let_in_again() {
    let (mut world, ann, ben) = two_homes(5);
    world.sleep(ben);
    world.kill_node(2);
    world.channels_work = false;
    world.run_for(seconds(30));
    world.say(ann, "soon");
    world.run_for(seconds(10));
    block(&mut world, ann, "Ben");
    world.start_node(2);
    world.wake(ben);
    world.run_for(seconds(600));
    assert_eq!(world.states(ann), [MessageState::Queued]);
    assert_eq!(world.whys(ann)[0].obstacle, Obstacle::Blocked);
    assert!(world.person(ben).announced.is_empty());
    unblock(&mut world, ann, "Ben");
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, ["soon"]);
}

#[test]
fn a_contact_that_has_not_answered_is_not_blocked() {
    let (mut world, [ann, ben]) = World::of(6, ["Ann", "Ben"]);
    world.sleep(ben);
    let code = world.person(ben).invite();
    world.accept(ann, &code);
    let chat = world.person(ann).chat("Ben");
    assert_eq!(
        world.command(ann, Command::Block(chat)),
        Err(CommandError::NotAnswered)
    );
}

#[test]
fn an_invite_of_somebody_who_is_blocked_opens_their_chat_and_nothing_else() {
    let (mut world, ann, ben) = two_homes(9);
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    let sent = world.person(ann).sent;
    let code = world.person(ben).invite();
    world.accept(ann, &code);
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.open_chat().unwrap().blocked);
    assert!(world.person(ann).sent - sent <= 8);
    world.say(ben, "you have my invite");
    world.run_for(seconds(60));
    assert_eq!(world.states(ben), [MessageState::Failed]);
    assert!(world.person(ann).announced.is_empty());
}

#[test]
fn the_answer_to_a_first_contact_outlives_a_block() {
    let mut world = World::new(10);
    let homes = [world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes[..1]);
    let ben = world.add_person("Ben", &homes[1..]);
    world.channels_work = false;
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.kill_node(1);
    world.run_for(seconds(30));
    block(&mut world, ann, "Ben");
    world.reload(ann);
    world.start_node(1);
    world.run_for(seconds(120));
    world.open(ben, "Ann");
    let answered = |world: &World| !world.person(ben).peer.open_chat().unwrap().pending;
    assert!(!answered(&world), "nothing goes to whoever is blocked");
    unblock(&mut world, ann, "Ben");
    world.run_for(seconds(120));
    assert!(answered(&world));
    world.say(ben, "at last");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["at last"]);
}

#[test]
fn a_knock_that_waits_for_a_line_does_not_leave_after_a_block() {
    let (mut world, ann, ben) = two_homes(13);
    for who in [ann, ben] {
        world.sleep(who);
    }
    world.run_for(seconds(120));
    let dialled = world.person(ann).dialled;
    world.wake(ann);
    // Her two homes, and then one of his.
    while world.person(ann).dialled < dialled + 3 {
        world.run_for(Duration::from_millis(1));
    }
    let heard = world.heard.len();
    block(&mut world, ann, "Ben");
    world.run_for(seconds(60));
    let answers = world.heard[heard..].iter().filter(|(_, _, bytes)| {
        matches!(
            decode(bytes, FRAME_BYTES_MAX),
            Ok(NodeFrame::Deposited { .. })
        )
    });
    assert_eq!(answers.count(), 0);
}

#[test]
fn what_is_no_message_does_not_wait_for_homes_that_will_never_take_it() {
    let (mut world, ann, ben) = two_homes(14);
    world.channels_work = false;
    world.kill_node(1);
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    // One home refuses him from now on, and the other has not been told.
    world.sleep(ann);
    world.start_node(1);
    world.rename(ben, "Benedict");
    let waits = |world: &World| {
        let disk = &world.person(ben).disk;
        disk.keys().any(|key| key[0] == OUT)
    };
    assert!(waits(&world), "his card");
    world.run_for(seconds(60));
    assert!(!waits(&world));
}

#[test]
fn homes_that_were_left_are_forgotten_among_those_that_confirmed() {
    let (mut world, ann, ben) = two_homes(11);
    world.kill_node(0);
    world.kill_node(1);
    block(&mut world, ann, "Ben");
    world.sleep(ann);
    let persona = world.person(ben).peer.me().unwrap().persona;
    let left = |n: u8| NodeId([n; 32]);
    let disk = &mut world.people[ann.0].disk;
    let (key, _) = disk.range(vec![REVOKED]..vec![REVOKED + 1]).next().unwrap();
    let key = key.clone();
    let record = RevokedRecord {
        persona,
        confirmed: (1..=9).map(left).collect(),
    };
    disk.insert(key.clone(), encode(&record));
    world.wake(ann);
    world.run_for(seconds(10));
    assert_eq!(confirmed(&world, ann), (0, 2), "those left do not count");
    world.start_node(0);
    world.start_node(1);
    world.run_for(seconds(60));
    let kept: RevokedRecord = decode(&world.person(ann).disk[&key], 4096).unwrap();
    let mut homes = vec![world.supernode(0).0, world.supernode(1).0];
    homes.sort();
    let mut confirmed = kept.confirmed;
    confirmed.sort();
    assert_eq!(confirmed, homes);
}

#[test]
fn rights_are_taken_back_up_to_the_limit_and_no_more() {
    let (mut world, ann, _) = two_homes(7);
    block(&mut world, ann, "Ben");
    world.sleep(ann);
    let disk = &mut world.people[ann.0].disk;
    let (_, record) = disk.range(vec![b'r']..vec![b's']).next().unwrap();
    let record = record.clone();
    for n in 0..2046_u16 {
        let [high, low] = n.to_be_bytes();
        disk.insert(vec![b'r', 0, 0, 0, 9, 9, 9, high, low], record.clone());
    }
    world.wake(ann);
    unblock(&mut world, ann, "Ben");
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    assert_eq!(confirmed(&world, ann), (2, 2), "2048 in one frame");
    unblock(&mut world, ann, "Ben");
    let chat = world.person(ann).chat("Ben");
    assert_eq!(
        world.command(ann, Command::Block(chat)),
        Err(CommandError::TooManyBlocked)
    );
}

#[test]
fn a_home_that_can_remember_no_more_is_named_and_what_it_lets_in_is_dropped() {
    let (mut world, ann, ben) = two_homes(8);
    world.channels_work = false;
    let persona = world.person(ann).peer.me().unwrap().persona;
    world.kill_node(0);
    for n in 0..REVOKED_MAX {
        let [.., high, low] = n.to_be_bytes();
        let serial = CapabilitySerial([0, 0, 0, 7, 7, 7, high, low]);
        let key = Key::Revoked(persona, serial).to_bytes();
        world.nodes[0].disk.insert(key, Vec::new());
    }
    world.start_node(0);
    world.run_for(seconds(60));
    block(&mut world, ann, "Ben");
    world.run_for(seconds(10));
    assert_eq!(confirmed(&world, ann), (1, 2));
    let forgets = |world: &World| {
        let homes = world.person(ann).peer.network().homes;
        homes
            .iter()
            .map(|home| home.forgets_blocks)
            .collect::<Vec<_>>()
    };
    assert_eq!(forgets(&world), [true, false]);
    world.say(ben, "by the open door");
    world.run_for(seconds(60));
    assert!(world.person(ann).announced.is_empty());
    assert_eq!(forgets(&world), [true, false]);
}
