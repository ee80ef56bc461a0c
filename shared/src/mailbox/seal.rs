//! Sealing an envelope's content to the recipient's devices.
//!
//! A fresh key encrypts the content (ChaCha20-Poly1305, RFC 8439; the key is used once, so the
//! nonce is zero); the key is wrapped for each recipient by HPKE (RFC 9180 base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305). Both are bound to mailbox and
//! envelope id. A supernode sees the number of recipients and the length, rounded up to
//! [`PADDING`].

use alloc::vec::Vec;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hpke::aead::ChaCha20Poly1305 as HpkeAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use minicbor::{Decode, Encode};

use crate::base::codec;
use crate::base::id::{EnvelopeId, PersonaId, SealKey};
use crate::base::limits::{DEVICES_MAX, ENVELOPE_BYTES_MAX};
use crate::base::random::{CryptoRandom, Random, bytes};
use crate::identity::secret::SealSecret;

/// Content is padded with zeros to a multiple of this many bytes.
pub const PADDING: usize = 64;

const INFO: &[u8] = b"kith/seal v1";

#[derive(Encode, Decode)]
#[cbor(map)]
struct Sealed {
    #[n(0)]
    keys: Vec<WrappedKey>,
    #[cbor(n(1), with = "minicbor::bytes")]
    content: Vec<u8>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WrappedKey {
    #[cbor(n(0), with = "minicbor::bytes")]
    hint: [u8; 4],
    #[cbor(n(1), with = "minicbor::bytes")]
    encapsulated: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    wrapped: Vec<u8>,
}

/// Why something cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No recipient, or more than [`DEVICES_MAX`].
    #[error("wrong number of recipients")]
    Recipients,
    /// A recipient's key is none.
    #[error("a recipient's key is not valid")]
    Key,
    /// More than fits an envelope.
    #[error("too large to seal")]
    TooLarge,
}

/// Why something cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not sealed content.
    #[error("not sealed content")]
    Malformed,
    /// Sealed to others, for another mailbox or envelope, or damaged.
    #[error("cannot be opened with this key")]
    Locked,
}

/// Seals `content` for envelope `id` in the mailbox of `to`.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    content: &[u8],
    to: &PersonaId,
    id: &EnvelopeId,
    recipients: &[SealKey],
    random: &mut dyn Random,
) -> Result<Vec<u8>, SealError> {
    if !(1..=DEVICES_MAX).contains(&recipients.len()) {
        return Err(SealError::Recipients);
    }
    let aad = aad(to, id);
    let key: [u8; 32] = bytes(random);
    let mut padded = Vec::with_capacity(content.len() + PADDING + 20);
    padded.extend_from_slice(
        &u32::try_from(content.len())
            .map_err(|_| SealError::TooLarge)?
            .to_be_bytes(),
    );
    padded.extend_from_slice(content);
    padded.resize(padded.len().next_multiple_of(PADDING), 0);
    ChaCha20Poly1305::new(&Key::from(key))
        .encrypt_in_place(&Nonce::default(), &aad, &mut padded)
        .map_err(|_| SealError::TooLarge)?;
    let mut keys = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(recipient.as_bytes())
            .map_err(|_| SealError::Key)?;
        let (encapsulated, wrapped) =
            hpke::single_shot_seal_with_rng::<HpkeAead, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &public,
                INFO,
                &key,
                &aad,
                &mut CryptoRandom(random),
            )
            .map_err(|_| SealError::Key)?;
        let mut enc = [0; 32];
        enc.copy_from_slice(encapsulated.to_bytes().as_slice());
        keys.push(WrappedKey {
            hint: hint(recipient),
            encapsulated: enc,
            wrapped,
        });
    }
    let out = codec::encode(&Sealed {
        keys,
        content: padded,
    });
    if out.len() > ENVELOPE_BYTES_MAX {
        Err(SealError::TooLarge)
    } else {
        Ok(out)
    }
}

/// Opens what [`seal`] made, with one of `secrets`.
///
/// # Errors
/// [`OpenError`].
pub fn open(
    sealed: &[u8],
    to: &PersonaId,
    id: &EnvelopeId,
    secrets: &[&SealSecret],
) -> Result<Vec<u8>, OpenError> {
    let sealed: Sealed =
        codec::decode(sealed, ENVELOPE_BYTES_MAX).map_err(|_| OpenError::Malformed)?;
    if sealed.keys.len() > DEVICES_MAX {
        return Err(OpenError::Malformed);
    }
    let aad = aad(to, id);
    for secret in secrets {
        let hint = hint(&secret.public());
        for wrapped in sealed.keys.iter().filter(|key| key.hint == hint) {
            if let Some(key) = unwrap_key(wrapped, secret, &aad) {
                return open_content(sealed.content, key, &aad);
            }
        }
    }
    Err(OpenError::Locked)
}

fn unwrap_key(wrapped: &WrappedKey, secret: &SealSecret, aad: &[u8]) -> Option<[u8; 32]> {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.secret()).ok()?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&wrapped.encapsulated).ok()?;
    hpke::single_shot_open::<HpkeAead, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        INFO,
        &wrapped.wrapped,
        aad,
    )
    .ok()?
    .try_into()
    .ok()
}

fn open_content(mut content: Vec<u8>, key: [u8; 32], aad: &[u8]) -> Result<Vec<u8>, OpenError> {
    ChaCha20Poly1305::new(&Key::from(key))
        .decrypt_in_place(&Nonce::default(), aad, &mut content)
        .map_err(|_| OpenError::Locked)?;
    let (len, rest) = content
        .split_first_chunk::<4>()
        .ok_or(OpenError::Malformed)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| OpenError::Malformed)?;
    rest.get(..len)
        .map(<[u8]>::to_vec)
        .ok_or(OpenError::Malformed)
}

fn hint(key: &SealKey) -> [u8; 4] {
    let [a, b, c, d, ..] = key.0;
    [a, b, c, d]
}

fn aad(to: &PersonaId, id: &EnvelopeId) -> [u8; 48] {
    let mut out = [0; 48];
    for (byte, from) in out.iter_mut().zip(to.0.iter().chain(&id.0)) {
        *byte = *from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Counter;
    use crate::identity::secret::DeviceSecret;

    const BEN: PersonaId = PersonaId([2; 32]);
    const ID: EnvelopeId = EnvelopeId([3; 16]);

    #[test]
    fn each_device_opens_and_nobody_else() {
        let [phone, laptop, eve] = [1, 2, 3].map(|n| DeviceSecret::from_seed([n; 32]));
        let keys = [phone.seal().public(), laptop.seal().public()];
        let sealed = seal(b"hi", &BEN, &ID, &keys, &mut Counter(0)).unwrap();
        assert_eq!(
            open(&sealed, &BEN, &ID, &[phone.seal()]),
            Ok(b"hi".to_vec())
        );
        assert_eq!(
            open(&sealed, &BEN, &ID, &[eve.seal(), laptop.seal()]),
            Ok(b"hi".to_vec())
        );
        assert_eq!(
            open(&sealed, &BEN, &ID, &[eve.seal()]),
            Err(OpenError::Locked)
        );
        assert_eq!(
            open(&sealed, &PersonaId([9; 32]), &ID, &[phone.seal()]),
            Err(OpenError::Locked)
        );
        assert_eq!(
            open(&sealed, &BEN, &EnvelopeId([0; 16]), &[phone.seal()]),
            Err(OpenError::Locked)
        );
    }

    #[test]
    fn lengths_are_hidden_in_steps() {
        let device = DeviceSecret::from_seed([1; 32]);
        let len = |n: usize| {
            seal(
                &alloc::vec![1; n],
                &BEN,
                &ID,
                &[device.seal().public()],
                &mut Counter(0),
            )
            .unwrap()
            .len()
        };
        assert_eq!(len(1), len(PADDING - 4));
        assert!(len(PADDING - 3) > len(1));
    }

    #[test]
    fn damage_and_garbage_are_refused() {
        let device = DeviceSecret::from_seed([1; 32]);
        let sealed = seal(b"hi", &BEN, &ID, &[device.seal().public()], &mut Counter(0)).unwrap();
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(
                open(&bad, &BEN, &ID, &[device.seal()]).is_err(),
                "byte {at}"
            );
            assert!(open(&sealed[..at], &BEN, &ID, &[device.seal()]).is_err());
        }
    }

    #[test]
    fn the_limits_hold() {
        let device = DeviceSecret::from_seed([1; 32]);
        let keys = [device.seal().public(); DEVICES_MAX + 1];
        assert!(seal(b"x", &BEN, &ID, &keys[..DEVICES_MAX], &mut Counter(0)).is_ok());
        assert_eq!(
            seal(b"x", &BEN, &ID, &keys, &mut Counter(0)),
            Err(SealError::Recipients)
        );
        assert_eq!(
            seal(b"x", &BEN, &ID, &[], &mut Counter(0)),
            Err(SealError::Recipients)
        );
        let mut largest = None;
        for content in (ENVELOPE_BYTES_MAX - 512..=ENVELOPE_BYTES_MAX).step_by(4) {
            match seal(
                &alloc::vec![0; content],
                &BEN,
                &ID,
                &keys[..1],
                &mut Counter(0),
            ) {
                Ok(sealed) => largest = Some(sealed.len()),
                Err(error) => assert_eq!(error, SealError::TooLarge),
            }
        }
        assert!(largest.is_some_and(|len| len <= ENVELOPE_BYTES_MAX));
    }
}
