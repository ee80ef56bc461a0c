//! The checkers have teeth: every planted fault is found within a few seeds.
#![allow(clippy::unwrap_used)]

use e2e_swarm::town::Plan;
use shared::planted::{Fault, plant};

/// A fault that is not found by then is not found.
const SEEDS: u64 = 12;

/// Runs worlds with `fault` until the promise is broken that `what` names.
fn is_found(fault: Fault, what: &str) {
    plant(Some(fault));
    let found = (0..SEEDS).find_map(|seed| {
        let mut plan = Plan::standard(seed);
        plan.mix = "enemies,gates,tight,household".parse().unwrap();
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
fn a_group_that_is_not_the_one_of_its_welcome_is_found() {
    is_found(Fault::CommitTwice, "hold different states of one epoch");
}
