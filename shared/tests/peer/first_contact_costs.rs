//! What a first contact may cost, and what is kept of it: key packages, receipts, a full list.

use crate::world::turncoat::Turncoat;
use crate::world::{Who, World, seconds};
use shared::base::codec::{decode, encode};
use shared::base::id::MessageId;
use shared::base::limits::CONTACTS_MAX;
use shared::base::random::bytes;
use shared::mailbox::parcel::{Body, Receipt};
use shared::peer::command::Command;
use shared::peer::io::Notice;
use shared::peer::records::{ContactRecord, RECORD_BYTES_MAX};
use shared::peer::view::MessageState;
use shared::session::wire::NodeFrame;
use std::time::Duration;

/// Hellos and answers of one contact that are looked at in a moment.
const FIRST_CONTACTS: u64 = 16;

fn kept(world: &World, who: Who, prefix: u8) -> usize {
    let disk = &world.person(who).disk;
    disk.keys().filter(|key| key[0] == prefix).count()
}

#[test]
fn only_a_home_gets_key_packages_of_mine() {
    let (mut world, (ann, _), (ben, of_ben)) = World::apart(3);
    world.connect(ben, ann);
    let before = kept(&world, ann, b'k');
    let none = NodeFrame::Packages {
        left: 0,
        last_resort: false,
    };
    let courier = world.links_to(ann, of_ben)[0];
    world.receive(ann, courier, encode(&none));
    world.run_for(seconds(5));
    assert_eq!(kept(&world, ann, b'k'), before);
}

#[test]
fn a_home_without_room_for_key_packages_is_not_given_ever_more() {
    let mut world = World::new(9);
    let home = world.add_node();
    let ann = world.add_person("Ann", &[home]);
    world.run_for(seconds(5));
    let none = encode(&NodeFrame::Packages {
        left: 0,
        last_resort: false,
    });
    let before = kept(&world, ann, b'k');
    // It has none left, is given some, and has none: it keeps none, and so need nobody else.
    let link = world.home_link(ann).unwrap();
    for _ in 0..2 {
        world.receive(ann, link, none.clone());
    }
    world.run_for(seconds(5));
    assert_eq!(kept(&world, ann, b'k'), before);
    // It has none left, and takes what it is given.
    world.receive(ann, link, none);
    world.run_for(seconds(5));
    assert!(kept(&world, ann, b'k') > before);
}

#[test]
fn answers_that_are_none_use_up_an_allowance_and_a_good_one_is_heard_when_it_has_filled() {
    let (mut world, (ann, _), (ben, _)) = World::apart(10);
    let code = world.person(ann).invite();
    let turned = Turncoat::of(&world, ann, ben);
    world.sleep(ann);
    world.accept(ben, &code);
    world.run_for(seconds(5));
    let deliver = |world: &mut World, sequence: u64, body: Body| {
        let delivery = turned.envelope(world, 1_000 + sequence, body);
        assert!(world.hand_over(ben, vec![delivery]));
        world.run_for(Duration::from_millis(10));
        let (_, record) = world
            .person(ben)
            .disk
            .range(vec![b'c']..vec![b'd'])
            .next()
            .unwrap();
        let record: ContactRecord = decode(record, RECORD_BYTES_MAX).unwrap();
        record.offered.is_some()
    };
    let accept = |world: &World, welcome: &[u8]| Body::Accept {
        card: turned.card(world),
        welcome: welcome.to_vec(),
    };
    let hello = turned.hello(&mut world);
    assert!(deliver(&mut world, 0, hello), "an answer is waited for");
    // The hello was one of them.
    let rest = FIRST_CONTACTS - 1;
    for sequence in 1..=rest {
        let body = accept(&world, b"no welcome");
        assert!(deliver(&mut world, sequence, body));
    }
    let good = accept(&world, b"");
    assert!(deliver(&mut world, rest + 1, good), "it is not looked at");
    world.run_for(seconds(9));
    let good = accept(&world, b"");
    assert!(!deliver(&mut world, rest + 2, good));
}

#[test]
fn of_two_who_are_asked_for_at_once_the_second_need_not_wait_long() {
    let mut world = World::new(4);
    let home = world.add_node();
    let [ann, ben, cleo] = ["Ann", "Ben", "Cleo"].map(|name| world.add_person(name, &[home]));
    for host in [ann, cleo] {
        let code = world.person(host).invite();
        world.sleep(host);
        world.accept(ben, &code);
    }
    for name in ["Ann", "Cleo"] {
        world.open(ben, name);
        world.say(ben, "are you there?");
    }
    world.run_for(seconds(1));
    for name in ["Ann", "Cleo"] {
        world.open(ben, name);
        assert_eq!(world.states(ben), [MessageState::Sent], "{name}");
    }
}

#[test]
fn whoever_has_a_full_list_is_told_once_that_somebody_could_not_be_let_in() {
    let mut world = World::new(5);
    let home = world.add_node();
    let [ann, ben, cleo] = ["Ann", "Ben", "Cleo"].map(|name| world.add_person(name, &[home]));
    world.connect(ben, ann);
    world.sleep(ben);
    world.sleep(ann);
    let disk = &mut world.people[ann.0].disk;
    let known = disk.iter().find(|(key, _)| key[0] == b'c').unwrap();
    let (key, value) = (known.0.clone(), known.1.clone());
    let at = value
        .windows(32)
        .position(|part| part == &key[1..])
        .unwrap();
    let fill = |count: usize, world: &mut World| {
        for _ in 0..count {
            let (mut key, mut value) = (key.clone(), value.clone());
            let persona: [u8; 32] = bytes(&mut world.random);
            key[1..].copy_from_slice(&persona);
            value[at..at + 32].copy_from_slice(&persona);
            world.people[ann.0].disk.insert(key, value);
        }
    };
    // Ben is one of them already, and one more finds room.
    fill(CONTACTS_MAX - 2, &mut world);
    world.wake(ann);
    world.run_for(seconds(5));
    let code = world.person(ann).invite();
    let last = world.add_person("Last", &[home]);
    let is_told = |notice: &&Notice| matches!(notice, Notice::NoRoomForContact { .. });
    let told = |world: &World| world.person(ann).told.iter().filter(is_told).count();
    world.accept(last, &code);
    world.run_for(seconds(10));
    assert_eq!(
        (world.person(ann).peer.chats().len(), told(&world)),
        (CONTACTS_MAX, 0)
    );
    for who in [cleo, world.add_person("Dora", &[home])] {
        world.accept(who, &code);
        world.run_for(seconds(10));
        assert_eq!(
            (world.person(ann).peer.chats().len(), told(&world)),
            (CONTACTS_MAX, 1)
        );
    }
}

#[test]
fn a_message_that_is_to_be_said_again_is_not_called_sent_meanwhile() {
    let (mut world, (ann, _), (ben, of_ben)) = World::apart(6);
    world.connect(ben, ann);
    let turned = Turncoat::of(&world, ben, ann);
    world.sleep(ben);
    world.run_for(seconds(5));
    world.say(ann, "can you read this?");
    world.run_for(seconds(5));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.nodes[of_ben].up = false;
    let unreadable = vec![world.person(ann).peer.open_chat().unwrap().messages[0].id];
    let again = Body::Receipt(Receipt {
        unreadable,
        ..Receipt::default()
    });
    let again = turned.envelope(&mut world, 1_000, again);
    assert!(world.hand_over(ann, vec![again]));
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Queued]);
}

#[test]
fn what_comes_before_there_is_a_group_is_said_to_be_unreadable() {
    let (mut world, (ann, of_ann), (ben, _)) = World::apart(7);
    let code = world.person(ann).invite();
    world.sleep(ann);
    world.accept(ben, &code);
    world.run_for(seconds(10));
    world.sleep(ben);
    world.run_for(seconds(31 * 24 * 3600));
    world.wake(ann);
    world.run_for(seconds(5));
    world.command(ann, Command::TakeBackInvites).unwrap();
    let new = world.person(ann).invite();
    world.sleep(ann);
    world.kill_node(of_ann);
    // Ben's first hello is over, and the next waits for Ann's home: there is no group.
    world.wake(ben);
    world.run_for(seconds(5));
    world.accept(ben, &new);
    let waiting = kept(&world, ben, b'o');
    let turned = Turncoat::of(&world, ann, ben);
    let message = Body::Message {
        id: MessageId(bytes(&mut world.random)),
        bytes: vec![1; 40],
    };
    let message = turned.envelope(&mut world, 1_000, message);
    assert!(world.hand_over(ben, vec![message]));
    world.run_for(seconds(1));
    assert_eq!(kept(&world, ben, b'o'), waiting + 1, "a receipt waits");
}
