//! Frames of a session, each one carrier message of at most
//! [`FRAME_BYTES_MAX`](crate::base::limits::FRAME_BYTES_MAX) bytes of CBOR.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::base::id::{DeviceId, EnvelopeId, NodeId, Nonce, PersonaId, Signature};
#[cfg(doc)]
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
#[cfg(doc)]
use crate::gates::work::WORK_BITS_MAX;
use crate::gates::{Gates, Pass};
use crate::mailbox::capability::{Capability, CapabilitySerial};
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
#[cfg(doc)]
use crate::session::offer::SERVER_URLS_MAX;

/// The newest version of the session protocol.
pub const VERSION: u32 = 4;
/// The first version with gates.
pub const VERSION_GATES: u32 = 2;
/// The first version in which a revocation is answered.
pub const VERSION_REVOKED: u32 = 3;
/// The first version in which STUN and TURN servers are offered.
pub const VERSION_TURN: u32 = 3;
/// The first version in which an owner lets anybody ask for first contact.
pub const VERSION_OPEN: u32 = 4;
/// The oldest version still spoken.
pub const VERSION_MIN: u32 = 1;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ClientFrame {
    /// Answers the challenge.
    #[n(0)]
    #[cbor(map)]
    Hello {
        /// The version to speak, within the range of the challenge.
        #[n(0)]
        version: u32,
        /// Client nonce.
        #[n(1)]
        nonce: Nonce,
    },
    /// Asks to receive the mailbox of a persona, as one of its devices.
    #[n(1)]
    #[cbor(map)]
    Claim {
        /// Signed device list as carried ([`crate::identity::list`]); names the persona.
        #[cbor(n(0), with = "minicbor::bytes")]
        devices: Vec<u8>,
        /// Which device.
        #[n(1)]
        device: DeviceId,
        /// Signature of the device over the transcript.
        #[n(2)]
        signature: Signature,
        /// The secret by which this supernode checks capabilities for the mailbox.
        #[cbor(n(3), with = "minicbor::bytes")]
        capability_secret: Vec<u8>,
    },
    /// Leaves an envelope.
    #[n(2)]
    #[cbor(map)]
    Deposit {
        /// Chosen by the client; comes back in the answer.
        #[n(0)]
        request: u32,
        /// The envelope.
        #[n(1)]
        envelope: Envelope,
    },
    /// This device has committed all kept envelopes up to and including a sequence number.
    #[n(3)]
    #[cbor(map)]
    Ack {
        /// The number.
        #[n(0)]
        up_to: u64,
    },
    /// Asks for a pong, to see that the session lives and how long the way is.
    #[n(4)]
    #[cbor(map)]
    Ping {
        /// Comes back.
        #[n(0)]
        token: u32,
    },
    /// Takes capabilities back; the claimed mailbox accepts them no more. Answered from
    /// [`VERSION_REVOKED`] on.
    #[n(5)]
    #[cbor(map)]
    Revoke {
        /// Which.
        #[n(0)]
        serials: Vec<CapabilitySerial>,
    },
    /// What the next claim or deposit of this session shows at a gate; used up by it. From
    /// [`VERSION_GATES`] on.
    #[n(6)]
    #[cbor(map)]
    Show {
        /// What.
        #[n(0)]
        pass: Pass,
    },
    /// Key packages of the claimed mailbox, in place of all that were there; none: only asks what is
    /// there. From [`VERSION_GATES`] on.
    #[n(7)]
    #[cbor(map)]
    Publish {
        /// For one use each, at most [`PACKAGES_MAX`](crate::base::limits::PACKAGES_MAX), each of at
        /// most [`KEY_PACKAGE_BYTES_MAX`](crate::base::limits::KEY_PACKAGE_BYTES_MAX) bytes.
        #[n(0)]
        packages: Vec<ByteVec>,
        /// For when those are used up.
        #[n(1)]
        last_resort: Option<ByteVec>,
    },
    /// Asks for a key package of a mailbox. From [`VERSION_GATES`] on.
    #[n(8)]
    #[cbor(map)]
    Fetch {
        /// Whose.
        #[n(0)]
        mailbox: PersonaId,
        /// The right to write there.
        #[n(1)]
        capability: Capability,
    },
    /// Asks for STUN and TURN servers and a credential for them. From [`VERSION_TURN`] on.
    #[n(9)]
    #[cbor(map)]
    Turn {},
    /// Whether anybody may leave a first contact in the claimed mailbox who shows so much work. From
    /// [`VERSION_OPEN`] on.
    #[n(10)]
    #[cbor(map)]
    Open {
        /// The work in bits, at most [`WORK_BITS_MAX`]; 0: nobody without an invite may.
        #[n(0)]
        work_bits: u8,
    },
}

/// What a supernode says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum NodeFrame {
    /// First frame of a session.
    #[n(0)]
    #[cbor(map)]
    Challenge {
        /// Oldest version spoken.
        #[n(0)]
        version_min: u32,
        /// Newest version spoken.
        #[n(1)]
        version_max: u32,
        /// Its key.
        #[n(2)]
        node: NodeId,
        /// Its nonce.
        #[n(3)]
        nonce: Nonce,
    },
    /// Proves the supernode's key.
    #[n(1)]
    #[cbor(map)]
    Welcome {
        /// Signature over the transcript.
        #[n(0)]
        signature: Signature,
        /// The supernode's clock.
        #[n(1)]
        time: Timestamp,
    },
    /// The mailbox is claimed; kept envelopes follow.
    #[n(2)]
    #[cbor(map)]
    Claimed {
        /// The last sequence number this device has acknowledged.
        #[n(0)]
        acked: u64,
        /// Kept envelopes after that.
        #[n(1)]
        waiting: u64,
        /// Longest life of an envelope here, in seconds; none: [`KEEP_TTL_MAX`].
        #[n(2)]
        keep_seconds: Option<u32>,
    },
    /// Answers deposits, after the durable commit.
    #[n(3)]
    #[cbor(map)]
    Deposited {
        /// In the order of commit.
        #[n(0)]
        receipts: Vec<DepositReceipt>,
    },
    /// Envelopes for the claimed mailbox.
    #[n(4)]
    #[cbor(map)]
    Deliver {
        /// In order.
        #[n(0)]
        deliveries: Vec<Delivery>,
    },
    /// Answers a ping.
    #[n(5)]
    #[cbor(map)]
    Pong {
        /// The ping's token.
        #[n(0)]
        token: u32,
    },
    /// Something was refused. When it ends the session, the carrier closes after it.
    #[n(6)]
    #[cbor(map)]
    Refused {
        /// Stable code.
        #[n(0)]
        code: Refusal,
        /// For people reading logs; never shown as it is.
        #[n(1)]
        text: String,
        /// Come back after this many milliseconds; 0 means any time.
        #[n(2)]
        retry_after_ms: u64,
    },
    /// Comes before an answer that something more must be shown. From [`VERSION_GATES`] on.
    #[n(7)]
    #[cbor(map)]
    Gates {
        /// What is asked for, all of it.
        #[n(0)]
        gates: Gates,
        /// Of a first contact in this envelope; none: of whoever registers.
        #[n(1)]
        envelope: Option<EnvelopeId>,
    },
    /// Answers [`ClientFrame::Publish`].
    #[n(8)]
    #[cbor(map)]
    Packages {
        /// Key packages for one use that are left.
        #[n(0)]
        left: u32,
        /// Whether there is one of last resort.
        #[n(1)]
        last_resort: bool,
    },
    /// Answers [`ClientFrame::Fetch`].
    #[n(9)]
    #[cbor(map)]
    Package {
        /// Whose.
        #[n(0)]
        mailbox: PersonaId,
        /// Whether it was granted.
        #[n(1)]
        code: DepositCode,
        /// The newest device list known here, as carried; when it was granted.
        #[n(2)]
        devices: Option<ByteVec>,
        /// A key package (RFC 9420 §10), if there is one. Handed out once, unless of last resort.
        #[n(3)]
        package: Option<ByteVec>,
    },
    /// Answers [`ClientFrame::Revoke`], after the durable commit. From [`VERSION_REVOKED`] on.
    #[n(10)]
    #[cbor(map)]
    Revoked {
        /// `Ok`, `NoRoom` or `Storage`.
        #[n(0)]
        code: DepositCode,
        /// What was asked.
        #[n(1)]
        serials: Vec<CapabilitySerial>,
    },
    /// Answers [`ClientFrame::Turn`].
    #[n(11)]
    #[cbor(map)]
    Turn {
        /// URLs (RFC 7064, RFC 7065), at most [`SERVER_URLS_MAX`]; none: nothing is relayed here.
        #[n(0)]
        urls: Vec<String>,
        /// TURN's USERNAME.
        #[n(1)]
        username: String,
        /// Its password.
        #[n(2)]
        password: String,
        /// Seconds for which new allocations can be made with it.
        #[n(3)]
        life_seconds: u32,
    },
    /// Answers [`ClientFrame::Open`], after the durable commit.
    #[n(12)]
    #[cbor(map)]
    Opened {
        /// `Ok` or `Storage`.
        #[n(0)]
        code: DepositCode,
        /// What was asked.
        #[n(1)]
        work_bits: u8,
    },
}

/// Answer to one deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DepositReceipt {
    /// The request it answers.
    #[n(0)]
    pub request: u32,
    /// The envelope.
    #[n(1)]
    pub id: EnvelopeId,
    /// What became of it.
    #[n(2)]
    pub code: DepositCode,
    /// Sessions that it was handed to at once.
    #[n(3)]
    pub handed: u32,
    /// Keep: the life that was granted, in seconds, when it is not the one asked for.
    #[n(4)]
    pub keep_seconds: Option<u32>,
}

/// Why something was refused, by stable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Refusal {
    /// Not a frame, or not one that may come now. Ends the session.
    #[n(0)]
    BadFrame,
    /// Larger than a frame may be. Ends the session.
    #[n(1)]
    TooLarge,
    /// No common version. Ends the session.
    #[n(2)]
    Version,
    /// A signature, list or device does not fit. Ends the session.
    #[n(3)]
    BadProof,
    /// The device list is older than one known here. Ends the session.
    #[n(4)]
    StaleDevices,
    /// Too much, too fast. Ends the session.
    #[n(5)]
    SlowDown,
    /// The mailbox must be claimed first.
    #[n(6)]
    NotClaimed,
    /// This supernode takes no further mailboxes.
    #[n(7)]
    NoRoom,
    /// This supernode is shutting down. Ends the session.
    #[n(8)]
    Draining,
    /// Too slow: handshake or silence ran out of time. Ends the session.
    #[n(9)]
    Timeout,
    /// Storage failed; nothing was kept.
    #[n(10)]
    Storage,
    /// Whoever registers must show more; what, was said in a frame before. Ends the session.
    #[n(11)]
    GateRequired,
}
