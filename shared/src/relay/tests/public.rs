//! A mailbox that lets anybody ask for first contact who works for it.

use super::people::Person;
use super::world::{Client, START, World, days};
use crate::base::hash::sha256;
use crate::base::limits::{
    PUBLIC_SHARE, REQUEST_BYTES_MAX, REQUESTS_BYTES_MAX, REQUESTS_ENVELOPES_MAX,
};
use crate::gates::work::{Puzzle, Task, WORK_BITS_MAX};
use crate::gates::{Gates, Pass};
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::server::MailboxLimits;
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::relay::RelayLimits;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION_MIN, VERSION_OPEN};

const BITS: u8 = 8;

/// What somebody leaves who has nothing from Ben.
fn ask(ben: &Person, id: u16, bytes: &[u8]) -> Envelope {
    Envelope {
        capability: Capability::PUBLIC,
        ..ben.envelope(id, bytes)
    }
}

fn invited(ben: &Person, id: u16) -> Envelope {
    Envelope {
        capability: ben.capability(Lane::Invite, Some(START.after(days(20)))),
        ..ben.envelope(id, b"hello")
    }
}

/// Ben opens his mailbox to those who do so much work, or closes it.
fn open(world: &mut World, bens: &Client, work_bits: u8) {
    world.take_deliveries(bens);
    world.say(bens, &ClientFrame::Open { work_bits });
    let code = DepositCode::Ok;
    assert_eq!(world.next(bens.link), NodeFrame::Opened { code, work_bits });
}

/// Ben, whose mailbox is open for so much work, and somebody who would ask.
fn opened(work_bits: u8) -> (World, Person, Client, Client) {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    open(&mut world, &bens, work_bits);
    let client = world.ready();
    (world, ben, bens, client)
}

/// What is asked for instead of an answer that it was taken.
fn gates(invite: bool, work_bits: u8) -> Result<DepositCode, Gates> {
    Err(Gates { invite, work_bits })
}

/// Leaves it with work of so many bits. What was asked for, when it was not enough.
fn leave(
    world: &mut World,
    client: &Client,
    envelope: Envelope,
    bits: u8,
) -> Result<DepositCode, Gates> {
    let task = match envelope.capability == Capability::PUBLIC {
        true => Task::Asking(envelope.to, sha256(&[&envelope.bytes])),
        false => Task::FirstContact(envelope.to, envelope.id),
    };
    leave_for(world, client, envelope, Puzzle::new(task, bits, world.now))
}

/// Leaves it with the work of this puzzle.
fn leave_for(
    world: &mut World,
    client: &Client,
    envelope: Envelope,
    puzzle: Puzzle,
) -> Result<DepositCode, Gates> {
    let work = puzzle.solve(0, 1 << 20);
    let pass = Pass { token: None, work };
    world.say(client, &ClientFrame::Show { pass });
    world.say(
        client,
        &ClientFrame::Deposit {
            request: 1,
            envelope,
        },
    );
    let mut asked = None;
    loop {
        match world.next(client.link) {
            NodeFrame::Gates { gates, .. } => asked = Some(gates),
            NodeFrame::Deposited { receipts } => {
                let code = receipts[0].code;
                assert_eq!(receipts[0].handed, 0, "whether Ben is there is not told");
                assert_eq!(
                    receipts[0].keep_seconds, None,
                    "nor whether he has fetched it"
                );
                let refused = asked.filter(|_| code == DepositCode::GateRequired);
                return refused.map_or(Ok(code), Err);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_without_an_invite_asks_until_the_owner_lets_them() {
    let mut world = World::new();
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    let hello = |id| ask(&ben, id, b"hello");
    assert_eq!(leave(&mut world, &client, hello(1), BITS), gates(true, 0));
    open(&mut world, &bens, BITS);
    let more = gates(false, BITS);
    // No work, hardly; and work for another envelope.
    assert_eq!(leave(&mut world, &client, hello(1), 0), more);
    let other = Puzzle::new(
        Task::Asking(ben.id(), sha256(&[b"another"])),
        BITS + 8,
        world.now,
    );
    assert_eq!(leave_for(&mut world, &client, hello(1), other), more);
    let taken = Ok(DepositCode::Ok);
    assert_eq!(leave(&mut world, &client, hello(1), BITS), taken);
    // What the owner says counts from then on, and outlives the program.
    open(&mut world, &bens, BITS + 8);
    world.restart();
    let client = world.ready();
    let more = gates(false, BITS + 8);
    assert_eq!(leave(&mut world, &client, hello(300), 0), more);
    assert_eq!(leave(&mut world, &client, hello(300), BITS + 8), taken);
    let bens = world.claimed(&ben, 0);
    world.take_deliveries(&bens);
    open(&mut world, &bens, 0);
    let shut = gates(true, 0);
    assert_eq!(leave(&mut world, &client, hello(2), BITS + 8), shut);
    world.restart();
    let client = world.ready();
    assert_eq!(leave(&mut world, &client, hello(2), BITS + 8), shut);
}

#[test]
fn work_is_for_one_envelope_whatever_it_is_called() {
    let (mut world, ben, bens, client) = opened(BITS);
    let taken = Ok(DepositCode::Ok);
    let hello = || ask(&ben, 1, b"hello");
    assert_eq!(leave(&mut world, &client, hello(), BITS), taken);
    let came = world.take_deliveries(&bens);
    assert_eq!(
        came[0].public,
        Some(true),
        "Ben's page is told by which lane"
    );
    // When Ben has fetched it, nobody remembers what it was called.
    world.say(
        &bens,
        &ClientFrame::Ack {
            up_to: came[0].sequence,
        },
    );
    let task = Task::Asking(ben.id(), sha256(&[b"hello"]));
    let work = || Puzzle::new(task, BITS + 4, world.now);
    let (same, other) = (work(), ask(&ben, 1, b"another"));
    let more = gates(false, BITS);
    assert_eq!(leave_for(&mut world, &client, other, same), more);
}

#[test]
fn what_was_taken_is_not_refused_when_its_receipt_was_lost() {
    let (mut world, ben, bens, client) = opened(BITS);
    let taken = Ok(DepositCode::Ok);
    assert_eq!(
        leave(&mut world, &client, ask(&ben, 1, b"hello"), BITS),
        taken
    );
    open(&mut world, &bens, 0);
    world.now = world.now.after(days(1));
    assert_eq!(leave(&mut world, &client, ask(&ben, 1, b"hello"), 0), taken);
    let shut = gates(true, 0);
    assert_eq!(
        leave(&mut world, &client, ask(&ben, 2, b"hello"), BITS),
        shut
    );
}

#[test]
fn nothing_live_comes_without_an_invite_and_nothing_large() {
    let (mut world, ben, _, client) = opened(1);
    let live = Envelope {
        keep_seconds: 0,
        ..ask(&ben, 3, b"knock")
    };
    let refused = Ok(DepositCode::NoCapability);
    assert_eq!(leave(&mut world, &client, live, 1), refused);
    for (id, len, code) in [
        (4, REQUEST_BYTES_MAX, DepositCode::Ok),
        (5, REQUEST_BYTES_MAX + 1, DepositCode::TooLarge),
    ] {
        let envelope = ask(&ben, id, &vec![0; len]);
        assert_eq!(leave(&mut world, &client, envelope, 1), Ok(code));
    }
}

#[test]
fn an_operator_may_ask_for_more_than_the_owner() {
    let mut world = World::with(RelayLimits {
        mailboxes: MailboxLimits {
            request_work_bits: BITS,
            ..MailboxLimits::default()
        },
        ..RelayLimits::default()
    });
    let ben = Person::ben();
    let bens = world.claimed(&ben, 0);
    let client = world.ready();
    for (of_owner, asked) in [(1, BITS), (BITS + 1, BITS + 1)] {
        open(&mut world, &bens, of_owner);
        let hello = ask(&ben, 1, b"hello");
        let refused = leave(&mut world, &client, hello, 0);
        assert_eq!(refused, gates(false, asked));
    }
    // Whoever has an invite does not pay what the owner asks of others.
    let taken = leave(&mut world, &client, invited(&ben, 2), BITS);
    assert_eq!(taken, Ok(DepositCode::Ok));
}

#[test]
fn strangers_without_an_invite_leave_room_for_those_who_have_one() {
    let (mut world, ben, _, client) = opened(1);
    let most = u16::try_from(REQUESTS_ENVELOPES_MAX / PUBLIC_SHARE).unwrap();
    let code = |world: &mut World, client: &Client, id| {
        leave(world, client, ask(&ben, id, b"hello"), 1).unwrap()
    };
    for id in 0..most {
        assert_eq!(code(&mut world, &client, id), DepositCode::Ok);
    }
    // What was counted is counted the same after a restart.
    world.restart();
    let client = world.ready();
    assert_eq!(code(&mut world, &client, most), DepositCode::Full);
    let with_invite = world.deposit_code(&client, invited(&ben, most));
    assert_eq!(with_invite, DepositCode::Ok);
    let bens = world.claimed(&ben, 0);
    world.drain(&bens);
    assert_eq!(code(&mut world, &client, most), DepositCode::Ok);
}

#[test]
fn what_strangers_without_an_invite_leave_is_small_all_together() {
    let (mut world, ben, _, client) = opened(1);
    let room = REQUESTS_BYTES_MAX / PUBLIC_SHARE;
    let mut code = |id, len| leave(&mut world, &client, ask(&ben, id, &vec![0; len]), 1).unwrap();
    for id in 0..u16::try_from(room / REQUEST_BYTES_MAX as u64).unwrap() {
        assert_eq!(code(id, REQUEST_BYTES_MAX), DepositCode::Ok, "{id}");
    }
    let rest = usize::try_from(room % REQUEST_BYTES_MAX as u64).unwrap();
    assert_eq!(code(1000, rest + 1), DepositCode::Full);
    assert_eq!(code(1000, rest), DepositCode::Ok);
    assert_eq!(code(1001, 1), DepositCode::Full);
}

#[test]
fn nobody_without_an_invite_uses_up_key_packages() {
    let (mut world, ben, _, client) = opened(1);
    world.say(
        &client,
        &ClientFrame::Fetch {
            mailbox: ben.id(),
            capability: Capability::PUBLIC,
        },
    );
    let NodeFrame::Package { code, .. } = world.next(client.link) else {
        panic!("no answer")
    };
    assert_eq!(code, DepositCode::NoCapability);
}

#[test]
fn no_more_work_is_asked_than_is_done_and_only_by_the_owner() {
    for (bits, fits) in [(1, true), (WORK_BITS_MAX, true), (WORK_BITS_MAX + 1, false)] {
        let mut world = World::new();
        let bens = world.claimed(&Person::ben(), 0);
        if fits {
            open(&mut world, &bens, bits);
        } else {
            world.say(&bens, &ClientFrame::Open { work_bits: bits });
            assert_eq!(world.ended(&bens).0, Refusal::BadFrame);
        }
    }
    let mut world = World::new();
    let nobody = world.ready();
    world.say(&nobody, &ClientFrame::Open { work_bits: 1 });
    let NodeFrame::Refused { code, .. } = world.next(nobody.link) else {
        panic!("no answer")
    };
    assert_eq!(code, Refusal::NotClaimed);
}

#[test]
fn an_older_version_knows_nothing_of_it() {
    let mut world = World::new();
    let ben = Person::ben();
    world.claimed(&ben, 0);
    // To the oldest clients, who know no gates, the door is shut by the word that they know.
    let oldest = world.ready_with(VERSION_MIN);
    let code = world.deposit_code(&oldest, ask(&ben, 1, b"hello"));
    assert_eq!(code, DepositCode::NoCapability);
    let older = world.ready_with(VERSION_OPEN - 1);
    world.say(&older, &ben.claim(&older.transcript, 0));
    world.next(older.link);
    world.say(&older, &ClientFrame::Open { work_bits: 1 });
    assert_eq!(world.ended(&older).0, Refusal::BadFrame);
}
