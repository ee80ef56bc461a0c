//! Ed25519 signatures (RFC 8032) over bytes as carried, each naming its purpose.
//!
//! What is signed is `"kith/" ‖ purpose ‖ 0x00 ‖ bytes`, so a signature made for one purpose is
//! worth nothing for another. By `ring` where it is built in, by dalek in the browser.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::id::Signature;

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A persona's device list.
    DeviceList,
    /// A supernode proving its key on a connection.
    SessionNode,
    /// A device proving its key on a connection.
    SessionDevice,
    /// A device answering for the content of an envelope.
    Parcel,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::DeviceList => b"kith/device list v1\0",
            Self::SessionNode => b"kith/session node v1\0",
            Self::SessionDevice => b"kith/session device v1\0",
            Self::Parcel => b"kith/parcel v1\0",
        }
    }

    fn message(self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.label().len() + bytes.len());
        out.extend_from_slice(self.label());
        out.extend_from_slice(bytes);
        out
    }
}

/// The signature does not fit key, purpose and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong signature")]
pub struct BadSignature;

/// An Ed25519 private key, kept as its 32-byte seed.
#[derive(Clone)]
pub struct SigningKey {
    seed: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// The key of `seed`.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let public = backend::public(&seed);
        Self {
            seed: Zeroizing::new(seed),
            public,
        }
    }

    /// The seed, for sealed storage only.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// Signs `bytes` for `purpose`.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, bytes: &[u8]) -> Signature {
        Signature(backend::sign(
            &self.seed,
            &self.public,
            &purpose.message(bytes),
        ))
    }
}

/// Checks that the holder of `public` signed `bytes` for `purpose`.
///
/// # Errors
/// [`BadSignature`], also for a `public` that is no key.
pub fn verify_signature(
    public: &[u8; 32],
    purpose: Purpose,
    bytes: &[u8],
    signature: &Signature,
) -> Result<(), BadSignature> {
    backend::verify(public, &purpose.message(bytes), &signature.0)
}

#[cfg(feature = "ring")]
mod backend {
    use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

    use super::BadSignature;

    pub fn public(seed: &[u8; 32]) -> [u8; 32] {
        let mut out = [0; 32];
        // Every 32-byte seed is a key (RFC 8032 §5.1.5), so this branch is always taken.
        if let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(seed) {
            out.copy_from_slice(pair.public_key().as_ref());
        }
        out
    }

    pub fn sign(seed: &[u8; 32], public: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        if let Ok(pair) = Ed25519KeyPair::from_seed_and_public_key(seed, public) {
            out.copy_from_slice(pair.sign(message).as_ref());
        }
        out
    }

    pub fn verify(
        public: &[u8; 32],
        message: &[u8],
        signature: &[u8; 64],
    ) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(&ED25519, public)
            .verify(message, signature)
            .map_err(|_| BadSignature)
    }
}

#[cfg(not(feature = "ring"))]
mod backend {
    use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

    use super::BadSignature;

    pub fn public(seed: &[u8; 32]) -> [u8; 32] {
        SigningKey::from_bytes(seed).verifying_key().to_bytes()
    }

    pub fn sign(seed: &[u8; 32], _: &[u8; 32], message: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(seed).sign(message).to_bytes()
    }

    pub fn verify(
        public: &[u8; 32],
        message: &[u8],
        signature: &[u8; 64],
    ) -> Result<(), BadSignature> {
        VerifyingKey::from_bytes(public)
            .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
            .map_err(|_| BadSignature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_as_published() {
        // RFC 8032 §7.1, test 1.
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        assert_eq!(
            SigningKey::from_seed(seed).public()[..4],
            [0xd7, 0x5a, 0x98, 0x01]
        );
    }

    #[test]
    fn a_signature_is_good_for_its_purpose_key_and_bytes_only() {
        let ann = SigningKey::from_seed([1; 32]);
        let ben = SigningKey::from_seed([2; 32]);
        let signature = ann.sign(Purpose::Parcel, b"hi");
        assert_eq!(
            verify_signature(&ann.public(), Purpose::Parcel, b"hi", &signature),
            Ok(())
        );
        assert!(verify_signature(&ann.public(), Purpose::DeviceList, b"hi", &signature).is_err());
        assert!(verify_signature(&ann.public(), Purpose::Parcel, b"ho", &signature).is_err());
        assert!(verify_signature(&ben.public(), Purpose::Parcel, b"hi", &signature).is_err());
        assert!(verify_signature(&[0xff; 32], Purpose::Parcel, b"hi", &signature).is_err());
    }
}
