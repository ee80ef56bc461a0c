//! What others may try with a page: stories with liars in them. Nothing panics, nothing is shown
//! twice, nothing is shown that a contact did not write.

use crate::world::{Who, World, seconds};
use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::id::{DeviceId, EnvelopeId, MessageId, PersonaId};
use shared::base::limits::{CHANNEL_BYTES_MAX, FRAME_BYTES_MAX, SIGNAL_BYTES_MAX};
use shared::base::random::{Random, bytes};
use shared::base::sign::SigningKey;
use shared::mailbox::parcel::{Body, Parcel, Receipt};
use shared::mailbox::seal::seal;
use shared::mailbox::wire::Delivery;
use shared::peer::view::{MessageState, Path};
use shared::session::wire::NodeFrame;
use shared::signalling::wire::{RtcSignal, Signal};

/// The session by which `who` reads their mailbox, and the channel to their friend.
fn links(world: &World, who: Who) -> (LinkId, LinkId) {
    let delivered = |(person, link, bytes): &(usize, LinkId, Vec<u8>)| {
        let frame = shared::base::codec::decode::<NodeFrame>(bytes, FRAME_BYTES_MAX);
        (*person == who.0 && matches!(frame, Ok(NodeFrame::Claimed { .. }))).then_some(*link)
    };
    let home = world.heard.iter().rev().find_map(delivered).unwrap();
    let channel = *world
        .channels
        .keys()
        .find(|(person, _)| *person == who.0)
        .map(|(_, link)| link)
        .unwrap();
    (home, channel)
}

fn deliver(
    world: &mut World,
    who: Who,
    link: LinkId,
    sequence: u64,
    id: EnvelopeId,
    bytes: Vec<u8>,
) {
    let deliveries = vec![Delivery {
        sequence,
        id,
        at: world.now,
        bytes,
        public: None,
    }];
    let frame = encode(&NodeFrame::Deliver { deliveries });
    world.receive(who, link, frame);
    world.run_for(seconds(2));
}

#[test]
fn garbage_on_every_link_changes_nothing() {
    let (mut world, ann, ben) = World::friends(1);
    world.say(ann, "hi");
    world.run_for(seconds(1));
    let (home, channel) = links(&world, ben);
    for round in 0..300_usize {
        let mut junk = vec![0; round * 7 % 400];
        world.random.fill(&mut junk);
        for link in [home, channel, LinkId(9999)] {
            world.receive(ben, link, junk.clone());
        }
    }
    for size in [
        CHANNEL_BYTES_MAX,
        CHANNEL_BYTES_MAX + 1,
        10 * CHANNEL_BYTES_MAX,
    ] {
        let bytes = vec![0x18; size];
        world.receive(ben, channel, bytes);
    }
    world.run_for(seconds(30));
    world.say(ann, "still there");
    world.run_for(seconds(5));
    assert_eq!(
        world.person(ben).timeline(),
        ["Ann: hi", "Ann: still there"]
    );
}

#[test]
fn everything_a_home_ever_sent_is_replayed_and_nothing_is_shown_twice() {
    let (mut world, ann, ben) = World::friends(2);
    world.channels_work = false;
    let (_, channel) = links(&world, ben);
    world.cut_channel(ben.0, channel);
    world.run_for(seconds(1));
    for text in ["one", "two", "three"] {
        world.say(ann, text);
        world.run_for(seconds(2));
    }
    let expected = world.person(ben).timeline();
    let old: Vec<_> = world
        .heard
        .iter()
        .filter(|(person, ..)| *person == ben.0)
        .cloned()
        .collect();
    let home = old.last().unwrap().1;
    for (person, _, bytes) in old {
        if let Ok(NodeFrame::Deliver { deliveries }) =
            shared::base::codec::decode::<NodeFrame>(&bytes, FRAME_BYTES_MAX)
        {
            for delivery in deliveries {
                let live = world.home_link(ben).unwrap_or(home);
                deliver(
                    &mut world,
                    Who(person),
                    live,
                    900,
                    delivery.id,
                    delivery.bytes,
                );
            }
        }
    }
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).timeline(), expected);
    world.say(ann, "four");
    world.say(ben, "five");
    world.run_for(seconds(60));
    assert_eq!(
        world.person(ben).timeline().len(),
        expected.len() + 2,
        "the conversation is whole"
    );
    assert_eq!(world.person(ann).timeline(), world.person(ben).timeline());
}

#[test]
fn a_stranger_who_knows_every_public_key_is_not_heard() {
    let (mut world, ann, ben) = World::friends(3);
    let (home, _) = links(&world, ben);
    let to = world.person(ben).peer.me().unwrap().persona;
    let from = world.person(ann).peer.me().unwrap().persona;
    let inbox = shared::invite::Invite::read(&world.person(ben).invite(), world.now)
        .unwrap()
        .inbox;
    let eve = SigningKey::from_seed([66; 32]);
    let bodies = [
        Body::Receipt(Receipt {
            read_up_to: 99,
            ..Receipt::default()
        }),
        Body::Signal(Signal::Bye),
        Body::Message {
            id: MessageId([1; 16]),
            bytes: vec![1, 2, 3],
        },
    ];
    for body in bodies {
        let envelope = EnvelopeId(bytes(&mut world.random));
        let parcel = Parcel {
            to,
            envelope,
            from,
            device: DeviceId(eve.public()),
            at: world.now,
            body,
            number: None,
            taken: Vec::new(),
        };
        let sealed = seal(
            &parcel.sign(&eve),
            &to,
            &envelope,
            &[inbox],
            &mut world.random,
        )
        .unwrap();
        deliver(&mut world, ben, home, 0, envelope, sealed);
    }
    assert_eq!(world.path(ben), Path::Direct, "Ann did not say goodbye");
    assert!(world.person(ben).timeline().is_empty());
}

#[test]
fn a_hello_without_an_invite_of_mine_makes_no_contact() {
    let (mut world, [ann, ben]) = World::of(4, ["Ann", "Ben"]);
    // Ben changes one bit of the capability in Ann's link: the supernode refuses what he deposits.
    let mut invite = shared::invite::Invite::read(&world.person(ann).invite(), world.now).unwrap();
    let mut capability = invite.capability.to_bytes();
    capability[23] ^= 1;
    invite.capability = shared::mailbox::capability::Capability::from_bytes(&capability).unwrap();
    world.accept(ben, &invite.to_code());
    world.run_for(seconds(60));
    assert!(world.person(ann).peer.chats().is_empty());
}

#[test]
fn receipts_for_messages_that_were_never_sent_change_nothing() {
    let (mut world, ann, ben) = World::friends(5);
    world.say(ann, "hi");
    world.run_for(seconds(1));
    let (_, channel) = links(&world, ann);
    let receipt = Receipt {
        delivered: vec![MessageId([9; 16]); 1500],
        read_up_to: u64::MAX,
        unreadable: vec![MessageId([8; 16]); 1500],
    };
    let bytes = encode(&Body::Receipt(receipt));
    world.receive(ann, channel, bytes);
    world.run_for(seconds(2));
    // "Read" is Ben's own word, and he has given it for what exists; later messages start afresh.
    assert_eq!(world.states(ann), [MessageState::Read]);
    world.sleep(ben);
    world.run_for(seconds(40));
    world.say(ann, "later");
    world.run_for(seconds(5));
    assert_eq!(world.states(ann)[1], MessageState::Sent);
}

#[test]
fn oversize_and_foreign_signalling_is_dropped() {
    let (mut world, ann, ben) = World::friends(6);
    let (_, channel) = links(&world, ben);
    for sdp in [
        "x".repeat(SIGNAL_BYTES_MAX),
        "x".repeat(SIGNAL_BYTES_MAX + 1),
    ] {
        let step = Signal::Step {
            attempt: 4711,
            signal: RtcSignal::Answer(sdp),
        };
        let bytes = encode(&Body::Signal(step));
        world.receive(ben, channel, bytes);
    }
    world.run_for(seconds(2));
    assert_eq!(
        (world.path(ann), world.path(ben)),
        (Path::Direct, Path::Direct)
    );
}

#[test]
fn a_third_person_cannot_write_into_a_chat_of_two() {
    let (mut world, [ann, ben, eve]) = World::of(7, ["Ann", "Ben", "Eve"]);
    world.connect(eve, ben);
    world.connect(ben, ann);
    world.say(ann, "between us");
    world.run_for(seconds(1));
    // Eve plays what she could have heard of Ann's message into her own channel to Ben.
    let heard: Vec<_> = world
        .heard
        .iter()
        .filter(|(person, ..)| *person == ben.0)
        .cloned()
        .collect();
    let to_ben = world
        .channels
        .iter()
        .find(|((person, _), (other, _))| *person == ben.0 && *other == eve.0)
        .map(|((_, link), _)| *link)
        .unwrap();
    for (_, _, bytes) in heard {
        world.receive(ben, to_ben, bytes);
    }
    world.run_for(seconds(5));
    world.open(ben, "Eve");
    assert!(world.person(ben).timeline().is_empty());
    world.open(ben, "Ann");
    assert_eq!(world.person(ben).timeline(), ["Ann: between us"]);
    let _: PersonaId = world.person(eve).peer.me().unwrap().persona;
}
