//! Moments as people say them.

use crate::i18n::{language, t};
use crate::platform::intl::{Form, format, local_day, now};
use shared::base::time::Timestamp;
use std::time::Duration;

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

/// A span as people say it: in days, or in hours when it is less than two.
pub fn span(span: Duration) -> String {
    let hours = span.as_secs() / 3600;
    if hours < 48 {
        t::span_hours(hours.max(1))
    } else {
        t::span_days(hours / 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_hours_up_to_two_days() {
        let said = |hours: u64| span(Duration::from_secs(hours * 3600));
        assert_eq!(said(1), "1 hour");
        assert_eq!(said(47), "47 hours");
        assert_eq!(said(48), "2 days");
        assert_eq!(said(720), "30 days");
        assert_eq!(span(Duration::from_secs(5)), "1 hour");
    }
}
