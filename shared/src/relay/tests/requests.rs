//! The requests lane: first contacts of strangers, beside the room for contacts.

use super::people::Person;
use super::world::{START, World, days};
use crate::base::limits::{REQUEST_BYTES_MAX, REQUESTS_BYTES_MAX, REQUESTS_ENVELOPES_MAX};
use crate::mailbox::capability::Lane;
use crate::mailbox::server::MailboxLimits;
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::relay::RelayLimits;

/// What a stranger with Ben's invite leaves.
fn request(ben: &Person, id: u16, bytes: &[u8]) -> Envelope {
    Envelope {
        capability: ben.capability(Lane::Invite, Some(START.after(days(20)))),
        ..ben.envelope(id, bytes)
    }
}

#[test]
fn strangers_never_take_the_room_of_contacts_nor_contacts_theirs() {
    let mut world = World::with(RelayLimits {
        mailboxes: MailboxLimits {
            mailbox_envelopes: 2,
            ..MailboxLimits::default()
        },
        ..RelayLimits::default()
    });
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    let most = u16::try_from(REQUESTS_ENVELOPES_MAX).unwrap();
    for id in 0..most {
        let code = world.deposit_code(&client, request(&ben, id, b"hello"));
        assert_eq!(code, DepositCode::Ok, "{id}");
    }
    let code = |world: &mut World, envelope| world.deposit_code(&client, envelope);
    assert_eq!(
        code(&mut world, request(&ben, most, b"x")),
        DepositCode::Full
    );
    assert_eq!(code(&mut world, ben.envelope(500, b"x")), DepositCode::Ok);
    assert_eq!(code(&mut world, ben.envelope(501, b"x")), DepositCode::Ok);
    assert_eq!(code(&mut world, ben.envelope(502, b"x")), DepositCode::Full);
    // What was counted is counted the same after a restart.
    world.restart();
    let client = world.ready();
    let code = |world: &mut World, envelope| world.deposit_code(&client, envelope);
    assert_eq!(
        code(&mut world, request(&ben, most, b"x")),
        DepositCode::Full
    );
    assert_eq!(code(&mut world, ben.envelope(502, b"x")), DepositCode::Full);
    let bens = world.claimed(&ben, 0);
    world.drain(&bens);
    assert_eq!(code(&mut world, request(&ben, most, b"x")), DepositCode::Ok);
    assert_eq!(code(&mut world, ben.envelope(502, b"x")), DepositCode::Ok);
}

#[test]
fn a_request_is_small_and_all_together_are() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    let mut code = |id, len| world.deposit_code(&client, request(&ben, id, &vec![0; len]));
    assert_eq!(code(1, REQUEST_BYTES_MAX + 1), DepositCode::TooLarge);
    let fit = REQUESTS_BYTES_MAX / REQUEST_BYTES_MAX as u64;
    for id in 0..u16::try_from(fit).unwrap() {
        assert_eq!(code(id, REQUEST_BYTES_MAX), DepositCode::Ok, "{id}");
    }
    let rest = usize::try_from(REQUESTS_BYTES_MAX % REQUEST_BYTES_MAX as u64).unwrap();
    assert_eq!(code(1000, rest + 1), DepositCode::Full);
    assert_eq!(code(1000, rest), DepositCode::Ok);
    assert_eq!(code(1001, 1), DepositCode::Full);
}

#[test]
fn a_stranger_leaves_nothing_live() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    let live = Envelope {
        keep_seconds: 0,
        ..request(&ben, 1, b"knock")
    };
    assert_eq!(world.deposit_code(&client, live), DepositCode::NoCapability);
    assert!(world.is_silent(&bens));
}
