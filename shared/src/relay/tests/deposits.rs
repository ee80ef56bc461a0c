//! What may be left for whom.

use super::people::Person;
use super::world::{START, World, days};
use crate::base::limits::{ENVELOPE_BYTES_MAX, KEEP_TTL_MAX, REVOKED_MAX};
use crate::mailbox::capability::{CapabilitySerial, Lane};
use crate::mailbox::server::MailboxLimits;
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::relay::{Input, RelayLimits};
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};
use core::time::Duration;

fn limited(limits: MailboxLimits) -> World {
    World::with(RelayLimits {
        mailboxes: limits,
        ..RelayLimits::default()
    })
}

#[test]
fn an_envelope_needs_a_mailbox_and_a_capability_of_its_owner() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::NoMailbox
    );
    world.claimed(&ben, 0);
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::Ok
    );
    let forged = Envelope {
        capability: ann.capability(Lane::Contact, None),
        ..ben.envelope(2, b"hi")
    };
    assert_eq!(
        world.deposit_code(&client, forged),
        DepositCode::NoCapability
    );
    assert_eq!(world.stored_bodies(), 1);
}

#[test]
fn an_expired_capability_is_refused() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let invite = ben.capability(Lane::Invite, Some(START.after(days(1))));
    let envelope = |id| Envelope {
        capability: invite,
        ..ben.envelope(id, b"hi")
    };
    let client = world.ready();
    assert_eq!(world.deposit_code(&client, envelope(1)), DepositCode::Ok);
    world.run_for(days(2));
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, envelope(2)),
        DepositCode::CapabilityExpired
    );
}

#[test]
fn a_revoked_capability_stays_revoked() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    let envelope = ben.envelope(1, b"hi");
    world.say(
        &bens,
        &ClientFrame::Revoke {
            serials: vec![envelope.capability.serial],
        },
    );
    assert_eq!(
        world.deposit_code(&client, envelope.clone()),
        DepositCode::CapabilityRevoked
    );
    world.restart();
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, envelope),
        DepositCode::CapabilityRevoked
    );
    let other = Envelope {
        capability: ben.capability(Lane::Invite, None),
        ..ben.envelope(2, b"hi")
    };
    assert_eq!(world.deposit_code(&client, other), DepositCode::Ok);
}

#[test]
fn revocations_up_to_the_limit_and_no_more() {
    let serial = |number: usize| {
        let [.., a, b] = number.to_be_bytes();
        CapabilitySerial([0, 0, 0, 0, 0, 0, a, b])
    };
    let revoke = |serials: Vec<_>| ClientFrame::Revoke { serials };
    let mut world = World::new();
    let bens = world.claimed(&Person::ben(), 0);
    for (numbers, code) in [
        (0..REVOKED_MAX, DepositCode::Ok),
        (0..1, DepositCode::Ok),
        (REVOKED_MAX..REVOKED_MAX + 1, DepositCode::NoRoom),
    ] {
        let serials: Vec<_> = numbers.map(serial).collect();
        world.say(&bens, &revoke(serials.clone()));
        let answer = NodeFrame::Revoked { code, serials };
        assert_eq!(world.next(bens.link), answer);
    }
    assert!(!world.hung_up.contains(&bens.link));
    world.say(&bens, &revoke((0..=REVOKED_MAX).map(serial).collect()));
    assert_eq!(world.ended(&bens).0, Refusal::TooLarge);

    // Who speaks an older version hears of trouble only.
    let older = world.ready_with(2);
    world.say(&older, &Person::ben().claim(&older.transcript, 0));
    assert!(matches!(world.next(older.link), NodeFrame::Claimed { .. }));
    world.say(&older, &revoke(vec![serial(0)]));
    assert!(world.is_silent(&older));
    world.say(&older, &revoke(vec![serial(REVOKED_MAX)]));
    let NodeFrame::Refused { code, .. } = world.next(older.link) else {
        panic!("not refused")
    };
    assert_eq!(code, Refusal::NoRoom);
}

#[test]
fn revocations_that_have_expired_make_room() {
    let day = u16::try_from(START.days() + 1).unwrap().to_be_bytes();
    let serial = |number: usize| {
        let [.., a, b] = number.to_be_bytes();
        CapabilitySerial([0, day[0], day[1], 0, 0, 0, a, b])
    };
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    world.say(
        &bens,
        &ClientFrame::Revoke {
            serials: (0..REVOKED_MAX).map(serial).collect(),
        },
    );
    let before = world.store.len();
    world.run_for(days(3));
    let bens = world.claimed(&ben, 0);
    world.say(
        &bens,
        &ClientFrame::Revoke {
            serials: vec![CapabilitySerial([0; 8])],
        },
    );
    let NodeFrame::Revoked { code, .. } = world.next(bens.link) else {
        panic!("no answer")
    };
    assert_eq!(code, DepositCode::Ok);
    assert_eq!(world.store.len(), before - REVOKED_MAX + 1);
}

#[test]
fn the_largest_envelope_fits_and_one_byte_more_does_not() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    let largest = vec![1; ENVELOPE_BYTES_MAX];
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, &largest)),
        DepositCode::Ok
    );
    assert_eq!(
        world.deposit_code(&client, ben.live(2, &largest)),
        DepositCode::Ok
    );
    let larger = vec![1; ENVELOPE_BYTES_MAX + 1];
    assert_eq!(
        world.deposit_code(&client, ben.envelope(3, &larger)),
        DepositCode::TooLarge
    );
    assert_eq!(
        world.deposit_code(&client, ben.live(4, &larger)),
        DepositCode::TooLarge
    );
    assert_eq!(world.take_deliveries(&bens).len(), 2);
}

#[test]
fn a_mailbox_takes_its_number_of_envelopes_and_no_more() {
    let mut world = limited(MailboxLimits {
        mailbox_envelopes: 3,
        ..MailboxLimits::default()
    });
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    for id in 1..=3 {
        assert_eq!(
            world.deposit_code(&client, ben.envelope(id, b"hi")),
            DepositCode::Ok
        );
    }
    assert_eq!(
        world.deposit_code(&client, ben.envelope(4, b"hi")),
        DepositCode::Full
    );
    assert_eq!(
        world.deposit_code(&client, ben.envelope(3, b"hi")),
        DepositCode::Ok
    );
    assert_eq!(
        world.deposit_code(&client, ben.live(5, b"hi")),
        DepositCode::Ok
    );
    world.drain(&bens);
    world.say(&bens, &ClientFrame::Ack { up_to: 3 });
    assert_eq!(
        world.deposit_code(&client, ben.envelope(4, b"hi")),
        DepositCode::Ok
    );
}

#[test]
fn a_mailbox_takes_its_bytes_and_no_more() {
    let mut world = limited(MailboxLimits {
        mailbox_bytes: 10,
        ..MailboxLimits::default()
    });
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, &[0; 11])),
        DepositCode::Full
    );
    assert_eq!(
        world.deposit_code(&client, ben.envelope(2, &[0; 10])),
        DepositCode::Ok
    );
    assert_eq!(
        world.deposit_code(&client, ben.envelope(3, &[0; 1])),
        DepositCode::Full
    );
}

#[test]
fn a_supernode_takes_its_bytes_and_no_more() {
    let mut world = limited(MailboxLimits {
        bytes: 10,
        ..MailboxLimits::default()
    });
    let [ann, ben] = [Person::ann(), Person::ben()];
    world.claimed(&ann, 0);
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, &[0; 10])),
        DepositCode::Ok
    );
    assert_eq!(
        world.deposit_code(&client, ann.envelope(2, &[0; 1])),
        DepositCode::NoRoom
    );
    world.say(&bens, &ClientFrame::Ack { up_to: 1 });
    assert_eq!(
        world.deposit_code(&client, ann.envelope(2, &[0; 1])),
        DepositCode::Ok
    );
}

#[test]
fn a_full_disk_takes_no_envelope_but_live_ones_pass() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    world.handle(Input::Room(false));
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::NoRoom
    );
    assert_eq!(
        world.deposit_code(&client, ben.live(2, b"hi")),
        DepositCode::Ok
    );
}

#[test]
fn a_repeat_is_answered_alike_and_kept_once() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::Ok
    );
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::Ok
    );
    assert_eq!(world.take_deliveries(&bens).len(), 1);
    world.restart();
    let client = world.ready();
    assert_eq!(
        world.deposit_code(&client, ben.envelope(1, b"hi")),
        DepositCode::Ok
    );
    assert_eq!(world.relay.stats().kept.envelopes, 1);
    assert_eq!(world.stored_bodies(), 1);
}

#[test]
fn nothing_is_kept_longer_than_the_longest_time() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    let forever = Envelope {
        keep_seconds: u32::MAX,
        ..ben.envelope(1, b"hi")
    };
    assert_eq!(world.deposit_code(&client, forever), DepositCode::Ok);
    world.run_for(KEEP_TTL_MAX - Duration::from_secs(1));
    assert_eq!(world.stored_bodies(), 1);
    world.run_for(Duration::from_secs(61));
    assert_eq!(world.stored_bodies(), 0);
    assert_eq!(world.relay.stats().kept.bytes, 0);
}

#[test]
fn a_life_is_granted_up_to_the_operator_s_limit_and_a_shorter_one_is_named() {
    const MOST: u32 = 7200;
    let mut world = limited(MailboxLimits {
        keep: Duration::from_secs(MOST.into()),
        ..MailboxLimits::default()
    });
    let ben = Person::ben();
    let bens = world.ready();
    world.say(&bens, &ben.claim(&bens.transcript, 0));
    let NodeFrame::Claimed { keep_seconds, .. } = world.next(bens.link) else {
        panic!("not claimed")
    };
    assert_eq!(keep_seconds, Some(MOST));
    let client = world.ready();
    for (id, asked, granted) in [(1, MOST, None), (2, MOST + 1, Some(MOST)), (3, 60, None)] {
        let envelope = Envelope {
            keep_seconds: asked,
            ..ben.envelope(id, b"hi")
        };
        let receipt = world.deposit(&client, envelope.clone());
        assert_eq!(
            (receipt.code, receipt.keep_seconds),
            (DepositCode::Ok, granted)
        );
        // A repeat is told what is left.
        let again = world.deposit(&client, envelope);
        assert_eq!(again.keep_seconds, granted);
    }
}
