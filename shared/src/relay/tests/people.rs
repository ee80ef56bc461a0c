//! People with keys and devices.

use crate::base::id::{DeviceId, EnvelopeId, Hash, PersonaId, SealKey};
use crate::base::sign::{Purpose, SigningKey};
use crate::base::time::Timestamp;
use crate::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use crate::mailbox::capability::{Capability, Lane, SECRET_LEN};
use crate::mailbox::wire::Envelope;
use crate::session::transcript::Transcript;
use crate::session::wire::ClientFrame;

use super::world::{Counter, START};

/// Somebody with devices, numbered from 0.
pub struct Person {
    persona: SigningKey,
    number: u8,
    pub secret: [u8; SECRET_LEN],
    pub list: VerifiedDeviceList,
}

impl Person {
    pub fn new(number: u8, devices: u8) -> Self {
        let persona = SigningKey::from_seed([number; 32]);
        let numbers: Vec<u8> = (0..devices).collect();
        let list = sign(&persona, number, 1, None, &numbers);
        Self {
            persona,
            number,
            secret: [number; SECRET_LEN],
            list,
        }
    }

    pub fn ann() -> Self {
        Self::new(1, 1)
    }

    pub fn ben() -> Self {
        Self::new(2, 1)
    }

    pub fn id(&self) -> PersonaId {
        PersonaId(self.persona.public())
    }

    pub fn device(&self, device: u8) -> SigningKey {
        device_key(self.number, device)
    }

    pub fn device_id(&self, device: u8) -> DeviceId {
        DeviceId(self.device(device).public())
    }

    /// Publishes the next list, with these devices.
    pub fn next_list(&mut self, devices: &[u8]) {
        let version = self.list.list().version + 1;
        self.list = sign(
            &self.persona,
            self.number,
            version,
            Some(self.list.hash()),
            devices,
        );
    }

    /// A list of the same version that this person never published.
    pub fn forked_list(&self, devices: &[u8]) -> VerifiedDeviceList {
        let known = self.list.list();
        sign(
            &self.persona,
            self.number,
            known.version,
            known.previous,
            devices,
        )
    }

    pub fn claim(&self, transcript: &Transcript, device: u8) -> ClientFrame {
        let key = self.device(device);
        let device = self.device_id(device);
        ClientFrame::Claim {
            devices: self.list.carried().to_vec(),
            device,
            signature: key.sign(
                Purpose::SessionDevice,
                &transcript.for_device(&self.id(), &device),
            ),
            capability_secret: self.secret.to_vec(),
        }
    }

    pub fn capability(&self, lane: Lane, until: Option<Timestamp>) -> Capability {
        Capability::issue(&self.secret, &self.id(), lane, until, &mut Counter(9))
    }

    /// An envelope for this person, kept for an hour, with a capability of theirs.
    pub fn envelope(&self, id: u16, bytes: &[u8]) -> Envelope {
        let capability = self.capability(Lane::Contact, Some(START.after(super::world::days(40))));
        let mut envelope_id = [0; 16];
        envelope_id[..2].copy_from_slice(&id.to_be_bytes());
        Envelope {
            to: self.id(),
            capability,
            id: EnvelopeId(envelope_id),
            keep_seconds: 3600,
            bytes: bytes.to_vec(),
        }
    }

    pub fn live(&self, id: u16, bytes: &[u8]) -> Envelope {
        Envelope {
            keep_seconds: 0,
            ..self.envelope(id, bytes)
        }
    }
}

fn device_key(person: u8, device: u8) -> SigningKey {
    let mut seed = [person; 32];
    seed[0] = device;
    seed[1] = 0xdd;
    SigningKey::from_seed(seed)
}

fn sign(
    persona: &SigningKey,
    number: u8,
    version: u64,
    previous: Option<Hash>,
    devices: &[u8],
) -> VerifiedDeviceList {
    let entry = |device: &u8| DeviceEntry {
        device: DeviceId(device_key(number, *device).public()),
        seal: SealKey([*device; 32]),
        since: START,
    };
    let devices = devices.iter().map(entry).collect();
    let list = DeviceList {
        persona: PersonaId(persona.public()),
        version,
        previous,
        at: START,
        devices,
    };
    VerifiedDeviceList::sign(&list, persona).unwrap()
}
