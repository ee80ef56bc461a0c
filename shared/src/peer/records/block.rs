//! What is kept of contacts that are blocked.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::base::id::{NodeId, PersonaId};
use crate::base::time::Timestamp;
use crate::mailbox::capability::CapabilitySerial;

/// First byte of the key of a block.
pub const BLOCK: u8 = b'b';
/// First byte of the key of a right that was taken back.
pub const REVOKED: u8 = b'r';

/// A contact that is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BlockRecord {
    /// Since when.
    #[n(0)]
    pub since: Timestamp,
    /// The right that was taken back.
    #[n(1)]
    pub serial: CapabilitySerial,
}

/// A contact's right to write that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RevokedRecord {
    /// Whose it was.
    #[n(0)]
    pub persona: PersonaId,
    /// Homes that have confirmed it.
    #[n(1)]
    pub confirmed: Vec<NodeId>,
}
