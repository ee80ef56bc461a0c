//! A public address, and what can go wrong between asking and being let in.

use super::*;
use e2e_swarm::faults::Fault;
use e2e_swarm::world::asking::Decision;
use e2e_swarm::world::stranger::Aim;
use shared::peer::command::Command;
use shared::peer::requests::PUBLIC_BITS_MIN;
use shared::peer::view::Obstacle;

/// Ann, whose address stands on a poster, and Ben, who has read it; each behind such a NAT.
fn poster(seed: u64) -> World {
    let mut world = strangers(seed, SYMMETRIC, RelayLimits::default());
    world.open_to(ANN, PUBLIC_BITS_MIN).unwrap();
    world.run_for(seconds(10)).unwrap();
    world
}

/// How many wait for Ann.
fn waiting(world: &World) -> usize {
    world.people[ANN].peer.requests().len()
}

fn decide(world: &mut World, decision: Decision) {
    let ben = world.people[BEN].persona.unwrap();
    assert!(world.decide(ANN, ben, decision));
}

#[test]
fn whoever_reads_the_poster_is_heard_once_and_let_in_whichever_page_crashes_when() {
    for who in [ANN, BEN] {
        for step in 0..6 {
            for written in [true, false] {
                // The first transaction of whoever asks is that they asked at all.
                if who == BEN && step == 0 && !written {
                    continue;
                }
                let case = format!("person {who}, step {step}, written {written}");
                let mut world = poster(60);
                let crash = Crash {
                    written,
                    silent: written,
                };
                world.suffer(Fault::ClosePageAfter(who, step, crash, seconds(20)));
                world.ask(BEN, ANN, "I liked your book").unwrap();
                world.run_for(seconds(120)).unwrap();
                world.heal();
                world.run_for(seconds(60)).unwrap();
                assert_eq!((waiting(&world), arrived(&world)), (1, 0), "{case}");
                assert!(world.people[ANN].peer.chats().is_empty(), "{case}");
                decide(&mut world, Decision::LetIn);
                world.run_for(seconds(60)).unwrap();
                assert!(world.say(ANN, BEN, "thank you"), "{case}");
                assert!(world.say(BEN, ANN, "more of it!"), "{case}");
                world.run_for(seconds(60)).unwrap();
                assert_eq!((waiting(&world), arrived(&world)), (0, 3), "{case}");
                world
                    .verify_converged()
                    .unwrap_or_else(|violation| panic!("{case}: {}", violation.what));
            }
        }
    }
}

#[test]
fn whoever_is_declined_or_blocked_hears_nothing_through_a_storm_of_restarts() {
    for decision in [Decision::Decline, Decision::Block] {
        let mut world = poster(61);
        world.ask(BEN, ANN, "please").unwrap();
        world.run_for(seconds(30)).unwrap();
        decide(&mut world, decision);
        for round in 0..10 {
            // That nothing leaves for Ben is looked at with each frame.
            let who = [ANN, BEN][round % 2];
            world.suffer(Fault::ClosePage(who, CLOSED, seconds(5)));
            world.suffer(Fault::Kill(round % 3, CLOSED, seconds(5)));
            world.say(BEN, ANN, "please!");
            world.run_for(seconds(60)).unwrap();
        }
        assert_eq!((waiting(&world), arrived(&world)), (0, 0));
        assert!(world.people[ANN].peer.chats().is_empty());
        assert!(world.people[BEN].peer.chats()[0].pending);
    }
}

#[test]
fn a_poster_that_is_out_of_date_opens_no_door_and_says_so() {
    let mut world = poster(62);
    world.open_to(ANN, 0).unwrap();
    world.run_for(seconds(10)).unwrap();
    // Programs that do not care for what an address asks for get no further.
    let stranger = world.add_stranger(Aim::Ask);
    world.ask(BEN, ANN, "hello?").unwrap();
    world.run_for(seconds(1200)).unwrap();
    assert_eq!(waiting(&world), 0);
    assert!(
        world.checks.rights.attempts() > 10,
        "of stranger {stranger}"
    );
    let chat = world.chat(BEN, ANN).unwrap();
    world.command(BEN, Command::OpenChat(chat)).unwrap();
    world.run_for(seconds(1)).unwrap();
    let chat = world.people[BEN].peer.open_chat().unwrap();
    assert_eq!(chat.unheard, Some(Obstacle::Refused));
}
