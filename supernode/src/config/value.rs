//! Kinds of settings, as text and as TOML.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use shared::base::limits::KEEP_TTL_MAX;
use shared::gates::Gates;
use shared::gates::work::WORK_BITS_MAX;
use shared::session::route::Route;
use tracing::level_filters::LevelFilter;

/// A kind of setting.
pub trait Value: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// What would have been right.
    fn parse(text: &str) -> Result<Self, String>;

    /// Writes it as a TOML value.
    fn to_toml(&self) -> String;
}

macro_rules! number {
    ($($type:ty),+) => {
        $(impl Value for $type {
            fn parse(text: &str) -> Result<Self, String> {
                text.replace('_', "").parse().map_err(|_| format!("expected a whole number up to {}", Self::MAX))
            }

            fn to_toml(&self) -> String {
                self.to_string()
            }
        })+
    };
}

number!(u32, u64, usize);

impl Value for bool {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected true or false".to_owned())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

impl Value for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected ADDRESS:PORT, such as 0.0.0.0:8080 or [::]:8080".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string())
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("expected a path".to_owned())
        } else {
            Ok(Self::from(text))
        }
    }

    fn to_toml(&self) -> String {
        quote(&self.to_string_lossy())
    }
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, String> {
        let fine = text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b';' && byte != b',');
        if fine {
            Ok(text.to_owned())
        } else {
            Err("expected printable ASCII without ; and ,".to_owned())
        }
    }

    fn to_toml(&self) -> String {
        quote(self)
    }
}

/// How much to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What must be looked at.
    Error,
    /// What should be looked at.
    Warn,
    /// What an operator wants to know.
    Info,
    /// What a developer wants to know; may name addresses and keys.
    Debug,
    /// Everything.
    Trace,
}

const LEVELS: [(Level, &str, LevelFilter); 5] = [
    (Level::Error, "error", LevelFilter::ERROR),
    (Level::Warn, "warn", LevelFilter::WARN),
    (Level::Info, "info", LevelFilter::INFO),
    (Level::Debug, "debug", LevelFilter::DEBUG),
    (Level::Trace, "trace", LevelFilter::TRACE),
];

impl Level {
    /// For the subscriber.
    #[must_use]
    pub fn filter(self) -> LevelFilter {
        LEVELS
            .iter()
            .find(|(level, ..)| *level == self)
            .map_or(LevelFilter::INFO, |(.., filter)| *filter)
    }
}

impl Value for Level {
    fn parse(text: &str) -> Result<Self, String> {
        let found = LEVELS.iter().find(|(_, name, _)| *name == text);
        found
            .map(|(level, ..)| *level)
            .ok_or_else(|| "expected error, warn, info, debug or trace".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(
            LEVELS
                .iter()
                .find(|(level, ..)| level == self)
                .map_or("info", |(_, name, _)| name),
        )
    }
}

/// What a persona must show that is new here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Nothing.
    Open,
    /// Work.
    Work,
    /// An invite of the operator.
    Invite,
    /// Both.
    InviteAndWork,
}

const REGISTRATIONS: [(Registration, &str); 4] = [
    (Registration::Open, "open"),
    (Registration::Work, "work"),
    (Registration::Invite, "invite"),
    (Registration::InviteAndWork, "invite+work"),
];

impl Registration {
    /// As what is asked for, if work is of so many bits.
    #[must_use]
    pub fn gates(self, bits: Bits) -> Gates {
        let works = matches!(self, Self::Work | Self::InviteAndWork);
        Gates {
            invite: matches!(self, Self::Invite | Self::InviteAndWork),
            work_bits: if works { bits.0 } else { 0 },
        }
    }
}

impl Value for Registration {
    fn parse(text: &str) -> Result<Self, String> {
        let found = REGISTRATIONS.iter().find(|(_, name)| *name == text);
        found
            .map(|(it, _)| *it)
            .ok_or_else(|| "expected open, work, invite or invite+work".to_owned())
    }

    fn to_toml(&self) -> String {
        let found = REGISTRATIONS.iter().find(|(it, _)| it == self);
        quote(found.map_or("open", |(_, name)| name))
    }
}

/// Work, as the zero bits that its hash begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits(pub u8);

impl Value for Bits {
    fn parse(text: &str) -> Result<Self, String> {
        let bits = text.parse().ok().filter(|bits| *bits <= WORK_BITS_MAX);
        bits.map(Self)
            .ok_or_else(|| format!("expected a whole number up to {WORK_BITS_MAX}"))
    }

    fn to_toml(&self) -> String {
        self.0.to_string()
    }
}

/// A span in hours, from one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours(u32);

impl Hours {
    /// As long as any envelope is kept.
    pub const MAX: Self = Self((KEEP_TTL_MAX.as_secs() / 3600) as u32);

    /// As a span.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0) * 3600)
    }
}

impl Value for Hours {
    fn parse(text: &str) -> Result<Self, String> {
        let most = Self::MAX.0;
        let hours = text.parse().ok().filter(|hours| (1..=most).contains(hours));
        hours
            .map(Self)
            .ok_or_else(|| format!("expected a whole number of hours from 1 to {most}"))
    }

    fn to_toml(&self) -> String {
        self.0.to_string()
    }
}

/// Where envelopes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// In the data folder.
    Embedded,
    /// Nowhere: what is kept is gone when the program ends.
    Memory,
    /// On a cluster of NATS servers.
    Nats,
}

const ENGINES: [(Engine, &str); 3] = [
    (Engine::Embedded, "embedded"),
    (Engine::Memory, "memory"),
    (Engine::Nats, "nats"),
];

impl Value for Engine {
    fn parse(text: &str) -> Result<Self, String> {
        let found = ENGINES.iter().find(|(_, name)| *name == text);
        found
            .map(|(engine, _)| *engine)
            .ok_or_else(|| "expected embedded, memory or nats".to_owned())
    }

    fn to_toml(&self) -> String {
        let found = ENGINES.iter().find(|(engine, _)| engine == self);
        quote(found.map_or("embedded", |(_, name)| name))
    }
}

/// Addresses of servers, in one text with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Servers(pub Vec<String>);

impl Value for Servers {
    fn parse(text: &str) -> Result<Self, String> {
        let servers: Vec<_> = items(text).map(str::to_owned).collect();
        let fine = |server: &String| server.starts_with("nats://") || server.starts_with("tls://");
        if servers.iter().all(fine) {
            Ok(Self(servers))
        } else {
            Err("expected addresses such as nats://10.0.0.1:4222".to_owned())
        }
    }

    fn to_toml(&self) -> String {
        list(self.0.iter().map(String::as_str))
    }
}

/// Routes, in one text with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes(pub Vec<Route>);

impl Value for Routes {
    fn parse(text: &str) -> Result<Self, String> {
        let routes: Result<_, _> = items(text).map(Route::parse).collect();
        routes
            .map(Self)
            .map_err(|_| "expected routes such as wss://node.example/ws".to_owned())
    }

    fn to_toml(&self) -> String {
        list(self.0.iter().map(Route::as_str))
    }
}

/// IP addresses, in one text with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses(pub Vec<IpAddr>);

impl Value for Addresses {
    fn parse(text: &str) -> Result<Self, String> {
        let addresses: Result<_, _> = items(text).map(str::parse).collect();
        addresses
            .map(Self)
            .map_err(|_| "expected IP addresses".to_owned())
    }

    fn to_toml(&self) -> String {
        let texts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        list(texts.iter().map(String::as_str))
    }
}

pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

pub(super) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.map(quote).collect::<Vec<_>>().join(", "))
}

pub(super) fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_kept_for_an_hour_at_least_and_thirty_days_at_most() {
        for (text, hours) in [("1", 1), ("720", 720)] {
            assert_eq!(Hours::parse(text), Ok(Hours(hours)));
        }
        for text in ["0", "721", "-1", "12.5", "a day", ""] {
            assert!(Hours::parse(text).is_err(), "{text}");
        }
        assert_eq!(Hours::MAX.duration(), KEEP_TTL_MAX);
    }
}
