//! Key packages, kept for their owner and handed out to whoever may write.

use minicbor::bytes::ByteVec;

use super::people::Person;
use super::world::{Client, START, World, days};
use crate::base::limits::{KEY_PACKAGE_BYTES_MAX, PACKAGES_MAX};
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::wire::DepositCode;
use crate::relay::Input;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION_MIN};

fn package(number: u8) -> ByteVec {
    ByteVec::from(vec![number; 300])
}

fn publish(world: &mut World, client: &Client, packages: Vec<ByteVec>, last: bool) -> (u32, bool) {
    world.say(
        client,
        &ClientFrame::Publish {
            packages,
            last_resort: last.then(|| package(99)),
        },
    );
    match world.next(client.link) {
        NodeFrame::Packages { left, last_resort } => (left, last_resort),
        other => panic!("{other:?}"),
    }
}

fn invite(person: &Person) -> Capability {
    person.capability(Lane::Invite, Some(START.after(days(20))))
}

/// What is handed out: the first byte of a package, if there is one.
fn fetch(
    world: &mut World,
    client: &Client,
    of: &Person,
    capability: Capability,
) -> Result<Option<u8>, DepositCode> {
    world.say(
        client,
        &ClientFrame::Fetch {
            mailbox: of.id(),
            capability,
        },
    );
    match world.next(client.link) {
        NodeFrame::Package {
            mailbox,
            code: DepositCode::Ok,
            devices,
            package,
        } => {
            assert_eq!(mailbox, of.id());
            assert_eq!(devices.unwrap().as_slice(), of.list.carried());
            Ok(package.map(|package| package[0]))
        }
        NodeFrame::Package {
            code,
            devices: None,
            package: None,
            ..
        } => Err(code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_is_handed_out_once_and_then_the_last_resort_again_and_again() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    assert_eq!(publish(&mut world, &bens, Vec::new(), false), (0, false));
    let most: Vec<_> = (1..=8).map(package).collect();
    assert_eq!(most.len(), PACKAGES_MAX);
    assert_eq!(publish(&mut world, &bens, most, true), (8, true));
    let client = world.ready();
    for number in 1..=5 {
        let got = fetch(&mut world, &client, &ben, invite(&ben));
        assert_eq!(got, Ok(Some(number)));
    }
    world.restart();
    let client = world.ready();
    for number in [6, 7, 8, 99, 99] {
        let got = fetch(&mut world, &client, &ben, invite(&ben));
        assert_eq!(got, Ok(Some(number)));
    }
    let bens = world.claimed(&ben, 0);
    assert_eq!(publish(&mut world, &bens, Vec::new(), false), (0, true));
    let anew = vec![package(20)];
    assert_eq!(publish(&mut world, &bens, anew, true), (1, true));
    assert_eq!(world.stored_bodies(), 2, "the old ones are gone");
    let client = world.ready();
    assert_eq!(fetch(&mut world, &client, &ben, invite(&ben)), Ok(Some(20)));
}

#[test]
fn whoever_may_not_write_gets_none_and_uses_none_up() {
    let mut world = World::new();
    let [ann, ben] = [Person::ann(), Person::ben()];
    let client = world.ready();
    let ask = |world: &mut World, capability| fetch(world, &client, &ben, capability);
    assert_eq!(ask(&mut world, invite(&ben)), Err(DepositCode::NoMailbox));
    let bens = world.claimed(&ben, 0);
    assert_eq!(ask(&mut world, invite(&ben)), Ok(None));
    publish(&mut world, &bens, vec![package(1)], false);
    assert_eq!(
        ask(&mut world, invite(&ann)),
        Err(DepositCode::NoCapability)
    );
    let revoked = invite(&ben);
    world.say(
        &bens,
        &ClientFrame::Revoke {
            serials: vec![revoked.serial],
        },
    );
    assert_eq!(
        ask(&mut world, revoked),
        Err(DepositCode::CapabilityRevoked)
    );
    let contact = ben.capability(Lane::Contact, None);
    assert_eq!(ask(&mut world, contact), Ok(Some(1)));
    assert_eq!(ask(&mut world, contact), Ok(None));
}

#[test]
fn there_are_so_many_and_so_large_and_no_more() {
    let mut world = World::new();
    let ben = Person::ben();
    let largest = || ByteVec::from(vec![1; KEY_PACKAGE_BYTES_MAX]);
    let bens = world.claimed(&ben, 0);
    let most = vec![largest(); PACKAGES_MAX];
    assert_eq!(publish(&mut world, &bens, most.clone(), false), (8, false));
    let larger = ByteVec::from(vec![1; KEY_PACKAGE_BYTES_MAX + 1]);
    let too_many = [most, vec![largest()]].concat();
    for (packages, last_resort) in [
        (too_many, None),
        (vec![larger.clone()], None),
        (Vec::new(), Some(larger)),
    ] {
        let bens = world.claimed(&ben, 0);
        world.say(
            &bens,
            &ClientFrame::Publish {
                packages,
                last_resort,
            },
        );
        assert_eq!(world.ended(&bens).0, Refusal::TooLarge);
    }
}

#[test]
fn one_whose_removal_was_not_committed_is_not_handed_out() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    publish(&mut world, &bens, vec![package(1)], false);
    let client = world.ready();
    world.commit_fails = true;
    let got = fetch(&mut world, &client, &ben, invite(&ben));
    assert_eq!(got, Err(DepositCode::Storage));
    let got = fetch(&mut world, &client, &ben, invite(&ben));
    assert_eq!(got, Ok(Some(1)));
}

#[test]
fn one_that_is_being_read_when_the_store_fails_is_handed_out_once_and_none_is_left_out() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    publish(&mut world, &bens, vec![package(1), package(2)], false);
    let clients = [world.ready(), world.ready(), world.ready()];
    let ask = |world: &mut World, client: &Client| {
        let (mailbox, capability) = (ben.id(), invite(&ben));
        world.say(
            client,
            &ClientFrame::Fetch {
                mailbox,
                capability,
            },
        );
    };
    world.slow_reads = Some(Vec::new());
    ask(&mut world, &clients[0]);
    // Something else cannot be committed: the supernode goes on from what the store holds.
    world.commit_fails = true;
    let code = world.deposit_code(&clients[2], ben.envelope(1, b"hi"));
    assert_eq!(code, DepositCode::Storage);
    ask(&mut world, &clients[1]);
    world.reads_come_back();
    ask(&mut world, &clients[2]);
    let mut got = clients.map(|client| match world.next(client.link) {
        NodeFrame::Package { package, .. } => package.map(|package| package[0]),
        other => panic!("{other:?}"),
    });
    got.sort_unstable();
    assert_eq!(got, [None, Some(1), Some(2)]);
    assert_eq!(world.stored_bodies(), 0);
}

#[test]
fn one_that_was_asked_for_by_a_session_that_has_ended_names_it_no_more() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    publish(&mut world, &bens, vec![package(1), package(2)], false);
    let client = world.ready();
    world.slow_reads = Some(Vec::new());
    let (mailbox, capability) = (ben.id(), invite(&ben));
    world.say(
        &client,
        &ClientFrame::Fetch {
            mailbox,
            capability,
        },
    );
    world.handle(Input::Closed { link: client.link });
    world.reads_come_back();
    assert!(world.is_silent(&client));
    assert_eq!(
        world.stored_bodies(),
        1,
        "what nobody got is not kept either"
    );
    let client = world.ready();
    assert_eq!(fetch(&mut world, &client, &ben, invite(&ben)), Ok(Some(2)));
}

#[test]
fn an_abandoned_mailbox_leaves_none_behind() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    publish(&mut world, &bens, vec![package(1), package(2)], true);
    world.run_for(days(200));
    assert_eq!(world.store.len(), 0);
}

#[test]
fn an_older_client_neither_keeps_nor_asks_for_any() {
    let mut world = World::new();
    let ben = Person::ben();
    let ask = ClientFrame::Fetch {
        mailbox: ben.id(),
        capability: invite(&ben),
    };
    let keep = ClientFrame::Publish {
        packages: Vec::new(),
        last_resort: None,
    };
    for frame in [ask, keep] {
        let old = world.ready_with(VERSION_MIN);
        world.say(&old, &frame);
        assert_eq!(world.ended(&old).0, Refusal::BadFrame);
    }
    // Nobody keeps any without a claim.
    let client = world.ready();
    let keep = ClientFrame::Publish {
        packages: vec![package(1)],
        last_resort: None,
    };
    world.say(&client, &keep);
    assert!(matches!(
        world.next(client.link),
        NodeFrame::Refused {
            code: Refusal::NotClaimed,
            ..
        }
    ));
}
