//! What an invite link or QR code carries.
//!
//! Bytes: format (1) ‖ CBOR body ‖ first 4 bytes of SHA-256 over all before. In a link it stands as
//! base64url without padding (RFC 4648 §5) after `#/i/`, so the page's host never sees it. The
//! checksum tells a damaged link from a foreign one; it proves nothing. What the link says is worth
//! as much as the way it came: comparing words settles it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64ct::{Base64UrlUnpadded, Encoding};
use minicbor::{Decode, Encode};

use crate::base::codec;
use crate::base::hash::{constant_time_eq, sha256};
use crate::base::id::{NodeId, PersonaId, SealKey};
use crate::base::limits::{HOMES_MAX, INVITE_BYTES_MAX, ROUTES_MAX};
use crate::base::time::Timestamp;
use crate::identity::name::clean_name;
use crate::mailbox::capability::Capability;
use crate::session::route::Route;

/// The invite format written, and the newest one read.
pub const FORMAT: u8 = 1;

const CHECKSUM_LEN: usize = 4;
const MARKER: &str = "#/i/";

/// A supernode that keeps a mailbox, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Home {
    /// Its key.
    #[n(0)]
    pub node: NodeId,
    /// One to [`ROUTES_MAX`] routes.
    #[n(1)]
    pub routes: Vec<Route>,
}

impl Home {
    /// Checks what was decoded from the wire.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (1..=ROUTES_MAX).contains(&self.routes.len())
            && self.routes.iter().all(|route| route.verify().is_ok())
    }
}

/// Checks a list of homes that was decoded from the wire: one to [`HOMES_MAX`], each sound and once.
#[must_use]
pub fn homes_are_sound(homes: &[Home]) -> bool {
    (1..=HOMES_MAX).contains(&homes.len())
        && homes.iter().all(Home::is_sound)
        && homes.iter().enumerate().all(|(i, home)| {
            homes
                .iter()
                .skip(i + 1)
                .all(|other| other.node != home.node)
        })
}

/// An invitation to write to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Invite {
    /// Who.
    #[n(0)]
    pub persona: PersonaId,
    /// What the first contact is sealed to.
    #[n(1)]
    pub inbox: SealKey,
    /// The right to deposit the first contact; says when the invite ends.
    #[n(2)]
    pub capability: Capability,
    /// The name they gave themselves.
    #[n(3)]
    pub name: String,
    /// Where their mailbox is.
    #[n(4)]
    pub homes: Vec<Home>,
}

/// Why an invite cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// There is no text.
    #[error("there is nothing to read")]
    Empty,
    /// It is something else.
    #[error("this is not a Kith invite")]
    Foreign,
    /// Part of it is missing or changed.
    #[error("the invite is damaged; copy the whole link again")]
    Damaged,
    /// Longer than an invite can be.
    #[error("this is too long to be an invite")]
    TooLong,
    /// Made by a newer version.
    #[error("the invite was made by a newer version; reload this page")]
    TooNew,
    /// Its time is over.
    #[error("the invite has expired; ask for a new one")]
    Expired,
    /// It is mine.
    #[error("this is your own invite; send it to somebody else")]
    Own,
}

impl Invite {
    /// Whether it is a public address: there is no right in it, and whoever it is of decides.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.capability == Capability::PUBLIC
    }

    /// When it ends: the last moment of its capability's last day.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.capability
            .serial
            .last_day()
            .map_or(Timestamp(u64::MAX), |day| {
                Timestamp((u64::from(day) + 1) * 86_400_000 - 1)
            })
    }

    /// The text that stands after `#/i/`.
    #[must_use]
    pub fn to_code(&self) -> String {
        let mut bytes = Vec::from([FORMAT]);
        bytes.extend_from_slice(&codec::encode(self));
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Reads a code, or a link that holds one.
    ///
    /// # Errors
    /// [`InviteError`], but not `Own`: whoever asks knows who they are.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, InviteError> {
        let bytes = code_bytes(text)?;
        let (&format, _) = bytes.split_first().ok_or(InviteError::Empty)?;
        let body_end = bytes
            .len()
            .checked_sub(CHECKSUM_LEN)
            .ok_or(InviteError::Foreign)?;
        let (signed, found) = bytes
            .split_at_checked(body_end)
            .ok_or(InviteError::Foreign)?;
        if !constant_time_eq(&checksum(signed), found) {
            return Err(InviteError::Damaged);
        }
        if format > FORMAT {
            return Err(InviteError::TooNew);
        }
        if format == 0 {
            return Err(InviteError::Foreign);
        }
        let body = signed.get(1..).unwrap_or_default();
        let mut invite: Self =
            codec::decode(body, INVITE_BYTES_MAX).map_err(|_| InviteError::Damaged)?;
        invite.name = clean_name(&invite.name).map_err(|_| InviteError::Damaged)?;
        if !homes_are_sound(&invite.homes) {
            return Err(InviteError::Damaged);
        }
        if now > invite.expires() {
            return Err(InviteError::Expired);
        }
        Ok(invite)
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    let [a, b, c, d, ..] = sha256(&[b"kith/invite v1\0", bytes]).0;
    [a, b, c, d]
}

fn code_bytes(text: &str) -> Result<Vec<u8>, InviteError> {
    let (code, is_link) = match text.find(MARKER) {
        Some(at) => (text.get(at + MARKER.len()..).unwrap_or_default(), true),
        None => (text, false),
    };
    // Mail programs and chats break long links and put brackets or stops around them.
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let code = code
        .trim_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .to_string();
    if code.is_empty() {
        return Err(if text.trim().is_empty() {
            InviteError::Empty
        } else if is_link {
            InviteError::Damaged
        } else {
            InviteError::Foreign
        });
    }
    if code.len() > INVITE_BYTES_MAX.div_ceil(3) * 4 {
        let foreign = !is_link
            && code.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        return Err(if foreign {
            InviteError::Foreign
        } else {
            InviteError::TooLong
        });
    }
    let bytes = Base64UrlUnpadded::decode_vec(&code).map_err(|_| {
        if is_link {
            InviteError::Damaged
        } else {
            InviteError::Foreign
        }
    })?;
    if bytes.len() > INVITE_BYTES_MAX {
        return Err(InviteError::TooLong);
    }
    // Shorter than its keys alone: a word somebody typed, not an invite.
    if bytes.len() < 100 && !is_link {
        return Err(InviteError::Foreign);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Counter;
    use crate::mailbox::capability::Lane;

    const DAY: u64 = 86_400_000;

    fn invite(name: &str) -> Invite {
        let persona = PersonaId([1; 32]);
        Invite {
            persona,
            inbox: SealKey([2; 32]),
            capability: Capability::issue(
                &[3; 32],
                &persona,
                Lane::Invite,
                Some(Timestamp(30 * DAY)),
                &mut Counter(0),
            ),
            name: name.to_string(),
            homes: alloc::vec![Home {
                node: NodeId([4; 32]),
                routes: alloc::vec![Route::parse("ws://localhost:8080/ws").unwrap()],
            }],
        }
    }

    #[test]
    fn a_link_is_read_however_it_was_pasted() {
        let ann = invite("Ann");
        let code = ann.to_code();
        let (front, back) = code.split_at(60);
        for text in [
            code.clone(),
            alloc::format!("https://kith.example/app/#/i/{code}"),
            alloc::format!("  <http://localhost:8080/#/i/{code}>.\n"),
            alloc::format!("see http://localhost:8080/#/i/{front}\n {back}"),
        ] {
            assert_eq!(
                Invite::read(&text, Timestamp(0)).as_ref(),
                Ok(&ann),
                "{text}"
            );
        }
    }

    #[test]
    fn an_invite_fits_a_qr_code_that_a_phone_can_read() {
        assert!(invite("Annegret Müller-Lüdenscheidt").to_code().len() <= 300);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let code = invite("Ann").to_code();
        let link = alloc::format!("http://localhost/#/i/{code}");
        let read = |text: &str| Invite::read(text, Timestamp(0)).unwrap_err();
        assert_eq!(read("  "), InviteError::Empty);
        assert_eq!(read("hello"), InviteError::Foreign);
        assert_eq!(read("https://example.org/join?x=1"), InviteError::Foreign);
        assert_eq!(read("http://localhost/#/i/"), InviteError::Damaged);
        assert_eq!(read(&link[..link.len() - 5]), InviteError::Damaged);
        assert_eq!(
            read(&link.replace(&code[100..104], "AAAA")),
            InviteError::Damaged
        );
        assert_eq!(
            read(&alloc::format!("http://localhost/#/i/{}", "A".repeat(2000))),
            InviteError::TooLong
        );
        assert_eq!(
            Invite::read(&link, Timestamp(31 * DAY - 1)),
            Ok(invite("Ann"))
        );
        assert_eq!(
            Invite::read(&link, Timestamp(31 * DAY)),
            Err(InviteError::Expired)
        );
    }

    #[test]
    fn a_newer_format_says_so() {
        let mut bytes = Base64UrlUnpadded::decode_vec(&invite("Ann").to_code()).unwrap();
        bytes[0] = FORMAT + 1;
        let end = bytes.len() - CHECKSUM_LEN;
        let sum = checksum(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum);
        let code = Base64UrlUnpadded::encode_string(&bytes);
        assert_eq!(Invite::read(&code, Timestamp(0)), Err(InviteError::TooNew));
    }

    #[test]
    fn the_length_limit_holds() {
        let fill = |extra: usize| {
            let mut big = invite("Ann");
            for part in [extra / 2, extra - extra / 2] {
                big.homes[0]
                    .routes
                    .push(Route::parse(&alloc::format!("wss://x/{}", "y".repeat(part))).unwrap());
            }
            big
        };
        let mut fits = None;
        for n in 0..300 {
            let code = fill(n).to_code();
            let len = Base64UrlUnpadded::decode_vec(&code).unwrap().len();
            match len.cmp(&INVITE_BYTES_MAX) {
                core::cmp::Ordering::Less => {}
                core::cmp::Ordering::Equal => {
                    assert!(Invite::read(&code, Timestamp(0)).is_ok());
                    fits = Some(n);
                }
                core::cmp::Ordering::Greater => {
                    assert_eq!(Invite::read(&code, Timestamp(0)), Err(InviteError::TooLong));
                    break;
                }
            }
        }
        assert!(fits.is_some(), "a code of exactly the limit was tried");
    }
}
