//! Floods towards a page, by a contact gone bad and by a home: what the page does, keeps and answers stays
//! bounded, and what honest friends write arrives.

use std::time::Duration;

use crate::world::turncoat::Turncoat;
use crate::world::{Who, World, seconds};
use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::id::{EnvelopeId, MessageId, NodeId};
use shared::base::limits::OPEN_MESSAGES_MAX;
use shared::base::random::{Random, bytes};
use shared::mailbox::parcel::{Body, Receipt};
use shared::mailbox::wire::Delivery;
use shared::peer::command::Command;
use shared::peer::view::{MessageState, Path};
use shared::session::route::Route;
use shared::signalling::wire::{RtcSignal, Signal};

/// Ann, who will turn on Ben; Ben; and Cleo, an honest friend of his without a channel.
fn three(seed: u64) -> (World, [Who; 3], Turncoat) {
    let (mut world, people) = World::of(seed, ["Ann", "Ben", "Cleo"]);
    let [ann, ben, cleo] = people;
    world.connect(ann, ben);
    world.channels_work = false;
    world.connect(cleo, ben);
    let turncoat = Turncoat::of(&world, ann, ben);
    (world, people, turncoat)
}

fn channel_of(world: &World, who: Who) -> LinkId {
    let found = world.channels.keys().find(|(person, _)| *person == who.0);
    found.unwrap().1
}

fn kept(world: &World, who: Who, prefix: u8) -> usize {
    let disk = &world.person(who).disk;
    disk.keys().filter(|key| key[0] == prefix).count()
}

/// Cleo writes, and Ben's page tells her that it has it.
fn cleo_is_heard(world: &mut World, [_, ben, cleo]: [Who; 3], text: &str) {
    world.say(cleo, text);
    world.run_for(seconds(45));
    assert!(world.person(ben).announced.iter().any(|said| said == text));
    assert_eq!(world.states(cleo).last(), Some(&MessageState::Delivered));
}

#[test]
fn a_flood_of_signals_costs_the_page_a_few_attempts_and_answers() {
    let (mut world, people, ann) = three(1);
    let ben = people[1];
    world.sleep(people[0]);
    world.run_for(seconds(60));
    let before = (world.person(ben).dialled, world.person(ben).sent);
    let disk = world.person(ben).disk.len();
    for round in 0..150_u64 {
        let signals = [
            Signal::Knock,
            Signal::Step {
                attempt: round * 2,
                signal: RtcSignal::Offer("0/1".into()),
            },
            Signal::Bye,
            Signal::Here,
        ];
        let flood = (0..20).map(|n| signals[n % 4].clone());
        let deliveries = flood
            .map(|signal| ann.envelope(&mut world, 0, Body::Signal(signal)))
            .collect();
        assert!(world.hand_over(ben, deliveries), "the home is not to blame");
        world.run_for(Duration::from_millis(40));
    }
    let dialled = world.person(ben).dialled - before.0;
    let sent = world.person(ben).sent - before.1;
    assert!(
        (1..40).contains(&dialled),
        "3000 signals: {dialled} attempts"
    );
    assert!(sent < 800, "3000 signals: {sent} answers");
    assert_eq!(world.person(ben).disk.len(), disk);
    cleo_is_heard(&mut world, people, "in the middle of it");
    // The allowance fills again, and a real page gets its channel.
    world.channels_work = true;
    world.run_for(seconds(120));
    world.wake(people[0]);
    world.run_for(seconds(10));
    world.open(ben, "Ann");
    assert_eq!(world.path(ben), Path::Direct);
}

#[test]
fn a_home_that_hands_over_nothing_but_garbage_is_left_for_a_while() {
    let (mut world, people, _) = three(2);
    let ben = people[1];
    let mut sequence = 1_000;
    let mut frames = 0;
    loop {
        let mut junk = || {
            sequence += 1;
            let mut bytes = vec![0; 90];
            world.random.fill(&mut bytes);
            Delivery {
                sequence,
                id: EnvelopeId([9; 16]),
                at: world.now,
                bytes,
                public: None,
            }
        };
        let deliveries = (0..200).map(|_| junk()).collect();
        if !world.hand_over(ben, deliveries) {
            break;
        }
        frames += 1;
        world.run_for(Duration::from_millis(10));
        assert!(frames < 100, "20 000 useless envelopes, and no end");
    }
    assert!(frames > 50, "a full mailbox of garbage is read out");
    world.run_for(seconds(10));
    assert!(world.home_link(ben).is_none(), "it has a pause");
    cleo_is_heard(&mut world, people, "never mind");
    assert!(world.home_link(ben).is_some());
}

#[test]
fn a_flood_on_a_channel_ends_the_channel_and_loses_nothing() {
    let (mut world, people, _) = three(3);
    let [ann, ben, _] = people;
    world.open(ben, "Ann");
    assert_eq!(world.path(ben), Path::Direct);
    let channel = channel_of(&world, ben);
    let disk = world.person(ben).disk.len();
    let noise = encode(&Body::Receipt(Receipt {
        delivered: vec![MessageId([7; 16]); 20],
        ..Receipt::default()
    }));
    for _ in 0..90 {
        for _ in 0..100 {
            world.receive(ben, channel, noise.clone());
        }
        world.run_for(Duration::from_millis(1));
    }
    assert_ne!(world.path(ben), Path::Direct);
    assert_eq!(world.person(ben).disk.len(), disk);
    world.open(ann, "Ben");
    world.say(ann, "that was not me");
    cleo_is_heard(&mut world, people, "what was that?");
    assert!(
        world
            .person(ben)
            .announced
            .contains(&"that was not me".to_owned())
    );
}

#[test]
fn answers_to_a_contact_whose_homes_are_gone_do_not_pile_up() {
    let (mut world, people, ann) = three(4);
    let ben = people[1];
    world.sleep(people[0]);
    world.run_for(seconds(60));
    let mut card = ann.card(&world);
    card.homes[0].node = NodeId([3; 32]);
    card.homes[0].routes = vec![Route::parse("ws://node0/nowhere").unwrap()];
    let mut sequence = 1_000;
    let mut hand_over = |world: &mut World, bodies: Vec<Body>| {
        let deliveries = bodies.into_iter().map(|body| {
            sequence += 1;
            ann.envelope(world, sequence, body)
        });
        let deliveries = deliveries.collect();
        assert!(world.hand_over(ben, deliveries));
        world.run_for(Duration::from_millis(20));
    };
    hand_over(&mut world, vec![Body::Card(card)]);
    for _ in 0..500 {
        let unreadable = |_| Body::Message {
            id: MessageId(bytes(&mut world.random)),
            bytes: vec![1; 40],
        };
        let bodies = (0..10).map(unreadable).collect();
        hand_over(&mut world, bodies);
    }
    let waiting = kept(&world, ben, b'o');
    // Receipts, and his card.
    assert!((2..=17).contains(&waiting), "{waiting} entries wait");
    cleo_is_heard(&mut world, people, "still here");
}

#[test]
fn a_contact_who_says_hello_again_and_again_has_one_conversation() {
    let (mut world, people, ann) = three(5);
    let ben = people[1];
    world.sleep(people[0]);
    world.run_for(seconds(60));
    let hello = |world: &mut World, sequence: u64| {
        world.run_for(Duration::from_millis(50));
        let body = ann.hello(world);
        let delivery = ann.envelope(world, 1_000 + sequence, body);
        assert!(world.hand_over(ben, vec![delivery]));
        world.run_for(Duration::from_millis(50));
        kept(world, ben, b'k')
    };
    // The last group and three that were left before it are held.
    let after_four = (1..=4).map(|n| hello(&mut world, n)).last().unwrap();
    let groups: Vec<_> = (5..60).map(|n| hello(&mut world, n)).collect();
    assert!(
        groups.iter().all(|count| *count == after_four),
        "{after_four} records after four, then {groups:?}"
    );
    assert_eq!(world.person(ben).peer.chats().len(), 2);
    cleo_is_heard(&mut world, people, "and I?");
}

#[test]
fn the_open_chat_holds_so_many_messages_and_older_ones_come_back() {
    let (mut world, ann, ben) = World::friends(6);
    let all = OPEN_MESSAGES_MAX + 70;
    let mut most = 0;
    for n in 0..all {
        world.say(ann, &n.to_string());
        world.run_for(Duration::from_millis(20));
        most = most.max(world.person(ben).timeline().len());
    }
    assert_eq!(most, OPEN_MESSAGES_MAX);
    assert!(world.person(ben).peer.open_chat().unwrap().more_before);
    let chat = world.person(ben).chat("Ann");
    for _ in 0..2 {
        world.command(ben, Command::LoadOlder(chat)).unwrap();
        world.run_for(seconds(1));
    }
    let expected: Vec<_> = (0..all).map(|n| format!("Ann: {n}")).collect();
    assert_eq!(world.person(ben).timeline(), expected);
    world.say(ann, "one more");
    world.run_for(seconds(1));
    assert_eq!(
        world.person(ben).timeline().len(),
        all + 1,
        "what was asked for stays"
    );
}
