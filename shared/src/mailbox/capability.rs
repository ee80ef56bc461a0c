//! The right to deposit in a mailbox.
//!
//! A capability is 8 bytes of serial and 16 bytes of HMAC-SHA-256 over it, under a secret that the
//! owner shares with each home. Homes check it without keeping a list; the owner takes one back by
//! its serial. Serial: lane (1) ‖ last day of validity (2, big-endian, days since 1970, 0 = no end)
//! ‖ random (5).

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::base::hash::{constant_time_eq, hmac_tag};
use crate::base::id::PersonaId;
use crate::base::random::{Random, bytes};
use crate::base::time::Timestamp;

/// Length of the secret, in bytes.
pub const SECRET_LEN: usize = 32;
/// Length of a capability as carried, in bytes.
pub const CAPABILITY_LEN: usize = 24;

const LABEL: &[u8] = b"kith/capability v1\0";

/// What a capability is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Given to one contact.
    Contact,
    /// Carried by an invite: first contact, from whoever holds the link.
    Invite,
    /// No right at all, only work: first contact from anybody, while the owner lets them ask.
    Public,
}

impl Lane {
    fn byte(self) -> u8 {
        match self {
            Self::Contact => 0,
            Self::Invite => 1,
            Self::Public => 2,
        }
    }

    /// Whether a first contact comes by it, into the requests lane.
    #[must_use]
    pub fn is_of_strangers(self) -> bool {
        self != Self::Contact
    }
}

/// Names a capability, to its owner and when it is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CapabilitySerial(pub [u8; 8]);

impl CapabilitySerial {
    /// The lane, if it is a known one.
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        match self.0 {
            [0, ..] => Some(Lane::Contact),
            [1, ..] => Some(Lane::Invite),
            [2, ..] => Some(Lane::Public),
            _ => None,
        }
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.last_day()
            .is_some_and(|day| now.days() > u64::from(day))
    }

    /// Last day of validity, in days since 1970; `None`: no end.
    #[must_use]
    pub fn last_day(&self) -> Option<u16> {
        let [_, high, low, ..] = self.0;
        Some(u16::from_be_bytes([high, low])).filter(|day| *day != 0)
    }
}

/// The right to deposit: serial and tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability {
    /// Which.
    pub serial: CapabilitySerial,
    tag: [u8; 16],
}

impl core::fmt::Debug for Capability {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Capability({:?}, …)", self.serial)
    }
}

/// Why a capability gives no right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCapability {
    /// Not issued by the owner for this mailbox.
    #[error("not a capability for this mailbox")]
    Forged,
    /// Its last day is over.
    #[error("the capability has expired")]
    Expired,
}

/// Proof that a capability was checked: its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// The lane it admits to.
    pub lane: Lane,
    /// Which capability.
    pub serial: CapabilitySerial,
}

impl Capability {
    /// What stands where a capability would, on a first contact by somebody who has none. It is the same
    /// for all, so a home learns from it nothing but that.
    pub const PUBLIC: Self = Self {
        serial: CapabilitySerial([2, 0, 0, 0, 0, 0, 0, 0]),
        tag: [0; 16],
    };

    /// A new capability for `mailbox` under its `secret`, good through the day of `until`.
    #[must_use]
    pub fn issue(
        secret: &[u8; SECRET_LEN],
        mailbox: &PersonaId,
        lane: Lane,
        until: Option<Timestamp>,
        random: &mut dyn Random,
    ) -> Self {
        let day = until.map_or(0, |moment| {
            u16::try_from(moment.days()).unwrap_or(u16::MAX).max(1)
        });
        let [high, low] = day.to_be_bytes();
        let [a, b, c, d, e] = bytes(random);
        let serial = CapabilitySerial([lane.byte(), high, low, a, b, c, d, e]);
        Self {
            serial,
            tag: tag(secret, mailbox, &serial),
        }
    }

    /// Checks that the owner of `mailbox` issued this capability, and that it has not expired.
    ///
    /// # Errors
    /// [`BadCapability`]. Whether it was taken back is for the mailbox to know.
    pub fn verify(
        &self,
        secret: &[u8; SECRET_LEN],
        mailbox: &PersonaId,
        now: Timestamp,
    ) -> Result<Admitted, BadCapability> {
        if !constant_time_eq(&self.tag, &tag(secret, mailbox, &self.serial)) {
            return Err(BadCapability::Forged);
        }
        self.admits(now)
    }

    /// What a capability admits to whose tag is right.
    ///
    /// # Errors
    /// [`BadCapability`].
    pub(super) fn admits(&self, now: Timestamp) -> Result<Admitted, BadCapability> {
        if self.serial.is_over(now) {
            return Err(BadCapability::Expired);
        }
        let lane = self.serial.lane().ok_or(BadCapability::Forged)?;
        Ok(Admitted {
            lane,
            serial: self.serial,
        })
    }

    /// Whether this is `other`, in time that does not tell how much of it is.
    pub(super) fn is(&self, other: &Self) -> bool {
        constant_time_eq(&self.to_bytes(), &other.to_bytes())
    }

    /// As carried.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CAPABILITY_LEN] {
        let mut out = [0; CAPABILITY_LEN];
        for (to, from) in out.iter_mut().zip(self.serial.0.iter().chain(&self.tag)) {
            *to = *from;
        }
        out
    }

    /// Reads what [`Self::to_bytes`] wrote; says nothing of its worth.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (serial, tag) = bytes.split_at_checked(8)?;
        Some(Self {
            serial: CapabilitySerial(serial.try_into().ok()?),
            tag: tag.try_into().ok()?,
        })
    }
}

fn tag(secret: &[u8; SECRET_LEN], mailbox: &PersonaId, serial: &CapabilitySerial) -> [u8; 16] {
    hmac_tag(secret, &[LABEL, mailbox.as_bytes(), &serial.0])
}

impl<C> Encode<C> for Capability {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Capability {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bytes(d.bytes()?)
            .ok_or_else(|| decode::Error::message("capability: wrong length"))
    }
}

impl<C> Encode<C> for CapabilitySerial {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for CapabilitySerial {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.bytes()?
            .try_into()
            .map(Self)
            .map_err(|_| decode::Error::message("serial: wrong length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Counter;

    const SECRET: [u8; SECRET_LEN] = [7; SECRET_LEN];
    const ANN: PersonaId = PersonaId([1; 32]);
    const BEN: PersonaId = PersonaId([2; 32]);
    const DAY: u64 = 86_400_000;

    #[test]
    fn a_capability_is_good_for_its_mailbox_until_its_last_day() {
        let capability = Capability::issue(
            &SECRET,
            &ANN,
            Lane::Invite,
            Some(Timestamp(20 * DAY)),
            &mut Counter(0),
        );
        let admitted = capability
            .verify(&SECRET, &ANN, Timestamp(21 * DAY - 1))
            .unwrap();
        assert_eq!(admitted.lane, Lane::Invite);
        assert_eq!(
            capability.verify(&SECRET, &ANN, Timestamp(21 * DAY)),
            Err(BadCapability::Expired)
        );
        assert_eq!(
            capability.verify(&SECRET, &BEN, Timestamp(0)),
            Err(BadCapability::Forged)
        );
        assert_eq!(
            capability.verify(&[8; 32], &ANN, Timestamp(0)),
            Err(BadCapability::Forged)
        );
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes =
            Capability::issue(&SECRET, &ANN, Lane::Contact, None, &mut Counter(0)).to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes;
            bad[bit / 8] ^= 1 << (bit % 8);
            let capability = Capability::from_bytes(&bad).unwrap();
            assert_eq!(
                capability.verify(&SECRET, &ANN, Timestamp(0)),
                Err(BadCapability::Forged),
                "bit {bit}"
            );
        }
    }
}
