//! Nonces that nothing is kept about: a code over the client's address and the half hour.

use alloc::string::String;

use base64ct::{Base64Url, Encoding};

use super::limits::NONCE_LIFETIME;
use super::server::Client;
use crate::base::hash::{constant_time_eq, hmac_tag};
use crate::base::random::{Random, bytes};
use crate::base::time::{Timestamp, millis};

/// Begins a nonce that came with PASSWORD-ALGORITHMS: the cookie of RFC 8489 §9.2 and feature bit 0.
pub const ALGORITHMS_COOKIE: &[u8] = b"obMatJos2gAAA";
/// Characters of the code: 120 bits. With it, a challenge to the shortest request has 68 bytes.
const CODE_LEN: usize = 20;

/// Makes and checks nonces.
pub struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    pub fn new(random: &mut dyn Random) -> Self {
        Self { key: bytes(random) }
    }

    /// A nonce for `client`; with `algorithms`, one that says that algorithms were listed beside it.
    pub fn make(&self, client: &Client, now: Timestamp, algorithms: bool) -> String {
        let cookie = match algorithms {
            true => ALGORITHMS_COOKIE,
            false => &[],
        };
        let mut nonce = String::from_utf8_lossy(cookie).into_owned();
        nonce.push_str(&self.code(client, slot(now), cookie));
        nonce
    }

    /// Whether `nonce` was made for `client` in this half hour or the one before.
    pub fn is_fresh(&self, nonce: &[u8], client: &Client, now: Timestamp) -> bool {
        let Some(split) = nonce.len().checked_sub(CODE_LEN) else {
            return false;
        };
        let (cookie, code) = nonce.split_at(split);
        if !cookie.is_empty() && cookie != ALGORITHMS_COOKIE {
            return false;
        }
        let now = slot(now);
        let is_of = |slot| constant_time_eq(self.code(client, slot, cookie).as_bytes(), code);
        is_of(now) || now.checked_sub(1).is_some_and(is_of)
    }

    fn code(&self, client: &Client, slot: u64, cookie: &[u8]) -> String {
        let parts: [&[u8]; 3] = [&client.name(), &slot.to_be_bytes(), cookie];
        let tag = hmac_tag(&self.key, &parts);
        Base64Url::encode_string(tag.get(..CODE_LEN / 4 * 3).unwrap_or_default())
    }
}

fn slot(now: Timestamp) -> u64 {
    now.0 / millis(NONCE_LIFETIME).max(1)
}
