//! Invites of an operator: whoever holds one may register one mailbox.

use alloc::string::String;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::base::hash::{constant_time_eq, hmac_sha256, hmac_tag};
use crate::base::id::NodeId;
use crate::base::random::{Random, bytes};
use crate::base::sign::SigningKey;
use crate::base::time::Timestamp;

/// Length as carried, in bytes.
pub const TOKEN_LEN: usize = 24;

const LABEL: &[u8] = b"kith/token v1\0";

/// Names a token: its last day (2 bytes, big-endian, days since 1970) and 6 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenSerial(pub [u8; 8]);

/// Serial and tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Which.
    pub serial: TokenSerial,
    tag: [u8; 16],
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Token({:?}, …)", self.serial)
    }
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not issued by this supernode.
    #[error("not an invite of this supernode")]
    Forged,
    /// Its last day is over.
    #[error("the invite has expired")]
    Expired,
    /// The text is none.
    #[error("not an invite")]
    Malformed,
}

impl Token {
    /// A new token of the supernode with `key`, good through the day of `until`.
    #[must_use]
    pub fn issue(key: &SigningKey, until: Timestamp, random: &mut dyn Random) -> Self {
        let day = u16::try_from(until.days()).unwrap_or(u16::MAX);
        let [high, low] = day.to_be_bytes();
        let [a, b, c, d, e, f] = bytes(random);
        let serial = TokenSerial([high, low, a, b, c, d, e, f]);
        Self {
            serial,
            tag: tag(key, &serial),
        }
    }

    /// Checks that the supernode with `key` issued this token, and that it has not expired.
    ///
    /// # Errors
    /// [`BadToken`]. Whether it was used is for the supernode to know.
    pub fn verify(&self, key: &SigningKey, now: Timestamp) -> Result<TokenSerial, BadToken> {
        if !constant_time_eq(&self.tag, &tag(key, &self.serial)) {
            return Err(BadToken::Forged);
        }
        let [high, low, ..] = self.serial.0;
        if now.days() > u64::from(u16::from_be_bytes([high, low])) {
            return Err(BadToken::Expired);
        }
        Ok(self.serial)
    }

    /// For people to copy: z-base-32.
    #[must_use]
    pub fn to_text(&self) -> String {
        z32::encode(&self.to_bytes())
    }

    /// Reads what [`Self::to_text`] wrote, with any white space around it.
    ///
    /// # Errors
    /// [`BadToken::Malformed`].
    pub fn from_text(text: &str) -> Result<Self, BadToken> {
        let text = text.trim();
        let bytes = z32::decode(text.as_bytes()).map_err(|_| BadToken::Malformed)?;
        // A letter too few may leave as many bytes.
        Self::from_bytes(&bytes)
            .filter(|token| token.to_text() == text)
            .ok_or(BadToken::Malformed)
    }

    fn to_bytes(self) -> [u8; TOKEN_LEN] {
        let mut out = [0; TOKEN_LEN];
        for (to, from) in out.iter_mut().zip(self.serial.0.iter().chain(&self.tag)) {
            *to = *from;
        }
        out
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (serial, tag) = bytes.split_at_checked(8)?;
        Some(Self {
            serial: TokenSerial(serial.try_into().ok()?),
            tag: tag.try_into().ok()?,
        })
    }
}

fn tag(key: &SigningKey, serial: &TokenSerial) -> [u8; 16] {
    let secret = hmac_sha256(key.seed(), &[b"kith/derive v1\0", b"node tokens", &[1]]);
    hmac_tag(&secret, &[LABEL, &NodeId(key.public()).0, &serial.0])
}

impl<C> Encode<C> for Token {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Token {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bytes(d.bytes()?).ok_or_else(|| decode::Error::message("token: wrong length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Counter;

    const DAY: u64 = 86_400_000;

    #[test]
    fn a_token_is_good_at_its_supernode_until_its_last_day() {
        let key = SigningKey::from_seed([1; 32]);
        let token = Token::issue(&key, Timestamp(20 * DAY), &mut Counter(0));
        let read = Token::from_text(&alloc::format!(" {}\n", token.to_text())).unwrap();
        assert_eq!(read.verify(&key, Timestamp(21 * DAY - 1)), Ok(token.serial));
        assert_eq!(
            read.verify(&key, Timestamp(21 * DAY)),
            Err(BadToken::Expired)
        );
        let other = SigningKey::from_seed([2; 32]);
        assert_eq!(read.verify(&other, Timestamp(0)), Err(BadToken::Forged));
        for text in ["", "no token", &token.to_text()[1..]] {
            assert_eq!(Token::from_text(text), Err(BadToken::Malformed), "{text}");
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let key = SigningKey::from_seed([1; 32]);
        let bytes = Token::issue(&key, Timestamp(20 * DAY), &mut Counter(0)).to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            let token = Token::from_bytes(&bad).unwrap();
            assert_eq!(token.verify(&key, Timestamp(0)), Err(BadToken::Forged));
        }
    }
}
