//! Why a message of mine has not gone, in words.

use crate::features::when::span;
use crate::i18n::t;
use shared::peer::view::{Obstacle, Why};

/// One or two sentences; `None` when the state alone says it all.
pub fn why_words(why: &Why, name: &str) -> Option<String> {
    let obstacle = match why.obstacle {
        Obstacle::Expired => return Some(t::why_expired(name, &span(why.kept))),
        Obstacle::Unreadable => return Some(t::why_unreadable(name)),
        Obstacle::TooLarge => return Some(t::why_too_large().to_owned()),
        Obstacle::NotAnswered => return Some(t::why_not_answered(name)),
        Obstacle::Blocked => return Some(t::why_blocked(name)),
        Obstacle::Refused => t::why_refused(name),
        Obstacle::MailboxFull => t::why_full(name),
        Obstacle::NoRoom => t::why_no_room(name),
        Obstacle::NoMailbox => t::why_no_mailbox(name),
        Obstacle::Busy => t::why_busy().to_owned(),
        Obstacle::Unreachable if why.copies == 0 => t::why_unreachable(name),
        Obstacle::Unreachable => t::why_others_unreachable().to_owned(),
        Obstacle::OnItsWay => return None,
    };
    if why.copies == 0 {
        return Some(obstacle);
    }
    let copies = t::why_copies(u64::from(why.copies), u64::from(why.homes));
    Some(format!("{copies} {obstacle}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_message_at_one_home_says_where_it_is_and_what_it_waits_for() {
        let mut why = Why {
            obstacle: Obstacle::MailboxFull,
            copies: 1,
            homes: 3,
            kept: Duration::from_secs(30 * 86_400),
        };
        assert_eq!(
            why_words(&why, "Ben").as_deref(),
            Some(
                "Kept at 1 of 3 supernodes so far. Ben’s mailbox is full; it goes when Ben has read some."
            )
        );
        (why.obstacle, why.copies) = (Obstacle::Unreachable, 0);
        assert_eq!(
            why_words(&why, "Ben").as_deref(),
            Some("None of Ben’s supernodes can be reached. It goes by itself later.")
        );
        why.obstacle = Obstacle::OnItsWay;
        assert_eq!(why_words(&why, "Ben"), None);
        why.obstacle = Obstacle::Expired;
        assert_eq!(
            why_words(&why, "Ben").as_deref(),
            Some("It waited 30 days without a word from Ben that it came.")
        );
    }
}
