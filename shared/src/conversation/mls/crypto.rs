//! OpenMLS's cryptography for one suite: X25519, HKDF-SHA256, ChaCha20-Poly1305, SHA-256, Ed25519.
//!
//! Every other algorithm is refused with the error OpenMLS has for it. Random bytes come from a
//! ChaCha20 generator that is seeded from the caller's source when an operation starts and
//! forgotten when it ends; in between operations there is none.

use alloc::{vec, vec::Vec};
use std::sync::{Mutex, PoisonError};

use chacha20::ChaCha20Rng;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use hpke::rand_core::{Rng as _, SeedableRng as _};
use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _, kem::X25519HkdfSha256,
};
use openmls::prelude::tls_codec::SecretVLBytes;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeAeadType, HpkeCiphertext,
    HpkeConfig, HpkeKdfType, HpkeKemType, HpkeKeyPair, KemOutput, SignatureScheme,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The suite of every group (RFC 9420 §17.1, value 3).
pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;

type HpkeKdf = hpke::kdf::HkdfSha256;
type HpkeAead = hpke::aead::ChaCha20Poly1305;
type PublicKey = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// The cryptography and randomness of one [`super::Mls`].
#[derive(Default)]
pub struct Crypto {
    generator: Mutex<Option<ChaCha20Rng>>,
}

/// Asked for random bytes outside an operation that was given a source of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes were provided")]
pub struct Unseeded;

impl Crypto {
    /// Starts an operation whose random bytes all follow from `seed`.
    pub fn seed(&self, seed: Zeroizing<[u8; 32]>) {
        *self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(ChaCha20Rng::from_seed(*seed));
    }

    /// Ends it: forgets the generator.
    pub fn forget(&self) {
        *self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn with_generator<T>(&self, draw: impl FnOnce(&mut ChaCha20Rng) -> T) -> Result<T, Unseeded> {
        let mut generator = self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        generator.as_mut().map(draw).ok_or(Unseeded)
    }
}

impl OpenMlsRand for Crypto {
    type Error = Unseeded;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], Unseeded> {
        let mut out = [0; N];
        self.with_generator(|generator| generator.fill_bytes(&mut out))
            .map(|()| out)
    }

    fn random_vec(&self, len: usize) -> Result<Vec<u8>, Unseeded> {
        let mut out = vec![0; len];
        self.with_generator(|generator| generator.fill_bytes(&mut out))
            .map(|()| out)
    }
}

fn sha256_only(hash: HashType) -> Result<(), CryptoError> {
    match hash {
        HashType::Sha2_256 => Ok(()),
        HashType::Sha2_384 | HashType::Sha2_512 => Err(CryptoError::UnsupportedHashAlgorithm),
    }
}

fn hpke_of_suite(config: &HpkeConfig) -> Result<(), CryptoError> {
    match config {
        HpkeConfig(
            HpkeKemType::DhKem25519,
            HpkeKdfType::HkdfSha256,
            HpkeAeadType::ChaCha20Poly1305,
        ) => Ok(()),
        HpkeConfig(..) => Err(CryptoError::UnsupportedCiphersuite),
    }
}

fn ed25519_only(scheme: SignatureScheme) -> Result<(), CryptoError> {
    match scheme {
        SignatureScheme::ED25519 => Ok(()),
        _ => Err(CryptoError::UnsupportedSignatureScheme),
    }
}

fn aead(
    algorithm: AeadType,
    key: &[u8],
    nonce: &[u8],
) -> Result<(ChaCha20Poly1305, Nonce), CryptoError> {
    match algorithm {
        AeadType::ChaCha20Poly1305 => Ok((
            ChaCha20Poly1305::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?,
            Nonce::try_from(nonce).map_err(|_| CryptoError::InvalidLength)?,
        )),
        AeadType::Aes128Gcm | AeadType::Aes256Gcm => Err(CryptoError::UnsupportedAeadAlgorithm),
    }
}

fn signing_key(bytes: &[u8]) -> Result<SigningKey, CryptoError> {
    let seed = Zeroizing::new(<[u8; 32]>::try_from(bytes).map_err(|_| CryptoError::InvalidLength)?);
    Ok(SigningKey::from_bytes(&seed))
}

fn public_key(bytes: &[u8]) -> Result<PublicKey, CryptoError> {
    PublicKey::from_bytes(bytes).map_err(|_| CryptoError::InvalidPublicKey)
}

fn private_key(bytes: &[u8]) -> Result<PrivateKey, CryptoError> {
    PrivateKey::from_bytes(bytes).map_err(|_| CryptoError::InvalidLength)
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, suite: Ciphersuite) -> Result<(), CryptoError> {
        if suite == SUITE {
            Ok(())
        } else {
            Err(CryptoError::UnsupportedCiphersuite)
        }
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        vec![SUITE]
    }

    fn hkdf_extract(
        &self,
        hash: HashType,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), ikm);
        Ok(prk.as_slice().into())
    }

    fn hmac(
        &self,
        hash: HashType,
        key: &[u8],
        message: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().as_slice().into())
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        prk: &[u8],
        info: &[u8],
        len: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256_only(hash)?;
        let hkdf =
            Hkdf::<Sha256>::from_prk(prk).map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        let mut okm = vec![0; len];
        hkdf.expand(info, &mut okm)
            .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        Ok(okm.into())
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        sha256_only(hash)?;
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = aead(algorithm, key, nonce)?;
        cipher
            .encrypt(&nonce, Payload { msg: data, aad })
            .map_err(|_| CryptoError::CryptoLibraryError)
    }

    fn aead_decrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        ct_tag: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = aead(algorithm, key, nonce)?;
        cipher
            .decrypt(&nonce, Payload { msg: ct_tag, aad })
            .map_err(|_| CryptoError::AeadDecryptionError)
    }

    fn signature_key_gen(
        &self,
        scheme: SignatureScheme,
    ) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        ed25519_only(scheme)?;
        let seed = Zeroizing::new(
            self.random_array::<32>()
                .map_err(|_| CryptoError::InsufficientRandomness)?,
        );
        Ok((
            seed.to_vec(),
            SigningKey::from_bytes(&seed)
                .verifying_key()
                .to_bytes()
                .to_vec(),
        ))
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        pk: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        ed25519_only(scheme)?;
        let key = VerifyingKey::try_from(pk).map_err(|_| CryptoError::InvalidPublicKey)?;
        let signature =
            Signature::from_slice(signature).map_err(|_| CryptoError::InvalidSignature)?;
        key.verify_strict(data, &signature)
            .map_err(|_| CryptoError::InvalidSignature)
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        key: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        ed25519_only(scheme)?;
        Ok(signing_key(key)?.sign(data).to_bytes().to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        aad: &[u8],
        ptxt: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        hpke_of_suite(&config)?;
        let recipient = public_key(pk_r)?;
        let (kem_output, ciphertext) = self
            .with_generator(|generator| {
                hpke::single_shot_seal_with_rng::<HpkeAead, HpkeKdf, X25519HkdfSha256>(
                    &OpModeS::Base,
                    &recipient,
                    info,
                    ptxt,
                    aad,
                    generator,
                )
            })
            .map_err(|Unseeded| CryptoError::InsufficientRandomness)?
            .map_err(|_| CryptoError::HpkeEncryptionError)?;
        Ok(HpkeCiphertext {
            kem_output: kem_output.to_bytes().to_vec().into(),
            ciphertext: ciphertext.into(),
        })
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        sk_r: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        hpke_of_suite(&config)?;
        let kem_output = Encapsulated::from_bytes(input.kem_output.as_slice())
            .map_err(|_| CryptoError::HpkeDecryptionError)?;
        hpke::single_shot_open::<HpkeAead, HpkeKdf, X25519HkdfSha256>(
            &OpModeR::Base,
            &private_key(sk_r)?,
            &kem_output,
            info,
            input.ciphertext.as_slice(),
            aad,
        )
        .map_err(|_| CryptoError::HpkeDecryptionError)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        hpke_of_suite(&config)?;
        let recipient = public_key(pk_r)?;
        let (kem_output, context) = self
            .with_generator(|generator| {
                hpke::setup_sender_with_rng::<HpkeAead, HpkeKdf, X25519HkdfSha256>(
                    &OpModeS::Base,
                    &recipient,
                    info,
                    generator,
                )
            })
            .map_err(|Unseeded| CryptoError::InsufficientRandomness)?
            .map_err(|_| CryptoError::SenderSetupError)?;
        let mut secret = vec![0; exporter_length];
        context
            .export(exporter_context, &mut secret)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok((kem_output.to_bytes().to_vec(), secret.into()))
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        enc: &[u8],
        sk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        hpke_of_suite(&config)?;
        let kem_output =
            Encapsulated::from_bytes(enc).map_err(|_| CryptoError::ReceiverSetupError)?;
        let context = hpke::setup_receiver::<HpkeAead, HpkeKdf, X25519HkdfSha256>(
            &OpModeR::Base,
            &private_key(sk_r)?,
            &kem_output,
            info,
        )
        .map_err(|_| CryptoError::ReceiverSetupError)?;
        let mut secret = vec![0; exporter_length];
        context
            .export(exporter_context, &mut secret)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok(secret.into())
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        ikm: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        hpke_of_suite(&config)?;
        let (private, public) = X25519HkdfSha256::derive_keypair(ikm);
        Ok(HpkeKeyPair {
            private: private.to_bytes().to_vec().into(),
            public: public.to_bytes().to_vec(),
        })
    }
}
