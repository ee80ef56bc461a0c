//! How envelopes reach devices.

use super::people::Person;
use super::world::{Counter, World};
use crate::base::codec::encode;
use crate::base::effects::Effect;
use crate::base::limits::{DELIVERY_WINDOW, DELIVERY_WINDOW_BYTES, ENVELOPE_BYTES_MAX, SWEEP_MAX};
use crate::mailbox::wire::DepositCode;
use crate::relay::{Input, Outgoing, RelayEffects};
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};
use core::time::Duration;

#[test]
fn an_envelope_waits_for_its_owner() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    world.handle(Input::Closed { link: bens.link });
    let anns = world.ready();
    let receipt = world.deposit(&anns, ben.envelope(1, b"hi"));
    assert_eq!(
        (receipt.request, receipt.code, receipt.handed),
        (5, DepositCode::Ok, 0)
    );
    world.run_for(Duration::from_secs(1800));
    let (bens, acked, waiting) = world.claimed_with(&ben, 0);
    assert_eq!((acked, waiting), (0, 1));
    let got = world.drain(&bens);
    assert_eq!(got[0].bytes, b"hi");
    assert_eq!(world.stored_bodies(), 0);
}

#[test]
fn a_live_envelope_reaches_those_who_are_there_and_nobody_later() {
    let mut world = World::new();
    let ben = Person::new(2, 2);
    let phone = world.claimed(&ben, 0);
    let laptop = world.claimed(&ben, 1);
    let anns = world.ready();
    assert_eq!(world.deposit(&anns, ben.live(1, b"ring")).handed, 2);
    assert_eq!(world.take_deliveries(&phone)[0].sequence, 0);
    assert_eq!(world.take_deliveries(&laptop)[0].bytes, b"ring");
    world.handle(Input::Closed { link: phone.link });
    world.handle(Input::Closed { link: laptop.link });
    assert_eq!(world.deposit(&anns, ben.live(2, b"ring")).handed, 0);
    let (_, _, waiting) = world.claimed_with(&ben, 0);
    assert_eq!(waiting, 0);
    assert_eq!(world.stored_bodies(), 0);
}

#[test]
fn that_nobody_is_there_is_said_at_once_and_that_somebody_is_may_wait() {
    let mut world = World::new();
    let ben = Person::ben();
    let anns = world.ready();
    let is_patient = |world: &mut World, number: u16| {
        let deposit = ClientFrame::Deposit {
            request: 5,
            envelope: ben.live(number, b"knock"),
        };
        let (link, bytes) = (anns.link, encode(&deposit));
        let mut out = RelayEffects::default();
        let input = Input::Received { link, bytes };
        world
            .relay
            .handle(world.now, &mut Counter(9), input, &mut out);
        let mut answers = out.then.into_iter().filter_map(|effect| match effect {
            Effect::Send(to, Outgoing::Receipt { patient, .. }) if to == link => Some(patient),
            _ => None,
        });
        answers.next().unwrap()
    };
    let bens = world.claimed(&ben, 0);
    assert!(is_patient(&mut world, 1));
    world.handle(Input::Closed { link: bens.link });
    assert!(!is_patient(&mut world, 2));
}

#[test]
fn an_envelope_stays_until_every_device_has_it() {
    let mut world = World::new();
    let mut ben = Person::new(2, 2);
    let phone = world.claimed(&ben, 0);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(1, b"hi"));
    assert_eq!(world.drain(&phone).len(), 1);
    assert_eq!(world.stored_bodies(), 1);
    let laptop = world.claimed(&ben, 1);
    assert_eq!(world.drain(&laptop).len(), 1);
    assert_eq!(world.stored_bodies(), 0);

    world.deposit(&anns, ben.envelope(2, b"two"));
    assert_eq!(world.drain(&phone).len(), 1);
    ben.next_list(&[0]);
    world.claimed(&ben, 0);
    world.run_for(Duration::from_secs(60));
    assert_eq!(
        world.stored_bodies(),
        0,
        "a device that is gone is not waited for"
    );
}

#[test]
fn a_long_backlog_comes_in_order_and_in_windows() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let total = u16::try_from(DELIVERY_WINDOW * 3 + 5).unwrap();
    for id in 0..total {
        let anns = world.ready();
        assert_eq!(
            world.deposit_code(&anns, ben.envelope(id, &id.to_be_bytes())),
            DepositCode::Ok
        );
    }
    let (bens, _, waiting) = world.claimed_with(&ben, 0);
    assert_eq!(waiting, u64::from(total));
    let first = world.take_deliveries(&bens);
    assert_eq!(first.len(), DELIVERY_WINDOW);
    let anns = world.ready();
    let late = world.deposit(&anns, ben.envelope(total, &total.to_be_bytes()));
    assert_eq!((late.code, late.handed), (DepositCode::Ok, 0));
    world.say(
        &bens,
        &ClientFrame::Ack {
            up_to: first[0].sequence,
        },
    );
    let one = world.take_deliveries(&bens);
    assert_eq!(one.len(), 1, "one acknowledged makes room for one");
    world.say(
        &bens,
        &ClientFrame::Ack {
            up_to: one[0].sequence,
        },
    );
    let rest = world.drain(&bens);
    let all: Vec<_> = first.iter().chain(&one).chain(&rest).collect();
    assert!(
        all.windows(2)
            .all(|pair| pair[0].sequence < pair[1].sequence)
    );
    let bytes: Vec<_> = all
        .iter()
        .map(|delivery| u16::from_be_bytes(delivery.bytes[..].try_into().unwrap()))
        .collect();
    assert_eq!(bytes, (0..=total).collect::<Vec<_>>());
    assert_eq!(world.stored_bodies(), 0);
}

#[test]
fn a_window_is_bounded_by_bytes_too() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let largest = vec![1; ENVELOPE_BYTES_MAX];
    let fits = u16::try_from(DELIVERY_WINDOW_BYTES / ENVELOPE_BYTES_MAX as u64).unwrap();
    for id in 0..=fits {
        let anns = world.ready();
        let handed = world.deposit(&anns, ben.envelope(id, &largest)).handed;
        assert_eq!(handed, u32::from(id < fits));
    }
    assert_eq!(world.take_deliveries(&bens).len(), usize::from(fits));
    assert_eq!(
        world.reads, 0,
        "what fits the window goes out without being read back"
    );
    world.say(&bens, &ClientFrame::Ack { up_to: 1 });
    assert_eq!(world.take_deliveries(&bens).len(), 1);
}

#[test]
fn a_session_that_reads_the_backlog_gets_new_envelopes_after_it() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(1, b"one"));
    world.take_deliveries(&bens);
    let again = world.claimed(&ben, 0);
    world.deposit(&anns, ben.envelope(2, b"two"));
    let texts: Vec<_> = world
        .take_deliveries(&again)
        .into_iter()
        .map(|delivery| delivery.bytes)
        .collect();
    assert_eq!(texts, [b"one", b"two"]);
    assert_eq!(world.take_deliveries(&bens).len(), 1);
}

#[test]
fn sequence_numbers_are_never_used_again() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let anns = world.ready();
    let mut last = 0;
    for id in 0..200 {
        world.deposit(&anns, ben.envelope(id, b"x"));
        let sequence = world.drain(&bens)[0].sequence;
        assert!(sequence > last);
        last = sequence;
    }
    assert_eq!(world.stored_bodies(), 0);
    world.restart();
    let (bens, acked, _) = world.claimed_with(&ben, 0);
    assert_eq!(acked, last);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(500, b"x"));
    assert!(world.drain(&bens)[0].sequence > last);
}

#[test]
fn an_expired_envelope_is_not_delivered_and_is_removed() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(1, b"old"));
    world.run_for(Duration::from_secs(3590));
    let anns = world.ready();
    world.deposit(&anns, ben.envelope(2, b"new"));
    world.now = world.now.after(Duration::from_secs(10));
    let bens = world.claimed(&ben, 0);
    assert_eq!(world.drain(&bens).len(), 1);
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.stored_bodies(), 0);
    assert_eq!(world.relay.stats().kept.envelopes, 0);
}

#[test]
fn expired_envelopes_that_nobody_has_swept_hide_none_behind_them() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let short = 1..100;
    let total = u16::try_from(DELIVERY_WINDOW + 100).unwrap();
    for id in 0..total {
        let mut envelope = ben.envelope(id, b"x");
        if short.contains(&id) {
            envelope.keep_seconds = 1;
        }
        let anns = world.ready();
        world.deposit(&anns, envelope);
    }
    world.now = world.now.after(Duration::from_secs(10));
    let bens = world.claimed(&ben, 0);
    let came = world.drain(&bens).len();
    assert_eq!(came, usize::from(total) - short.len());
}

#[test]
fn a_sweep_is_bounded_and_goes_on_until_all_is_gone() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let total = u16::try_from(SWEEP_MAX + 1).unwrap();
    for id in 0..total {
        let anns = world.ready();
        world.deposit(&anns, ben.envelope(id, b"x"));
    }
    world.now = world.now.after(Duration::from_secs(3600));
    world.handle(Input::Room(true));
    let all = usize::from(total);
    assert_eq!(world.stored_bodies(), all, "nobody's frame waits for it");
    world.handle(Input::Tick);
    assert_eq!(world.stored_bodies(), 1);
    world.handle(Input::Tick);
    assert_eq!(world.stored_bodies(), 0);
}

#[test]
fn acknowledging_more_than_there_is_skips_nothing_that_comes() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    world.say(&bens, &ClientFrame::Ack { up_to: u64::MAX });
    let anns = world.ready();
    assert_eq!(world.deposit(&anns, ben.envelope(1, b"hi")).handed, 1);
    assert_eq!(world.take_deliveries(&bens).len(), 1);
    world.say(&bens, &ClientFrame::Ack { up_to: 0 });
    assert_eq!(world.stored_bodies(), 1);
}

#[test]
fn acknowledging_without_a_claim_is_answered() {
    let mut world = World::new();
    let client = world.ready();
    for frame in [
        ClientFrame::Ack { up_to: 1 },
        ClientFrame::Revoke {
            serials: Vec::new(),
        },
    ] {
        world.say(&client, &frame);
        assert!(matches!(
            world.next(client.link),
            NodeFrame::Refused {
                code: Refusal::NotClaimed,
                ..
            }
        ));
    }
    assert!(!world.hung_up.contains(&client.link));
}
