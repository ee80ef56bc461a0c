//! What two pages tell each other to open a data channel.

use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::base::limits::SIGNAL_BYTES_MAX;

/// One step of the negotiation (W3C WebRTC 1.0 §4.4; trickle ICE, RFC 8838).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum RtcSignal {
    /// An SDP offer.
    #[n(0)]
    Offer(#[n(0)] String),
    /// An SDP answer.
    #[n(1)]
    Answer(#[n(0)] String),
    /// An ICE candidate.
    #[n(2)]
    #[cbor(map)]
    Candidate {
        /// `candidate` attribute; empty at the end of candidates.
        #[n(0)]
        candidate: String,
        /// Media stream identification tag.
        #[n(1)]
        mid: Option<String>,
        /// Index of the media description.
        #[n(2)]
        line: Option<u16>,
    },
}

/// What travels between two pages about one attempt at a data channel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Signal {
    /// "My page is open": sent when a page comes up or lost its channel; answered by [`Signal::Here`].
    #[n(0)]
    Knock,
    /// "So is mine."
    #[n(1)]
    Here,
    /// A step of attempt `attempt`; both sides drop steps of any other.
    #[n(2)]
    #[cbor(map)]
    Step {
        /// Chosen by the side with the smaller device key, which starts every attempt.
        #[n(0)]
        attempt: u64,
        /// The step.
        #[n(1)]
        signal: RtcSignal,
    },
    /// "My page is closing."
    #[n(3)]
    Bye,
}

impl RtcSignal {
    /// Whether it is short enough to be sent: at most [`SIGNAL_BYTES_MAX`] bytes of text.
    #[must_use]
    pub fn fits(&self) -> bool {
        let len = match self {
            Self::Offer(sdp) | Self::Answer(sdp) => sdp.len(),
            Self::Candidate { candidate, mid, .. } => {
                candidate.len() + mid.as_ref().map_or(0, String::len)
            }
        };
        len <= SIGNAL_BYTES_MAX
    }
}
