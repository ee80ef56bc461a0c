//! The table: every phase with every input has its row here, and nothing follows that is not in it.

use super::phase::Effect::{
    Answer, ForgetHello, Greet, GreetAgain, Introduce, Join, TakeCard, TellLost, TellNoRoom,
    Withdraw,
};
use super::phase::Input::{Accept, Ask, Hello, HelloWithoutRoom, Lost, Repeat};
use super::phase::Phase::{Asked, Crossed, Met, Unheard, Unknown};
use super::phase::{Effect, Input, Phase};

const PHASES: [Phase; 5] = [Unknown, Asked, Unheard, Crossed, Met];
const INPUTS: [Input; 6] = [Ask, Hello, HelloWithoutRoom, Repeat, Accept, Lost];

type Row = (Phase, Input, Phase, &'static [Effect]);

const TABLE: [Row; 30] = [
    (Unknown, Ask, Asked, &[Greet]),
    (Unknown, Hello, Met, &[Answer, Introduce]),
    (Unknown, HelloWithoutRoom, Unknown, &[TellNoRoom]),
    (Unknown, Repeat, Unknown, &[]),
    (Unknown, Accept, Unknown, &[]),
    (Unknown, Lost, Unknown, &[]),
    (Asked, Ask, Asked, &[GreetAgain]),
    (Asked, Hello, Crossed, &[Withdraw, Answer, Introduce]),
    (Asked, HelloWithoutRoom, Asked, &[]),
    (Asked, Repeat, Asked, &[]),
    (Asked, Accept, Met, &[Withdraw, Join]),
    (Asked, Lost, Unheard, &[TellLost]),
    (Unheard, Ask, Asked, &[ForgetHello, Greet]),
    (Unheard, Hello, Crossed, &[Answer, Introduce]),
    (Unheard, HelloWithoutRoom, Unheard, &[]),
    (Unheard, Repeat, Unheard, &[]),
    (Unheard, Accept, Met, &[Join]),
    (Unheard, Lost, Unheard, &[]),
    (Crossed, Ask, Crossed, &[GreetAgain]),
    (Crossed, Hello, Crossed, &[Answer]),
    (Crossed, HelloWithoutRoom, Crossed, &[]),
    (Crossed, Repeat, Crossed, &[TakeCard]),
    (Crossed, Accept, Met, &[Withdraw, Join]),
    (Crossed, Lost, Crossed, &[]),
    (Met, Ask, Crossed, &[ForgetHello, Greet]),
    (Met, Hello, Met, &[Answer]),
    (Met, HelloWithoutRoom, Met, &[]),
    (Met, Repeat, Met, &[TakeCard]),
    (Met, Accept, Met, &[]),
    (Met, Lost, Met, &[]),
];

#[test]
fn every_phase_with_every_input_does_what_the_table_says() {
    for phase in PHASES {
        for input in INPUTS {
            let rows = TABLE.iter().filter(|row| (row.0, row.1) == (phase, input));
            let rows: Vec<_> = rows.map(|row| (row.2, row.3)).collect();
            assert_eq!(rows, [phase.next(input)], "{phase:?}, {input:?}");
        }
    }
}

#[test]
fn whoever_has_met_stays_so_and_nobody_is_introduced_twice() {
    for (from, _, to, effects) in TABLE {
        let met = |phase| matches!(phase, Crossed | Met);
        assert!(met(to) || !met(from), "{from:?} to {to:?}");
        assert!(!(met(from) && effects.contains(&Introduce)));
    }
}
