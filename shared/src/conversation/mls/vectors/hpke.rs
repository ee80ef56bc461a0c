//! RFC 9180 appendix A.2.1: base mode of our suite.

use alloc::vec::Vec;

use openmls_traits::{
    crypto::OpenMlsCrypto as _,
    types::{HpkeCiphertext, HpkeConfig},
};

use super::{
    super::crypto::{Crypto, SUITE},
    bytes, number,
};

fn config() -> HpkeConfig {
    SUITE.hpke_config()
}

fn case() -> serde_json::Value {
    serde_json::from_str(include_str!(
        "../../../../tests/vectors/hpke-base-x25519-sha256-chacha20poly1305.json"
    ))
    .unwrap()
}

/// The scalar that an X25519 private key stands for (RFC 7748 §5), which is what is stored.
fn clamped(mut key: Vec<u8>) -> Vec<u8> {
    key[0] &= 248;
    key[31] = key[31] & 127 | 64;
    key
}

#[test]
fn keys_are_derived_as_published() {
    let case = case();
    for (ikm, private, public) in [("ikmR", "skRm", "pkRm"), ("ikmE", "skEm", "pkEm")] {
        let pair = Crypto::default()
            .derive_hpke_keypair(config(), &bytes(&case[ikm]))
            .unwrap();
        assert_eq!(&pair.private[..], clamped(bytes(&case[private])));
        assert_eq!(pair.public, bytes(&case[public]));
    }
}

#[test]
fn the_first_message_opens_and_no_altered_one() {
    let (case, crypto) = (case(), Crypto::default());
    let first = &case["encryptions"][0];
    let open = |enc: Vec<u8>, ciphertext: Vec<u8>, info: &[u8], aad: &[u8]| {
        let input = HpkeCiphertext {
            kem_output: enc.into(),
            ciphertext: ciphertext.into(),
        };
        crypto.hpke_open(config(), &input, &bytes(&case["skRm"]), info, aad)
    };
    let (enc, ciphertext, info, aad) = (
        bytes(&case["enc"]),
        bytes(&first["ct"]),
        bytes(&case["info"]),
        bytes(&first["aad"]),
    );
    assert_eq!(
        open(enc.clone(), ciphertext.clone(), &info, &aad).unwrap(),
        bytes(&first["pt"])
    );
    let mut flipped = ciphertext.clone();
    flipped[0] ^= 1;
    assert!(open(enc.clone(), flipped, &info, &aad).is_err());
    assert!(open(enc.clone(), ciphertext.clone(), b"", &aad).is_err());
    assert!(open(enc[1..].to_vec(), ciphertext, &info, &aad).is_err());
    assert!(open(vec![0; 32], vec![], &info, &aad).is_err());
}

#[test]
fn the_aead_makes_and_opens_every_message_as_published() {
    let (case, crypto) = (case(), Crypto::default());
    let algorithm = SUITE.aead_algorithm();
    let key = bytes(&case["key"]);
    for encryption in case["encryptions"].as_array().unwrap() {
        let [nonce, aad, pt, ct] =
            ["nonce", "aad", "pt", "ct"].map(|field| bytes(&encryption[field]));
        assert_eq!(
            crypto
                .aead_encrypt(algorithm, &key, &pt, &nonce, &aad)
                .unwrap(),
            ct
        );
        assert_eq!(
            crypto
                .aead_decrypt(algorithm, &key, &ct, &nonce, &aad)
                .unwrap(),
            pt
        );
    }
}

#[test]
fn secrets_are_exported_as_published() {
    let (case, crypto) = (case(), Crypto::default());
    for export in case["exports"].as_array().unwrap() {
        let secret = crypto
            .hpke_setup_receiver_and_export(
                config(),
                &bytes(&case["enc"]),
                &bytes(&case["skRm"]),
                &bytes(&case["info"]),
                &bytes(&export["exporter_context"]),
                number(&export["L"]).try_into().unwrap(),
            )
            .unwrap();
        assert_eq!(&secret[..], bytes(&export["exported_value"]));
    }
}

#[test]
fn what_is_sealed_opens_and_what_the_sender_exports_the_receiver_does_too() {
    let crypto = Crypto::default();
    crypto.seed([1; 32].into());
    let pair = crypto.derive_hpke_keypair(config(), &[2; 32]).unwrap();
    let sealed = crypto
        .hpke_seal(config(), &pair.public, b"info", b"aad", b"hi")
        .unwrap();
    assert_eq!(
        crypto
            .hpke_open(config(), &sealed, &pair.private, b"info", b"aad")
            .unwrap(),
        b"hi"
    );
    let (enc, sent) = crypto
        .hpke_setup_sender_and_export(config(), &pair.public, b"info", b"context", 48)
        .unwrap();
    let got = crypto
        .hpke_setup_receiver_and_export(config(), &enc, &pair.private, b"info", b"context", 48)
        .unwrap();
    assert_eq!(sent[..], got[..]);
    crypto.forget();
    assert!(
        crypto
            .hpke_seal(config(), &pair.public, b"info", b"aad", b"hi")
            .is_err()
    );
}
