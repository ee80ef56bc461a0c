//! Key packages (RFC 9420 §10): what others need to start a conversation with an absent device.

use alloc::vec::Vec;

use openmls::prelude::{
    Extension, Extensions, KeyPackage, KeyPackageBundle, MlsMessageBodyIn, MlsMessageIn,
    MlsMessageOut, ProtocolVersion, UnknownExtension,
    tls_codec::{DeserializeBytes as _, Serialize as _},
};

use super::{
    Mls,
    config::{EXPIRY_EXTENSION, capabilities, unbounded},
    crypto::{Crypto, SUITE},
    error::GroupError,
    limits::{
        CLOCK_SKEW_MAX, KEY_PACKAGE_BYTES_MAX, KEY_PACKAGE_GRACE, KEY_PACKAGE_LIFETIME,
        KEY_PACKAGES_MAX,
    },
    member::Member,
};
use crate::base::{random::Random, time::Timestamp};

impl Mls {
    /// A new key package of this device, good for [`KEY_PACKAGE_LIFETIME`]. Its private part is
    /// kept; it goes when a conversation is joined with it, unless it is of `last_resort`.
    ///
    /// # Errors
    /// [`GroupError::TooManyKeyPackages`], [`GroupError::State`].
    pub fn key_package(
        &mut self,
        random: &mut dyn Random,
        now: Timestamp,
        last_resort: bool,
    ) -> Result<Vec<u8>, GroupError> {
        if self.provider.storage.key_package_count() >= KEY_PACKAGES_MAX {
            return Err(GroupError::TooManyKeyPackages);
        }
        let Self {
            me,
            signer,
            provider,
            ..
        } = self;
        provider
            .run(Some(random), |provider| {
                let mut builder = KeyPackage::builder()
                    .leaf_node_capabilities(capabilities())
                    .key_package_lifetime(unbounded())
                    .key_package_extensions(expiring(now.after(KEY_PACKAGE_LIFETIME))?);
                if last_resort {
                    builder = builder.mark_as_last_resort();
                }
                let bundle = builder
                    .build(SUITE, provider, signer, me.credential())
                    .map_err(|_| GroupError::State)?;
                MlsMessageOut::from(bundle.key_package().clone())
                    .tls_serialize_detached()
                    .map_err(|_| GroupError::State)
            })
            .result
    }

    /// Key packages of this device that wait to be used.
    #[must_use]
    pub fn key_package_count(&self) -> usize {
        self.provider.storage.key_package_count()
    }

    /// Whose a key package is, checked as for [`Self::create`].
    ///
    /// # Errors
    /// [`GroupError::TooLarge`], [`GroupError::Damaged`], [`GroupError::Unsupported`],
    /// [`GroupError::Expired`], [`GroupError::Refused`].
    pub fn member_of(&self, now: Timestamp, key_package: &[u8]) -> Result<Member, GroupError> {
        let (_, member) = verify_key_package(&self.provider.crypto, now, key_package)?;
        Ok(member)
    }

    /// Deletes what is kept for one key package of this device, as returned by [`Self::key_package`]:
    /// nobody will use it. One that is not kept is no error.
    ///
    /// # Errors
    /// [`GroupError::State`].
    pub fn forget_key_package(&mut self, key_package: &[u8]) -> Result<(), GroupError> {
        let is_it = |bundle: &KeyPackageBundle| {
            let message = MlsMessageOut::from(bundle.key_package().clone());
            message
                .tls_serialize_detached()
                .is_ok_and(|bytes| bytes == key_package)
        };
        self.provider
            .run(None, |provider| {
                let kept = provider.storage.key_packages::<KeyPackageBundle>()?;
                for (key, _) in kept.into_iter().filter(|(_, bundle)| is_it(bundle)) {
                    provider.storage.delete(&key)?;
                }
                Ok(())
            })
            .result
            .map_err(|_: super::codec::StorageError| GroupError::State)
    }

    /// Deletes what is kept for key packages that expired [`KEY_PACKAGE_GRACE`] ago: their
    /// welcomes can no longer be under way. Returns how many are left.
    ///
    /// # Errors
    /// [`GroupError::State`].
    pub fn drop_expired_key_packages(&mut self, now: Timestamp) -> Result<usize, GroupError> {
        self.provider
            .run(None, |provider| {
                let kept = provider.storage.key_packages::<KeyPackageBundle>()?;
                let count = kept.len();
                let expired: Vec<_> = kept
                    .into_iter()
                    .filter(|(_, bundle)| {
                        expiry(bundle.key_package())
                            .is_none_or(|until| until.after(KEY_PACKAGE_GRACE) <= now)
                    })
                    .collect();
                for (key, _) in &expired {
                    provider.storage.delete(key)?;
                }
                Ok(count.saturating_sub(expired.len()))
            })
            .result
            .map_err(|_: super::codec::StorageError| GroupError::State)
    }
}

fn expiring(until: Timestamp) -> Result<Extensions<KeyPackage>, GroupError> {
    let data = UnknownExtension(until.0.to_be_bytes().to_vec());
    Extensions::single(Extension::Unknown(EXPIRY_EXTENSION, data)).map_err(|_| GroupError::State)
}

fn expiry(key_package: &KeyPackage) -> Option<Timestamp> {
    let data = &key_package.extensions().unknown(EXPIRY_EXTENSION)?.0;
    Some(Timestamp(u64::from_be_bytes(
        data.as_slice().try_into().ok()?,
    )))
}

/// A key package of somebody else, checked: signatures, suite, time, and that its leaf signs with
/// the key of the device that it names.
pub(super) fn verify_key_package(
    crypto: &Crypto,
    now: Timestamp,
    bytes: &[u8],
) -> Result<(KeyPackage, Member), GroupError> {
    if bytes.len() > KEY_PACKAGE_BYTES_MAX {
        return Err(GroupError::TooLarge);
    }
    let message =
        MlsMessageIn::tls_deserialize_exact_bytes(bytes).map_err(|_| GroupError::Damaged)?;
    let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
        return Err(GroupError::Damaged);
    };
    let key_package = key_package
        .validate(crypto, ProtocolVersion::Mls10)
        .map_err(|_| GroupError::Damaged)?;
    if key_package.ciphersuite() != SUITE {
        return Err(GroupError::Unsupported);
    }
    let until = expiry(&key_package).ok_or(GroupError::Unsupported)?;
    if until <= now || until > now.after(KEY_PACKAGE_LIFETIME).after(CLOCK_SKEW_MAX) {
        return Err(GroupError::Expired);
    }
    let leaf = key_package.leaf_node();
    let member = Member::of_leaf(leaf.credential(), leaf.signature_key().as_slice())
        .ok_or(GroupError::Refused)?;
    Ok((key_package, member))
}
