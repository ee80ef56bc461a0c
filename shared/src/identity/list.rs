//! The device list: which devices speak for a persona.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::base::codec::{self, CodecError};
use crate::base::hash::sha256;
use crate::base::id::{DeviceId, Hash, PersonaId, SealKey, Signature};
use crate::base::limits::{DEVICE_LIST_BYTES_MAX, DEVICES_MAX};
use crate::base::sign::{BadSignature, Purpose, SigningKey, verify_signature};
use crate::base::time::Timestamp;

/// One device on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceEntry {
    /// Its signing key.
    #[n(0)]
    pub device: DeviceId,
    /// The key to which envelopes for it are sealed.
    #[n(1)]
    pub seal: SealKey,
    /// When it was added.
    #[n(2)]
    pub since: Timestamp,
}

/// What a persona signs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceList {
    /// Whose.
    #[n(0)]
    pub persona: PersonaId,
    /// Starts at 1; the newest valid list counts.
    #[n(1)]
    pub version: u64,
    /// SHA-256 of version − 1 as carried, signature included; `None` for version 1.
    #[n(2)]
    pub previous: Option<Hash>,
    /// When it was made.
    #[n(3)]
    pub at: Timestamp,
    /// One to [`DEVICES_MAX`] devices, each once.
    #[n(4)]
    pub devices: Vec<DeviceEntry>,
}

/// The list as carried: CBOR of exactly these bytes and a signature over them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Carried {
    #[cbor(n(0), with = "minicbor::bytes")]
    list: Vec<u8>,
    #[n(1)]
    signature: Signature,
}

/// Why a device list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDeviceList {
    /// Not readable.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Not signed by the persona it names.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// No device, too many, one twice, version 0, or a broken chain field.
    #[error("the list contradicts itself")]
    Inconsistent,
    /// It does not follow the list that is known.
    #[error("the list does not follow the one that is known")]
    NotNext,
}

/// A device list whose signature and consistency were checked, with its bytes as carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDeviceList {
    list: DeviceList,
    carried: Vec<u8>,
}

impl VerifiedDeviceList {
    /// Signs `list` as its persona, whose key `persona` must be.
    ///
    /// # Errors
    /// [`BadDeviceList`] as [`Self::verify`] would.
    pub fn sign(list: &DeviceList, persona: &SigningKey) -> Result<Self, BadDeviceList> {
        let bytes = codec::encode(list);
        let signature = persona.sign(Purpose::DeviceList, &bytes);
        Self::verify(&codec::encode(&Carried {
            list: bytes,
            signature,
        }))
    }

    /// Checks a list as carried.
    ///
    /// # Errors
    /// [`BadDeviceList`].
    pub fn verify(carried: &[u8]) -> Result<Self, BadDeviceList> {
        let (read, outer) = Self::parts(carried)?;
        verify_signature(
            &read.list.persona.0,
            Purpose::DeviceList,
            &outer.list,
            &outer.signature,
        )?;
        Ok(read)
    }

    /// Reads back what was verified before it was stored: all checks of [`Self::verify`] but that of
    /// the signature, which would be most of the work of starting with many mailboxes or contacts.
    /// Never for what somebody else sent.
    ///
    /// # Errors
    /// [`BadDeviceList`], but for a bad signature.
    pub fn restore(stored: &[u8]) -> Result<Self, BadDeviceList> {
        Self::parts(stored).map(|(read, _)| read)
    }

    fn parts(carried: &[u8]) -> Result<(Self, Carried), BadDeviceList> {
        let outer: Carried = codec::decode(carried, DEVICE_LIST_BYTES_MAX)?;
        // The next list names this one by the hash of these bytes. Written in another way, it would pass
        // for another list, and whoever saw that one first would refuse the real next one.
        if codec::encode(&outer) != carried {
            return Err(CodecError::Malformed.into());
        }
        let list: DeviceList = codec::decode(&outer.list, DEVICE_LIST_BYTES_MAX)?;
        let mut keys: Vec<_> = list.devices.iter().map(|entry| entry.device).collect();
        keys.sort_unstable();
        keys.dedup();
        let consistent = (1..=DEVICES_MAX).contains(&list.devices.len())
            && keys.len() == list.devices.len()
            && list.version >= 1
            && (list.version == 1) == list.previous.is_none();
        if !consistent {
            return Err(BadDeviceList::Inconsistent);
        }
        let carried = carried.to_vec();
        Ok((Self { list, carried }, outer))
    }

    /// Whether this list may replace `known`: the same one, a newer version (versions in between may
    /// have been missed), and for the next version, one that names `known` as its predecessor.
    ///
    /// # Errors
    /// [`BadDeviceList::NotNext`].
    pub fn verify_follows(&self, known: &Self) -> Result<(), BadDeviceList> {
        let same = self.carried == known.carried;
        let next = known.list.version.checked_add(1) == Some(self.list.version);
        let fits = self.list.persona == known.list.persona
            && (same
                || (self.list.version > known.list.version
                    && (!next || self.list.previous == Some(known.hash()))));
        if fits {
            Ok(())
        } else {
            Err(BadDeviceList::NotNext)
        }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> &DeviceList {
        &self.list
    }

    /// Bytes as carried.
    #[must_use]
    pub fn carried(&self) -> &[u8] {
        &self.carried
    }

    /// Whose list it is.
    #[must_use]
    pub fn persona(&self) -> PersonaId {
        self.list.persona
    }

    /// SHA-256 of the bytes as carried; names this list in its successor.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&[&self.carried])
    }

    /// The entry of `device`, if it is on the list.
    #[must_use]
    pub fn device(&self, device: &DeviceId) -> Option<&DeviceEntry> {
        self.list
            .devices
            .iter()
            .find(|entry| entry.device == *device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u8) -> DeviceEntry {
        DeviceEntry {
            device: DeviceId([n; 32]),
            seal: SealKey([n; 32]),
            since: Timestamp(1),
        }
    }

    fn ann() -> SigningKey {
        SigningKey::from_seed([1; 32])
    }

    fn list(version: u64, previous: Option<Hash>, devices: Vec<DeviceEntry>) -> DeviceList {
        DeviceList {
            persona: PersonaId(ann().public()),
            version,
            previous,
            at: Timestamp(5),
            devices,
        }
    }

    #[test]
    fn a_signed_list_is_read_back() {
        let signed =
            VerifiedDeviceList::sign(&list(1, None, alloc::vec![entry(1)]), &ann()).unwrap();
        let read = VerifiedDeviceList::verify(signed.carried()).unwrap();
        assert_eq!(read, signed);
        assert!(read.device(&DeviceId([1; 32])).is_some());
        assert!(read.device(&DeviceId([2; 32])).is_none());
    }

    #[test]
    fn what_was_stored_is_read_back_without_looking_at_the_signature() {
        let signed =
            VerifiedDeviceList::sign(&list(1, None, alloc::vec![entry(1)]), &ann()).unwrap();
        let mut stored = signed.carried().to_vec();
        assert_eq!(VerifiedDeviceList::restore(&stored), Ok(signed));
        *stored.last_mut().unwrap() ^= 1;
        assert!(VerifiedDeviceList::restore(&stored).is_ok());
        assert_eq!(
            VerifiedDeviceList::verify(&stored),
            Err(BadDeviceList::Signature(BadSignature))
        );
        stored.pop();
        assert!(VerifiedDeviceList::restore(&stored).is_err());
    }

    #[test]
    fn a_list_signed_by_another_key_is_refused() {
        let other = SigningKey::from_seed([9; 32]);
        assert_eq!(
            VerifiedDeviceList::sign(&list(1, None, alloc::vec![entry(1)]), &other),
            Err(BadDeviceList::Signature(BadSignature))
        );
    }

    #[test]
    fn a_list_that_somebody_wrote_in_another_way_is_refused() {
        let signed =
            VerifiedDeviceList::sign(&list(1, None, alloc::vec![entry(1)]), &ann()).unwrap();
        let carried = signed.carried();
        let mut unknown_field = carried.to_vec();
        unknown_field[0] += 1;
        unknown_field.extend([0x18, 99, 0]);
        let mut long_length = carried.to_vec();
        assert_eq!(long_length[..3], [0xa2, 0, 0x58]);
        let len = long_length[3];
        long_length.splice(2..4, [0x59, 0, len]);
        for other in [unknown_field, long_length] {
            assert!(codec::decode::<Carried>(&other, DEVICE_LIST_BYTES_MAX).is_ok());
            assert_eq!(
                VerifiedDeviceList::verify(&other),
                Err(BadDeviceList::Codec(CodecError::Malformed))
            );
        }
    }

    #[test]
    fn limits_and_contradictions_are_refused() {
        let many = |n: u8| (1..=n).map(entry).collect::<Vec<_>>();
        let max = u8::try_from(DEVICES_MAX).unwrap();
        assert!(VerifiedDeviceList::sign(&list(1, None, many(max)), &ann()).is_ok());
        for bad in [
            list(1, None, many(max + 1)),
            list(1, None, Vec::new()),
            list(1, None, alloc::vec![entry(1), entry(1)]),
            list(0, None, many(1)),
            list(2, None, many(1)),
            list(1, Some(Hash([0; 32])), many(1)),
        ] {
            assert_eq!(
                VerifiedDeviceList::sign(&bad, &ann()),
                Err(BadDeviceList::Inconsistent)
            );
        }
        assert!(matches!(
            VerifiedDeviceList::verify(&alloc::vec![0; DEVICE_LIST_BYTES_MAX + 1]),
            Err(BadDeviceList::Codec(CodecError::TooLong { .. }))
        ));
    }

    #[test]
    fn a_chain_goes_forward_only() {
        let first =
            VerifiedDeviceList::sign(&list(1, None, alloc::vec![entry(1)]), &ann()).unwrap();
        let second =
            VerifiedDeviceList::sign(&list(2, Some(first.hash()), alloc::vec![entry(2)]), &ann())
                .unwrap();
        let forged =
            VerifiedDeviceList::sign(&list(2, Some(Hash([0; 32])), alloc::vec![entry(3)]), &ann())
                .unwrap();
        assert_eq!(second.verify_follows(&first), Ok(()));
        assert_eq!(first.verify_follows(&first), Ok(()));
        assert_eq!(first.verify_follows(&second), Err(BadDeviceList::NotNext));
        assert_eq!(forged.verify_follows(&first), Err(BadDeviceList::NotNext));
        assert_eq!(forged.verify_follows(&second), Err(BadDeviceList::NotNext));
    }
}
