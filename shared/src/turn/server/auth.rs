//! Proof of identity: the server's half of long-term credentials (RFC 8489 §9.2.4).
//!
//! | the request | is answered |
//! |---|---|
//! | has no integrity check | 401, with realm and nonce |
//! | lacks name, realm or nonce; names an algorithm that was not listed | 400 |
//! | has a nonce that is old, or another's | 438, with a new one |
//! | has a name nobody has, another realm, or another key's check | 401 |
//! | is by another name than its allocation | 441 |

use alloc::vec::Vec;
use core::str;

use zeroize::Zeroizing;

use super::super::credentials::{ALGORITHMS, Algorithm};
use super::super::nonce::ALGORITHMS_COOKIE;
use super::super::wire::attribute;
use super::super::wire::integrity::Integrity;
use super::super::wire::message::Message;
use super::Server;
use super::client::Client;
use crate::base::hash::constant_time_eq;
use crate::base::time::Timestamp;

/// Requests as long as an Allocate with its transport, 28 bytes, have PASSWORD-ALGORITHMS in their
/// challenge. Shorter ones are no real client's, and get no more than 68 bytes.
const LEN_FOR_ALGORITHMS: usize = 28;

/// Who sent a request, and how to sign the answer.
pub struct Proven<'a> {
    pub username: &'a str,
    pub integrity: Integrity,
    pub key: Zeroizing<Vec<u8>>,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// 401 or 438, with what is needed to try again.
    Challenge(u16),
    /// 400.
    BadRequest,
}

const UNAUTHENTICATED: Doubt = Doubt::Challenge(401);
const STALE_NONCE: Doubt = Doubt::Challenge(438);

impl Server {
    /// Who sent `message`.
    ///
    /// # Errors
    /// [`Doubt`]; nothing has been kept.
    pub(super) fn authenticate<'a>(
        &self,
        now: Timestamp,
        client: &Client,
        message: &Message<'a>,
    ) -> Result<Proven<'a>, Doubt> {
        let has = |kind| message.attribute(kind).is_some();
        let integrity = if has(attribute::MESSAGE_INTEGRITY_SHA256) {
            Integrity::Sha256
        } else if has(attribute::MESSAGE_INTEGRITY) {
            Integrity::Sha1
        } else {
            return Err(UNAUTHENTICATED);
        };
        let value = |kind| message.value(kind).ok_or(Doubt::BadRequest);
        let username = value(attribute::USERNAME)?;
        let realm = value(attribute::REALM)?;
        let nonce = value(attribute::NONCE)?;
        let algorithm = algorithm(message, nonce)?;
        if !self.nonces.is_fresh(nonce, client, now) {
            return Err(STALE_NONCE);
        }
        let username = str::from_utf8(username).map_err(|_| UNAUTHENTICATED)?;
        let known = self.config.credentials.password(username);
        let (password, expiry) = known.ok_or(UNAUTHENTICATED)?;
        let key = algorithm.key(username, &self.config.realm, &password);
        let is_ours = constant_time_eq(realm, self.config.realm.as_bytes());
        if !integrity.holds(&key, message) || !is_ours {
            return Err(UNAUTHENTICATED);
        }
        // A call goes on when the credentials that it began with have ended.
        let has_ended = expiry.is_some_and(|expiry| expiry <= self.date.seconds());
        if has_ended && !self.has_allocation(now, client, username) {
            return Err(UNAUTHENTICATED);
        }
        Ok(Proven {
            username,
            integrity,
            key,
        })
    }

    /// Whether a challenge to `message` lists algorithms.
    pub(super) fn lists_algorithms(message: &Message<'_>) -> bool {
        message.bytes().len() >= LEN_FOR_ALGORITHMS
    }

    fn has_allocation(&self, now: Timestamp, client: &Client, username: &str) -> bool {
        let relay = self.allocations.find(client);
        let allocation = relay.and_then(|relay| self.allocations.get(relay));
        allocation.is_some_and(|it| it.expires > now && *it.username == *username)
    }
}

/// Which algorithm the client uses. That the list is the one it was sent, and that the nonce says there
/// was one, keeps somebody in between from taking the better one out.
fn algorithm(message: &Message<'_>, nonce: &[u8]) -> Result<Algorithm, Doubt> {
    if !nonce.starts_with(ALGORITHMS_COOKIE) {
        return Ok(Algorithm::Md5);
    }
    let list = message.value(attribute::PASSWORD_ALGORITHMS);
    let chosen = message.value(attribute::PASSWORD_ALGORITHM);
    match (list, chosen) {
        (None, None) => Ok(Algorithm::Md5),
        (Some(list), Some(chosen)) if list == ALGORITHMS => {
            Algorithm::read(chosen).ok_or(Doubt::BadRequest)
        }
        _ => Err(Doubt::BadRequest),
    }
}
