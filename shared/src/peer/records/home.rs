//! What is kept of homes.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::base::id::{DeviceId, PersonaId};
use crate::base::time::Timestamp;
use crate::gates::token::Token;

/// What is known of a home of mine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct HomeRecord {
    /// Parcels that a contact says it took, that came from another home, and that it did not hand over.
    #[n(0)]
    pub held: Vec<Held>,
    /// An invite of its operator.
    #[n(1)]
    pub token: Option<Token>,
    /// When it was last given key packages.
    #[n(2)]
    pub packages_at: Option<Timestamp>,
    /// Work for which it lets anybody ask, in bits, as it said last; 0: it lets nobody.
    #[n(3)]
    pub public_bits: Option<u8>,
}

/// A parcel that a home held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Held {
    /// Who sent it.
    #[n(0)]
    pub persona: PersonaId,
    /// From which device.
    #[n(1)]
    pub device: DeviceId,
    /// Its number.
    #[n(2)]
    pub number: u64,
    /// When it was noticed.
    #[n(3)]
    pub at: Timestamp,
}
