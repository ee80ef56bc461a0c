//! What is shown at a gate.

use proptest::option::of;
use proptest::prelude::*;
use shared::base::codec::{decode, encode};
use shared::base::id::{EnvelopeId, Hash, NodeId, PersonaId};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::Pass;
use shared::gates::token::Token;
use shared::gates::work::{Puzzle, Task, Work};

use super::round_trip::{any_kind, drawn, for_all, round_trips};
use super::values::{Same, Values, id, number, token};

/// So that a case takes about a thousand hashes at most.
const BITS: u8 = 6;
const TRIES: u32 = 4096;
const DAY: u64 = 86_400_000;

/// Whatever may be shown.
pub fn pass() -> Values<Pass> {
    let work = drawn!(Work {
        day: any::<u16>(),
        nonce: number(),
    });
    drawn!(Pass {
        token: of(token()),
        work: of(work),
    })
}

fn task() -> Values<Task> {
    let registration = (id(NodeId), id(PersonaId));
    let first_contact = (id(PersonaId), id(EnvelopeId));
    let asking = (id(PersonaId), id(Hash));
    any_kind!(Task:
        Registration = registration.prop_map(|(node, who)| Task::Registration(node, who)),
        FirstContact = first_contact.prop_map(|(who, id)| Task::FirstContact(who, id)),
        Asking = asking.prop_map(|(who, envelope)| Task::Asking(who, envelope)),
    )
}

#[test]
fn what_is_shown_is_read_back() {
    round_trips(FRAME_BYTES_MAX, pass());
}

#[test]
fn work_that_was_done_and_carried_fits_its_puzzle() {
    let puzzles = (task(), 0..=BITS, 0..=u16::MAX, any::<u64>());
    for_all(puzzles, |(task, bits, day, from)| {
        let now = Timestamp(u64::from(day) * DAY);
        let done = Puzzle::new(task, bits, now).solve(from, TRIES).unwrap();
        let read: Work = decode(&encode(&done), FRAME_BYTES_MAX).unwrap();
        prop_assert_eq!(read, done);
        prop_assert!(read.is_of(now) && read.verify(&task, bits, now).is_ok());
        Ok(())
    });
}

#[test]
fn an_operators_invite_is_read_back_from_its_text() {
    let issued = (any::<[u8; 32]>(), any::<u16>(), any::<u8>());
    for_all(issued, |(seed, day, random)| {
        let (key, until) = (SigningKey::from_seed(seed), Timestamp(u64::from(day) * DAY));
        let token = Token::issue(&key, until, &mut Same(random));
        let text = token.to_text();
        let read = Token::from_text(&text).unwrap();
        prop_assert_eq!(read.to_text(), text);
        prop_assert_eq!(read.verify(&key, until), Ok(token.serial));
        let carried: Token = decode(&encode(&read), FRAME_BYTES_MAX).unwrap();
        prop_assert_eq!(carried, token);
        Ok(())
    });
}
