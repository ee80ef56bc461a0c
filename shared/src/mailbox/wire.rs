//! The envelope and what becomes of it.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use super::capability::Capability;
use crate::base::id::{EnvelopeId, PersonaId};
use crate::base::time::Timestamp;

/// Sealed bytes for a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Envelope {
    /// Whose mailbox.
    #[n(0)]
    pub to: PersonaId,
    /// The right to deposit there.
    #[n(1)]
    pub capability: Capability,
    /// Chosen by the sender; a repeat is answered like the first and kept once.
    #[n(2)]
    pub id: EnvelopeId,
    /// 0: *live*, handed over now or dropped. Else: *keep* for so many seconds.
    #[n(3)]
    pub keep_seconds: u32,
    /// Sealed to the recipient's devices; at most
    /// [`ENVELOPE_BYTES_MAX`](crate::base::limits::ENVELOPE_BYTES_MAX) bytes.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// An envelope on its way to a device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Delivery {
    /// Its place in the mailbox; 0 for a live envelope, which is not acknowledged.
    #[n(0)]
    pub sequence: u64,
    /// Chosen by the sender.
    #[n(1)]
    pub id: EnvelopeId,
    /// When the supernode took it, by its clock.
    #[n(2)]
    pub at: Timestamp,
    /// As deposited.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// Left by somebody without an invite, for whom the owner's lane is open.
    #[n(4)]
    pub public: Option<bool>,
}

/// What became of a deposit, by stable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum DepositCode {
    /// Keep: committed. Live: handed to `handed` sessions (none: nobody is there).
    #[n(0)]
    Ok,
    /// No such mailbox here.
    #[n(1)]
    NoMailbox,
    /// The capability is not one the owner issued.
    #[n(2)]
    NoCapability,
    /// The capability has expired.
    #[n(3)]
    CapabilityExpired,
    /// The owner took the capability back.
    #[n(4)]
    CapabilityRevoked,
    /// The mailbox is full.
    #[n(5)]
    Full,
    /// The envelope is larger than an envelope may be.
    #[n(6)]
    TooLarge,
    /// The supernode has no room.
    #[n(7)]
    NoRoom,
    /// Storage failed; nothing was kept.
    #[n(8)]
    Storage,
    /// Too many at once; try later.
    #[n(9)]
    SlowDown,
    /// A first contact must show more; what, was said in a frame before.
    #[n(10)]
    GateRequired,
}
