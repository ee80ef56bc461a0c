//! Names people choose for themselves.

use alloc::string::{String, ToString};

use crate::base::limits::NAME_BYTES_MAX;

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing but space.
    #[error("a name is needed")]
    Empty,
    /// Longer than [`NAME_BYTES_MAX`].
    #[error("the name is too long")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
}

/// `text` as a name: trimmed, runs of space and controls made one space, invisible direction
/// overrides removed (they let one name pose as another).
///
/// # Errors
/// [`BadName`].
pub fn clean_name(text: &str) -> Result<String, BadName> {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .collect();
    let mut name = String::with_capacity(visible.len());
    for word in visible.split(' ').filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
    }
    match name.len() {
        0 => Err(BadName::Empty),
        len if len > NAME_BYTES_MAX => Err(BadName::TooLong { len }),
        _ => Ok(name.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        assert_eq!(clean_name("  Ann \n  Lee\t"), Ok("Ann Lee".into()));
        assert_eq!(clean_name("\u{202e}nnA"), Ok("nnA".into()));
        assert_eq!(clean_name(" \u{200b} "), Err(BadName::Empty));
    }

    #[test]
    fn the_length_limit_holds() {
        assert!(clean_name(&"x".repeat(NAME_BYTES_MAX)).is_ok());
        assert_eq!(
            clean_name(&"x".repeat(NAME_BYTES_MAX + 1)),
            Err(BadName::TooLong {
                len: NAME_BYTES_MAX + 1
            })
        );
    }
}
