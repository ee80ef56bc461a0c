//! How our groups and leaves are set up.

use openmls::prelude::{
    Capabilities, CredentialType, ExtensionType, Lifetime, MlsGroupCreateConfig,
    MlsGroupJoinConfig, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, ProtocolVersion,
    SenderRatchetConfiguration,
};

use super::{
    crypto::SUITE,
    limits::{OUT_OF_ORDER_MAX, PADDING_BYTES, PAST_EPOCHS_MAX, SKIPPED_MAX},
};

/// Extension of a key package: until when it is good, in milliseconds since the Unix epoch, as
/// 8 bytes big-endian. From the range for private use (RFC 9420 §17.3).
pub(super) const EXPIRY_EXTENSION: u16 = 0xf0e7;

/// Always, by whatever clock: the real lifetime is in [`EXPIRY_EXTENSION`].
pub(super) fn unbounded() -> Lifetime {
    Lifetime::init(0, u64::MAX)
}

pub(super) fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[SUITE]),
        Some(&[
            ExtensionType::LastResort,
            ExtensionType::Unknown(EXPIRY_EXTENSION),
        ]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER_MAX, SKIPPED_MAX)
}

pub(super) fn joining() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(PAST_EPOCHS_MAX)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}

pub(super) fn creating() -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .capabilities(capabilities())
        .lifetime(unbounded())
        .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(PAST_EPOCHS_MAX)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(ratchets())
        .build()
}
