//! WebRTC-direct: connectivity checks of anybody, records of DTLS as they show without a key, and the texts of
//! which routes, names and answers are made.

use shared::direct::answer::{answer, fingerprint};
use shared::direct::check;
use shared::direct::credentials::{USERNAME_BYTES_MAX, Username};
use shared::direct::route::DirectRoute;
use shared::session::route::{Route, Scheme};

use crate::supernode::record::{are_of_open_channel, begins_handshake};

/// That of the supernode whose route is [`ROUTE`].
const PASSWORD: &str = "T2nyKGLHuYs1xtsPuB9lCuwO";
const ROUTE: &str = "direct:192.0.2.1:3478/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Longest message that answers a check.
const ANSWER_BYTES_MAX: usize = 80;

/// The input as a datagram, and as each kind of text.
pub fn run(bytes: &[u8]) -> bool {
    let as_datagram = datagram(bytes);
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    as_datagram | route(text) | username(bytes) | offer(text)
}

fn datagram(bytes: &[u8]) -> bool {
    if are_of_open_channel(bytes) {
        assert!(!begins_handshake(bytes), "no handshake when it is over");
    }
    let _ = check::answered(bytes).is_some() && check::is_answer_by(bytes, PASSWORD);
    let Ok(check) = check::read(bytes, PASSWORD) else {
        return false;
    };
    assert!(!check::is_dtls(bytes), "STUN is no DTLS");
    let source = ([192, 0, 2, 7], 9).into();
    let answer = check::answer(&check, source, PASSWORD);
    assert!(answer.bytes().len() <= ANSWER_BYTES_MAX.min(bytes.len()));
    assert!(check::is_answer_by(answer.bytes(), PASSWORD));
    let asked = check::ask(&check.username, [7; 12], 1);
    assert_eq!(check::answered(asked.bytes()), None, "a question");
    assert!(check::is_answer_by(asked.bytes(), check.username.password));
    username(check.username.text.as_bytes())
}

fn username(bytes: &[u8]) -> bool {
    let Some(name) = Username::read(bytes) else {
        return false;
    };
    assert_eq!(name.text.as_bytes(), bytes);
    assert!(bytes.len() <= USERNAME_BYTES_MAX);
    assert_eq!(name.back().len(), bytes.len(), "the same halves, swapped");
    true
}

fn route(text: &str) -> bool {
    let Some(route) = DirectRoute::parse(text) else {
        return false;
    };
    assert_eq!(route.to_text(), text, "a route is written in one way");
    let kind = Route::parse(text).map(|route| route.scheme());
    assert_eq!(kind, Ok(Scheme::Direct));
    true
}

fn offer(text: &str) -> bool {
    let Some(route) = DirectRoute::parse(ROUTE) else {
        return false;
    };
    let _ = fingerprint(text);
    let Some(answer) = answer(&route, text) else {
        return false;
    };
    assert_eq!(fingerprint(&answer), Some(route.certificate));
    assert_eq!(answer.matches("m=").count(), 1, "one section");
    assert!(answer.lines().any(|line| line == "a=setup:passive"));
    true
}
