//! A household: one persona with several devices, at one supernode, and somebody who writes to them.
//! A page has one device so far; what a supernode owes to several is asked of it by these programs.
//!
//! | number | program |
//! |---|---|
//! | 0 | a device, on the list from the beginning to the end |
//! | 1 | a device that is taken off the list at some time, and does not accept it |
//! | 2 | a device that is put on the list then |
//! | 3 | the one who writes |

mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use shared::base::id::EnvelopeId;
use shared::base::random::bytes;
use shared::base::time::Timestamp;
use shared::identity::list::{BadDeviceList, DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::identity::secret::{DeviceSecret, PersonaSecret};
use shared::mailbox::capability::{Capability, Lane};

use super::{Event, World};
use crate::chance::Chance;
use program::Program;
pub use program::Step;

/// Devices that a household ever has.
const DEVICES: usize = 3;
/// The device that is taken off the list.
const REMOVED: usize = 1;
/// The number of the one who writes.
const WRITER: usize = DEVICES;
/// Programs of one household.
pub const PROGRAMS: usize = DEVICES + 1;
/// What is kept for at least this long must arrive, whatever goes wrong.
pub const LONG: u32 = 86_400;
/// After the other devices have claimed by the new list, the removed one gets nothing that comes later
/// than this.
const GOODBYE: Duration = Duration::from_secs(60);

/// What the writer has left.
struct Letter {
    at: Timestamp,
    bytes: Vec<u8>,
    keep_seconds: u32,
    /// The supernode has said OK.
    accepted: bool,
}

/// See the module.
pub struct Household {
    node: usize,
    persona: PersonaSecret,
    devices: [DeviceSecret; DEVICES],
    /// What each has on its disk.
    has: [BTreeSet<EnvelopeId>; DEVICES],
    /// Before and after the change.
    lists: [VerifiedDeviceList; 2],
    /// The list has changed.
    changed: bool,
    /// Since when the supernode knows.
    enforced: Option<Timestamp>,
    capability: Capability,
    letters: BTreeMap<EnvelopeId, Letter>,
    programs: [Program; PROGRAMS],
    chance: Chance,
}

impl Household {
    fn new(number: usize, node: usize, seed: u64, now: Timestamp) -> Result<Self, BadDeviceList> {
        let mut chance = Chance::new(seed, number as u64 | 4 << 32);
        let persona = PersonaSecret::random(&mut chance);
        let devices: [_; DEVICES] =
            std::array::from_fn(|_| DeviceSecret::from_seed(bytes(&mut chance)));
        let entry = |device: &DeviceSecret| DeviceEntry {
            device: device.id(),
            seal: device.seal().public(),
            since: now,
        };
        let [stays, goes, comes] = devices.each_ref().map(entry);
        let mut list = DeviceList {
            persona: persona.id(),
            version: 1,
            previous: None,
            at: now,
            devices: vec![stays, goes],
        };
        let first = VerifiedDeviceList::sign(&list, persona.sign())?;
        (list.version, list.previous) = (2, Some(first.hash()));
        list.devices = vec![stays, comes];
        let second = VerifiedDeviceList::sign(&list, persona.sign())?;
        let secret = persona.capability_secret();
        let me = persona.id();
        let capability = Capability::issue(&secret, &me, Lane::Contact, None, &mut chance);
        let programs =
            std::array::from_fn(|which| Program::new(seed, (number * PROGRAMS + which) as u64));
        Ok(Self {
            node,
            persona,
            devices,
            has: Default::default(),
            lists: [first, second],
            changed: false,
            enforced: None,
            capability,
            letters: BTreeMap::new(),
            programs,
            chance,
        })
    }

    /// Something that has never been written before.
    fn new_letter(&mut self, now: Timestamp) -> EnvelopeId {
        let chance = &mut self.chance;
        let id = EnvelopeId(bytes(chance));
        let len = 40 + chance.below(2000);
        let letter = Letter {
            at: now,
            bytes: (0..len).map(|_| chance.bits() as u8).collect(),
            keep_seconds: match chance.below(3) {
                0 => 20 + chance.below(100) as u32,
                _ => LONG,
            },
            accepted: false,
        };
        self.letters.insert(id, letter);
        id
    }

    /// Letters that the supernode took.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.letters.values().filter(|it| it.accepted).count()
    }

    /// Whether each device has what it must have.
    fn verify(&self) -> Result<(), String> {
        let owed = self
            .letters
            .iter()
            .filter(|(_, letter)| letter.accepted && letter.keep_seconds >= LONG);
        // Who comes later gets what is there then.
        let full = [Some(0), (!self.changed).then_some(REMOVED)];
        for (id, letter) in owed {
            if let Some(which) = full
                .into_iter()
                .flatten()
                .find(|which| !self.has[*which].contains(id))
            {
                return Err(format!(
                    "device {which} of a household has not got a letter of {}",
                    letter.at.0
                ));
            }
        }
        Ok(())
    }
}

impl World {
    /// A household at a supernode.
    ///
    /// # Errors
    /// Never, unless device lists have become something else.
    pub fn add_household(&mut self, node: usize) -> Result<usize, BadDeviceList> {
        let number = self.households.len();
        let household = Household::new(number, node, self.seed, self.now)?;
        self.households.push(household);
        for which in 0..PROGRAMS {
            self.post(Duration::from_secs(1), Event::Program(number, which));
        }
        Ok(number)
    }

    /// The persona signs another list: one device less, one more.
    pub(super) fn relist(&mut self, household: usize) {
        self.households[household].changed = true;
    }

    /// Nobody is away any more.
    pub(crate) fn wake_households(&mut self) {
        for number in 0..self.households.len() {
            for program in &mut self.households[number].programs {
                program.wakes(self.now);
            }
        }
    }

    /// Whether everybody's devices have what they must have.
    ///
    /// # Errors
    /// What is missing.
    pub fn verify_households(&self) -> Result<(), String> {
        self.households.iter().try_for_each(Household::verify)
    }
}
