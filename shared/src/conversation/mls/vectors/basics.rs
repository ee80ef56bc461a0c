//! `crypto-basics`: the labelled operations of RFC 9420 §5 made of our primitives.

use alloc::vec::Vec;

use openmls_traits::{
    crypto::OpenMlsCrypto as _,
    types::{HpkeCiphertext, SignatureScheme},
};
use serde_json::Value;

use super::{
    super::crypto::{Crypto, SUITE},
    bytes, cases, number, text, vector,
};

fn each(check: impl Fn(&Crypto, &Value)) {
    let cases = cases(include_str!(
        "../../../../tests/vectors/mls-crypto-basics.json"
    ));
    assert!(!cases.is_empty());
    let crypto = Crypto::default();
    crypto.seed([0; 32].into());
    cases.iter().for_each(|case| check(&crypto, case));
}

fn labelled(label: &str) -> Vec<u8> {
    vector(format!("MLS 1.0 {label}").as_bytes())
}

/// ExpandWithLabel (§8).
pub(super) fn expand_with_label(
    crypto: &Crypto,
    secret: &[u8],
    label: &str,
    context: &[u8],
    length: u16,
) -> Vec<u8> {
    let info = [
        length.to_be_bytes().to_vec(),
        labelled(label),
        vector(context),
    ]
    .concat();
    crypto
        .hkdf_expand(SUITE.hash_algorithm(), secret, &info, length.into())
        .unwrap()
        .as_slice()
        .to_vec()
}

/// DeriveSecret (§8).
pub(super) fn derive_secret(crypto: &Crypto, secret: &[u8], label: &str) -> Vec<u8> {
    expand_with_label(crypto, secret, label, b"", 32)
}

#[test]
fn ref_hash() {
    each(|crypto, case| {
        let case = &case["ref_hash"];
        let input = [
            vector(text(&case["label"]).as_bytes()),
            vector(&bytes(&case["value"])),
        ]
        .concat();
        assert_eq!(
            crypto.hash(SUITE.hash_algorithm(), &input).unwrap(),
            bytes(&case["out"])
        );
    });
}

#[test]
fn expand_with_label_and_derive_secret() {
    each(|crypto, case| {
        let expand = &case["expand_with_label"];
        let (secret, label) = (bytes(&expand["secret"]), text(&expand["label"]));
        let length = number(&expand["length"]).try_into().unwrap();
        assert_eq!(
            expand_with_label(crypto, &secret, &label, &bytes(&expand["context"]), length),
            bytes(&expand["out"])
        );

        let derive = &case["derive_secret"];
        assert_eq!(
            derive_secret(crypto, &bytes(&derive["secret"]), &text(&derive["label"])),
            bytes(&derive["out"])
        );

        let tree = &case["derive_tree_secret"];
        let generation = u32::try_from(number(&tree["generation"]))
            .unwrap()
            .to_be_bytes();
        let length = number(&tree["length"]).try_into().unwrap();
        let (secret, label) = (bytes(&tree["secret"]), text(&tree["label"]));
        assert_eq!(
            expand_with_label(crypto, &secret, &label, &generation, length),
            bytes(&tree["out"])
        );
    });
}

#[test]
fn sign_with_label() {
    each(|crypto, case| {
        let case = &case["sign_with_label"];
        let content = [
            labelled(&text(&case["label"])),
            vector(&bytes(&case["content"])),
        ]
        .concat();
        let (private, public) = (bytes(&case["priv"]), bytes(&case["pub"]));
        let signature = crypto
            .sign(SignatureScheme::ED25519, &content, &private)
            .unwrap();
        assert_eq!(
            signature,
            bytes(&case["signature"]),
            "Ed25519 is deterministic"
        );
        let verify = |content: &[u8], signature: &[u8]| {
            crypto.verify_signature(SignatureScheme::ED25519, content, &public, signature)
        };
        verify(&content, &signature).unwrap();
        assert!(verify(&content[1..], &signature).is_err());
        assert!(verify(&content, &signature[1..]).is_err());
    });
}

#[test]
fn encrypt_with_label() {
    each(|crypto, case| {
        let case = &case["encrypt_with_label"];
        let info = [
            labelled(&text(&case["label"])),
            vector(&bytes(&case["context"])),
        ]
        .concat();
        let (private, plaintext) = (bytes(&case["priv"]), bytes(&case["plaintext"]));
        let published = HpkeCiphertext {
            kem_output: bytes(&case["kem_output"]).into(),
            ciphertext: bytes(&case["ciphertext"]).into(),
        };
        let ours = crypto
            .hpke_seal(
                SUITE.hpke_config(),
                &bytes(&case["pub"]),
                &info,
                b"",
                &plaintext,
            )
            .unwrap();
        for sealed in [published, ours] {
            assert_eq!(
                crypto
                    .hpke_open(SUITE.hpke_config(), &sealed, &private, &info, b"")
                    .unwrap(),
                plaintext
            );
        }
    });
}
