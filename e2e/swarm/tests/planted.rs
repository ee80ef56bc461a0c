//! The checkers have teeth: every planted fault is found within a few seeds.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use e2e_swarm::check::Violation;
use e2e_swarm::faults::contact::Malice;
use e2e_swarm::faults::{Crash, Fault as Trouble};
use e2e_swarm::net::nat::Nat;
use e2e_swarm::town::Plan;
use e2e_swarm::world::World;
use shared::planted::{Fault, plant};
use shared::relay::RelayLimits;

/// A fault that is not found by then is not found.
const SEEDS: u64 = 12;

/// Runs worlds with `fault` until the promise is broken that `what` names.
fn is_found(fault: Fault, what: &str) {
    is_found_among(fault, what, "enemies,gates,tight,household");
}

/// The same among these.
fn is_found_among(fault: Fault, what: &str, mix: &str) {
    plant(Some(fault));
    let found = (0..SEEDS).find_map(|seed| {
        let mut plan = Plan::standard(seed);
        plan.mix = mix.parse().unwrap();
        let (_, violation) = plan.run().err()?;
        if !violation.what.contains(what) {
            println!(
                "{fault:?}: seed {seed}, by another rule: {}",
                violation.what
            );
        }
        Some((seed, violation.what)).filter(|(_, words)| words.contains(what))
    });
    plant(None);
    let (seed, words) = found.unwrap_or_else(|| panic!("{fault:?} is not found in {SEEDS} seeds"));
    println!("{fault:?}: seed {seed}: {words}");
}

#[test]
fn an_ok_without_a_commit_is_found() {
    is_found(Fault::AcknowledgeUnkept, "not on its disk");
}

#[test]
fn an_envelope_kept_twice_is_found() {
    is_found(Fault::ForgetDuplicates, "keeps an envelope twice");
}

#[test]
fn a_capability_not_looked_at_is_found() {
    is_found(Fault::ForgetCapability, "without a right");
}

#[test]
fn a_mailbox_given_to_any_device_is_found() {
    is_found(Fault::ClaimByAnyDevice, "not on its owner's list");
}

#[test]
fn the_word_of_any_device_taken_is_found() {
    is_found(
        Fault::AcceptAnyDevice,
        "sees as delivered what has not arrived",
    );
}

#[test]
fn a_ratchet_used_twice_is_found() {
    is_found(Fault::ReuseRatchet, "arrived");
}

#[test]
fn a_confirmation_of_what_is_not_kept_is_found() {
    is_found(Fault::ConfirmUnkept, "before it is kept");
}

#[test]
fn a_sender_named_on_an_envelope_is_found() {
    is_found(Fault::NameSender, "is told who deposits");
}

#[test]
fn an_outbox_forgotten_by_a_reload_is_found() {
    is_found(Fault::ForgetOutbox, "has not arrived");
}

#[test]
fn a_right_that_was_taken_back_and_still_works_is_found() {
    is_found(Fault::ForgetRevocation, "a right that was taken back");
}

#[test]
fn a_mailbox_fuller_than_granted_is_found() {
    is_found(Fault::ForgetQuota, "than it grants");
}

#[test]
fn what_is_handed_over_after_it_has_expired_is_found() {
    is_found(Fault::DeliverExpired, "hands over what has expired");
}

#[test]
fn a_gate_that_is_always_open_is_found() {
    is_found(Fault::IgnoreGate, "has not shown what it asks for");
}

#[test]
fn a_cursor_that_is_not_kept_is_found() {
    is_found(Fault::ForgetCursor, "has forgotten that a device has read");
}

#[test]
fn what_only_one_device_has_and_is_deleted_is_found() {
    is_found(
        Fault::DeleteAfterOne,
        "removes an envelope that a device does not have",
    );
}

#[test]
fn a_device_list_that_goes_back_is_found() {
    is_found(Fault::AcceptOldList, "goes back to an older device list");
}

#[test]
fn a_home_that_takes_what_is_asked_where_the_address_is_closed_is_found() {
    let words = "where the address is closed";
    is_found_among(Fault::AskWhereClosed, words, "enemies,public");
}

#[test]
fn a_home_that_asks_for_no_work_is_found() {
    let words = "who has not worked for it";
    is_found_among(Fault::AskForNothing, words, "enemies,public");
}

#[test]
fn a_page_that_lets_in_whoever_asks_is_found() {
    let words = "whom they have not let in";
    is_found_among(Fault::LetInUnasked, words, "public");
}

#[test]
fn a_group_that_is_not_the_one_of_its_welcome_is_found() {
    is_found(Fault::CommitTwice, "hold different states of one epoch");
}

/// Runs a story in which nothing goes wrong but `fault`, with it and without.
fn is_found_in(fault: Fault, what: &str, story: fn() -> Result<World, Violation>) {
    story().unwrap_or_else(|violation| panic!("without {fault:?}: {}", violation.what));
    plant(Some(fault));
    let found = story().err();
    plant(None);
    let words = found
        .unwrap_or_else(|| panic!("{fault:?} is not found"))
        .what;
    assert!(words.contains(what), "{fault:?}, by another rule: {words}");
}

/// Ann and Ben, friends, with one supernode, and Cleo, a friend of both.
fn friends(limits: RelayLimits) -> Result<World, Violation> {
    let mut world = World::new(1);
    world.add_node(limits);
    for name in ["Ann", "Ben", "Cleo"] {
        let person = world.add_person(name, &[0]).unwrap();
        world.people[person].nat = Nat::OPEN;
    }
    world.run_for(Duration::from_secs(20))?;
    for (guest, host) in [(1, 0), (2, 0), (2, 1)] {
        world.befriend(guest, host).unwrap();
    }
    world.run_for(Duration::from_secs(60))?;
    Ok(world)
}

/// Ben's page is closed.
fn closes(world: &mut World) {
    let crash = Crash {
        written: true,
        silent: false,
    };
    world.close_page(1, crash);
}

/// Ann says so much while Ben is away, who then comes.
fn away(times: usize, text: &str, limits: RelayLimits) -> Result<World, Violation> {
    let mut world = friends(limits)?;
    closes(&mut world);
    world.run_for(Duration::from_secs(60))?;
    for _ in 0..times {
        world.say(0, 1, text);
        world.run_for(Duration::from_millis(100))?;
    }
    world.suffer(Trouble::OpenPage(1));
    world.run_for(Duration::from_secs(60))?;
    Ok(world)
}

#[test]
fn a_supernode_fuller_than_its_operator_allows_is_found() {
    let words = "holds more than it may";
    is_found_in(Fault::ForgetRoom, words, || {
        let mut limits = RelayLimits::default();
        limits.mailboxes.bytes = 10 * 1024;
        away(10, &"x".repeat(3000), limits)
    });
}

#[test]
fn envelopes_pushed_without_waiting_for_a_word_are_found() {
    let words = "ahead of any word";
    is_found_in(Fault::ForgetWindow, words, || {
        away(300, "x", RelayLimits::default())
    });
}

#[test]
fn a_blocked_contact_that_is_heard_is_found() {
    let words = "a message of somebody who is blocked";
    is_found_in(Fault::ForgetBlock, words, || {
        let mut world = friends(RelayLimits::default())?;
        closes(&mut world);
        assert!(world.say(0, 1, "hi"));
        world.run_for(Duration::from_secs(60))?;
        let friends = &world.people[1].friends;
        let ann = friends.iter().position(|friend| *friend == 0).unwrap();
        world.open_page(1);
        world.block(1, ann, true);
        world.run_for(Duration::from_secs(60))?;
        Ok(world)
    });
}

#[test]
fn a_page_that_never_rests_is_found() {
    is_found_in(Fault::NeverRest, "does not come to rest", || {
        away(0, "", RelayLimits::default())
    });
}

#[test]
fn a_ciphertext_sent_and_not_kept_is_found() {
    is_found(Fault::SendUnkept, "that their disk does not have");
}

#[test]
fn a_text_told_to_a_supernode_is_found() {
    is_found(Fault::TellText, "is told text");
}

#[test]
fn a_contact_that_speaks_for_another_is_found() {
    let words = "lets a contact speak for another";
    is_found_in(Fault::BelieveAnyContact, words, || {
        let mut world = friends(RelayLimits::default())?;
        world.people[2].malice = Malice::bad();
        closes(&mut world);
        for _ in 0..20 {
            world.say(0, 1, "where are you");
            world.say(2, 0, "hi");
            world.run_for(Duration::from_secs(20))?;
        }
        Ok(world)
    });
}
