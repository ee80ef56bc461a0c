//! What Kith says, in the person's language.
//!
//! `locales/<language>/*.ftl` is turned into [`t`] by `build.rs`: one function per message, so a
//! missing string does not compile and no Fluent runtime is shipped. The language is set once and
//! on a change in the settings; the app is then drawn anew.

mod language;

pub use language::{Language, language, set_language};

/// One function per message.
pub mod t {
    use super::{Language, language};

    /// The text for the current language, from one text per [`Language`] in its order.
    fn pick(texts: &[&'static str; 2]) -> &'static str {
        texts[language() as usize]
    }

    fn push_number(out: &mut String, number: u64) {
        if number >= 10 {
            push_number(out, number / 10);
        }
        out.push(char::from(b'0' + (number % 10) as u8));
    }

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));

    #[cfg(test)]
    mod tests {
        #[test]
        fn numbers_are_written_in_digits() {
            for number in [0, 9, 10, 4_096, u64::MAX] {
                let mut out = String::new();
                super::push_number(&mut out, number);
                assert_eq!(out, number.to_string());
            }
        }
    }
}
