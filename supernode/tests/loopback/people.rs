//! People with keys.

use shared::base::id::{DeviceId, EnvelopeId, PersonaId, SealKey};
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::mailbox::capability::{Capability, Lane, SECRET_LEN};
use shared::mailbox::wire::Envelope;
use supernode::random::System;

/// Somebody with one device.
pub struct Person {
    pub persona: SigningKey,
    pub device: SigningKey,
    pub secret: [u8; SECRET_LEN],
}

impl Person {
    /// The same person for the same number.
    pub fn new(number: u8) -> Self {
        Self {
            persona: SigningKey::from_seed([number; 32]),
            device: SigningKey::from_seed([number + 100; 32]),
            secret: [number; SECRET_LEN],
        }
    }

    pub fn id(&self) -> PersonaId {
        PersonaId(self.persona.public())
    }

    pub fn device_id(&self) -> DeviceId {
        DeviceId(self.device.public())
    }

    pub fn devices(&self) -> VerifiedDeviceList {
        let entry = DeviceEntry {
            device: self.device_id(),
            seal: SealKey([0; 32]),
            since: Timestamp(0),
        };
        let list = DeviceList {
            persona: self.id(),
            version: 1,
            previous: None,
            at: Timestamp(0),
            devices: vec![entry],
        };
        VerifiedDeviceList::sign(&list, &self.persona).unwrap()
    }

    /// An envelope for this person, with a capability of theirs.
    pub fn envelope(&self, id: u8, keep_seconds: u32, bytes: &[u8]) -> Envelope {
        let capability = Capability::issue(
            &self.secret,
            &self.id(),
            Lane::Contact,
            None,
            &mut System::default(),
        );
        Envelope {
            to: self.id(),
            capability,
            id: EnvelopeId([id; 16]),
            keep_seconds,
            bytes: bytes.to_vec(),
        }
    }
}
