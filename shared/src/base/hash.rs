//! SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by `ring` where it is built in.

use subtle::ConstantTimeEq;

use super::id::Hash;

/// SHA-256 of the concatenation of `parts`.
#[cfg(feature = "ring")]
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Hash(out)
}

/// SHA-256 of the concatenation of `parts`.
#[cfg(not(feature = "ring"))]
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Hash {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash(hasher.finalize().into())
}

/// HMAC-SHA-256 of the concatenation of `parts` under `key`.
#[cfg(feature = "ring")]
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    let mut context = ring::hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// HMAC-SHA-256 of the concatenation of `parts` under `key`.
#[cfg(not(feature = "ring"))]
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    use hmac::{KeyInit, Mac};
    // HMAC takes keys of any length (RFC 2104 §3), so the fallback is never used.
    let Ok(mut mac) = hmac::Hmac::<sha2::Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether `a` and `b` are equal, in time that depends on their lengths only.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The first 16 bytes of [`hmac_sha256`]: a tag that is short to carry (RFC 2104 §5).
#[must_use]
pub fn hmac_tag(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(hmac_sha256(key, parts)) {
        *to = from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_hold() {
        // FIPS 180-4, "abc".
        assert_eq!(
            sha256(&[b"a", b"bc"]).0[..8],
            [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]
        );
        // RFC 4231, test case 2.
        assert_eq!(
            hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"])[..8],
            [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]
        );
    }

    #[test]
    fn comparison_minds_length_and_content() {
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"ab"));
    }
}
