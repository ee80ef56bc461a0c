//! A page that hears anything: from a supernode with a good key and bad manners, from a contact gone
//! bad, from a stranger with an invite, from its browser and from whoever sits before it.

mod asking;
mod check;
mod foe;
mod node;
mod opening;
mod stage;

use std::time::Duration;

use arbitrary::Unstructured;
use e2e_swarm::check::blind::MARKER;
use shared::base::codec::encode;
use shared::base::id::ConversationId;
use shared::base::time::{Timestamp, millis};
use shared::gates::work::Work;
use shared::peer::command::Command;
use shared::peer::io::{Input, Job};
use shared::session::wire::NodeFrame;
use shared::signalling::wire::RtcSignal;

use crate::edit::edited;
use crate::prepared::prepared;
use foe::Foe;
use stage::Stage;

/// Steps of one story.
const STEPS_MAX: usize = 60;

/// Whether a message of somebody came through.
pub fn run(bytes: &[u8]) -> bool {
    let (went_far, trace) = story(bytes).unwrap_or_default();
    if bytes.first().is_some_and(|first| first % 8 == 0) {
        let again = story(bytes).unwrap_or_default();
        assert_eq!(again.1, trace, "the same story went another way");
    }
    went_far
}

fn story(bytes: &[u8]) -> Option<(bool, u64)> {
    let mut input = Unstructured::new(bytes);
    let first: u8 = input.arbitrary().ok()?;
    let mut stage = Stage::new()?;
    let mut foes = [Foe::of(1)?, Foe::of(2)?];
    stage.start();
    while stage.commit() {}
    opening::play(first / 8, &mut stage, &mut foes);
    for _ in 0..STEPS_MAX {
        if input.is_empty() || step(&mut stage, &mut foes, &mut input).is_err() {
            break;
        }
    }
    stage.end();
    let strangers = stage.peer.chats();
    let cleo = strangers.iter().any(|chat| chat.persona == foes[1].id());
    assert!(
        !cleo || foes[1].hellos > 0 || stage.let_in.contains(&foes[1].id()),
        "a stranger is a contact"
    );
    Some((stage.went_far, stage.trace()))
}

fn step(
    stage: &mut Stage,
    foes: &mut [Foe; 2],
    input: &mut Unstructured<'_>,
) -> arbitrary::Result<()> {
    let which: u8 = input.arbitrary()?;
    match input.int_in_range(0..=15)? {
        0 => {
            for to_node in [true, false] {
                if let Some(link) = stage.link(to_node, which) {
                    stage.up(link);
                }
            }
        }
        1 => {
            if let Some(link) = stage.link(which & 1 == 0, which / 2) {
                stage.down(link);
            }
        }
        // Most stories need a session, so one step makes one.
        2 | 3 => connect(stage, which),
        4 => {
            if let Some(link) = stage.link(true, which) {
                let frame = stage.node.frame(link, input)?;
                stage.receive(link, edited(&encode(&frame), input));
            }
        }
        5..=8 => deliver(stage, foes, which, input)?,
        9 => {
            if let Some(link) = stage.link(false, which) {
                let foe = &mut foes[usize::from(which & 1)];
                let now = stage.now;
                let victim = (now, &stage.victim);
                let body = foe.body(victim, input, &mut stage.random, &mut stage.texts)?;
                stage.receive(link, edited(&encode(&body), input));
            }
        }
        10 => browser(stage, which, input)?,
        11 => answer(stage, which, input)?,
        12 => {
            let command = command(stage, which, input)?;
            stage.command(command);
        }
        13 => {
            let step = *input.choose(&[1, 400, 4_000, 30_000, 61_000, 3_600_000, 86_400_000])?;
            let step = Duration::from_millis(step * u64::from(which % 4 + 1));
            if which & 0x40 == 0 {
                stage.now = stage.now.after(step);
                stage.tick();
            } else {
                // The clock is set back, and the driver's timer ends.
                stage.now = Timestamp(stage.now.0.saturating_sub(millis(step)));
                stage.handle(Input::Tick);
            }
        }
        14 => {
            for _ in 0..=which % 4 {
                stage.commit();
            }
        }
        _ => match which % 4 {
            0 => stage.crash(false),
            1 => stage.crash(true),
            _ => while stage.commit() {},
        },
    }
    // A page that is often late with its disk is rarer than one that is not.
    if which & 0x80 == 0 {
        while stage.commit() {}
    }
    Ok(())
}

fn connect(stage: &mut Stage, which: u8) {
    stage.tick();
    let Some(link) = stage.link(true, which) else {
        return;
    };
    stage.up(link);
    for _ in 0..3 {
        while stage.commit() {}
        for frame in stage.node.handshake(link, stage.now) {
            stage.receive(link, frame);
        }
    }
    while stage.commit() {}
}

/// A home hands over what a foe says.
fn deliver(
    stage: &mut Stage,
    foes: &mut [Foe; 2],
    which: u8,
    input: &mut Unstructured<'_>,
) -> arbitrary::Result<()> {
    let claims = |stage: &Stage, link| stage.node.lines.get(&link).is_some_and(|it| it.claims);
    let links: Vec<_> = stage
        .links
        .keys()
        .copied()
        .filter(|link| claims(stage, *link))
        .collect();
    let Some(link) = links.first().copied() else {
        connect(stage, which);
        return Ok(());
    };
    let foe = &mut foes[usize::from(which & 1)];
    let now = stage.now;
    let victim = (now, &stage.victim);
    let body = foe.body(victim, input, &mut stage.random, &mut stage.texts)?;
    let sequence = match which & 0x0c {
        0 => 0,
        _ => stage.node.lines.get_mut(&link).map_or(1, |line| {
            line.sequence += 1;
            line.sequence
        }),
    };
    let place = (now, sequence);
    let delivery = foe.envelope(place, &stage.victim, body, input, &mut stage.random)?;
    let copies = if which & 0x10 == 0 { 1 } else { 2 };
    let frame = NodeFrame::Deliver {
        deliveries: vec![delivery; copies],
    };
    stage.receive(link, encode(&frame));
    Ok(())
}

fn browser(stage: &mut Stage, which: u8, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let link = stage.link(false, which);
    match (input.int_in_range(0..=5)?, link) {
        (0, Some(link)) => stage.handle(Input::Signal {
            link,
            signal: RtcSignal::Offer("v=0".into()),
        }),
        (1, Some(link)) => stage.handle(Input::Signal {
            link,
            signal: RtcSignal::Candidate {
                candidate: "x".repeat(usize::from(which) * 100),
                mid: None,
                line: None,
            },
        }),
        (2, Some(link)) => stage.handle(Input::PathChanged {
            link,
            relayed: which & 1 == 0,
        }),
        (3, _) => stage.handle(Input::NetworkChanged {
            online: which & 1 == 0,
        }),
        (4, _) => stage.handle(Input::Visible(which & 1 == 0)),
        _ => stage.handle(Input::Closing),
    }
    Ok(())
}

/// A job is done, rightly or not.
fn answer(stage: &mut Stage, which: u8, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let Some(at) = usize::from(which).checked_rem(stage.jobs.len()) else {
        return Ok(());
    };
    let done = match stage.jobs.remove(at) {
        Job::ReadLast {
            token,
            from,
            to,
            limit,
        } => {
            let found = stage.disk.range(from..to).rev().take(limit);
            let mut records: Vec<_> = found.map(|(k, v)| (k.clone(), v.clone())).collect();
            if let Some((_, value)) = records.first_mut().filter(|_| which & 0x10 != 0) {
                *value = edited(value, input);
            }
            Input::Read { token, records }
        }
        Job::Work {
            token,
            puzzle,
            from,
            tries,
        } => {
            let found = match which & 0x30 {
                0 => None,
                0x10 => Some(Work { day: 1, nonce: 2 }),
                _ => puzzle.solve(from, tries.min(64)),
            };
            Input::Worked { token, found }
        }
    };
    stage.handle(done);
    Ok(())
}

fn command(stage: &Stage, which: u8, input: &mut Unstructured<'_>) -> arbitrary::Result<Command> {
    let chats = stage.peer.chats();
    let chat = usize::from(which).checked_rem(chats.len());
    let chat = chat.and_then(|at| chats.get(at));
    let conversation = chat.map_or(ConversationId([0; 16]), |chat| chat.id);
    let flag = which & 1 == 0;
    Ok(match input.int_in_range(0..=17)? {
        0..=3 => Command::Say {
            conversation,
            text: format!("{MARKER} {which}"),
        },
        4 => Command::Say {
            conversation,
            text: "x".repeat(*input.choose(&[0, 16 * 1024, 16 * 1024 + 1])?),
        },
        5 => Command::OpenChat(conversation),
        6 => Command::CloseChat,
        7 => Command::LoadOlder(conversation),
        8 => match stage.victim.messages.is_empty() {
            true => Command::TakeBackInvites,
            false => Command::Retry {
                conversation,
                message: *input.choose(&stage.victim.messages)?,
            },
        },
        9 => Command::Watch(conversation, flag),
        10 => Command::Rename {
            name: String::from_utf8_lossy(&edited(b"Ann", input)).into_owned(),
        },
        11 => Command::AcceptInvite {
            code: prepared().invites[usize::from(which) % 3].clone(),
        },
        12 => Command::SetPinned(conversation, flag),
        13 => Command::SetMuted(conversation, flag),
        14 => Command::SetAlwaysRelay(flag),
        15 => Command::Block(conversation),
        16 => Command::Unblock(conversation),
        _ => asking::command(stage, which),
    })
}
