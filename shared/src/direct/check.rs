//! Connectivity checks (RFC 8445 §7), as an ICE-lite supernode answers them, and its own, by which it
//! finds out whether a page is where it seems to be.

use core::net::SocketAddr;

use super::credentials::Username;
use crate::turn::wire::attribute::{
    ICE_CONTROLLED, PRIORITY, USE_CANDIDATE, USERNAME, XOR_MAPPED_ADDRESS,
};
use crate::turn::wire::integrity::Integrity;
use crate::turn::wire::message::{Message, kind};
use crate::turn::wire::writer::Writer;
use crate::turn::wire::{HEADER_LEN, Transaction};

/// Priority of what a check of ours might find: peer reflexive (RFC 8445 §5.1.2.1).
const OUR_PRIORITY: u32 = 1_862_270_975;

/// A message, written.
#[derive(Debug)]
pub struct Written(Writer);

impl Written {
    /// As it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// A check of a page that knows the route.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// Who.
    pub username: Username<'a>,
    /// Whether the page wants to use this address (RFC 8445 §8.1.1).
    pub is_nominated: bool,
    transaction: Transaction,
}

/// Why a datagram is no check that is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCheck {
    /// A Binding request without a USERNAME of this use, or something else: others may know it.
    #[error("not for WebRTC-direct")]
    Other,
    /// Made without the password of this supernode.
    #[error("made with another password")]
    BadIntegrity,
}

/// Whether a datagram is DTLS (RFC 7983 §7).
#[must_use]
pub fn is_dtls(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|byte| (20..64).contains(byte))
}

/// Reads a check, made with the supernode's `password`.
///
/// # Errors
/// [`NoCheck`].
pub fn read<'a>(datagram: &'a [u8], password: &str) -> Result<Check<'a>, NoCheck> {
    let message = Message::parse(datagram).ok_or(NoCheck::Other)?;
    if message.kind != kind::BINDING {
        return Err(NoCheck::Other);
    }
    let username = message.value(USERNAME).and_then(Username::read);
    let username = username.ok_or(NoCheck::Other)?;
    if !Integrity::Sha1.holds(password.as_bytes(), &message) {
        return Err(NoCheck::BadIntegrity);
    }
    Ok(Check {
        username,
        is_nominated: message.attribute(USE_CANDIDATE).is_some(),
        transaction: message.transaction,
    })
}

/// What the supernode answers to a check that came from `source`.
#[must_use]
pub fn answer(check: &Check<'_>, source: SocketAddr, password: &str) -> Written {
    let mut answer = Writer::new(kind::BINDING | kind::SUCCESS, check.transaction);
    answer.address(XOR_MAPPED_ADDRESS, source);
    seal(answer, password)
}

/// A check of the supernode's own: whoever answers it is where it goes to.
#[must_use]
pub fn ask(page: &Username<'_>, transaction: Transaction, tie_breaker: u64) -> Written {
    let mut request = Writer::new(kind::BINDING, transaction);
    request.attribute(USERNAME, page.back().as_bytes());
    request.attribute(ICE_CONTROLLED, &tie_breaker.to_be_bytes());
    request.attribute(PRIORITY, &OUR_PRIORITY.to_be_bytes());
    seal(request, page.password)
}

/// Of an answer to a check of the supernode's own: which.
#[must_use]
pub fn answered(datagram: &[u8]) -> Option<Transaction> {
    let (head, rest) = datagram.split_first_chunk::<8>()?;
    let is_answer = head.starts_with(&(kind::BINDING | kind::SUCCESS).to_be_bytes());
    rest.first_chunk()
        .copied()
        .filter(|_| is_answer && datagram.len() >= HEADER_LEN)
}

/// Whether `datagram` answers a check made with a page's `password`.
#[must_use]
pub fn is_answer_by(datagram: &[u8], password: &str) -> bool {
    Message::parse(datagram)
        .is_some_and(|message| Integrity::Sha1.holds(password.as_bytes(), &message))
}

fn seal(mut message: Writer, password: &str) -> Written {
    message.integrity(Integrity::Sha1, password.as_bytes());
    message.fingerprint();
    Written(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::direct::credentials::USERNAME_BYTES_MAX;
    use alloc::format;
    use alloc::vec::Vec;

    const NODE: &str = "the supernode's password";
    const PAGE: &str = "abcdefghijklmnopqrstuv";
    const TRANSACTION: Transaction = [7; 12];

    fn request(username: &str, nominated: bool, password: &str) -> Vec<u8> {
        let mut request = Writer::new(kind::BINDING, TRANSACTION);
        request.attribute(USERNAME, username.as_bytes());
        request.attribute(PRIORITY, &[0; 4]);
        if nominated {
            request.attribute(USE_CANDIDATE, &[]);
        }
        seal(request, password).bytes().to_vec()
    }

    #[test]
    fn a_check_says_who_and_whether_it_nominates() {
        let name = format!("kd1/{PAGE}:abcd");
        for nominated in [false, true] {
            let bytes = request(&name, nominated, NODE);
            let check = read(&bytes, NODE).unwrap();
            assert_eq!(check.username.password, PAGE);
            assert_eq!(check.is_nominated, nominated);
            let source = "192.0.2.7:99".parse().unwrap();
            let answer = answer(&check, source, NODE);
            let message = Message::parse(answer.bytes()).unwrap();
            assert_eq!(message.kind, 0x0101);
            assert_eq!(message.transaction, TRANSACTION);
            assert!(Integrity::Sha1.holds(NODE.as_bytes(), &message));
        }
    }

    #[test]
    fn who_does_not_know_the_password_is_not_answered() {
        let name = format!("kd1/{PAGE}:abcd");
        let forged = request(&name, false, "another");
        assert_eq!(read(&forged, NODE).unwrap_err(), NoCheck::BadIntegrity);
        let mut changed = request(&name, false, NODE);
        changed[30] ^= 1;
        assert!(read(&changed, NODE).is_err());
    }

    #[test]
    fn stun_of_others_is_left_to_others() {
        let plain = Writer::new(kind::BINDING, TRANSACTION);
        assert_eq!(read(plain.bytes(), NODE).unwrap_err(), NoCheck::Other);
        let theirs = request("abcd:efgh", false, NODE);
        assert_eq!(read(&theirs, NODE).unwrap_err(), NoCheck::Other);
        assert_eq!(read(b"junk", NODE).unwrap_err(), NoCheck::Other);
    }

    #[test]
    fn a_page_answers_the_supernodes_check_by_its_own_password() {
        let name = format!("kd1/{PAGE}:abcd");
        let page = Username::read(name.as_bytes()).unwrap();
        let asked = ask(&page, TRANSACTION, 1);
        let message = Message::parse(asked.bytes()).unwrap();
        assert_eq!(message.value(USERNAME).unwrap(), page.back().as_bytes());
        assert!(Integrity::Sha1.holds(PAGE.as_bytes(), &message));
        let answer = Writer::new(kind::BINDING | kind::SUCCESS, TRANSACTION);
        let answer = seal(answer, PAGE);
        assert_eq!(answered(answer.bytes()), Some(TRANSACTION));
        assert!(is_answer_by(answer.bytes(), PAGE));
        assert!(!is_answer_by(answer.bytes(), NODE));
        assert_eq!(answered(asked.bytes()), None);
    }

    #[test]
    fn the_longest_names_fit() {
        let name = format!("kd1/{}:{}", "p".repeat(252), "u".repeat(256));
        assert_eq!(name.len(), USERNAME_BYTES_MAX);
        let bytes = request(&name, true, NODE);
        let page = read(&bytes, NODE).unwrap().username;
        let asked = ask(&page, TRANSACTION, 1);
        let message = Message::parse(asked.bytes()).unwrap();
        assert_eq!(message.value(USERNAME).unwrap().len(), USERNAME_BYTES_MAX);
        assert!(message.has_fingerprint);
    }

    #[test]
    fn dtls_is_told_from_stun_by_its_first_byte() {
        assert!(is_dtls(&[20]) && is_dtls(&[63]));
        assert!(!is_dtls(&[19]) && !is_dtls(&[64]) && !is_dtls(&[]));
    }
}
