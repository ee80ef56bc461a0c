//! What a page itself reads of what a contact sends: session descriptions, the first bytes on a channel, and
//! a message's text on its way to the screen.

use crate::page::binding;
use crate::page::parts::{Part, is_emoji, parts};
use crate::page::probe::{Heard, Probe};

/// `a=fingerprint` of another end.
const MINE: &str = "v=0\r\na=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:\
                    10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n";
/// Bytes of two fingerprints.
const BINDING_BYTES: usize = 64;

/// The input as a message on a channel, and if it is text, as a description and as something said. Whether
/// it is a description that binds a session, or holds a link.
pub fn run(bytes: &[u8]) -> bool {
    channel(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    describes(text) | says(text)
}

fn channel(bytes: &[u8]) {
    let mut probe = Probe::default();
    // Each of them as a message of its own, then all in one.
    for byte in bytes {
        assert!(!matches!(probe.hear(&[*byte]), Heard::Message));
    }
    assert_eq!(probe.works(), bytes.contains(&0) && bytes.contains(&1));
    let for_core = probe.hear(bytes) == Heard::Message;
    assert_eq!(
        for_core,
        bytes.len() > 1,
        "the core's are longer than a byte"
    );
}

fn describes(text: &str) -> bool {
    let bound = binding::of(MINE, text);
    assert_eq!(bound, binding::of(text, MINE), "both ends bind the same");
    assert!(bound.is_empty() || bound.len() == BINDING_BYTES);
    !bound.is_empty()
}

fn says(text: &str) -> bool {
    let parts = parts(text);
    let mut whole = String::new();
    let mut links = false;
    for part in &parts {
        match part {
            Part::Plain(text) => whole.push_str(text),
            Part::Link(link) => {
                links = true;
                whole.push_str(link);
                assert!(link.starts_with("https://") || link.starts_with("http://"));
                assert!(!link.contains(|c: char| c.is_whitespace() || c.is_control()));
            }
        }
    }
    assert_eq!(whole, text, "nothing is lost or added");
    assert!(!(links && is_emoji(text)));
    links
}
