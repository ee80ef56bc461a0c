//! People with keys, whom the fuzzer lets speak.

use std::sync::OnceLock;

use shared::base::id::{DeviceId, PersonaId, SealKey};
use shared::base::sign::{Purpose, SigningKey};
use shared::base::time::Timestamp;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::mailbox::capability::SECRET_LEN;
use shared::session::transcript::Transcript;
use shared::session::wire::ClientFrame;

/// How many there are.
pub const PEOPLE: usize = 3;
/// Capability secrets that one of them changes between.
pub const SECRETS: usize = 2;
/// Lists of each: the first, the next, and one that forks from the next.
const LISTS: usize = 3;

/// When every story begins.
pub const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);

/// All people. Their signatures are made once a process.
pub fn everybody() -> &'static [Person] {
    static EVERYBODY: OnceLock<[Person; PEOPLE]> = OnceLock::new();
    EVERYBODY.get_or_init(|| [0, 1, 2].map(Person::new))
}

/// The supernode's key.
pub fn node_key() -> SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::from_seed([0xaa; 32]))
        .clone()
}

/// Somebody.
pub struct Person {
    number: u8,
    pub id: PersonaId,
    lists: [Vec<u8>; LISTS],
    devices: [SigningKey; 3],
}

/// What a claim is like; each part may be wrong.
#[derive(Debug, Clone, Copy)]
pub struct ClaimPlan {
    pub list: usize,
    pub device: usize,
    pub secret: usize,
    /// Signed by another device.
    pub forged: bool,
    /// Signed over another connection.
    pub replayed: bool,
}

impl ClaimPlan {
    /// As it should be.
    pub const GOOD: Self = Self {
        list: 0,
        device: 0,
        secret: 0,
        forged: false,
        replayed: false,
    };
}

impl<'a> arbitrary::Arbitrary<'a> for ClaimPlan {
    fn arbitrary(input: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let flags: u8 = input.arbitrary()?;
        let small = |shift: u8, count: usize| usize::from((flags >> shift) & 3) % count;
        Ok(Self {
            list: small(0, LISTS),
            device: small(2, 3),
            secret: small(4, SECRETS),
            forged: flags & 0x40 != 0,
            replayed: flags & 0x80 != 0,
        })
    }
}

impl Person {
    fn new(number: u8) -> Self {
        let now = BEGINNING;
        let persona = SigningKey::from_seed([number + 1; 32]);
        let devices = [0, 1, 2].map(|device| {
            let mut seed = [number + 1; 32];
            seed[0] = 0xd0 + device;
            SigningKey::from_seed(seed)
        });
        let id = PersonaId(persona.public());
        let entry = |device: &SigningKey| DeviceEntry {
            device: DeviceId(device.public()),
            seal: SealKey([number; 32]),
            since: now,
        };
        let sign = |version, previous, of: &[SigningKey]| {
            let list = DeviceList {
                persona: id,
                version,
                previous,
                at: now,
                devices: of.iter().map(entry).collect(),
            };
            let signed = VerifiedDeviceList::sign(&list, &persona);
            signed.unwrap_or_else(|error| panic!("a list of ours: {error}"))
        };
        let first = sign(1, None, &devices[..1]);
        let next = sign(2, Some(first.hash()), &devices[..2]);
        let fork = sign(2, Some(first.hash()), &devices[2..]);
        let lists = [first, next, fork].map(|list| list.carried().to_vec());
        Self {
            number,
            id,
            lists,
            devices,
        }
    }

    pub fn secret(&self, which: usize) -> [u8; SECRET_LEN] {
        [0x40 + self.number * 2 + u8::try_from(which % SECRETS).unwrap_or(0); SECRET_LEN]
    }

    pub fn device(&self, which: usize) -> DeviceId {
        DeviceId(self.devices[which % self.devices.len()].public())
    }

    /// Whether a device of theirs is on that list.
    pub fn is_listed(&self, list: usize, device: usize) -> bool {
        match list % LISTS {
            0 => device == 0,
            1 => device < 2,
            _ => device == 2,
        }
    }

    pub fn claim(&self, transcript: &Transcript, plan: ClaimPlan) -> ClientFrame {
        let device = self.device(plan.device);
        let mut transcript = transcript.clone();
        if plan.replayed {
            transcript.node_nonce.0[0] ^= 1;
        }
        let signer = if plan.forged {
            plan.device + 1
        } else {
            plan.device
        };
        let key = &self.devices[signer % self.devices.len()];
        ClientFrame::Claim {
            devices: self.lists[plan.list].clone(),
            device,
            signature: key.sign(
                Purpose::SessionDevice,
                &transcript.for_device(&self.id, &device),
            ),
            capability_secret: self.secret(plan.secret).to_vec(),
        }
    }
}
