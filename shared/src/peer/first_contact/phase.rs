//! How far first contact has come, and what follows from what happens: the table, and nothing else.

use crate::base::time::Timestamp;
use crate::peer::records::ContactRecord;

/// How far two people have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is known of them.
    Unknown,
    /// My hello is under way.
    Asked,
    /// My hello has come to nothing, as far as I know: an answer may be under way all the same.
    Unheard,
    /// We have met, and an answer to a hello of mine may still come: they said hello as well, or their homes
    /// took nothing of mine any more and I have said it anew.
    Crossed,
    /// We have met.
    Met,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// I open an invite of theirs that is new to me, or try again. Of somebody whom I have met, only when their
    /// homes have refused what I say.
    Ask,
    /// A hello by an invite of mine, with a key package that was not answered.
    Hello,
    /// The same while my list of contacts is full, of somebody who is not on it.
    HelloWithoutRoom,
    /// A hello that was answered.
    Repeat,
    /// An accept.
    Accept,
    /// All their homes have refused my hello, or it was too old.
    Lost,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Forget the key package of my hello, and speak in its group no more; what waits is encrypted anew.
    ForgetHello,
    /// Send a hello with a new key package.
    Greet,
    /// Send the hello that is under way by another way: the same key package and welcome, so that whichever
    /// copy is answered, it is the same answer. What waits is said anew.
    GreetAgain,
    /// Send my hello no more. What has been left of it stays good.
    Withdraw,
    /// Join their group or make one, and send an accept.
    Answer,
    /// Tell the person that somebody new is there.
    Introduce,
    /// Join the group of the answer.
    Join,
    /// Take over a newer card.
    TakeCard,
    /// Tell the person that nobody has heard the hello.
    TellLost,
    /// Tell the person, once, that somebody could not be let in.
    TellNoRoom,
}

impl Phase {
    /// The phase of a contact; `None`: of somebody who is not one.
    pub fn of(record: Option<&ContactRecord>) -> Self {
        let Some(record) = record else {
            return Self::Unknown;
        };
        let answered = record.card_at > Timestamp(0);
        match (answered, record.offered.is_some(), record.unheard) {
            (true, true, _) => Self::Crossed,
            (true, false, _) => Self::Met,
            (false, _, None) => Self::Asked,
            (false, _, Some(_)) => Self::Unheard,
        }
    }

    /// What follows.
    pub fn next(self, input: Input) -> (Self, &'static [Effect]) {
        use Effect::{
            Answer, ForgetHello, Greet, GreetAgain, Introduce, Join, TakeCard, TellLost,
            TellNoRoom, Withdraw,
        };
        match (self, input) {
            (Self::Unknown, Input::Ask) => (Self::Asked, &[Greet]),
            (Self::Asked, Input::Ask) => (Self::Asked, &[GreetAgain]),
            (Self::Unheard, Input::Ask) => (Self::Asked, &[ForgetHello, Greet]),
            (Self::Crossed, Input::Ask) => (Self::Crossed, &[GreetAgain]),
            (Self::Met, Input::Ask) => (Self::Crossed, &[ForgetHello, Greet]),
            (Self::Unknown, Input::Hello) => (Self::Met, &[Answer, Introduce]),
            (Self::Asked, Input::Hello) => (Self::Crossed, &[Withdraw, Answer, Introduce]),
            (Self::Unheard, Input::Hello) => (Self::Crossed, &[Answer, Introduce]),
            (Self::Crossed | Self::Met, Input::Hello) => (self, &[Answer]),
            (Self::Unknown, Input::HelloWithoutRoom) => (self, &[TellNoRoom]),
            (Self::Crossed | Self::Met, Input::Repeat) => (self, &[TakeCard]),
            (Self::Asked | Self::Crossed, Input::Accept) => (Self::Met, &[Withdraw, Join]),
            (Self::Unheard, Input::Accept) => (Self::Met, &[Join]),
            (Self::Asked, Input::Lost) => (Self::Unheard, &[TellLost]),
            (_, _) => (self, &[]),
        }
    }
}
