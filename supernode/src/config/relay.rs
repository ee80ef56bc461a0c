//! Kinds of settings of the relay.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::value::{Value, items, list, quote};

/// Addresses with ports, in one text with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sockets(pub Vec<SocketAddr>);

impl Value for Sockets {
    fn parse(text: &str) -> Result<Self, String> {
        items(text)
            .map(SocketAddr::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn to_toml(&self) -> String {
        let texts: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        list(texts.iter().map(String::as_str))
    }
}

/// Ports, from first to last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortRange(pub RangeInclusive<u16>);

impl Default for PortRange {
    /// Those that nobody is assigned (RFC 6335 §6).
    fn default() -> Self {
        Self(49_152..=65_535)
    }
}

impl Value for PortRange {
    fn parse(text: &str) -> Result<Self, String> {
        let ends = text.split_once('-').and_then(|(first, last)| {
            let ends: (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (0 < ends.0 && ends.0 <= ends.1).then_some(ends)
        });
        ends.map(|(first, last)| Self(first..=last))
            .ok_or_else(|| "expected FIRST-LAST, such as 49152-65535".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&format!("{}-{}", self.0.start(), self.0.end()))
    }
}

/// A file, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File(pub Option<PathBuf>);

impl Value for File {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self((!text.is_empty()).then(|| PathBuf::from(text))))
    }

    fn to_toml(&self) -> String {
        let path = self.0.as_ref().map(|path| path.to_string_lossy());
        quote(&path.unwrap_or_default())
    }
}

/// Names and passwords, in one text with commas between.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Users(pub Vec<(String, String)>);

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Users({})", self.0.len())
    }
}

impl Value for Users {
    fn parse(text: &str) -> Result<Self, String> {
        let user = |item: &str| {
            let (name, password) = item.split_once(':')?;
            let fine = !name.is_empty() && !password.is_empty();
            fine.then(|| (name.to_owned(), password.to_owned()))
        };
        let users: Option<_> = items(text).map(user).collect();
        users
            .map(Self)
            .ok_or_else(|| "expected NAME:PASSWORD".to_owned())
    }

    fn to_toml(&self) -> String {
        let texts: Vec<_> = self
            .0
            .iter()
            .map(|(name, password)| format!("{name}:{password}"))
            .collect();
        list(texts.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again<T: Value + PartialEq + fmt::Debug>(text: &str) -> T {
        let value = T::parse(text).unwrap();
        let toml: toml::Table = format!("it = {}", value.to_toml()).parse().unwrap();
        let text = match &toml["it"] {
            toml::Value::Array(items) => {
                let texts: Vec<_> = items.iter().filter_map(|item| item.as_str()).collect();
                texts.join(",")
            }
            other => other.as_str().unwrap().to_owned(),
        };
        assert_eq!(T::parse(&text).as_ref(), Ok(&value));
        value
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(again::<Sockets>("0.0.0.0:3478, [::]:3478").0.len(), 2);
        assert_eq!(again::<PortRange>("50000-50009").0, 50_000..=50_009);
        assert_eq!(again::<PortRange>("7-7").0, 7..=7);
        assert_eq!(again::<Users>("ann:a:b,ben:c").0[0].1, "a:b");
        assert_eq!(again::<Users>("").0.len(), 0);
        assert_eq!(again::<File>("/a/b").0, Some("/a/b".into()));
        assert_eq!(again::<File>("").0, None);
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        for bad in ["", "1", "2-1", "0-5", "1-65536", "a-b", "-1-5"] {
            assert!(PortRange::parse(bad).is_err(), "{bad}");
        }
        for bad in ["ann", ":x", "ann:", "ann:x,ben"] {
            assert!(Users::parse(bad).is_err(), "{bad}");
        }
        assert!(Sockets::parse("0.0.0.0").is_err());
    }
}
