//! Which messages stand together: one author, one day, little time between.

use shared::base::time::Timestamp;
use shared::peer::view::MessageView;
use std::time::Duration;

/// A longer pause begins a new group.
const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);

/// How a message stands among its neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// It begins a day.
    pub new_day: bool,
    /// It begins a group.
    pub first: bool,
    /// It ends a group, and bears its time.
    pub last: bool,
}

/// The standing of the message at `index`; `day` numbers the local days.
pub fn standing(
    messages: &[MessageView],
    index: usize,
    day: impl Fn(Timestamp) -> i64,
) -> Option<Standing> {
    let message = messages.get(index)?;
    let before = index.checked_sub(1).and_then(|i| messages.get(i));
    let after = messages.get(index + 1);
    let new_day = before.is_none_or(|before| day(before.at) != day(message.at));
    let together = |a: &MessageView, b: &MessageView| {
        a.mine == b.mine && b.at.since(a.at) <= PAUSE_MAX && day(a.at) == day(b.at)
    };
    Some(Standing {
        new_day,
        first: before.is_none_or(|before| !together(before, message)),
        last: after.is_none_or(|after| !together(message, after)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::base::id::MessageId;
    use shared::peer::view::MessageState;

    fn said(mine: bool, at_seconds: u64) -> MessageView {
        MessageView {
            id: MessageId([0; 16]),
            mine,
            at: Timestamp(at_seconds * 1000),
            text: "hi".into(),
            unknown_kind: false,
            state: MessageState::Read,
            why: None,
        }
    }

    fn standings(messages: &[MessageView]) -> Vec<(bool, bool, bool)> {
        (0..messages.len())
            .filter_map(|i| standing(messages, i, |at| at.days() as i64))
            .map(|s| (s.new_day, s.first, s.last))
            .collect()
    }

    #[test]
    fn a_short_exchange_groups_by_author() {
        let messages = [said(true, 0), said(true, 60), said(false, 90)];
        assert_eq!(
            standings(&messages),
            [
                (true, true, false),
                (false, false, true),
                (false, true, true)
            ]
        );
    }

    #[test]
    fn a_pause_at_the_limit_still_groups_and_one_beyond_does_not() {
        let pause = PAUSE_MAX.as_secs();
        assert!(!standings(&[said(true, 0), said(true, pause)])[1].1);
        assert!(standings(&[said(true, 0), said(true, pause + 1)])[1].1);
    }

    #[test]
    fn midnight_separates() {
        let messages = [said(true, 86_399), said(true, 86_401)];
        assert_eq!(
            standings(&messages),
            [(true, true, true), (true, true, true)]
        );
    }
}
