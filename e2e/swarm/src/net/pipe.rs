//! One link: two directions, each in order.

use std::collections::VecDeque;
use std::time::Duration;

use shared::base::effects::LinkId;
use shared::base::time::Timestamp;

use super::End;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who dialled.
    A,
    /// Who was dialled.
    B,
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The link is open.
    Opened,
    /// A message.
    Message(Vec<u8>),
    /// The link is over.
    Closed,
}

#[derive(Debug, Default)]
struct Pipe {
    items: VecDeque<(Timestamp, Item)>,
    last: Timestamp,
    stuck_since: Option<Timestamp>,
}

/// See the module.
#[derive(Debug)]
pub struct Wire {
    plugs: [(End, LinkId); 2],
    open: [bool; 2],
    /// From A, from B.
    pipes: [Pipe; 2],
    patience: Duration,
}

/// What came of looking at one direction.
#[derive(Debug, Default)]
pub struct Outcome {
    /// At which side, what.
    pub arrived: Vec<(Side, Item)>,
    /// Something is stuck: when to look again.
    pub look_at: Option<Timestamp>,
}

impl Wire {
    /// A link on which what is stuck for `patience` ends it.
    #[must_use]
    pub fn new(a: (End, LinkId), b: (End, LinkId), patience: Duration) -> Self {
        Self {
            plugs: [a, b],
            open: [true; 2],
            pipes: [Pipe::default(), Pipe::default()],
            patience,
        }
    }

    /// The end at a side.
    #[must_use]
    pub fn plug(&self, side: Side) -> (End, LinkId) {
        self.plugs[side as usize]
    }

    /// Puts something on its way from `side`, to arrive at `at` or right after what was sent before.
    pub fn send(&mut self, side: Side, at: Timestamp, item: Item) -> Timestamp {
        let pipe = &mut self.pipes[side as usize];
        pipe.last = pipe.last.max(at);
        pipe.items.push_back((pipe.last, item));
        pipe.last
    }

    /// `side` takes nothing any more.
    pub fn close(&mut self, side: Side) {
        self.open[side as usize] = false;
    }

    /// Whether nobody needs it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.open == [false; 2]
    }

    /// Moves what `side` has sent: it arrives if it `reaches` the other, and the answer of a machine
    /// that knows the link no more goes `back`.
    pub fn advance(&mut self, side: Side, now: Timestamp, reaches: bool, back: bool) -> Outcome {
        let mut outcome = Outcome::default();
        let pipe = &mut self.pipes[side as usize];
        let (here, there) = (side as usize, side.other() as usize);
        if pipe.items.front().is_none_or(|(at, _)| *at > now) {
            return outcome;
        }
        if !reaches {
            let since = *pipe.stuck_since.get_or_insert(now);
            if now.since(since) >= self.patience {
                pipe.items.clear();
                pipe.stuck_since = None;
                if std::mem::take(&mut self.open[here]) {
                    outcome.arrived.push((side, Item::Closed));
                }
            } else {
                outcome.look_at = Some(since.after(self.patience));
            }
            return outcome;
        }
        pipe.stuck_since = None;
        while let Some((_, item)) = pipe.items.pop_front_if(|(at, _)| *at <= now) {
            if self.open[there] {
                if item == Item::Closed {
                    self.open[there] = false;
                    self.open[here] = false;
                }
                outcome.arrived.push((side.other(), item));
            } else if back && std::mem::take(&mut self.open[here]) {
                outcome.arrived.push((side, Item::Closed));
            }
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire() -> Wire {
        let plug = |n| (End::Person(n), LinkId(1));
        Wire::new(plug(0), plug(1), Duration::from_secs(30))
    }

    fn message(n: u8) -> Item {
        Item::Message(vec![n])
    }

    #[test]
    fn nothing_overtakes_on_a_link() {
        let mut wire = wire();
        assert_eq!(wire.send(Side::A, Timestamp(50), message(1)), Timestamp(50));
        assert_eq!(wire.send(Side::A, Timestamp(20), message(2)), Timestamp(50));
        assert!(
            wire.advance(Side::A, Timestamp(49), true, true)
                .arrived
                .is_empty()
        );
        let arrived = wire.advance(Side::A, Timestamp(50), true, true).arrived;
        assert_eq!(arrived, [(Side::B, message(1)), (Side::B, message(2))]);
    }

    #[test]
    fn what_is_stuck_waits_and_then_ends_the_link_for_its_sender_only() {
        let mut wire = wire();
        wire.send(Side::A, Timestamp(0), message(1));
        let stuck = wire.advance(Side::A, Timestamp(0), false, true);
        assert_eq!(stuck.look_at, Some(Timestamp(30_000)));
        let over = wire.advance(Side::A, Timestamp(30_000), false, true);
        assert_eq!(over.arrived, [(Side::A, Item::Closed)]);
        assert!(!wire.is_over(), "the other side has not noticed");
        wire.send(Side::B, Timestamp(31_000), message(2));
        let answer = wire.advance(Side::B, Timestamp(31_000), true, true).arrived;
        assert_eq!(answer, [(Side::B, Item::Closed)]);
        assert!(wire.is_over());
    }

    #[test]
    fn what_was_stuck_arrives_when_the_way_is_free_in_time() {
        let mut wire = wire();
        wire.send(Side::A, Timestamp(0), message(1));
        wire.advance(Side::A, Timestamp(0), false, true);
        let arrived = wire.advance(Side::A, Timestamp(29_999), true, true).arrived;
        assert_eq!(arrived, [(Side::B, message(1))]);
    }
}
