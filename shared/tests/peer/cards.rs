//! Cards of a contact: what a person owes their friends of themselves, and what a contact gone bad can do with
//! theirs.

use crate::block::{block, unblock};
use crate::world::turncoat::Turncoat;
use crate::world::{Who, World, seconds};
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::parcel::{Body, Card};
use shared::peer::records::OUT;
use shared::peer::view::MessageState;
use std::time::Duration;

/// Ann and Ben, in contact, each at a home of their own; their pages cannot reach each other.
fn by_mailbox(seed: u64) -> (World, Who, Who) {
    let (mut world, (ann, _), (ben, _)) = World::apart(seed);
    world.connect(ben, ann);
    (world, ann, ben)
}

fn waits(world: &World, who: Who) -> usize {
    let disk = &world.person(who).disk;
    disk.keys().filter(|key| key[0] == OUT).count()
}

#[test]
fn a_name_given_during_a_block_is_known_once_it_is_over() {
    for reload in [false, true] {
        let (mut world, ann, ben) = by_mailbox(1);
        block(&mut world, ann, "Ben");
        world.run_for(seconds(10));
        for name in ["Benny", "Benedict"] {
            world.rename(ben, name);
            world.run_for(seconds(30));
            assert_eq!(waits(&world, ben), 1, "the newest card");
        }
        if reload {
            world.reload(ben);
            world.run_for(seconds(30));
        }
        unblock(&mut world, ann, "Ben");
        world.run_for(seconds(60));
        assert_eq!(world.person(ann).peer.chats()[0].name, "Benedict");
        assert_eq!(waits(&world, ben), 0);
    }
}

#[test]
fn a_name_that_was_dropped_unseen_is_given_once_more() {
    let (mut world, ann, ben) = by_mailbox(2);
    world.kill_node(0);
    block(&mut world, ann, "Ben");
    world.sleep(ann);
    world.start_node(0);
    world.rename(ben, "Benedict");
    world.run_for(seconds(30));
    assert_eq!(waits(&world, ben), 0, "her home has taken it");
    world.wake(ann);
    world.run_for(seconds(30));
    unblock(&mut world, ann, "Ben");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).peer.chats()[0].name, "Benedict");
}

/// Ben's keys in other hands, a card of his, and Ann, who owes him a receipt that his home does not take.
fn owed(seed: u64) -> (World, Who, Who, Turncoat, Card) {
    let (mut world, ann, ben) = by_mailbox(seed);
    world.sleep(ann);
    world.say(ben, "hello");
    world.run_for(seconds(30));
    block(&mut world, ben, "Ann");
    world.run_for(seconds(10));
    world.wake(ann);
    world.run_for(seconds(60));
    assert_eq!(waits(&world, ann), 1, "the receipt");
    let mallory = Turncoat::of(&world, ben, ann);
    let mut card = mallory.card(&world);
    let his = world.person(ben).invite();
    let his = shared::invite::Invite::read(&his, world.now).unwrap();
    (card.homes, card.capability, card.inbox) = (his.homes, his.capability, his.inbox);
    (world, ann, ben, mallory, card)
}

#[test]
fn cards_that_change_nothing_are_sent_for_nothing() {
    let (mut world, ann, _, mallory, mut card) = owed(3);
    let mut send = |world: &mut World, n: u64| {
        card.name = format!("Ben {n}");
        let envelope = mallory.envelope(world, 1000 + n, Body::Card(card.clone()));
        assert!(world.hand_over(ann, vec![envelope]));
        world.run_for(seconds(1));
    };
    // The first one names another right, which his home does not take either.
    send(&mut world, 0);
    world.run_for(seconds(10));
    let sent = world.person(ann).sent;
    for n in 1..=100 {
        send(&mut world, n);
    }
    assert_eq!(world.person(ann).peer.chats()[0].name, "Ben 100");
    // An acknowledgement for each, and a few pings.
    assert!(world.person(ann).sent - sent <= 100 + 20);
}

#[test]
fn a_flood_of_cards_is_answered_slowly_and_the_last_one_in_the_end() {
    let (mut world, ann, ben, mallory, mut card) = owed(4);
    let persona = world.person(ben).peer.me().unwrap().persona;
    let sent = world.person(ann).sent;
    for n in 0..100 {
        let chance = &mut world.random;
        card.capability = Capability::issue(&[9; 32], &persona, Lane::Contact, None, chance);
        card.name = format!("Ben {n}");
        let envelope = mallory.envelope(&mut world, 1000 + n, Body::Card(card.clone()));
        assert!(world.hand_over(ann, vec![envelope]));
        world.run_for(Duration::from_millis(20));
    }
    assert_eq!(world.person(ann).peer.chats()[0].name, "Ben 99");
    // An acknowledgement for each. 16 times at once, her receipt and her card go anew.
    assert!(world.person(ann).sent - sent <= 100 + 2 * 16 + 8);
    unblock(&mut world, ben, "Ann");
    world.run_for(seconds(2));
    assert!(waits(&world, ann) > 0, "her card has gone already");
    world.reload(ann);
    world.run_for(seconds(30));
    assert_eq!(waits(&world, ann), 0);
    assert_eq!(world.states(ben), [MessageState::Delivered]);
}
