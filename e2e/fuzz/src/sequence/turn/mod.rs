//! A STUN and TURN server that people with credentials use, in any order, and whose messages come
//! damaged, late, again, or from somebody else.

mod belief;
mod messages;
mod stage;

use arbitrary::Unstructured;

use messages::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};
use stage::{PEERS, PEOPLE, Stage};

/// Steps of one story.
const STEPS_MAX: usize = 80;
/// Milliseconds that may pass at a time: all lives that there are, and a little less or more.
const TIMES: [u64; 9] = [
    1, 1000, 60_000, 299_000, 301_000, 599_000, 601_000, 1_800_000, 3_601_000,
];

/// Whether something was relayed.
pub fn run(bytes: &[u8]) -> bool {
    let mut input = Unstructured::new(bytes);
    let mut stage = Stage::new();
    for _ in 0..STEPS_MAX {
        if input.is_empty() || step(&mut stage, &mut input).is_err() {
            break;
        }
        stage.check();
    }
    stage.end()
}

fn step(stage: &mut Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let who = input.int_in_range(0..=PEOPLE - 1)?;
    let peer = stage.peer(input.int_in_range(0..=PEERS)?);
    let number = match input.int_in_range(0..=5)? {
        5 => input.arbitrary()?,
        low => 0x3fff + low,
    };
    match input.int_in_range(0..=15)? {
        0 | 1 => {
            let attributes = [
                messages::transport(),
                messages::family(*input.choose(&[1, 1, 1, 2, 3])?),
                messages::even_port(*input.choose(&[0, 0x80])?),
                messages::lifetime(*input.choose(&[0, 599, 601, 3600, 3601, u32::MAX])?),
            ];
            let count = input.int_in_range(1..=attributes.len())?;
            stage.ask(who, ALLOCATE, &attributes[..count], None);
        }
        2 => {
            let seconds = *input.choose(&[0, 1, 600, 1000, 3601])?;
            stage.ask(who, REFRESH, &[messages::lifetime(seconds)], None);
        }
        3 | 4 => {
            let mut peers = vec![peer];
            for _ in 0..input.int_in_range(0..=2)? {
                peers.push(stage.peer(input.int_in_range(0..=PEERS)?));
            }
            let peers: Vec<_> = peers.into_iter().map(messages::peer).collect();
            stage.ask(who, CREATE_PERMISSION, &peers, None);
        }
        5 | 6 => {
            let attributes = [messages::channel(number), messages::peer(peer)];
            stage.ask(who, CHANNEL_BIND, &attributes, None);
        }
        7 | 8 => {
            let len = input.int_in_range(0..=40)?;
            stage.channel_data(who, number, len, input.arbitrary()?);
        }
        9 => stage.send(who, peer, input.int_in_range(0..=40)?),
        10 => stage.peer_sends(peer, input.int_in_range(0..=5)?),
        11 => stage.wait(*input.choose(&TIMES)?),
        12 => stage.tick(),
        13 => stage.damaged(who, input),
        14 => {
            let other = input.int_in_range(0..=PEOPLE - 1)?;
            let method = *input.choose(&[ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND])?;
            let attributes = [messages::transport(), messages::peer(peer)];
            stage.ask(who, method, &attributes, Some(other));
        }
        _ => stage.close(who),
    }
    Ok(())
}
