//! Key packages of a mailbox, for first contacts while nobody is there: handed out one by one, then the
//! one of last resort again and again.
//!
//! They lie among the sealed bytes, under numbers that no envelope ever has, so that they are read the
//! same way and cost no memory. To the supernode they are bytes.

use alloc::vec::Vec;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::record::Key;
use super::{Mailboxes, Window};
use crate::base::codec::encode;
use crate::base::effects::{Batch, LinkId};
use crate::base::id::PersonaId;
use crate::base::limits::{KEY_PACKAGE_BYTES_MAX, PACKAGES_MAX};
use crate::base::time::Timestamp;
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::wire::DepositCode;

/// Numbers from here on are key packages and not envelopes.
const FIRST: u64 = 1 << 63;

/// Key packages to be kept, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    packages: Vec<ByteVec>,
    last_resort: Option<ByteVec>,
}

impl Published {
    /// Checks count and sizes.
    #[must_use]
    pub fn verify(packages: Vec<ByteVec>, last_resort: Option<ByteVec>) -> Option<Self> {
        let small = |package: &ByteVec| package.len() <= KEY_PACKAGE_BYTES_MAX;
        let fits = packages.len() <= PACKAGES_MAX
            && packages.iter().all(small)
            && last_resort.iter().all(small);
        fits.then_some(Self {
            packages,
            last_resort,
        })
    }

    fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.last_resort.is_none()
    }
}

/// Where a mailbox's key packages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackagesRecord {
    /// The next one to be handed out.
    #[n(0)]
    pub next: u64,
    /// The end of those for one use.
    #[n(1)]
    pub end: u64,
    /// The number of the one of last resort.
    #[n(2)]
    pub last_resort: Option<u64>,
}

impl Default for PackagesRecord {
    fn default() -> Self {
        Self {
            next: FIRST,
            end: FIRST,
            last_resort: None,
        }
    }
}

impl PackagesRecord {
    /// All numbers that are in use.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        (self.next..self.end).chain(self.last_resort)
    }

    fn after_all(&self) -> u64 {
        let last = self
            .last_resort
            .map_or(FIRST, |last| last.saturating_add(1));
        self.end.max(last)
    }
}

impl Window {
    /// Whether it is a key package that is read.
    #[must_use]
    pub fn is_package(&self) -> bool {
        self.first >= FIRST
    }
}

impl Mailboxes {
    /// Keeps key packages in place of those there; none: changes nothing. Returns how many for one use
    /// are left, and whether there is one of last resort.
    pub fn publish(
        &mut self,
        mailbox: &PersonaId,
        published: Published,
        batch: &mut Batch,
    ) -> (u32, bool) {
        let room = self.room;
        let Some(mailbox) = self.mailboxes.get_mut(mailbox) else {
            return (0, false);
        };
        let persona = mailbox.persona();
        if room && !published.is_empty() {
            for number in mailbox.packages.numbers() {
                batch.delete(Key::Body(persona, number).to_bytes());
            }
            let next = mailbox.packages.after_all();
            let mut end = next;
            let mut put = |bytes: ByteVec| {
                let number = end;
                batch.put(Key::Body(persona, number).to_bytes(), bytes.into());
                end = end.saturating_add(1);
                number
            };
            for package in published.packages {
                put(package);
            }
            let last_resort = published.last_resort.map(&mut put);
            let end = last_resort.unwrap_or(end);
            mailbox.packages = PackagesRecord {
                next,
                end,
                last_resort,
            };
            batch.put(Key::Packages(persona).to_bytes(), encode(&mailbox.packages));
        }
        let packages = &mailbox.packages;
        let left = u32::try_from(packages.end.saturating_sub(packages.next));
        (left.unwrap_or(u32::MAX), packages.last_resort.is_some())
    }

    /// Grants a key package to `link`, to be read; `None` when there is none. One for one use is
    /// granted once.
    ///
    /// # Errors
    /// As for a deposit; nothing has changed.
    pub fn grant_package(
        &mut self,
        now: Timestamp,
        link: LinkId,
        mailbox: &PersonaId,
        capability: &Capability,
    ) -> Result<Option<Window>, DepositCode> {
        let (mailbox, admitted) = Self::admit(&mut self.mailboxes, now, mailbox, capability)?;
        // They would be used up without any work.
        if admitted.lane == Lane::Public {
            return Err(DepositCode::NoCapability);
        }
        let packages = &mut mailbox.packages;
        let number = if packages.next < packages.end {
            let number = packages.next;
            packages.next = number.saturating_add(1);
            mailbox.granted.push(number);
            Some(number)
        } else {
            packages.last_resort
        };
        Ok(number.map(|number| Window {
            link,
            mailbox: mailbox.persona(),
            first: number,
            last: number,
        }))
    }

    /// What was granted has been read and goes out: one for one use is removed. Returns the device list
    /// that goes with it; `None` when this grant does not count any more, since the store has failed since:
    /// then it stays, or goes to whoever was granted it after that.
    pub fn package_goes(&mut self, window: &Window, batch: &mut Batch) -> Option<Vec<u8>> {
        let mailbox = self.mailboxes.get_mut(&window.mailbox)?;
        if mailbox.packages.last_resort != Some(window.first) {
            let mut granted = mailbox.granted.iter();
            let at = granted.position(|it| *it == window.first)?;
            mailbox.granted.swap_remove(at);
            batch.delete(Key::Body(window.mailbox, window.first).to_bytes());
            batch.put(
                Key::Packages(window.mailbox).to_bytes(),
                encode(&mailbox.packages),
            );
        }
        Some(mailbox.devices.carried().to_vec())
    }

    /// The device list of a mailbox, as carried.
    #[must_use]
    pub fn devices(&self, mailbox: &PersonaId) -> Option<Vec<u8>> {
        Some(self.mailboxes.get(mailbox)?.devices.carried().to_vec())
    }
}
