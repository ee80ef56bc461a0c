//! Ids as bytes and as text.

use proptest::prelude::*;
use shared::base::id::{
    ConversationId, DeviceId, EnvelopeId, Hash, MessageId, NodeId, Nonce, PersonaId, SealKey,
    Signature,
};

use super::round_trip::{for_all, round_trips};
use super::values::id;

/// A byte string's head is at most two bytes at these lengths.
const HEAD_MAX: usize = 2;

macro_rules! every_id {
    ($($name:ident),+ $(,)?) => {
        #[test]
        fn ids_are_read_back_from_bytes() {
            $(round_trips($name::LEN + HEAD_MAX, id($name));)+
        }

        #[test]
        fn ids_are_read_back_from_text_and_slices() {
            $(for_all(id($name), |id| {
                let text = id.to_text();
                prop_assert_eq!(&id.to_string(), &text);
                prop_assert_eq!($name::from_text(&text), Ok(id));
                prop_assert_eq!($name::from_slice(id.as_bytes()), Ok(id));
                Ok(())
            });)+
        }
    };
}

every_id!(
    ConversationId,
    DeviceId,
    EnvelopeId,
    Hash,
    MessageId,
    NodeId,
    Nonce,
    PersonaId,
    SealKey,
    Signature,
);
