//! What OpenMLS stores, over the [`Journal`].
//!
//! Keys are one byte of scope, what names the thing in CBOR, and, within a group, one byte for the
//! field. So all of a group lies under one prefix. Values are of [`super::codec`].

mod openmls;

use alloc::vec::Vec;
use core::cell::RefCell;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    codec::{StorageError, decode, encode},
    journal::{Change, Journal},
};

/// First byte of a key.
mod scope {
    pub const GROUP: u8 = b'g';
    pub const KEY_PACKAGE: u8 = b'k';
    pub const ENCRYPTION_KEY: u8 = b'e';
    pub const SIGNATURE_KEY: u8 = b's';
    pub const PSK: u8 = b'p';
}

/// The byte after a group's prefix.
#[derive(Clone, Copy)]
pub(super) enum Field {
    JoinConfig = 1,
    OwnLeafNodes = 2,
    Proposal = 3,
    Tree = 4,
    InterimTranscriptHash = 5,
    Context = 6,
    ConfirmationTag = 7,
    GroupState = 8,
    MessageSecrets = 9,
    ResumptionPsks = 10,
    OwnLeafIndex = 11,
    EpochSecrets = 12,
    EpochKeyPairs = 13,
    /// Proposals set aside until a commit, see [`super::changes`].
    SetAside = 14,
}

#[derive(Default)]
pub(super) struct Storage(RefCell<Journal>);

fn scoped<K: Serialize + ?Sized>(scope: u8, name: &K) -> Result<Vec<u8>, StorageError> {
    let mut key = Vec::with_capacity(48);
    key.push(scope);
    key.extend_from_slice(&encode(name)?);
    Ok(key)
}

fn field_key<G: Serialize>(group: &G, field: Field) -> Result<Vec<u8>, StorageError> {
    let mut key = scoped(scope::GROUP, group)?;
    key.push(field as u8);
    Ok(key)
}

fn proposal_key<G: Serialize, R: Serialize>(
    group: &G,
    reference: &R,
) -> Result<Vec<u8>, StorageError> {
    let mut key = field_key(group, Field::Proposal)?;
    key.extend_from_slice(&encode(reference)?);
    Ok(key)
}

fn epoch_key<G: Serialize, E: Serialize>(
    group: &G,
    epoch: &E,
    leaf: u32,
) -> Result<Vec<u8>, StorageError> {
    let mut key = field_key(group, Field::EpochKeyPairs)?;
    key.extend_from_slice(&encode(epoch)?);
    key.extend_from_slice(&leaf.to_be_bytes());
    Ok(key)
}

impl Storage {
    pub fn load(entries: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        Self(RefCell::new(Journal::load(entries)))
    }

    pub fn commit(&self) {
        self.0.borrow_mut().commit();
    }

    pub fn roll_back(&self) -> bool {
        self.0.borrow_mut().roll_back()
    }

    pub fn take_changes(&self) -> Vec<Change> {
        self.0.borrow_mut().take_changes()
    }

    pub fn put_field<G: Serialize, V: Serialize + ?Sized>(
        &self,
        group: &G,
        field: Field,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put(field_key(group, field)?, value)
    }

    pub fn field<G: Serialize, V: DeserializeOwned>(
        &self,
        group: &G,
        field: Field,
    ) -> Result<Option<V>, StorageError> {
        self.get(&field_key(group, field)?)
    }

    pub fn delete_field<G: Serialize>(&self, group: &G, field: Field) -> Result<(), StorageError> {
        self.delete(&field_key(group, field)?)
    }

    pub fn has_field<G: Serialize>(&self, group: &G, field: Field) -> Result<bool, StorageError> {
        Ok(self.0.borrow().get(&field_key(group, field)?).is_some())
    }

    /// Deletes all that is kept of a group.
    pub fn delete_group<G: Serialize>(&self, group: &G) -> Result<(), StorageError> {
        self.delete_prefix(&scoped(scope::GROUP, group)?);
        Ok(())
    }

    /// Our key packages that wait to be used, with the keys under which they lie.
    pub fn key_packages<V: DeserializeOwned>(&self) -> Result<Vec<(Vec<u8>, V)>, StorageError> {
        let journal = self.0.borrow();
        journal
            .with_prefix(&[scope::KEY_PACKAGE])
            .map(|(key, value)| Ok((key.to_vec(), decode(value)?)))
            .collect()
    }

    pub fn key_package_count(&self) -> usize {
        self.0.borrow().with_prefix(&[scope::KEY_PACKAGE]).count()
    }

    pub fn delete(&self, key: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().delete(key);
        Ok(())
    }

    fn put<V: Serialize + ?Sized>(&self, key: Vec<u8>, value: &V) -> Result<(), StorageError> {
        let value = encode(value)?;
        self.0.borrow_mut().put(key, value);
        Ok(())
    }

    fn get<V: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<V>, StorageError> {
        self.0.borrow().get(key).map(decode).transpose()
    }

    fn delete_prefix(&self, prefix: &[u8]) {
        let mut journal = self.0.borrow_mut();
        let keys: Vec<Vec<u8>> = journal
            .with_prefix(prefix)
            .map(|(key, _)| key.to_vec())
            .collect();
        keys.iter().for_each(|key| journal.delete(key));
    }
}
