//! The private halves: a persona's seed and what is derived from it, a device's seed likewise.

use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};
use zeroize::Zeroizing;

use crate::base::hash::hmac_sha256;
use crate::base::id::{DeviceId, PersonaId, SealKey};
use crate::base::random::{Random, bytes};
use crate::base::sign::SigningKey;

/// Derives 32 bytes from a 32-byte `seed` for one `use_`: HKDF-Expand with one block (RFC 5869 §2.3).
fn derive(seed: &[u8; 32], use_: &[u8]) -> [u8; 32] {
    hmac_sha256(seed, &[b"kith/derive v1\0", use_, &[1]])
}

/// An X25519 key pair to which things are sealed.
#[derive(Clone)]
pub struct SealSecret {
    secret: Zeroizing<[u8; 32]>,
    public: SealKey,
}

impl SealSecret {
    fn from_seed(seed: [u8; 32]) -> Self {
        type Private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
        let mut public = SealKey([0; 32]);
        // Every 32 bytes are an X25519 key (RFC 7748 §5), so this branch is always taken.
        if let Ok(private) = Private::from_bytes(&seed) {
            let bytes = X25519HkdfSha256::sk_to_pk(&private).to_bytes();
            public.0.copy_from_slice(bytes.as_slice());
        }
        Self {
            secret: Zeroizing::new(seed),
            public,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SealKey {
        self.public
    }

    /// The private half, for opening.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// A persona's seed: 256 bits, from which all its keys come.
pub struct PersonaSecret {
    seed: Zeroizing<[u8; 32]>,
    sign: SigningKey,
    inbox: SealSecret,
}

impl PersonaSecret {
    /// The persona of `seed`.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self {
            sign: SigningKey::from_seed(derive(&seed, b"persona sign")),
            inbox: SealSecret::from_seed(derive(&seed, b"persona inbox")),
            seed: Zeroizing::new(seed),
        }
    }

    /// A new persona.
    #[must_use]
    pub fn random(random: &mut dyn Random) -> Self {
        Self::from_seed(bytes(random))
    }

    /// The seed, for sealed storage only.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Its public key.
    #[must_use]
    pub fn id(&self) -> PersonaId {
        PersonaId(self.sign.public())
    }

    /// Its signing key.
    #[must_use]
    pub fn sign(&self) -> &SigningKey {
        &self.sign
    }

    /// What first contacts are sealed to; in every invite.
    #[must_use]
    pub fn inbox(&self) -> &SealSecret {
        &self.inbox
    }

    /// What homes check capabilities with.
    #[must_use]
    pub fn capability_secret(&self) -> [u8; 32] {
        derive(&self.seed, b"mailbox capability")
    }
}

/// A device's seed and keys.
pub struct DeviceSecret {
    sign: SigningKey,
    seal: SealSecret,
}

impl DeviceSecret {
    /// The device of `seed`.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self {
            seal: SealSecret::from_seed(derive(&seed, b"device seal")),
            sign: SigningKey::from_seed(seed),
        }
    }

    /// A new device.
    #[must_use]
    pub fn random(random: &mut dyn Random) -> Self {
        Self::from_seed(bytes(random))
    }

    /// The seed, for sealed storage only.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        self.sign.seed()
    }

    /// Its public key.
    #[must_use]
    pub fn id(&self) -> DeviceId {
        DeviceId(self.sign.public())
    }

    /// Its signing key.
    #[must_use]
    pub fn sign(&self) -> &SigningKey {
        &self.sign
    }

    /// What envelopes for it are sealed to.
    #[must_use]
    pub fn seal(&self) -> &SealSecret {
        &self.seal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_persona_and_unlike_keys() {
        let (one, two) = (
            PersonaSecret::from_seed([3; 32]),
            PersonaSecret::from_seed([3; 32]),
        );
        assert_eq!(one.id(), two.id());
        assert_eq!(one.inbox().public(), two.inbox().public());
        assert_eq!(one.capability_secret(), two.capability_secret());
        assert_ne!(one.inbox().secret(), one.seed());
        assert_ne!(one.sign().seed(), one.inbox().secret());
        assert_ne!(one.id(), PersonaSecret::from_seed([4; 32]).id());
    }
}
