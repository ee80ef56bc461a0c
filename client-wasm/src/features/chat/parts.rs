//! A message's text, cut into what is a link and what is not; and whether it is drawn large. Pure: whatever a
//! contact writes comes through here, so it is fuzzed natively (`e2e/fuzz`).

/// More emoji than this are drawn as text.
const EMOJI_MAX: usize = 3;

/// A stretch of text.
#[derive(PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// Anything else.
    Plain(&'a str),
    /// A web address.
    Link(&'a str),
}

/// The stretches of a text, in order; together they are all of it.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut plain = 0;
    let mut at = 0;
    while let Some(offset) = find_link(&rest[at..]) {
        let start = at + offset;
        let end = start + link_length(&rest[start..]);
        if start > plain {
            parts.push(Part::Plain(&rest[plain..start]));
        }
        parts.push(Part::Link(&rest[start..end]));
        rest = &rest[end..];
        (plain, at) = (0, 0);
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest));
    }
    parts
}

/// Only what begins like a web address is a link: never `javascript:` and the like.
fn find_link(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .iter()
        .filter_map(|scheme| text.find(scheme))
        .min()
}

/// Up to the next space, without the punctuation that ends a sentence.
fn link_length(text: &str) -> usize {
    let end = text
        .find(|c: char| c.is_whitespace() || c.is_control())
        .unwrap_or(text.len());
    let link = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '"', '\'', '>', ']']);
    // A closing bracket belongs to the link only when it was opened there.
    let open = link.matches('(').count();
    let trimmed = if link.matches(')').count() > open {
        link.trim_end_matches(')')
    } else {
        link
    };
    trimmed.len()
}

/// Whether the text is nothing but a few emoji.
pub fn is_emoji(text: &str) -> bool {
    let mut shown = 0;
    let mut joined = false;
    for c in text.chars() {
        match u32::from(c) {
            0x200D => joined = true,
            // Variation selector, skin tones.
            0xFE0F | 0x1F3FB..=0x1F3FF => {}
            0x1F1E6..=0x1F1FF | 0x1F300..=0x1FAFF | 0x2600..=0x27BF | 0x2B50 | 0x2B55 => {
                if !std::mem::take(&mut joined) {
                    shown += 1;
                }
            }
            _ => return false,
        }
    }
    (1..=EMOJI_MAX).contains(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_before_the_full_stop() {
        assert_eq!(
            parts("see https://a.example/x(1)?q=2. Bye (http://b.example)"),
            [
                Part::Plain("see "),
                Part::Link("https://a.example/x(1)?q=2"),
                Part::Plain(". Bye ("),
                Part::Link("http://b.example"),
                Part::Plain(")"),
            ]
        );
    }

    #[test]
    fn only_web_addresses_are_links() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "kith",
            "",
            "ftp://a",
        ] {
            assert!(
                parts(text)
                    .iter()
                    .all(|part| matches!(part, Part::Plain(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn up_to_three_emoji_alone_are_large() {
        for text in ["🙂", "👍🏽", "👩‍👩‍👧", "🙂🙂🙂", "❤️"] {
            assert!(is_emoji(text), "{text}");
        }
        for text in ["", "🙂🙂🙂🙂", "🙂!", "hi", "\u{200D}"] {
            assert!(!is_emoji(text), "{text}");
        }
    }
}
