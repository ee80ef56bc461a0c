//! ICE credentials that nobody has to send: the supernode's follow from its certificate, and the
//! page's stand in the USERNAME of its checks.
//!
//! USERNAME is `kd1/PASSWORD:UFRAG` (RFC 8445 §7.2.2: what the answer gave the supernode, then the
//! page's own). `kd1` names this use and its version.

use alloc::format;
use alloc::string::String;

use base64ct::{Base64, Encoding};

use super::Fingerprint;
use crate::base::hash::sha256;

/// What the ufrag begins with that an answer gives the supernode.
pub const VERSION_1: &str = "kd1/";
/// Letters of a ufrag: RFC 8839 §5.4 has 4 to 256.
const UFRAG_LEN: core::ops::RangeInclusive<usize> = 4..=256;
/// Letters of a password: RFC 8839 §5.4 has 22 to 256; with [`VERSION_1`] before it, it must still be a ufrag.
const PASSWORD_LEN: core::ops::RangeInclusive<usize> = 22..=256 - VERSION_1.len();
/// Longest USERNAME, in bytes.
pub const USERNAME_BYTES_MAX: usize = 2 * 256 + 1;

const LABEL: &[u8] = b"kith/direct ice v1\0";
/// Random-looking bytes in a password: 18 make 24 letters.
const PASSWORD_BYTES: usize = 18;

/// The supernode's ICE password: base64 of the first 18 bytes of SHA-256(`kith/direct ice v1␀` ‖
/// hash of its certificate). Who knows a route knows it.
#[must_use]
pub fn password(certificate: &Fingerprint) -> String {
    let hash = sha256(&[LABEL, certificate]);
    Base64::encode_string(hash.as_bytes().get(..PASSWORD_BYTES).unwrap_or_default())
}

/// The supernode's ufrag in the answer that a page writes which has `password`. `None` if that is no
/// ICE password.
#[must_use]
pub fn ufrag(password: &str) -> Option<String> {
    is_ice(password, &PASSWORD_LEN).then(|| format!("{VERSION_1}{password}"))
}

/// What a page says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Username<'a> {
    /// All of it.
    pub text: &'a str,
    /// Its ICE password.
    pub password: &'a str,
    /// Its ufrag.
    pub ufrag: &'a str,
}

impl<'a> Username<'a> {
    /// Reads the value of a USERNAME attribute. `None` unless both halves are of this use, of a version that
    /// is known, of letters that ICE has, and as long as they may be.
    #[must_use]
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let text = core::str::from_utf8(value).ok()?;
        let (mine, ufrag) = text.split_once(':')?;
        let password = mine.strip_prefix(VERSION_1)?;
        let fine = is_ice(password, &PASSWORD_LEN) && is_ice(ufrag, &UFRAG_LEN);
        fine.then_some(Self {
            text,
            password,
            ufrag,
        })
    }

    /// The USERNAME of a check the other way.
    #[must_use]
    pub fn back(&self) -> String {
        format!("{}:{VERSION_1}{}", self.ufrag, self.password)
    }
}

/// `ice-char = ALPHA / DIGIT / "+" / "/"` (RFC 8839 §5.4).
fn is_ice(text: &str, len: &core::ops::RangeInclusive<usize>) -> bool {
    let is_ice_char = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    len.contains(&text.len()) && text.bytes().all(is_ice_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "abcdefghijklmnopqrstuv";

    fn read(password: &str, ufrag: &str) -> bool {
        Username::read(format!("{VERSION_1}{password}:{ufrag}").as_bytes()).is_some()
    }

    #[test]
    fn a_password_follows_from_the_certificate() {
        let one = password(&[0; 32]);
        assert_eq!(one, "T2nyKGLHuYs1xtsPuB9lCuwO");
        assert_ne!(one, password(&[1; 32]));
        assert!(is_ice(&one, &PASSWORD_LEN));
    }

    #[test]
    fn a_username_says_both_halves() {
        let text = "kd1/abcdefghijklmnopqrstuv:x+/9";
        let username = Username::read(text.as_bytes()).unwrap();
        assert_eq!(username.password, PASSWORD);
        assert_eq!(username.ufrag, "x+/9");
        assert_eq!(username.back(), "x+/9:kd1/abcdefghijklmnopqrstuv");
        assert_eq!(ufrag(PASSWORD).unwrap(), "kd1/abcdefghijklmnopqrstuv");
    }

    #[test]
    fn lengths_hold_at_both_ends() {
        assert!(read(PASSWORD, "abcd") && !read(PASSWORD, "abc"));
        assert!(read(PASSWORD, &"u".repeat(256)) && !read(PASSWORD, &"u".repeat(257)));
        assert!(!read(&PASSWORD[1..], "abcd"));
        assert!(read(&"p".repeat(252), "abcd") && !read(&"p".repeat(253), "abcd"));
        assert!(ufrag(&"p".repeat(252)).is_some() && ufrag(&"p".repeat(253)).is_none());
        let longest = format!("{VERSION_1}{}:{}", "p".repeat(252), "u".repeat(256));
        assert_eq!(longest.len(), USERNAME_BYTES_MAX);
        assert!(Username::read(longest.as_bytes()).is_some());
    }

    #[test]
    fn other_letters_versions_and_uses_are_none() {
        for bad in [
            "kd2/abcdefghijklmnopqrstuv:abcd",
            "kd1abcdefghijklmnopqrstuv:abcd",
            "abcd:kd1/abcdefghijklmnopqrstuv",
            "kd1/abcdefghijklmnopqrstuv",
            "kd1/abcdefghijklmnopqrstu-:abcd",
            "kd1/abcdefghijklmnopqrstuv:ab d",
            "kd1/abcdefghijklmnopqrstuv:abcd:e",
            "",
        ] {
            assert_eq!(Username::read(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(Username::read(b"kd1/abcdefghijklmnopqrstu\xff:abcd"), None);
    }
}
