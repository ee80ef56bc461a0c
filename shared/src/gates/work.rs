//! Proof of work: a number that makes a hash begin with so many zero bits (after Back, "Hashcash", 2002).
//!
//! The hash is over one task and one day, so work is worth nothing elsewhere or later. It is found by
//! trying, 2 to the power of the bits times on average, and checked by hashing once.

use minicbor::{Decode, Encode};

use crate::base::hash::sha256;
use crate::base::id::{EnvelopeId, Hash, NodeId, PersonaId};
use crate::base::time::Timestamp;

/// Most work that is asked for or done: 16 million hashes, some ten seconds in a browser.
pub const WORK_BITS_MAX: u8 = 24;
/// Days that the clocks of a client and a supernode may differ.
const DAYS_APART_MAX: u64 = 1;

const LABEL: &[u8] = b"kith/work v1\0";

/// What the work is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Registering the mailbox of a persona at a supernode.
    Registration(NodeId, PersonaId),
    /// Leaving an envelope in the requests lane of a mailbox, with an invite.
    FirstContact(PersonaId, EnvelopeId),
    /// Leaving one there without an invite. By its SHA-256: a home forgets an id that was fetched, and another
    /// envelope by that id would cost nothing.
    Asking(PersonaId, Hash),
}

/// Work that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Work {
    /// On this day, in days since 1970.
    #[n(0)]
    pub day: u16,
    /// The number that was found.
    #[n(1)]
    pub nonce: u64,
}

/// A task on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Puzzle {
    task: Task,
    day: u16,
    bits: u8,
}

/// The work is too little, for something else, or for another day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work does not fit")]
pub struct BadWork;

impl Puzzle {
    /// `task`, to be solved at `now` with `bits`, of which at most [`WORK_BITS_MAX`] count.
    #[must_use]
    pub fn new(task: Task, bits: u8, now: Timestamp) -> Self {
        Self {
            task,
            day: u16::try_from(now.days()).unwrap_or(u16::MAX),
            bits: bits.min(WORK_BITS_MAX),
        }
    }

    /// Work that it takes, in bits.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The same with more bits, of which at most [`WORK_BITS_MAX`] count.
    #[must_use]
    pub fn harder(self, bits: u8) -> Self {
        let bits = bits.clamp(self.bits, WORK_BITS_MAX);
        Self { bits, ..self }
    }

    /// Tries `tries` numbers from `from` on.
    #[must_use]
    pub fn solve(&self, from: u64, tries: u32) -> Option<Work> {
        (0..u64::from(tries))
            .map(|step| Work {
                day: self.day,
                nonce: from.wrapping_add(step),
            })
            .find(|work| zeros(&self.task, work) >= u32::from(self.bits))
    }
}

impl Work {
    /// Whether it was done on this day.
    #[must_use]
    pub fn is_of(&self, now: Timestamp) -> bool {
        u64::from(self.day) == now.days()
    }

    /// Checks that this is work of at least `bits` on `task`, done about `now`.
    ///
    /// # Errors
    /// [`BadWork`].
    pub fn verify(&self, task: &Task, bits: u8, now: Timestamp) -> Result<(), BadWork> {
        let near = now.days().abs_diff(u64::from(self.day)) <= DAYS_APART_MAX;
        if near && zeros(task, self) >= u32::from(bits) {
            Ok(())
        } else {
            Err(BadWork)
        }
    }
}

fn zeros(task: &Task, work: &Work) -> u32 {
    let (kind, place, what): (u8, &[u8], &[u8]) = match task {
        Task::Registration(node, persona) => (0, &node.0, &persona.0),
        Task::FirstContact(mailbox, envelope) => (1, &mailbox.0, &envelope.0),
        Task::Asking(mailbox, envelope) => (2, &mailbox.0, &envelope.0),
    };
    let (day, nonce) = (work.day.to_be_bytes(), work.nonce.to_be_bytes());
    let [a, b, c, d, ..] = sha256(&[LABEL, &[kind], place, what, &day, &nonce]).0;
    u32::from_be_bytes([a, b, c, d]).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(20_000 * DAY + DAY / 2);
    const DAY: u64 = 86_400_000;
    const TASK: Task = Task::Registration(NodeId([1; 32]), PersonaId([2; 32]));

    fn solved(bits: u8) -> Work {
        let puzzle = Puzzle::new(TASK, bits, NOON);
        (0..)
            .find_map(|slice| puzzle.solve(slice * 100, 100))
            .unwrap()
    }

    #[test]
    fn work_is_good_for_its_task_its_bits_and_about_its_day() {
        let work = solved(12);
        assert_eq!(work.verify(&TASK, 12, NOON), Ok(()));
        assert_eq!(work.verify(&TASK, 0, NOON), Ok(()));
        let bits = u8::try_from(zeros(&TASK, &work)).unwrap();
        assert_eq!(work.verify(&TASK, bits, NOON), Ok(()));
        assert_eq!(work.verify(&TASK, bits + 1, NOON), Err(BadWork));
        let elsewhere = [
            Task::Registration(NodeId([3; 32]), PersonaId([2; 32])),
            Task::Registration(NodeId([1; 32]), PersonaId([3; 32])),
            Task::FirstContact(PersonaId([1; 32]), EnvelopeId([2; 16])),
            Task::Asking(PersonaId([1; 32]), Hash([2; 32])),
        ];
        for task in elsewhere {
            assert_eq!(work.verify(&task, 12, NOON), Err(BadWork), "{task:?}");
        }
        for (days, fits) in [(-2_i64, false), (-1, true), (1, true), (2, false)] {
            let then = Timestamp(NOON.0.saturating_add_signed(days * DAY as i64));
            assert_eq!(work.verify(&TASK, 12, then).is_ok(), fits, "{days}");
        }
    }

    #[test]
    fn more_than_the_most_is_not_done() {
        let most = Puzzle::new(TASK, WORK_BITS_MAX, NOON);
        assert_eq!(Puzzle::new(TASK, WORK_BITS_MAX + 1, NOON), most);
    }

    #[test]
    fn the_hash_is_frozen() {
        // The first number that fits, found with Python's hashlib.
        assert_eq!((solved(12).day, solved(12).nonce), (20_000, 2257));
    }
}
