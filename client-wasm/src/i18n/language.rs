//! The language in use.

use std::sync::atomic::{AtomicU8, Ordering};

/// A language with a complete set of messages. `build.rs` lists them in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// English, the source of the others.
    En = 0,
    /// German.
    De = 1,
}

/// A page has one thread and one language; an atomic is the plainest safe place for it.
static CURRENT: AtomicU8 = AtomicU8::new(Language::En as u8);

impl Language {
    /// All languages, in the order of the choice in the settings.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag, as for `<html lang>` and `Intl`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's name in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language of a BCP 47 tag such as `de-AT`, if Kith speaks it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// The language in use.
pub fn language() -> Language {
    if CURRENT.load(Ordering::Relaxed) == Language::De as u8 {
        Language::De
    } else {
        Language::En
    }
}

/// Sets the language. What is already drawn stays until it is drawn anew.
pub fn set_language(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_tag_finds_its_language() {
        assert_eq!(Language::from_tag("de-AT"), Some(Language::De));
        assert_eq!(Language::from_tag("EN_us"), Some(Language::En));
        assert_eq!(Language::from_tag("fr"), None);
        assert_eq!(Language::from_tag(""), None);
    }
}
