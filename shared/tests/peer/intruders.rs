//! Contacts and supernodes that say what is not so: about somebody else, about a deposit, about what they
//! are. Nobody loses a friend, a message or an afternoon of computing by it.

use crate::world::turncoat::Turncoat;
use crate::world::{Who, World, seconds};
use shared::base::codec::encode;
use shared::base::effects::Effect;
use shared::gates::Gates;
use shared::invite::Home;
use shared::mailbox::parcel::{Body, Receipt};
use shared::mailbox::wire::DepositCode;
use shared::peer::io::{Input, Job, PeerEffects};
use shared::peer::view::MessageState;
use shared::session::wire::{NodeFrame, Refusal};

/// Ann and Ben, in contact, each at a home of their own, and no channel between them.
fn apart() -> (World, (Who, usize), (Who, usize)) {
    let (mut world, ann, ben) = World::apart(3);
    world.connect(ben.0, ann.0);
    (world, ann, ben)
}

/// Ann has left "hello?" at Ben's home, which does not answer; and Ben, gone bad.
fn unanswered() -> (World, Who, usize, Turncoat) {
    let (mut world, (ann, _), (ben, of_ben)) = apart();
    let turned = Turncoat::of(&world, ben, ann);
    world.sleep(ben);
    world.run_for(seconds(5));
    world.nodes[of_ben].up = false;
    world.say(ann, "hello?");
    world.run_for(seconds(2));
    (world, ann, of_ben, turned)
}

#[test]
fn whoever_has_my_invite_cannot_speak_as_another_contact_of_mine() {
    let (mut world, (ann, _), (ben, _)) = apart();
    let elsewhere = world.add_node();
    let mal = world.add_person("Mal", &[elsewhere]);
    world.connect(mal, ann);
    world.open(ann, "Ben");
    let intruder = Turncoat::of(&world, mal, ann);
    let other = Turncoat::of(&world, ben, ann);
    let (node, routes) = world.supernode(elsewhere);
    let forged = intruder.hello_as(&mut world, &other, vec![Home { node, routes }]);
    assert!(world.hand_over(ann, vec![forged]));
    world.run_for(seconds(5));
    world.say(ann, "to Ben");
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, ["to Ben"]);
    world.rename(ben, "Benjamin");
    world.run_for(seconds(60));
    let chats = world.person(ann).peer.chats();
    assert!(chats.iter().any(|chat| chat.name == "Benjamin"));
}

#[test]
fn a_home_they_have_left_answers_late_and_the_page_comes_to_rest() {
    let (mut world, ann, of_ben, turned) = unanswered();
    let card = turned.card(&world);
    let moved = turned.envelope(&mut world, 1000, Body::Card(card));
    assert!(world.hand_over(ann, vec![moved]));
    world.run_for(seconds(1));
    world.answer_at_random(ann, of_ben, DepositCode::Full);
    // Fails by itself when the page asks to be woken in the past again and again.
    world.run_for(seconds(600));
}

#[test]
fn a_yes_for_an_envelope_that_was_never_left_there_counts_for_nothing() {
    let (mut world, ann, of_ben, turned) = unanswered();
    let chat = world.person(ann).peer.open_chat().unwrap();
    let unreadable = vec![chat.messages.last().unwrap().id];
    let again = Body::Receipt(Receipt {
        unreadable,
        ..Receipt::default()
    });
    let again = turned.envelope(&mut world, 1000, again);
    assert!(world.hand_over(ann, vec![again]));
    world.run_for(seconds(1));
    world.answer_at_random(ann, of_ben, DepositCode::Ok);
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Queued]);
}

#[test]
fn a_supernode_of_a_contact_gets_no_work_out_of_me() {
    let (mut world, (ann, _), (_, of_ben)) = apart();
    let courier = world.links_to(ann, of_ben)[0];
    let gates = Gates {
        invite: false,
        work_bits: 24,
    };
    let asked = NodeFrame::Gates {
        gates,
        envelope: None,
    };
    let refused = NodeFrame::Refused {
        code: Refusal::GateRequired,
        text: String::new(),
        retry_after_ms: 0,
    };
    for frame in [asked, refused] {
        let input = Input::Received {
            link: courier,
            bytes: encode(&frame),
        };
        let (now, mut out) = (world.now, PeerEffects::default());
        let peer = &mut world.people[ann.0].peer;
        peer.handle(now, &mut world.random, input, &mut out)
            .unwrap();
        let works = |effect: &_| matches!(effect, Effect::Job(Job::Work { .. }));
        assert!(!out.then.iter().any(works));
    }
}
