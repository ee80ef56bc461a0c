//! What strangers must show, at a mailbox and at a supernode.

use super::people::Person;
use super::world::{Client, START, World, days};
use crate::base::id::{NodeId, PersonaId};
use crate::base::random::Counter;
use crate::base::sign::SigningKey;
use crate::gates::token::Token;
use crate::gates::work::{Puzzle, Task, Work};
use crate::gates::{Gates, Pass};
use crate::mailbox::capability::Lane;
use crate::mailbox::server::MailboxLimits;
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::relay::RelayLimits;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION_MIN};

const BITS: u8 = 8;
/// The key of the world's supernode.
const NODE_SEED: [u8; 32] = [99; 32];

fn work(world: &World, task: Task, bits: u8) -> Work {
    Puzzle::new(task, bits, world.now)
        .solve(0, u32::MAX)
        .unwrap()
}

fn show(world: &mut World, client: &Client, pass: Pass) {
    world.say(client, &ClientFrame::Show { pass });
}

fn registering(registration: Gates) -> World {
    World::with(RelayLimits {
        registration,
        ..RelayLimits::default()
    })
}

fn node() -> NodeId {
    NodeId(SigningKey::from_seed(NODE_SEED).public())
}

fn token(seed: u8) -> Token {
    let key = SigningKey::from_seed(NODE_SEED);
    Token::issue(&key, START.after(days(5)), &mut Counter(seed))
}

/// Claims with what is shown; `Ok` or what is asked for.
fn claim(world: &mut World, person: &Person, pass: Option<Pass>) -> Result<(), Gates> {
    let client = world.ready();
    if let Some(pass) = pass {
        show(world, &client, pass);
    }
    world.say(&client, &person.claim(&client.transcript, 0));
    match world.next(client.link) {
        NodeFrame::Claimed { .. } => Ok(()),
        NodeFrame::Gates {
            gates,
            envelope: None,
        } => {
            assert_eq!(world.ended(&client).0, Refusal::GateRequired);
            Err(gates)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_first_contact_shows_work_for_its_own_envelope() {
    let mut world = World::with(RelayLimits {
        mailboxes: MailboxLimits {
            request_work_bits: BITS,
            ..MailboxLimits::default()
        },
        ..RelayLimits::default()
    });
    let ben = Person::ben();
    world.claimed(&ben, 0);
    let client = world.ready();
    let request = |id| Envelope {
        capability: ben.capability(Lane::Invite, Some(START.after(days(20)))),
        ..ben.envelope(id, b"hello")
    };
    let task = |id| Task::FirstContact(ben.id(), request(id).id);
    let asked = |world: &mut World, id| {
        world.say(
            &client,
            &ClientFrame::Deposit {
                request: 1,
                envelope: request(id),
            },
        );
        let expected = NodeFrame::Gates {
            gates: Gates {
                invite: true,
                work_bits: BITS,
            },
            envelope: Some(request(id).id),
        };
        assert_eq!(world.next(client.link), expected);
        match world.next(client.link) {
            NodeFrame::Deposited { receipts } => {
                assert_eq!(receipts[0].code, DepositCode::GateRequired);
            }
            other => panic!("{other:?}"),
        }
    };
    asked(&mut world, 1);
    let pass = Pass {
        work: Some(work(&world, task(1), BITS)),
        token: None,
    };
    show(&mut world, &client, pass);
    asked(&mut world, 2);
    asked(&mut world, 1);
    show(&mut world, &client, pass);
    assert_eq!(world.deposit_code(&client, request(1)), DepositCode::Ok);
    // Contacts are asked for nothing.
    assert_eq!(
        world.deposit_code(&client, ben.envelope(3, b"hi")),
        DepositCode::Ok
    );
    // An older client cannot be told.
    let old = world.ready_with(VERSION_MIN);
    assert_eq!(
        world.deposit_code(&old, request(4)),
        DepositCode::NoCapability
    );
}

#[test]
fn a_new_persona_works_for_its_mailbox_and_is_not_asked_again() {
    let asked = Gates {
        invite: false,
        work_bits: BITS,
    };
    let mut world = registering(asked);
    let [ann, ben] = [Person::ann(), Person::ben()];
    assert_eq!(claim(&mut world, &ben, None), Err(asked));
    assert_eq!(world.store.len(), 0, "nothing is kept of it");
    let done = |world: &World, persona: PersonaId| Pass {
        work: Some(work(world, Task::Registration(node(), persona), BITS)),
        token: None,
    };
    let of_ann = done(&world, ann.id());
    assert_eq!(claim(&mut world, &ben, Some(of_ann)), Err(asked));
    let of_ben = done(&world, ben.id());
    assert_eq!(claim(&mut world, &ben, Some(of_ben)), Ok(()));
    assert_eq!(claim(&mut world, &ben, None), Ok(()));
    world.restart();
    assert_eq!(claim(&mut world, &ben, None), Ok(()));
    // Work of two days ago is worth nothing.
    world.run_for(days(2));
    assert_eq!(claim(&mut world, &ann, Some(of_ann)), Err(asked));
}

#[test]
fn an_operator_s_invite_registers_one_mailbox() {
    let asked = Gates {
        invite: true,
        work_bits: 0,
    };
    let mut world = registering(asked);
    let [ann, ben] = [Person::ann(), Person::ben()];
    let with = |token| {
        Some(Pass {
            token: Some(token),
            work: None,
        })
    };
    assert_eq!(claim(&mut world, &ann, None), Err(asked));
    let forged = Token::issue(
        &SigningKey::from_seed([1; 32]),
        START.after(days(5)),
        &mut Counter(1),
    );
    assert_eq!(claim(&mut world, &ann, with(forged)), Err(asked));
    assert_eq!(claim(&mut world, &ann, with(token(1))), Ok(()));
    assert_eq!(claim(&mut world, &ben, with(token(1))), Err(asked));
    world.restart();
    assert_eq!(claim(&mut world, &ben, with(token(1))), Err(asked));
    assert_eq!(claim(&mut world, &ann, None), Ok(()));
    assert_eq!(claim(&mut world, &ben, with(token(2))), Ok(()));
    world.run_for(days(200));
    // Ann's mailbox was abandoned, and so was her invite; it has expired since.
    assert_eq!(claim(&mut world, &ann, with(token(1))), Err(asked));
}

#[test]
fn an_older_client_is_told_that_there_is_no_room_and_may_show_nothing() {
    let mut world = registering(Gates {
        invite: true,
        work_bits: 0,
    });
    let ben = Person::ben();
    let old = world.ready_with(VERSION_MIN);
    world.say(&old, &ben.claim(&old.transcript, 0));
    assert_eq!(world.ended(&old).0, Refusal::NoRoom);
    let old = world.ready_with(VERSION_MIN);
    show(&mut world, &old, Pass::default());
    assert_eq!(world.ended(&old).0, Refusal::BadFrame);
}
