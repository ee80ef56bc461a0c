//! `welcome`: OpenMLS opens a published welcome with our provider and storage.

use openmls::prelude::{OpenMlsSignaturePublicKey, ProcessedWelcome, Verifiable as _};

use super::{
    super::{config, crypto::SUITE, provider::Provider},
    bytes, cases,
    passive_client::{keep_key_package, welcome_in},
};

#[test]
fn a_published_welcome_opens_and_its_group_info_is_signed() {
    let cases = cases(include_str!("../../../../tests/vectors/mls-welcome.json"));
    assert!(!cases.is_empty());
    for case in cases {
        let provider = Provider::default();
        keep_key_package(
            &provider,
            &bytes(&case["key_package"]),
            &bytes(&case["init_priv"]),
            &[0; 32],
        );
        let welcome = welcome_in(&bytes(&case["welcome"]));
        let opened =
            ProcessedWelcome::new_from_welcome(&provider, &config::joining(), welcome).unwrap();
        let signer =
            OpenMlsSignaturePublicKey::new(bytes(&case["signer_pub"]).into(), SUITE.into())
                .unwrap();
        opened
            .unverified_group_info()
            .clone()
            .verify(&provider.crypto, &signer)
            .unwrap();
    }
}
