//! `passive-client-*`: a member that only listens follows a group through its epochs.

use alloc::vec::Vec;

use openmls::{
    prelude::{
        HpkePrivateKey, KeyPackageBundle, KeyPackageIn, MlsGroup, MlsGroupJoinConfig,
        MlsMessageBodyIn, MlsMessageIn, PURE_PLAINTEXT_WIRE_FORMAT_POLICY, ProcessedMessageContent,
        RatchetTreeIn, StagedWelcome, Welcome, tls_codec::DeserializeBytes as _,
    },
    schedule::PreSharedKeyId,
};
use openmls_traits::storage::StorageProvider as _;
use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        codec::{decode, encode},
        provider::Provider,
    },
    bytes, cases,
};

/// OpenMLS's `KeyPackageBundle` as it is stored: the only way in for keys that it did not make.
#[derive(Serialize)]
struct StoredBundle {
    key_package: KeyPackageIn,
    private_init_key: HpkePrivateKey,
    private_encryption_key: StoredKey,
}

#[derive(Serialize)]
struct StoredKey {
    key: HpkePrivateKey,
}

pub(super) fn keep_key_package(
    provider: &Provider,
    key_package: &[u8],
    init: &[u8],
    encryption: &[u8],
) {
    let message = MlsMessageIn::tls_deserialize_exact_bytes(key_package).unwrap();
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        panic!("not a key package")
    };
    let stored = encode(&StoredBundle {
        key_package,
        private_init_key: init.into(),
        private_encryption_key: StoredKey {
            key: encryption.into(),
        },
    })
    .unwrap();
    let bundle: KeyPackageBundle = decode(&stored).unwrap();
    let reference = bundle.key_package().hash_ref(&provider.crypto).unwrap();
    provider
        .storage
        .write_key_package(&reference, &bundle)
        .unwrap();
}

pub(in super::super) fn welcome_in(message: &[u8]) -> Welcome {
    match MlsMessageIn::tls_deserialize_exact_bytes(message)
        .unwrap()
        .extract()
    {
        MlsMessageBodyIn::Welcome(welcome) => welcome,
        _ => panic!("not a welcome"),
    }
}

fn follow(provider: &Provider, group: &mut MlsGroup, message: &Value) {
    let message = MlsMessageIn::tls_deserialize_exact_bytes(&bytes(message)).unwrap();
    let message = message.try_into_protocol_message().unwrap();
    match group
        .process_message(provider, message)
        .unwrap()
        .into_content()
    {
        ProcessedMessageContent::ProposalMessage(proposal) => {
            group
                .store_pending_proposal(&provider.storage, *proposal)
                .unwrap();
        }
        ProcessedMessageContent::StagedCommitMessage(commit) => {
            group.merge_staged_commit(provider, *commit).unwrap()
        }
        _ => panic!("neither proposal nor commit"),
    }
}

fn run(case: &Value) {
    let provider = Provider::default();
    for psk in case["external_psks"].as_array().unwrap() {
        PreSharedKeyId::external(bytes(&psk["psk_id"]), vec![])
            .store(&provider, &bytes(&psk["psk"]))
            .unwrap();
    }
    let [key_package, init, encryption] =
        ["key_package", "init_priv", "encryption_priv"].map(|field| bytes(&case[field]));
    keep_key_package(&provider, &key_package, &init, &encryption);
    let tree = case["ratchet_tree"].as_str().map(|tree| {
        RatchetTreeIn::tls_deserialize_exact_bytes(&::hex::decode(tree).unwrap()).unwrap()
    });
    let config = MlsGroupJoinConfig::builder()
        .use_ratchet_tree_extension(true)
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(16)
        .build();
    let welcome = welcome_in(&bytes(&case["welcome"]));
    let mut joining = StagedWelcome::build_from_welcome(&provider, &config, welcome)
        .unwrap()
        .skip_lifetime_validation();
    if let Some(tree) = tree {
        joining = joining.with_ratchet_tree(tree);
    }
    let mut group = joining.build().unwrap().into_group(&provider).unwrap();
    assert_eq!(
        group.epoch_authenticator().as_slice(),
        bytes(&case["initial_epoch_authenticator"])
    );

    for epoch in case["epochs"].as_array().unwrap() {
        // Read back each time: what OpenMLS keeps must survive our codec.
        group = MlsGroup::load(&provider.storage, group.group_id())
            .unwrap()
            .unwrap();
        let proposals: &Vec<Value> = epoch["proposals"].as_array().unwrap();
        proposals
            .iter()
            .for_each(|proposal| follow(&provider, &mut group, proposal));
        follow(&provider, &mut group, &epoch["commit"]);
        assert_eq!(
            group.epoch_authenticator().as_slice(),
            bytes(&epoch["epoch_authenticator"])
        );
    }
}

#[test]
fn a_passive_client_joins() {
    let cases = cases(include_str!(
        "../../../../tests/vectors/mls-passive-client-welcome.json"
    ));
    assert_eq!(cases.len(), 8);
    cases.iter().for_each(run);
}

#[test]
fn a_passive_client_follows_commits() {
    let cases = cases(include_str!(
        "../../../../tests/vectors/mls-passive-client-handling-commit.json"
    ));
    assert_eq!(cases.len(), 9);
    cases.iter().for_each(run);
}
