//! What is sealed in an envelope: who says what to whom, signed by a device.
//!
//! The signature covers the payload as carried, which names the recipient and the envelope, so a
//! parcel cannot be passed on to others or into another envelope. Whether the device may speak for
//! the persona is for whoever holds the persona's device list.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::capability::Capability;
use super::tally::Taken;
use crate::base::codec;
use crate::base::id::{DeviceId, EnvelopeId, MessageId, PersonaId, SealKey, Signature};
use crate::base::limits::ENVELOPE_BYTES_MAX;
#[cfg(doc)]
use crate::base::limits::HOMES_MAX;
use crate::base::sign::{Purpose, SigningKey, verify_signature};
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::signalling::wire::Signal;

/// What contacts know of each other besides the device list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Card {
    /// Signed device list as carried.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub devices: Vec<u8>,
    /// The name they gave themselves.
    #[n(1)]
    pub name: String,
    /// Where their mailbox is.
    #[n(2)]
    pub homes: Vec<Home>,
    /// The right to deposit there, for this contact alone.
    #[n(3)]
    pub capability: Capability,
    /// What things for any of their devices are sealed to.
    #[n(4)]
    pub inbox: SealKey,
}

/// What one contact says to another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    /// First contact, by an invite: "here is my card and a key package; put me in a conversation".
    #[n(0)]
    #[cbor(map)]
    Hello {
        /// Who asks.
        #[n(0)]
        card: Card,
        /// MLS key package (RFC 9420 §10).
        #[cbor(n(1), with = "minicbor::bytes")]
        key_package: Vec<u8>,
        /// The invite's capability; shows its issuer that the invite was theirs. [`Capability::PUBLIC`]: by
        /// their public address.
        #[n(2)]
        invite: Capability,
        /// MLS welcome into a group that was made with a key package from a home of the recipient.
        #[n(3)]
        welcome: Option<ByteVec>,
        /// First words, as the content of a message: by a public address, for the recipient to decide.
        #[n(4)]
        words: Option<ByteVec>,
    },
    /// The answer: "here is mine, and the way into our conversation".
    #[n(1)]
    #[cbor(map)]
    Accept {
        /// Who answers.
        #[n(0)]
        card: Card,
        /// MLS welcome (RFC 9420 §12.4.3.1); empty: the one in the hello was taken.
        #[cbor(n(1), with = "minicbor::bytes")]
        welcome: Vec<u8>,
    },
    /// A message of the conversation.
    #[n(2)]
    #[cbor(map)]
    Message {
        /// Which; known outside the ciphertext so that a repeat can be answered.
        #[n(0)]
        id: MessageId,
        /// MLS private message (RFC 9420 §6.3).
        #[cbor(n(1), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// What has come of messages.
    #[n(3)]
    Receipt(#[n(0)] Receipt),
    /// About a data channel.
    #[n(4)]
    Signal(#[n(0)] Signal),
    /// "My name or homes are others now."
    #[n(5)]
    Card(#[n(0)] Card),
}

/// What has come of messages, as their recipient says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// Committed on this device.
    #[n(0)]
    pub delivered: Vec<MessageId>,
    /// Everything up to this clock value has been on the screen; 0 says nothing.
    #[n(1)]
    pub read_up_to: u64,
    /// Arrived, but could not be read: please say it again under current keys.
    #[n(2)]
    pub unreadable: Vec<MessageId>,
}

/// A body with its sender.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Parcel {
    /// For whom.
    #[n(0)]
    pub to: PersonaId,
    /// In which envelope.
    #[n(1)]
    pub envelope: EnvelopeId,
    /// From whom.
    #[n(2)]
    pub from: PersonaId,
    /// From which device.
    #[n(3)]
    pub device: DeviceId,
    /// When, by the sender's clock.
    #[n(4)]
    pub at: Timestamp,
    /// What.
    #[n(5)]
    pub body: Body,
    /// The sender's number for it, when it is to be kept: from 1 on, for this recipient, by this device.
    #[n(6)]
    pub number: Option<u64>,
    /// Which numbers the recipient's homes have taken so far; at most [`HOMES_MAX`] are looked at.
    #[n(7)]
    #[cbor(default)]
    pub taken: Vec<Taken>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Carried {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[n(1)]
    signature: Signature,
}

/// Why a parcel is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadParcel {
    /// Not a parcel, or of a kind that is newer than this program.
    #[error("not readable")]
    Malformed,
    /// Not signed by the device it names.
    #[error("wrong signature")]
    Signature,
    /// For somebody else, or from another envelope.
    #[error("for another mailbox or envelope")]
    Misdirected,
}

impl Parcel {
    /// As carried, signed by `device`, whose id stands in the parcel.
    #[must_use]
    pub fn sign(&self, device: &SigningKey) -> Vec<u8> {
        let payload = codec::encode(self);
        let signature = device.sign(Purpose::Parcel, &payload);
        codec::encode(&Carried { payload, signature })
    }

    /// Reads and checks a parcel that came in `envelope` for `to`.
    ///
    /// # Errors
    /// [`BadParcel`].
    pub fn verify(
        carried: &[u8],
        to: &PersonaId,
        envelope: &EnvelopeId,
    ) -> Result<Self, BadParcel> {
        let outer: Carried =
            codec::decode(carried, ENVELOPE_BYTES_MAX).map_err(|_| BadParcel::Malformed)?;
        let parcel: Self =
            codec::decode(&outer.payload, ENVELOPE_BYTES_MAX).map_err(|_| BadParcel::Malformed)?;
        verify_signature(
            &parcel.device.0,
            Purpose::Parcel,
            &outer.payload,
            &outer.signature,
        )
        .map_err(|_| BadParcel::Signature)?;
        if parcel.to != *to || parcel.envelope != *envelope {
            return Err(BadParcel::Misdirected);
        }
        Ok(parcel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(device: &SigningKey) -> Parcel {
        Parcel {
            to: PersonaId([2; 32]),
            envelope: EnvelopeId([3; 16]),
            from: PersonaId([1; 32]),
            device: DeviceId(device.public()),
            at: Timestamp(7),
            body: Body::Receipt(Receipt {
                read_up_to: 4,
                ..Receipt::default()
            }),
            number: None,
            taken: Vec::new(),
        }
    }

    #[test]
    fn a_parcel_is_good_for_its_recipient_envelope_and_signer() {
        let device = SigningKey::from_seed([1; 32]);
        let carried = parcel(&device).sign(&device);
        let (to, id) = (PersonaId([2; 32]), EnvelopeId([3; 16]));
        assert_eq!(Parcel::verify(&carried, &to, &id), Ok(parcel(&device)));
        assert_eq!(
            Parcel::verify(&carried, &PersonaId([9; 32]), &id),
            Err(BadParcel::Misdirected)
        );
        assert_eq!(
            Parcel::verify(&carried, &to, &EnvelopeId([9; 16])),
            Err(BadParcel::Misdirected)
        );
        let forged = parcel(&device).sign(&SigningKey::from_seed([2; 32]));
        assert_eq!(Parcel::verify(&forged, &to, &id), Err(BadParcel::Signature));
        assert_eq!(Parcel::verify(b"junk", &to, &id), Err(BadParcel::Malformed));
    }
}
