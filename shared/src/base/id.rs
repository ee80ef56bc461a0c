//! Identifiers. All are opaque bytes; keys are shown to people and other programs in z-base-32.

use alloc::string::String;
use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct BadId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The identifier in `bytes`.
            ///
            /// # Errors
            /// [`BadId`] when the length is not [`Self::LEN`].
            pub fn from_slice(bytes: &[u8]) -> Result<Self, BadId> {
                bytes.try_into().map(Self).map_err(|_| BadId)
            }

            /// Bytes as carried.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// z-base-32, as people and other programs read it.
            #[must_use]
            pub fn to_text(&self) -> String {
                z32::encode(&self.0)
            }

            /// Reads what [`Self::to_text`] wrote.
            ///
            /// # Errors
            /// [`BadId`] on any other text.
            pub fn from_text(text: &str) -> Result<Self, BadId> {
                let bytes = z32::decode(text.as_bytes()).map_err(|_| BadId)?;
                // A letter too few, or another last one, may leave the same bytes.
                Self::from_slice(&bytes).ok().filter(|id| id.to_text() == text).ok_or(BadId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.to_text())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.to_text())
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                Self::from_slice(d.bytes()?).map_err(|_| decode::Error::message(concat!(stringify!($name), ": wrong length")))
            }
        }
    };
}

id!(
    /// A persona's Ed25519 public key: who somebody is. One person may have many.
    PersonaId, 32);
id!(
    /// A device's Ed25519 public key.
    DeviceId, 32);
id!(
    /// A supernode's Ed25519 public key.
    NodeId, 32);
id!(
    /// An X25519 public key to which the inbox of a persona or a device is sealed.
    SealKey, 32);
id!(
    /// An Ed25519 signature (RFC 8032).
    Signature, 64);
id!(
    /// A SHA-256 hash.
    Hash, 32);
id!(
    /// Chosen at random by the sender; drops repeats of an envelope.
    EnvelopeId, 16);
id!(
    /// Chosen at random by its author; names a message in a conversation.
    MessageId, 16);
id!(
    /// Names a conversation; also its MLS group id.
    ConversationId, 16);
id!(
    /// Random bytes that make a handshake unrepeatable.
    Nonce, 32);

impl DeviceId {
    /// Eight characters for people comparing devices; not unique enough for anything else.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_text().chars().take(8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_garbage_is_refused() {
        let id = PersonaId(core::array::from_fn(|i| u8::try_from(i * 7 % 256).unwrap()));
        assert_eq!(PersonaId::from_text(&id.to_text()), Ok(id));
        for bad in [
            "",
            "yyyy",
            "0000000000000000000000000000000000000000000000000000",
            "Ä",
        ] {
            assert_eq!(PersonaId::from_text(bad), Err(BadId), "{bad}");
        }
    }

    #[test]
    fn an_id_is_written_in_one_way() {
        let id = MessageId([0; 16]);
        let text = "y".repeat(26);
        assert_eq!(MessageId::from_text(&text), Ok(id));
        assert_eq!(MessageId::from_text(&text[1..]), Err(BadId));
        let other_end = [&text[1..], "b"].concat();
        assert_eq!(MessageId::from_text(&other_end), Err(BadId));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        assert!(MessageId::from_slice(&[0; 16]).is_ok());
        assert!(MessageId::from_slice(&[0; 15]).is_err());
        assert!(MessageId::from_slice(&[0; 17]).is_err());
    }
}
