//! Moments as people say them.

use crate::i18n::{language, t};
use crate::platform::intl::{Form, format, local_day, now};
use shared::base::time::Timestamp;

/// `14:03`
pub fn clock(at: Timestamp) -> String {
    format(at, Form::Time, language().tag())
}

/// `May 4, 2026`
pub fn date(at: Timestamp) -> String {
    format(at, Form::Date, language().tag())
}

/// For a narrow place: the time today, else the day.
pub fn brief(at: Timestamp) -> String {
    match local_day(now()) - local_day(at) {
        0 => clock(at),
        1 => t::yesterday().to_owned(),
        2..=6 => format(at, Form::Weekday, language().tag()),
        _ => format(at, Form::ShortDate, language().tag()),
    }
}

/// A day, for the line between days.
pub fn day(at: Timestamp) -> String {
    match local_day(now()) - local_day(at) {
        0 => t::today().to_owned(),
        1 => t::yesterday().to_owned(),
        2..=6 => format(at, Form::Weekday, language().tag()),
        7..=300 => format(at, Form::Day, language().tag()),
        _ => date(at),
    }
}
