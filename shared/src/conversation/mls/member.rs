//! Who a leaf of the tree is: a basic credential (RFC 9420 §5.3) of persona ‖ device, worth
//! something only if the leaf's signature key is that device.

use alloc::vec::Vec;

use ed25519_dalek::Signer as _;
use openmls::prelude::{BasicCredential, Credential, CredentialWithKey, SignatureScheme};
use openmls_traits::signatures::{Signer, SignerError};

use crate::base::id::{DeviceId, PersonaId};

/// One leaf of a group: a device of a persona.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// Whose device it is.
    pub persona: PersonaId,
    /// The device; its key signs what it sends.
    pub device: DeviceId,
}

/// Whether a device is on its persona's newest list.
pub type Accepts<'a> = &'a dyn Fn(&Member) -> bool;

impl Member {
    pub(super) fn credential(&self) -> CredentialWithKey {
        let mut identity = Vec::with_capacity(PersonaId::LEN + DeviceId::LEN);
        identity.extend_from_slice(&self.persona.0);
        identity.extend_from_slice(&self.device.0);
        CredentialWithKey {
            credential: BasicCredential::new(identity).into(),
            signature_key: self.device.0.to_vec().into(),
        }
    }

    /// The member a credential names; none for a credential of another kind or length.
    pub(super) fn named_by(credential: &Credential) -> Option<Self> {
        let basic = BasicCredential::try_from(credential.clone()).ok()?;
        let (persona, device) = basic.identity().split_at_checked(PersonaId::LEN)?;
        Some(Self {
            persona: PersonaId::from_slice(persona).ok()?,
            device: DeviceId::from_slice(device).ok()?,
        })
    }

    /// The member of a leaf; none unless the leaf signs with the device's key.
    pub(super) fn of_leaf(credential: &Credential, signature_key: &[u8]) -> Option<Self> {
        Self::named_by(credential).filter(|member| member.device.0 == signature_key)
    }
}

/// Signs as this device. MLS labels what it signs, so the key may serve other purposes too.
pub(super) struct DeviceSigner(ed25519_dalek::SigningKey);

impl DeviceSigner {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    pub fn device(&self) -> DeviceId {
        DeviceId(self.0.verifying_key().to_bytes())
    }
}

impl Signer for DeviceSigner {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
