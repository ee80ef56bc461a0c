//! A supernode that hears anything from anybody, whose disk is slow, fails and loses power.
//!
//! Its driver's contract is played: batches are kept in order, effects follow theirs, and a commit that
//! fails is told to everybody and followed by a reload.

mod asking;
mod check;
mod deposit;
mod disk;
mod drive;
mod people;
mod stage;

use std::time::Duration;

use arbitrary::Unstructured;
use shared::base::id::Nonce;
use shared::gates::work::WORK_BITS_MAX;
use shared::relay::Input;
use shared::session::wire::ClientFrame;

use crate::edit::edited;
use people::PEOPLE;
use stage::{LINKS_MAX, Stage};

/// Steps of one story.
const STEPS_MAX: usize = 80;

/// Whether an envelope was handed over or kept.
pub fn run(bytes: &[u8]) -> bool {
    let (went_far, trace) = story(bytes);
    if bytes.first().is_some_and(|first| first % 8 == 0) {
        assert_eq!(story(bytes).1, trace, "the same story went another way");
    }
    went_far
}

fn story(bytes: &[u8]) -> (bool, u64) {
    let mut input = Unstructured::new(bytes);
    let mut stage = Stage::new(input.arbitrary().unwrap_or(0));
    for _ in 0..STEPS_MAX {
        if input.is_empty() || step(&mut stage, &mut input).is_err() {
            break;
        }
    }
    stage.end();
    (stage.went_far(), stage.trace())
}

fn step(stage: &mut Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let link = input.int_in_range(0..=LINKS_MAX - 1)?;
    match input.int_in_range(0..=19)? {
        0 => stage.open(link, input.int_in_range(0..=2)?),
        1 => {
            let bytes = edited(&stage.last_said(link), input);
            stage.say_bytes(link, bytes);
        }
        2 => {
            let version = input.int_in_range(0..=3)?;
            stage.say(
                link,
                &ClientFrame::Hello {
                    version,
                    nonce: Nonce([3; 32]),
                },
            );
        }
        3 => {
            let person = input.int_in_range(0..=PEOPLE - 1)?;
            stage.claim(link, person, input.arbitrary()?);
        }
        4 | 5 => {
            let deposit = deposit::draw(stage, input)?;
            stage.deposit(link, deposit);
        }
        6 => {
            let up_to = input.int_in_range(0..=12)?;
            let up_to = if up_to == 12 { u64::MAX } else { up_to };
            stage.say(link, &ClientFrame::Ack { up_to });
        }
        7 => {
            let serials = (0..input.int_in_range(1..=3)?).map(|_| deposit::serial(stage, input));
            let serials = serials.collect::<arbitrary::Result<_>>()?;
            stage.revoke(link, serials);
        }
        8 => {
            let (count, last_resort) = (input.int_in_range(0..=9)?, input.arbitrary()?);
            let len = *input.choose(&[10, 1024, 1025])?;
            stage.publish(link, count, len, last_resort);
        }
        9 => {
            let (mailbox, capability) = deposit::right(stage, input)?;
            stage.say(
                link,
                &ClientFrame::Fetch {
                    mailbox,
                    capability,
                },
            );
        }
        10 => {
            let pass = deposit::pass(stage, input)?;
            stage.show(link, pass);
        }
        11 => stage.say(link, &ClientFrame::Ping { token: 5 }),
        12 => stage.close(link),
        13 => stage.commit(input.int_in_range(1..=3)?),
        14 => match input.int_in_range(0..=3)? {
            0 | 1 => stage.fail(),
            written => stage.crash(written == 2),
        },
        15 => {
            let step = *input.choose(&[1, 50, 1000, 11_000, 61_000, 3_600_000, 86_400_000])?;
            let times = input.int_in_range(1..=40)?;
            stage.pass_time(Duration::from_millis(step) * times);
        }
        // Most stories need somebody who has a mailbox, so one step brings them.
        17 | 18 => {
            let person = input.int_in_range(0..=PEOPLE - 1)?;
            stage.arrive(link, person);
        }
        16 => stage.answer_job(input.arbitrary()?, input.arbitrary()?),
        _ => match input.int_in_range(0..=7)? {
            0 => stage.handle(Input::Drain),
            more @ 1..=2 => stage.handle(Input::Room(more % 2 == 1)),
            3 | 4 => stage.open_to(link, *input.choose(&[0, 2, 3, WORK_BITS_MAX + 1])?),
            _ => {
                let asking = asking::draw(stage, input)?;
                stage.ask(link, asking);
            }
        },
    }
    Ok(())
}
