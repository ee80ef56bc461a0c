//! What processes of one supernode tell each other, as core NATS messages.
//!
//! | subject | from | to |
//! |---|---|---|
//! | `STREAM.leader` | the leader | all: [`Heartbeat`] |
//! | `STREAM.to.LEADER` | a follower | the leader: [`Inward`] |
//! | `STREAM.for.TIE` | the leader | a follower: [`Outward`] |
//!
//! Core NATS may lose messages, and a session in which a delivery is lost would acknowledge what it never
//! saw. So the messages of a tie are numbered from 0 each way; where one is missing, all sessions of the tie
//! end, and begin anew on another.

use minicbor::{Decode, Encode};
use shared::base::codec::{decode, encode};
use shared::base::limits::FRAME_BYTES_MAX;

/// Largest message: a frame and what is around it.
const MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX + 256;

/// Names a leader, or one follower's time with it.
pub type Id = [u8; 16];

/// Who leads, or is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Heartbeat {
    /// The leader, or the candidate.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub leader: Id,
    /// Where in the stream it took over: of two leaders, the one with the greater is right. 0: it is
    /// about to; of two candidates, the one with the smaller name is right.
    #[n(1)]
    pub takeover: u64,
}

/// From a follower to the leader.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Inward {
    /// Which follower, and since when.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub tie: Id,
    /// Counts up from 0.
    #[n(1)]
    pub number: u64,
    /// What.
    #[n(2)]
    pub what: In,
}

/// What happened at a follower.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum In {
    /// Nothing; it is there.
    #[n(0)]
    Alive,
    /// Somebody connected: link, what stands for the source address, and the channel binding, if there is one.
    #[n(1)]
    Opened(
        #[n(0)] u64,
        #[n(1)] u64,
        #[cbor(n(2), with = "minicbor::bytes")] Option<Vec<u8>>,
    ),
    /// A frame came in on a link.
    #[n(2)]
    Received(#[n(0)] u64, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
    /// A link is gone.
    #[n(3)]
    Closed(#[n(0)] u64),
}

/// From the leader to a follower.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Outward {
    /// Counts up from 0.
    #[n(0)]
    pub number: u64,
    /// What.
    #[n(1)]
    pub what: Out,
}

/// What a follower is to do.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Out {
    /// Nothing; the leader is there.
    #[n(0)]
    Alive,
    /// Send a frame on a link.
    #[n(1)]
    Frame(#[n(0)] u64, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
    /// End a link after what waits.
    #[n(2)]
    End(#[n(0)] u64),
    /// Something was lost: end all links.
    #[n(3)]
    Reset,
}

macro_rules! carried {
    ($($message:ty),+) => {
        $(impl $message {
            /// As carried.
            #[allow(clippy::wrong_self_convention, reason = "one of them happens to be small")]
            pub fn to_bytes(&self) -> Vec<u8> {
                encode(self)
            }

            /// Reads what [`Self::to_bytes`] wrote.
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                decode(bytes, MESSAGE_BYTES_MAX).ok()
            }
        })+
    };
}

carried!(Heartbeat, Inward, Outward);

/// The subjects of one supernode.
#[derive(Debug, Clone)]
pub struct Subjects {
    stream: String,
}

impl Subjects {
    /// The subjects beside the stream so named.
    pub fn of(stream: &str) -> Self {
        Self {
            stream: stream.to_owned(),
        }
    }

    /// Where leaders say that they lead.
    pub fn leader(&self) -> String {
        format!("{}.leader", self.stream)
    }

    /// To a leader.
    pub fn to(&self, leader: &Id) -> String {
        format!("{}.to.{:032x}", self.stream, u128::from_be_bytes(*leader))
    }

    /// To a follower.
    pub fn back(&self, tie: &Id) -> String {
        format!("{}.for.{:032x}", self.stream, u128::from_be_bytes(*tie))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_frame_fits_and_a_larger_one_does_not() {
        let inward = |size| Inward {
            tie: [1; 16],
            number: u64::MAX,
            what: In::Received(u64::MAX, vec![7; size]),
        };
        let outward = |size| Outward {
            number: u64::MAX,
            what: Out::Frame(u64::MAX, vec![7; size]),
        };
        let (fits, too_large) = (FRAME_BYTES_MAX, FRAME_BYTES_MAX + 256);
        let read = Inward::from_bytes(&inward(fits).to_bytes());
        assert_eq!(read, Some(inward(fits)));
        assert_eq!(Inward::from_bytes(&inward(too_large).to_bytes()), None);
        let read = Outward::from_bytes(&outward(fits).to_bytes());
        assert_eq!(read, Some(outward(fits)));
        assert_eq!(Outward::from_bytes(&outward(too_large).to_bytes()), None);
        assert_eq!(Heartbeat::from_bytes(b"strange"), None);
    }
}
