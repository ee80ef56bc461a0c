//! Supernodes that die, are full, or ask for something.

use super::*;
use e2e_swarm::faults::{DiskState, Fault};
use shared::base::sign::SigningKey;
use shared::gates::Gates;
use shared::gates::token::Token;
use shared::peer::command::Command;
use shared::peer::view::Obstacle;

#[test]
fn a_supernode_that_dies_in_a_commit_has_promised_nothing() {
    for written in [false, true] {
        let mut world = friends(3, SYMMETRIC);
        for node in 0..3 {
            let crash = Crash {
                written,
                silent: false,
            };
            world.suffer(Fault::Kill(node, crash, seconds(20)));
        }
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(2)).unwrap();
        assert!(world.nodes.iter().all(|node| !node.up));
        world.run_for(seconds(200)).unwrap();
        assert_eq!(arrived(&world), 1);
        world.verify_converged().unwrap();
    }
}

#[test]
fn a_full_disk_at_every_home_keeps_the_message_with_its_author_until_there_is_room() {
    let mut world = friends(5, SYMMETRIC);
    for node in 0..3 {
        world.suffer(Fault::NodeDisk(node, DiskState::Full));
    }
    world.close_page(
        BEN,
        Crash {
            written: true,
            silent: false,
        },
    );
    world.run_for(seconds(30)).unwrap();
    assert!(world.say(ANN, BEN, "hi"));
    world.run_for(seconds(120)).unwrap();
    world.heal();
    world.run_for(seconds(300)).unwrap();
    assert_eq!(arrived(&world), 1);
    world.verify_converged().unwrap();
}

#[test]
fn a_home_with_a_full_disk_for_an_hour_is_made_up_for_by_the_others() {
    let mut world = friends(15, SYMMETRIC);
    world.suffer(Fault::NodeDisk(0, DiskState::Full));
    for _ in 0..12 {
        assert!(world.say(ANN, BEN, "hi"));
        assert!(world.say(BEN, ANN, "ho"));
        world.run_for(seconds(300)).unwrap();
    }
    assert_eq!(arrived(&world), 24, "while it lasts");
    world.suffer(Fault::NodeDisk(0, DiskState::Well));
    world.run_for(seconds(300)).unwrap();
    world.verify_converged().unwrap();
}

#[test]
fn who_comes_back_to_a_full_mailbox_gets_what_fit_and_then_the_rest() {
    let mut limits = RelayLimits::default();
    limits.mailboxes.mailbox_envelopes = 5;
    let mut world = friends_with(16, SYMMETRIC, limits);
    world.close_page(BEN, CLOSED);
    world.run_for(seconds(10)).unwrap();
    for _ in 0..12 {
        assert!(world.say(ANN, BEN, "hi"));
        world.run_for(seconds(20)).unwrap();
    }
    let (state, why) = last_of_ann(&mut world);
    assert_eq!(state, MessageState::Queued);
    assert_eq!(why.map(|why| why.obstacle), Some(Obstacle::MailboxFull));
    world.run_for(seconds(3600)).unwrap();
    world.open_page(BEN);
    world.run_for(seconds(900)).unwrap();
    assert_eq!(arrived(&world), 12);
    world.verify_converged().unwrap();
}

#[test]
fn a_supernode_that_asks_for_its_operators_invite_keeps_a_mailbox_for_who_brings_one() {
    let limits = RelayLimits {
        registration: Gates {
            invite: true,
            work_bits: 4,
        },
        ..RelayLimits::default()
    };
    let mut world = strangers(17, SYMMETRIC, limits);
    let registered = |world: &World| {
        world
            .nodes
            .iter()
            .map(|it| it.relay.stats().kept.mailboxes)
            .sum::<u64>()
    };
    assert_eq!(registered(&world), 0);
    for person in [ANN, BEN] {
        for node in 0..3 {
            let key = SigningKey::from_seed(world.nodes[node].key);
            let until = world.now.after(seconds(86_400));
            let token = Token::issue(&key, until, &mut world.chance);
            let bring = Command::BringToken {
                node: world.supernode(node).0,
                token: token.to_text(),
            };
            world.command(person, bring).unwrap();
        }
    }
    world.run_for(seconds(60)).unwrap();
    assert_eq!(registered(&world), 6);
    world.befriend(BEN, ANN).unwrap();
    world.run_for(seconds(60)).unwrap();
    assert!(world.say(ANN, BEN, "hi"));
    world.run_for(seconds(30)).unwrap();
    assert_eq!(arrived(&world), 1);
    world.verify_converged().unwrap();
}

#[test]
fn every_device_of_a_persona_gets_every_envelope_whatever_becomes_of_the_supernode() {
    let mut world = World::new(18);
    world.add_node(RelayLimits::default());
    let household = world.add_household(0).unwrap();
    for written in [true, false].repeat(5) {
        world.run_for(seconds(120)).unwrap();
        let crash = Crash {
            written,
            silent: false,
        };
        world.suffer(Fault::Kill(0, crash, seconds(10)));
    }
    world.heal();
    world.run_for(seconds(300)).unwrap();
    assert!(world.households[household].accepted() > 20);
    world.verify_converged().unwrap();
}

#[test]
fn what_nobody_fetches_for_a_month_is_reported_to_who_said_it() {
    let mut world = friends(19, SYMMETRIC);
    world.close_page(BEN, CLOSED);
    world.run_for(seconds(10)).unwrap();
    assert!(world.say(ANN, BEN, "are you there?"));
    world.run_for(seconds(60)).unwrap();
    assert_eq!(last_of_ann(&mut world).0, MessageState::Sent);
    world.close_page(ANN, CLOSED);
    world.run_for(seconds(31 * 86_400)).unwrap();
    world.open_page(ANN);
    world.run_for(seconds(60)).unwrap();
    let (state, why) = last_of_ann(&mut world);
    assert_eq!(state, MessageState::Failed);
    assert_eq!(why.map(|why| why.obstacle), Some(Obstacle::Expired));
    assert_eq!(arrived(&world), 0);
    world.verify_converged().unwrap();
}
