//! Asking by a public address: with work, with too little, with that of another envelope, or with none; where an
//! owner has opened it, and where not.

use arbitrary::Unstructured;
use shared::base::codec::decode;
use shared::base::hash::sha256;
use shared::base::id::{EnvelopeId, PersonaId};
use shared::base::limits::{FRAME_BYTES_MAX, REQUEST_BYTES_MAX};
use shared::base::time::Timestamp;
use shared::gates::Pass;
use shared::gates::work::{Puzzle, Task, Work};
use shared::mailbox::capability::Capability;
use shared::mailbox::server::record::{Key, MailboxRecord};
use shared::mailbox::wire::Envelope;
use shared::session::wire::ClientFrame;

use e2e_swarm::disk::Records;

use super::people::PEOPLE;
use super::stage::Stage;

/// Numbers tried for the work: it is of few bits here.
const TRIES: u32 = 256;

/// What somebody without an invite leaves, and shows for it.
pub struct Asking {
    envelope: Envelope,
    pass: Pass,
}

/// One that may be good.
pub fn draw(stage: &Stage, input: &mut Unstructured<'_>) -> arbitrary::Result<Asking> {
    let to = stage.people[input.int_in_range(0..=PEOPLE - 1)?].id;
    let id = EnvelopeId([input.int_in_range(0..=9)?; 16]);
    let len = *input.choose(&[10, 1000, REQUEST_BYTES_MAX, REQUEST_BYTES_MAX + 1])?;
    let sealed = vec![input.int_in_range(0..=3)?; len];
    let keep_seconds = *input.choose(&[3600, 86_400 * 10, 0])?;
    let hash = sha256(&[&sealed]);
    let task = match input.int_in_range(0..=5)? {
        0 => Task::FirstContact(to, id),
        1 => Task::Asking(stage.people[0].id, hash),
        _ => Task::Asking(to, hash),
    };
    let bits = input.int_in_range(0..=3)?;
    let work = Puzzle::new(task, bits, stage.now).solve(0, TRIES);
    Ok(Asking {
        envelope: Envelope {
            to,
            capability: Capability::PUBLIC,
            id,
            keep_seconds,
            bytes: sealed,
        },
        pass: Pass { token: None, work },
    })
}

/// Whether this frame leaves something without an invite.
pub fn is_asking(frame: &[u8]) -> bool {
    let frame = decode::<ClientFrame>(frame, FRAME_BYTES_MAX);
    matches!(frame, Ok(ClientFrame::Deposit { envelope, .. })
        if envelope.capability == Capability::PUBLIC)
}

/// Whether the owner of the mailbox has opened it to whoever shows this, by what is on the disk.
pub fn may_ask(
    envelope: &Envelope,
    (shown, work_bits): (Option<Work>, u8),
    (now, disk): (Timestamp, &Records),
) -> bool {
    let bits = public_bits(disk, &envelope.to);
    let task = Task::Asking(envelope.to, sha256(&[&envelope.bytes]));
    let worked = |bits| shown.is_some_and(|work| work.verify(&task, bits, now).is_ok());
    bits > 0 && worked(bits.max(work_bits))
}

fn public_bits(disk: &Records, mailbox: &PersonaId) -> u8 {
    let record = disk.get(&Key::Mailbox(*mailbox).to_bytes());
    let record = record.and_then(|it| decode::<MailboxRecord>(it, FRAME_BYTES_MAX).ok());
    record.and_then(|it| it.public_bits).unwrap_or_default()
}

impl Stage {
    /// Somebody shows what they have for it, and asks.
    pub fn ask(&mut self, line: usize, Asking { envelope, pass }: Asking) {
        self.show(line, pass);
        self.deposit(line, envelope);
    }

    /// An owner lets whoever works so much ask, or nobody.
    pub fn open_to(&mut self, line: usize, work_bits: u8) {
        self.say(line, &ClientFrame::Open { work_bits });
    }
}
