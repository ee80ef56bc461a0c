//! Who may allocate: long-term credentials (RFC 8489 §9.2), fixed ones and such as name their own end.
//!
//! The latter are what supernodes hand to their clients: the name is `EXPIRY:NAME` (seconds since 1970),
//! the password the base64 of HMAC-SHA-1 over it by a secret of the supernode
//! (draft-uberti-behave-turn-rest). Nothing is kept about them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64ct::{Base64, Encoding};
use md5::{Digest, Md5};
use ring::hmac;
use zeroize::Zeroizing;

use super::limits::USERNAME_BYTES_MAX;
use crate::base::hash::{hmac_sha256, sha256};
use crate::base::sign::SigningKey;
use crate::base::time::Timestamp;

/// How a password becomes a key (RFC 8489 §18.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha256,
}

/// Both as PASSWORD-ALGORITHMS lists them, the better one first; neither has parameters.
pub(super) const ALGORITHMS: [u8; 8] = [0, 2, 0, 0, 0, 1, 0, 0];

impl Algorithm {
    /// By a PASSWORD-ALGORITHM attribute.
    pub fn read(value: &[u8]) -> Option<Self> {
        match value {
            [0, 1, 0, 0] => Some(Self::Md5),
            [0, 2, 0, 0] => Some(Self::Sha256),
            _ => None,
        }
    }

    /// The key of a long-term credential (RFC 8489 §18.5.1).
    pub fn key(self, username: &str, realm: &str, password: &str) -> Zeroizing<Vec<u8>> {
        let parts = [username, ":", realm, ":", password];
        Zeroizing::new(match self {
            Self::Md5 => {
                let mut hasher = Md5::new();
                parts.iter().for_each(|part| hasher.update(part));
                hasher.finalize().to_vec()
            }
            Self::Sha256 => sha256(&parts.map(str::as_bytes)).0.to_vec(),
        })
    }
}

/// A username and password that the supernode made.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// `EXPIRY:NAME`.
    pub username: String,
    /// Its password.
    pub password: String,
}

/// Whom the relay serves.
pub struct Credentials {
    fixed: Vec<(String, Zeroizing<String>)>,
    secret: Option<hmac::Key>,
}

impl core::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Credentials({} fixed, …)", self.fixed.len())
    }
}

/// The secret of the supernode with `key`, from which it makes credentials.
#[must_use]
pub fn secret(key: &SigningKey) -> [u8; 32] {
    hmac_sha256(
        key.seed(),
        &[b"kith/derive v1\0", b"relay credentials", &[1]],
    )
}

impl Credentials {
    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        let fixed = Vec::new();
        Self {
            fixed,
            secret: None,
        }
    }

    /// Whoever has what [`Self::issue`] makes with the same secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &[u8]) -> Self {
        let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        self.secret = Some(hmac::Key::new(algorithm, secret));
        self
    }

    /// And one more by name and password, for ever.
    #[must_use]
    pub fn with_user(mut self, name: &str, password: &str) -> Self {
        let password = Zeroizing::new(password.to_string());
        self.fixed.push((name.to_string(), password));
        self
    }

    /// Makes a credential for `name`, good until `until` and for allocations that are alive then. `None`
    /// without a secret.
    #[must_use]
    pub fn issue(&self, name: &str, until: Timestamp) -> Option<Issued> {
        let secret = self.secret.as_ref()?;
        let username = alloc::format!("{}:{name}", until.seconds());
        let password = password(secret, &username);
        Some(Issued { username, password })
    }

    /// The password of `username`, and until when it is good if that is said.
    pub(super) fn password(&self, username: &str) -> Option<(Zeroizing<String>, Option<u64>)> {
        if username.len() > USERNAME_BYTES_MAX {
            return None;
        }
        let fixed = self.fixed.iter().find(|(name, _)| name == username);
        if let Some((_, password)) = fixed {
            return Some((password.clone(), None));
        }
        let (expiry, _) = username.split_once(':')?;
        let expiry = expiry.parse().ok()?;
        let secret = self.secret.as_ref()?;
        let password = Zeroizing::new(password(secret, username));
        Some((password, Some(expiry)))
    }

    /// Whose quota an allocation of `username` counts against: all credentials of one name share it.
    pub(super) fn owner<'a>(&self, username: &'a str) -> &'a str {
        if self.fixed.iter().any(|(name, _)| name == username) {
            return username;
        }
        username.split_once(':').map_or(username, |(_, name)| name)
    }
}

fn password(secret: &hmac::Key, username: &str) -> String {
    Base64::encode_string(hmac::sign(secret, username.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_others_compute_them() {
        // RFC 8489 §9.2.2: user, realm, pass.
        let md5 = Algorithm::Md5.key("user", "realm", "pass");
        assert_eq!(hex::encode(&*md5), "8493fbc53ba582fb4c044c456bdc40eb");
        let sha256 = Algorithm::Sha256.key("user", "realm", "pass");
        let text = crate::base::hash::sha256(&[b"user:realm:pass"]);
        assert_eq!(*sha256, text.0);
    }

    #[test]
    fn an_issued_credential_is_known_without_being_kept() {
        let credentials = Credentials::none().with_secret(b"logen");
        let issued = credentials
            .issue("ann", Timestamp(1_700_000_000_999))
            .unwrap();
        assert_eq!(issued.username, "1700000000:ann");
        // As `echo -n 1700000000:ann | openssl dgst -sha1 -hmac logen -binary | base64` prints it.
        assert_eq!(issued.password, "yl2kgmJh/OlGxHC2G2Qm/B+mFTA=");
        let (password, expiry) = credentials.password(&issued.username).unwrap();
        assert_eq!(
            (password.as_str(), expiry),
            (issued.password.as_str(), Some(1_700_000_000))
        );
        assert_eq!(credentials.owner(&issued.username), "ann");
    }

    #[test]
    fn names_that_nobody_made_have_no_password() {
        let credentials = Credentials::none()
            .with_secret(b"s")
            .with_user("cleo", "pw");
        for name in ["ben", "soon:ann", "-1:ann", "", ":"] {
            assert!(credentials.password(name).is_none(), "{name}");
        }
        let (password, expiry) = credentials.password("cleo").unwrap();
        assert_eq!((password.as_str(), expiry), ("pw", None));
        let long = alloc::format!("1:{}", "x".repeat(USERNAME_BYTES_MAX - 2));
        assert!(credentials.password(&long).is_some());
        assert!(credentials.password(&(long + "x")).is_none());
        assert!(Credentials::none().password("1:ann").is_none());
    }
}
