//! When the store fails.

use super::people::Person;
use super::world::World;
use crate::base::sign::SigningKey;
use crate::mailbox::wire::DepositCode;
use crate::relay::Relay;
use crate::relay::RelayLimits;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};

#[test]
fn a_deposit_that_was_not_committed_says_so_and_can_be_tried_again() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let anns = world.ready();
    world.commit_fails = true;
    assert_eq!(
        world.deposit_code(&anns, ben.envelope(1, b"hi")),
        DepositCode::Storage
    );
    assert_eq!(world.relay.stats().kept.envelopes, 0);
    assert_eq!(world.ended(&bens).0, Refusal::Storage);
    assert!(
        world.is_silent(&bens),
        "nothing was delivered that was not kept"
    );
    assert_eq!(
        world.deposit_code(&anns, ben.envelope(1, b"hi")),
        DepositCode::Ok
    );
    let bens = world.claimed(&ben, 0);
    assert_eq!(world.drain(&bens).len(), 1);
}

#[test]
fn a_claim_that_was_not_committed_is_not_believed_later() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.ready();
    world.commit_fails = true;
    world.say(&bens, &ben.claim(&bens.transcript, 0));
    assert_eq!(world.ended(&bens).0, Refusal::Storage);
    assert_eq!(world.relay.stats().kept.mailboxes, 0);
    world.claimed(&ben, 0);
    world.restart();
    assert_eq!(world.relay.stats().kept.mailboxes, 1);
}

#[test]
fn an_acknowledgement_that_was_not_committed_costs_a_repeat_only() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(1, b"hi"));
    world.take_deliveries(&bens);
    world.commit_fails = true;
    world.say(&bens, &ClientFrame::Ack { up_to: 1 });
    let (bens, acked, waiting) = world.claimed_with(&ben, 0);
    assert_eq!((acked, waiting), (0, 1));
    assert_eq!(world.drain(&bens).len(), 1);
}

#[test]
fn a_backlog_that_cannot_be_read_ends_the_session() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(1, b"hi"));
    world.reads_fail = true;
    let client = world.ready();
    world.say(&client, &ben.claim(&client.transcript, 0));
    assert!(matches!(
        world.next(client.link),
        NodeFrame::Claimed { waiting: 1, .. }
    ));
    assert_eq!(world.ended(&client).0, Refusal::Storage);
    world.reads_fail = false;
    let bens = world.claimed(&ben, 0);
    assert_eq!(world.drain(&bens).len(), 1);
}

#[test]
fn an_unreadable_record_costs_its_own_mailbox_only() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    world.claimed(&ann, 0);
    world.claimed(&ben, 0);
    let mut records = world.index();
    let broken = records.iter_mut().find(|(key, _)| key[0] == b'm').unwrap();
    broken.1.pop();
    records.push((b"junk".to_vec(), Vec::new()));
    let (relay, bad) = Relay::new(
        RelayLimits::default(),
        SigningKey::from_seed([99; 32]),
        records,
    );
    assert_eq!(bad.len(), 2);
    assert_eq!(relay.stats().kept.mailboxes, 1);
}
