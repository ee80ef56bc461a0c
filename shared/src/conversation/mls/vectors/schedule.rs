//! `key-schedule`, `secret-tree` and `psk_secret` (RFC 9420 §8 and §9), made of our primitives.

use alloc::vec::Vec;

use openmls_traits::crypto::OpenMlsCrypto as _;
use serde_json::Value;

use super::{
    super::crypto::{Crypto, SUITE},
    basics::{derive_secret, expand_with_label},
    bytes, cases, number, text, vector,
};

fn extract(crypto: &Crypto, salt: &[u8], ikm: &[u8]) -> Vec<u8> {
    crypto
        .hkdf_extract(SUITE.hash_algorithm(), salt, ikm)
        .unwrap()
        .as_slice()
        .to_vec()
}

#[test]
fn key_schedule() {
    let crypto = Crypto::default();
    for case in cases(include_str!(
        "../../../../tests/vectors/mls-key-schedule.json"
    )) {
        let mut init = bytes(&case["initial_init_secret"]);
        for epoch in case["epochs"].as_array().unwrap() {
            let context = bytes(&epoch["group_context"]);
            let step = extract(&crypto, &init, &bytes(&epoch["commit_secret"]));
            let joiner = expand_with_label(&crypto, &step, "joiner", &context, 32);
            assert_eq!(joiner, bytes(&epoch["joiner_secret"]));
            let member = extract(&crypto, &joiner, &bytes(&epoch["psk_secret"]));
            assert_eq!(
                derive_secret(&crypto, &member, "welcome"),
                bytes(&epoch["welcome_secret"])
            );
            let epoch_secret = expand_with_label(&crypto, &member, "epoch", &context, 32);
            for (label, field) in [
                ("sender data", "sender_data_secret"),
                ("encryption", "encryption_secret"),
                ("exporter", "exporter_secret"),
                ("external", "external_secret"),
                ("confirm", "confirmation_key"),
                ("membership", "membership_key"),
                ("resumption", "resumption_psk"),
                ("authentication", "epoch_authenticator"),
                ("init", "init_secret"),
            ] {
                assert_eq!(
                    derive_secret(&crypto, &epoch_secret, label),
                    bytes(&epoch[field]),
                    "{label}"
                );
            }
            let external = crypto
                .derive_hpke_keypair(SUITE.hpke_config(), &bytes(&epoch["external_secret"]))
                .unwrap();
            assert_eq!(external.public, bytes(&epoch["external_pub"]));

            let export = &epoch["exporter"];
            let secret = derive_secret(
                &crypto,
                &bytes(&epoch["exporter_secret"]),
                &text(&export["label"]),
            );
            let hash = crypto
                .hash(SUITE.hash_algorithm(), &bytes(&export["context"]))
                .unwrap();
            let length = number(&export["length"]).try_into().unwrap();
            assert_eq!(
                expand_with_label(&crypto, &secret, "exported", &hash, length),
                bytes(&export["secret"])
            );
            init = bytes(&epoch["init_secret"]);
        }
    }
}

#[test]
fn psk_secret() {
    let crypto = Crypto::default();
    for case in cases(include_str!(
        "../../../../tests/vectors/mls-psk-secret.json"
    )) {
        let psks = case["psks"].as_array().unwrap();
        let count = u16::try_from(psks.len()).unwrap().to_be_bytes();
        let mut secret = vec![0; 32];
        for (index, psk) in (0_u16..).zip(psks) {
            let external = 1_u8;
            let id = [
                vec![external],
                vector(&bytes(&psk["psk_id"])),
                vector(&bytes(&psk["psk_nonce"])),
            ]
            .concat();
            let label = [id, index.to_be_bytes().to_vec(), count.to_vec()].concat();
            let extracted = extract(&crypto, &[0; 32], &bytes(&psk["psk"]));
            let input = expand_with_label(&crypto, &extracted, "derived psk", &label, 32);
            secret = extract(&crypto, &input, &secret);
        }
        assert_eq!(secret, bytes(&case["psk_secret"]));
    }
}

/// Secrets of the leaves below a node that spans `leaves` (a power of two).
fn leaf_secrets(crypto: &Crypto, node: Vec<u8>, leaves: usize) -> Vec<Vec<u8>> {
    if leaves == 1 {
        return vec![node];
    }
    [b"left".as_slice(), b"right"]
        .into_iter()
        .flat_map(|side| {
            leaf_secrets(
                crypto,
                expand_with_label(crypto, &node, "tree", side, 32),
                leaves / 2,
            )
        })
        .collect()
}

fn check_ratchet(crypto: &Crypto, leaf: &[u8], kind: &str, generations: &[Value]) {
    let mut secret = expand_with_label(crypto, leaf, kind, b"", 32);
    let mut at = 0_u32;
    for expected in generations {
        let generation = u32::try_from(number(&expected["generation"])).unwrap();
        while at < generation {
            secret = expand_with_label(crypto, &secret, "secret", &at.to_be_bytes(), 32);
            at += 1;
        }
        let key = expand_with_label(crypto, &secret, "key", &at.to_be_bytes(), 32);
        let nonce = expand_with_label(crypto, &secret, "nonce", &at.to_be_bytes(), 12);
        assert_eq!(key, bytes(&expected[format!("{kind}_key")]));
        assert_eq!(nonce, bytes(&expected[format!("{kind}_nonce")]));
    }
}

#[test]
fn secret_tree() {
    let crypto = Crypto::default();
    for case in cases(include_str!(
        "../../../../tests/vectors/mls-secret-tree.json"
    )) {
        let sender = &case["sender_data"];
        let (secret, ciphertext) = (
            bytes(&sender["sender_data_secret"]),
            bytes(&sender["ciphertext"]),
        );
        let sample = &ciphertext[..ciphertext.len().min(32)];
        assert_eq!(
            expand_with_label(&crypto, &secret, "key", sample, 32),
            bytes(&sender["key"])
        );
        assert_eq!(
            expand_with_label(&crypto, &secret, "nonce", sample, 12),
            bytes(&sender["nonce"])
        );

        let leaves = case["leaves"].as_array().unwrap();
        let secrets = leaf_secrets(
            &crypto,
            bytes(&case["encryption_secret"]),
            leaves.len().next_power_of_two(),
        );
        for (secret, generations) in secrets.iter().zip(leaves) {
            for kind in ["handshake", "application"] {
                check_ratchet(&crypto, secret, kind, generations.as_array().unwrap());
            }
        }
    }
}
