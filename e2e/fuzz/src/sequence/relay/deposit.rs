//! Rights, and what is done with them; drawn by the fuzzer from those that are good and those that are
//! not.

use std::time::Duration;

use arbitrary::Unstructured;
use shared::base::id::{EnvelopeId, PersonaId};
use shared::base::limits::{ENVELOPE_BYTES_MAX, REQUEST_BYTES_MAX};
use shared::gates::Pass;
use shared::gates::token::Token;
use shared::gates::work::{Puzzle, Task};
use shared::mailbox::capability::{Capability, CapabilitySerial, Lane};
use shared::mailbox::wire::Envelope;

use super::people::{PEOPLE, SECRETS};
use super::stage::Stage;
use crate::chance::Bytes;

const DAY: Duration = Duration::from_secs(86_400);

/// A mailbox, and a capability that may be for it.
pub fn right(
    stage: &Stage,
    input: &mut Unstructured<'_>,
) -> arbitrary::Result<(PersonaId, Capability)> {
    let person = input.int_in_range(0..=PEOPLE - 1)?;
    let capability = capability(stage, input, person)?;
    let to = match input.ratio(1, 8)? {
        true => (person + 1) % PEOPLE,
        false => person,
    };
    Ok((stage.people[to].id, capability))
}

fn capability(
    stage: &Stage,
    input: &mut Unstructured<'_>,
    person: usize,
) -> arbitrary::Result<Capability> {
    let person = &stage.people[person];
    let secret = person.secret(input.int_in_range(0..=SECRETS - 1)?);
    let lane = if input.arbitrary()? {
        Lane::Contact
    } else {
        Lane::Invite
    };
    let until = match input.int_in_range(0..=2)? {
        0 => None,
        1 => Some(stage.beginning.after(DAY * 2)),
        _ => Some(stage.beginning),
    };
    let random = &mut Bytes::of(input.int_in_range(0..=2)?);
    let mut capability = Capability::issue(&secret, &person.id, lane, until, random);
    if input.ratio(1, 8)? {
        let mut bytes = capability.to_bytes();
        bytes[input.int_in_range(0..=bytes.len() - 1)?] ^= input.int_in_range(1..=255)?;
        capability = Capability::from_bytes(&bytes).unwrap_or(capability);
    }
    Ok(capability)
}

/// The serial of one of the capabilities above.
pub fn serial(stage: &Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<CapabilitySerial> {
    let person = input.int_in_range(0..=PEOPLE - 1)?;
    Ok(capability(stage, input, person)?.serial)
}

/// An envelope that somebody may deposit.
pub fn draw(stage: &Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<Envelope> {
    let (to, capability) = right(stage, input)?;
    let id = EnvelopeId([input.int_in_range(0..=9)?; 16]);
    let keep_seconds = *input.choose(&[0, 60, 3600, 86_400 * 10, u32::MAX])?;
    let sizes = [
        0,
        10,
        1000,
        REQUEST_BYTES_MAX,
        REQUEST_BYTES_MAX + 1,
        ENVELOPE_BYTES_MAX,
        ENVELOPE_BYTES_MAX + 1,
    ];
    let len = *input.choose(&sizes)?;
    Ok(Envelope {
        to,
        capability,
        id,
        keep_seconds,
        // Tells envelopes of one id apart.
        bytes: vec![id.0[0] ^ u8::try_from(len % 251).unwrap_or(0); len],
    })
}

/// What is shown at a gate; and whether its token is one of this supernode's that is still good.
pub fn pass(stage: &Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<Pass> {
    let token = match input.int_in_range(0..=3)? {
        0 => None,
        1 => {
            let other = shared::base::sign::SigningKey::from_seed([0xee; 32]);
            let random = &mut Bytes::of(1);
            Some(Token::issue(&other, stage.now.after(DAY), random))
        }
        which => {
            let number = input.int_in_range(0..=3)?;
            let until = if which == 2 {
                stage.beginning.after(DAY * 3)
            } else {
                stage.beginning
            };
            Some(Token::issue(
                &stage.node_key(),
                until,
                &mut Bytes::of(number),
            ))
        }
    };
    let mailbox = stage.people[input.int_in_range(0..=PEOPLE - 1)?].id;
    let task = match input.arbitrary()? {
        true => Task::FirstContact(mailbox, EnvelopeId([input.int_in_range(0..=9)?; 16])),
        false => Task::Registration(stage.node_id(), mailbox),
    };
    let bits = input.int_in_range(0..=4)?;
    let work = Puzzle::new(task, bits, stage.now).solve(0, 64);
    Ok(Pass { token, work })
}
