//! What is kept of people who asked for first contact without an invite.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::base::id::DeviceId;
use crate::base::time::Timestamp;

/// First byte of the key of a request.
pub const REQUEST: u8 = b'q';

/// Somebody who asked.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RequestRecord {
    /// Since when it is so.
    #[n(0)]
    pub since: Timestamp,
    /// What waits for me to decide; `None` once I have declined it.
    #[n(1)]
    pub asked: Option<AskedRecord>,
    /// They may never ask again.
    #[n(2)]
    #[cbor(default)]
    pub blocked: bool,
}

/// A hello that waits to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AskedRecord {
    /// The device that signed it, on the list in its card.
    #[n(0)]
    pub device: DeviceId,
    /// When, by their clock.
    #[n(1)]
    pub at: Timestamp,
    /// An encoded [`Body::Hello`](crate::mailbox::parcel::Body::Hello).
    #[cbor(n(2), with = "minicbor::bytes")]
    pub hello: Vec<u8>,
}
