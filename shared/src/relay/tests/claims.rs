//! Who may receive a mailbox.

use super::people::Person;
use super::world::{World, days};
use crate::base::id::{Nonce, Signature};
use crate::base::limits::{MAILBOX_IDLE_MAX, SESSIONS_PER_MAILBOX_MAX};
use crate::mailbox::capability::{Lane, SECRET_LEN};
use crate::mailbox::server::MailboxLimits;
use crate::mailbox::wire::DepositCode;
use crate::relay::{Input, RelayLimits};
use crate::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION};

#[test]
fn a_claim_with_anything_forged_is_refused_and_changes_nothing() {
    let ann = Person::ann();
    let eve = Person::new(66, 1);
    let forge: [fn(&Person, &Person, &mut ClientFrame); 6] = [
        |_, _, claim| with(claim, |_, _, signature, _| *signature = Signature([1; 64])),
        |_, eve, claim| with(claim, |_, device, _, _| *device = eve.device_id(0)),
        |_, eve, claim| {
            with(claim, |devices, _, _, _| {
                *devices = eve.list.carried().to_vec()
            })
        },
        |_, _, claim| with(claim, |devices, _, _, _| *devices.last_mut().unwrap() ^= 1),
        |_, _, claim| with(claim, |_, _, _, secret| secret.truncate(SECRET_LEN - 1)),
        |_, _, claim| with(claim, |_, _, _, secret| secret.push(0)),
    ];
    for forge in forge {
        let mut world = World::new();
        let client = world.ready();
        let mut claim = ann.claim(&client.transcript, 0);
        forge(&ann, &eve, &mut claim);
        world.say(&client, &claim);
        assert_eq!(world.ended(&client).0, Refusal::BadProof);
        assert_eq!(world.relay.stats().kept.mailboxes, 0);
        assert!(world.store.is_empty());
    }
}

fn with(
    claim: &mut ClientFrame,
    change: impl FnOnce(&mut Vec<u8>, &mut crate::base::id::DeviceId, &mut Signature, &mut Vec<u8>),
) {
    if let ClientFrame::Claim {
        devices,
        device,
        signature,
        capability_secret,
    } = claim
    {
        change(devices, device, signature, capability_secret);
    }
}

#[test]
fn a_claim_replayed_on_another_connection_fails() {
    let ann = Person::ann();
    let mut world = World::new();
    let first = world.ready();
    let claim = ann.claim(&first.transcript, 0);
    world.say(&first, &claim);
    assert!(matches!(world.next(first.link), NodeFrame::Claimed { .. }));
    let second = world.ready();
    world.say(&second, &claim);
    assert_eq!(world.ended(&second).0, Refusal::BadProof);
}

#[test]
fn a_claim_made_for_another_supernode_fails() {
    let ann = Person::ann();
    let mut world = World::new();
    let mut evil = World::other_node();
    // The evil supernode hands Ann a nonce it was given by the good one.
    let middle = world.ready();
    let victim = evil.ready();
    let mut transcript = victim.transcript.clone();
    transcript.node_nonce = middle.transcript.node_nonce;
    world.say(&middle, &ann.claim(&transcript, 0));
    assert_eq!(world.ended(&middle).0, Refusal::BadProof);
}

#[test]
fn a_replayed_hello_proves_nothing() {
    let ann = Person::ann();
    let mut world = World::new();
    let first = world.ready();
    let second = world.connect();
    world.say(
        &second,
        &ClientFrame::Hello {
            version: VERSION,
            nonce: Nonce([7; 32]),
        },
    );
    world.next(second.link);
    world.say(&second, &ann.claim(&first.transcript, 0));
    assert_eq!(world.ended(&second).0, Refusal::BadProof);
}

#[test]
fn an_older_list_is_stale_and_a_forked_one_is_refused() {
    let mut world = World::new();
    let mut ann = Person::new(1, 2);
    let old = ann.list.clone();
    ann.next_list(&[0]);
    world.claimed(&ann, 0);
    let newest = ann.list.clone();

    ann.list = old;
    let client = world.ready();
    world.say(&client, &ann.claim(&client.transcript, 1));
    assert_eq!(world.ended(&client).0, Refusal::StaleDevices);

    ann.list = newest;
    ann.list = ann.forked_list(&[0, 1]);
    let client = world.ready();
    world.say(&client, &ann.claim(&client.transcript, 1));
    assert_eq!(world.ended(&client).0, Refusal::BadProof);
}

#[test]
fn the_newest_list_survives_a_restart() {
    let mut world = World::new();
    let mut ann = Person::new(1, 2);
    let old = ann.list.clone();
    ann.next_list(&[0]);
    world.claimed(&ann, 0);
    world.restart();
    ann.list = old;
    let client = world.ready();
    world.say(&client, &ann.claim(&client.transcript, 1));
    assert_eq!(world.ended(&client).0, Refusal::StaleDevices);
}

#[test]
fn a_device_taken_off_the_list_is_dropped_at_once() {
    let mut world = World::new();
    let mut ann = Person::new(1, 2);
    let phone = world.claimed(&ann, 0);
    let lost = world.claimed(&ann, 1);
    ann.next_list(&[0]);
    world.say(&phone, &ann.claim(&phone.transcript, 0));
    assert!(matches!(world.next(phone.link), NodeFrame::Claimed { .. }));
    assert_eq!(world.ended(&lost).0, Refusal::StaleDevices);
}

#[test]
fn one_session_claims_one_mailbox() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    let client = world.claimed(&ann, 0);
    world.say(&client, &ben.claim(&client.transcript, 0));
    assert_eq!(world.ended(&client).0, Refusal::BadFrame);
    assert_eq!(world.relay.stats().kept.mailboxes, 1);
}

#[test]
fn a_new_secret_ends_the_old_capabilities() {
    let mut world = World::new();
    let mut ann = Person::ann();
    world.claimed(&ann, 0);
    let old = ann.envelope(1, b"old");
    ann.secret = [200; SECRET_LEN];
    world.claimed(&ann, 0);
    let ben = world.ready();
    assert_eq!(world.deposit_code(&ben, old), DepositCode::NoCapability);
    assert_eq!(
        world.deposit_code(&ben, ann.envelope(1, b"new")),
        DepositCode::Ok
    );
}

#[test]
fn mailboxes_up_to_the_limit_and_no_more() {
    let limits = MailboxLimits {
        mailboxes: 2,
        ..MailboxLimits::default()
    };
    let mut world = World::with(RelayLimits {
        mailboxes: limits,
        ..RelayLimits::default()
    });
    let [ann, ben, cem] = [Person::ann(), Person::ben(), Person::new(3, 1)];
    world.claimed(&ann, 0);
    world.claimed(&ben, 0);
    let client = world.ready();
    world.say(&client, &cem.claim(&client.transcript, 0));
    assert_eq!(world.ended(&client).0, Refusal::NoRoom);
    world.claimed(&ann, 0);
}

#[test]
fn a_full_disk_takes_no_new_mailbox_but_serves_the_old() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    world.claimed(&ann, 0);
    world.handle(Input::Room(false));
    world.claimed(&ann, 0);
    let client = world.ready();
    world.say(&client, &ben.claim(&client.transcript, 0));
    assert_eq!(world.ended(&client).0, Refusal::NoRoom);
    world.handle(Input::Room(true));
    world.claimed(&ben, 0);
}

#[test]
fn of_too_many_sessions_the_oldest_goes() {
    let mut world = World::new();
    let ann = Person::ann();
    let sessions: Vec<_> = (0..SESSIONS_PER_MAILBOX_MAX)
        .map(|_| world.claimed(&ann, 0))
        .collect();
    assert!(
        sessions
            .iter()
            .all(|session| !world.hung_up.contains(&session.link))
    );
    world.claimed(&ann, 0);
    assert_eq!(world.ended(&sessions[0]).0, Refusal::SlowDown);
    assert!(
        sessions[1..]
            .iter()
            .all(|session| !world.hung_up.contains(&session.link))
    );
}

#[test]
fn an_empty_mailbox_that_nobody_claims_goes_and_comes_back() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    let anns = world.claimed(&ann, 0);
    let envelope = ann.envelope(1, b"hi");
    let serial = ben.capability(Lane::Contact, None).serial;
    world.say(
        &anns,
        &ClientFrame::Revoke {
            serials: vec![serial],
        },
    );
    let idle_days = MAILBOX_IDLE_MAX.as_secs() / 86_400;
    world.run_for(days(idle_days));
    assert_eq!(world.relay.stats().kept.mailboxes, 1);
    let bens = world.claimed(&ben, 0);
    world.run_for(days(1));
    assert_eq!(world.relay.stats().kept.mailboxes, 1, "Ben has just come");
    assert_eq!(world.relay.stats().links, 0);
    let _ = bens;
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, envelope),
        DepositCode::NoMailbox
    );
    assert!(
        world
            .store
            .keys()
            .all(|key| !key.windows(32).any(|part| part == ann.id().as_bytes()))
    );
    world.restart();
    let (_, acked, waiting) = world.claimed_with(&ann, 0);
    assert_eq!((acked, waiting), (0, 0));
}

#[test]
fn a_mailbox_that_is_claimed_now_and_then_stays() {
    let mut world = World::new();
    let ann = Person::ann();
    for _ in 0..4 {
        world.claimed(&ann, 0);
        world.run_for(days(100));
        world.restart();
    }
    assert_eq!(world.relay.stats().kept.mailboxes, 1);
}
