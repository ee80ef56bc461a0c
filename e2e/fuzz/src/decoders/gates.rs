//! What is shown at gates, and what is asked for.

use shared::base::id::{EnvelopeId, NodeId, PersonaId};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::token::Token;
use shared::gates::work::{Puzzle, Task, WORK_BITS_MAX, Work};
use shared::gates::{Gates, Pass};

use super::{round_trip, round_trip_of};

const NOON: Timestamp = Timestamp(20_000 * 86_400_000);

/// A pass, as bytes or a token as text; held against a task.
pub fn run(bytes: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(token) = Token::from_text(text)
    {
        assert_eq!(
            token.to_text(),
            text.trim(),
            "a token is written in one way"
        );
        assert!(round_trip::<Token>(
            &shared::base::codec::encode(&token),
            usize::MAX
        ));
        let node = SigningKey::from_seed([1; 32]);
        assert!(token.verify(&node, NOON).is_err(), "a token was forged");
    }
    if let Ok(work) = shared::base::codec::decode::<Work>(bytes, FRAME_BYTES_MAX) {
        check(&work);
    }
    round_trip_of!(bytes, FRAME_BYTES_MAX, Pass, Gates, Work, Token)
}

/// More bits are never easier, and work for one task is not asked of another by the same number alone.
fn check(work: &Work) {
    let tasks = [
        Task::Registration(NodeId([1; 32]), PersonaId([2; 32])),
        Task::FirstContact(PersonaId([2; 32]), EnvelopeId([3; 16])),
    ];
    for task in tasks {
        let passes = |bits| work.verify(&task, bits, NOON).is_ok();
        for bits in 1..=WORK_BITS_MAX {
            assert!(passes(bits - 1) || !passes(bits), "more was easier");
        }
        let solved = Puzzle::new(task, 0, NOON).solve(work.nonce, 1);
        assert!(solved.is_some_and(|work| work.verify(&task, 0, NOON).is_ok()));
    }
}
