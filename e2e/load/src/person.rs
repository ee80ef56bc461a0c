//! Somebody with one device and a mailbox.

use ring::rand::{SecureRandom, SystemRandom};
use shared::base::id::{DeviceId, EnvelopeId, PersonaId, SealKey};
use shared::base::random::{Random, bytes};
use shared::base::sign::{Purpose, SigningKey};
use shared::base::time::Timestamp;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::mailbox::capability::{Capability, Lane, SECRET_LEN};
use shared::mailbox::wire::Envelope;
use shared::session::transcript::Transcript;
use shared::session::wire::ClientFrame;

/// The operating system's randomness.
pub struct System;

impl Random for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        SystemRandom::new()
            .fill(bytes)
            .expect("the operating system gives random bytes");
    }
}

/// Keys and a capability for the own mailbox.
pub struct Person {
    device: SigningKey,
    devices: VerifiedDeviceList,
    secret: [u8; SECRET_LEN],
    capability: Capability,
}

impl Person {
    /// Somebody new.
    ///
    /// # Panics
    /// Never: a list of one device is consistent.
    #[must_use]
    pub fn new() -> Self {
        let persona = SigningKey::from_seed(bytes(&mut System));
        let device = SigningKey::from_seed(bytes(&mut System));
        let id = PersonaId(persona.public());
        let entry = DeviceEntry {
            device: DeviceId(device.public()),
            seal: SealKey([0; 32]),
            since: Timestamp(0),
        };
        let list = DeviceList {
            persona: id,
            version: 1,
            previous: None,
            at: Timestamp(0),
            devices: vec![entry],
        };
        let devices =
            VerifiedDeviceList::sign(&list, &persona).expect("a list of one device is consistent");
        let secret = bytes(&mut System);
        let capability = Capability::issue(&secret, &id, Lane::Contact, None, &mut System);
        Self {
            device,
            devices,
            secret,
            capability,
        }
    }

    /// The device list, with one device.
    #[must_use]
    pub fn devices(&self) -> &VerifiedDeviceList {
        &self.devices
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId(self.device.public())
    }

    /// The secret for capabilities.
    #[must_use]
    pub fn secret(&self) -> &[u8; SECRET_LEN] {
        &self.secret
    }

    /// The claim of the own mailbox.
    #[must_use]
    pub fn claim(&self, transcript: &Transcript) -> ClientFrame {
        let device = self.device();
        let signed = transcript.for_device(&self.devices.persona(), &device);
        ClientFrame::Claim {
            devices: self.devices.carried().to_vec(),
            device,
            signature: self.device.sign(Purpose::SessionDevice, &signed),
            capability_secret: self.secret.to_vec(),
        }
    }

    /// An envelope for this person, live or to be kept.
    #[must_use]
    pub fn envelope(&self, number: u64, keep_seconds: u32, body: Vec<u8>) -> Envelope {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        Envelope {
            to: self.devices.persona(),
            capability: self.capability,
            id: EnvelopeId(id),
            keep_seconds,
            bytes: body,
        }
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new()
    }
}
