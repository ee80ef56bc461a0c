//! OpenMLS's storage trait over the [`Journal`].
//!
//! Keys are one byte of scope, what names the thing in CBOR, and, within a group, one byte for the
//! field. So all of a group lies under one prefix. Values are of [`super::codec`].

use alloc::vec::Vec;
use core::cell::RefCell;

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    codec::{StorageError, decode, encode, variant},
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

impl StorageProvider<CURRENT_VERSION> for Storage {
    type Error = StorageError;

    fn write_mls_join_config<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::JoinConfig, value)
    }

    fn mls_group_join_config<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::MlsGroupJoinConfig<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::JoinConfig)
    }

    fn delete_group_config<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::JoinConfig)
    }

    fn write_tree<G: traits::GroupId<CURRENT_VERSION>, V: traits::TreeSync<CURRENT_VERSION>>(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::Tree, value)
    }

    fn tree<G: traits::GroupId<CURRENT_VERSION>, V: traits::TreeSync<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::Tree)
    }

    fn delete_tree<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::Tree)
    }

    fn write_interim_transcript_hash<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::InterimTranscriptHash<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::InterimTranscriptHash, value)
    }

    fn interim_transcript_hash<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::InterimTranscriptHash<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::InterimTranscriptHash)
    }

    fn delete_interim_transcript_hash<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::InterimTranscriptHash)
    }

    fn write_context<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::GroupContext<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::Context, value)
    }

    fn group_context<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::GroupContext<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::Context)
    }

    fn delete_context<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::Context)
    }

    fn write_confirmation_tag<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::ConfirmationTag<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::ConfirmationTag, value)
    }

    fn confirmation_tag<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::ConfirmationTag<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::ConfirmationTag)
    }

    fn delete_confirmation_tag<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::ConfirmationTag)
    }

    fn write_group_state<V: traits::GroupState<CURRENT_VERSION>, G: traits::GroupId<CURRENT_VERSION>>(
        &self, group: &G, value: &V,
    ) -> Result<(), StorageError> {
        // A pending commit is merged before the operation ends, and so never stored.
        variant::number(value).map_or(Ok(()), |number| self.put_field(group, Field::GroupState, &number))
    }

    fn group_state<V: traits::GroupState<CURRENT_VERSION>, G: traits::GroupId<CURRENT_VERSION>>(
        &self, group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::GroupState)?.map(variant::numbered).transpose()
    }

    fn delete_group_state<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::GroupState)
    }

    fn write_message_secrets<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::MessageSecrets<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::MessageSecrets, value)
    }

    fn message_secrets<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::MessageSecrets<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::MessageSecrets)
    }

    fn delete_message_secrets<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::MessageSecrets)
    }

    fn write_resumption_psk_store<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::ResumptionPskStore<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::ResumptionPsks, value)
    }

    fn resumption_psk_store<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::ResumptionPskStore<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::ResumptionPsks)
    }

    fn delete_all_resumption_psk_secrets<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::ResumptionPsks)
    }

    fn write_own_leaf_index<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::LeafNodeIndex<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::OwnLeafIndex, value)
    }

    fn own_leaf_index<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::LeafNodeIndex<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::OwnLeafIndex)
    }

    fn delete_own_leaf_index<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::OwnLeafIndex)
    }

    fn write_group_epoch_secrets<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::GroupEpochSecrets<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put_field(group, Field::EpochSecrets, value)
    }

    fn group_epoch_secrets<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::GroupEpochSecrets<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::EpochSecrets)
    }

    fn delete_group_epoch_secrets<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::EpochSecrets)
    }

    fn write_signature_key_pair<
        K: traits::SignaturePublicKey<CURRENT_VERSION>,
        V: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put(scoped(scope::SIGNATURE_KEY, name)?, value)
    }

    fn signature_key_pair<
        K: traits::SignaturePublicKey<CURRENT_VERSION>,
        V: traits::SignatureKeyPair<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
    ) -> Result<Option<V>, StorageError> {
        self.get(&scoped(scope::SIGNATURE_KEY, name)?)
    }

    fn delete_signature_key_pair<K: traits::SignaturePublicKey<CURRENT_VERSION>>(
        &self,
        name: &K,
    ) -> Result<(), StorageError> {
        self.delete(&scoped(scope::SIGNATURE_KEY, name)?)
    }

    fn write_encryption_key_pair<
        K: traits::EncryptionKey<CURRENT_VERSION>,
        V: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put(scoped(scope::ENCRYPTION_KEY, name)?, value)
    }

    fn encryption_key_pair<
        V: traits::HpkeKeyPair<CURRENT_VERSION>,
        K: traits::EncryptionKey<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
    ) -> Result<Option<V>, StorageError> {
        self.get(&scoped(scope::ENCRYPTION_KEY, name)?)
    }

    fn delete_encryption_key_pair<K: traits::EncryptionKey<CURRENT_VERSION>>(
        &self,
        name: &K,
    ) -> Result<(), StorageError> {
        self.delete(&scoped(scope::ENCRYPTION_KEY, name)?)
    }

    fn write_key_package<
        K: traits::HashReference<CURRENT_VERSION>,
        V: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put(scoped(scope::KEY_PACKAGE, name)?, value)
    }

    fn key_package<
        K: traits::HashReference<CURRENT_VERSION>,
        V: traits::KeyPackage<CURRENT_VERSION>,
    >(
        &self,
        name: &K,
    ) -> Result<Option<V>, StorageError> {
        self.get(&scoped(scope::KEY_PACKAGE, name)?)
    }

    fn delete_key_package<K: traits::HashReference<CURRENT_VERSION>>(
        &self,
        name: &K,
    ) -> Result<(), StorageError> {
        self.delete(&scoped(scope::KEY_PACKAGE, name)?)
    }

    fn append_own_leaf_node<
        G: traits::GroupId<CURRENT_VERSION>,
        V: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        leaf: &V,
    ) -> Result<(), StorageError> {
        // Re-encoded with the rest: the list has an entry per own update in this epoch.
        let mut leaves: Vec<V> = self.own_leaf_nodes(group)?;
        leaves.push(decode(&encode(leaf)?)?);
        self.put_field(group, Field::OwnLeafNodes, &leaves)
    }

    fn own_leaf_nodes<G: traits::GroupId<CURRENT_VERSION>, V: traits::LeafNode<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<Vec<V>, StorageError> {
        Ok(self.field(group, Field::OwnLeafNodes)?.unwrap_or_default())
    }

    fn delete_own_leaf_nodes<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::OwnLeafNodes)
    }

    fn queue_proposal<
        G: traits::GroupId<CURRENT_VERSION>,
        R: traits::ProposalRef<CURRENT_VERSION>,
        V: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        reference: &R,
        proposal: &V,
    ) -> Result<(), StorageError> {
        self.put(proposal_key(group, reference)?, proposal)
    }

    fn queued_proposal_refs<
        G: traits::GroupId<CURRENT_VERSION>,
        R: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Vec<R>, StorageError> {
        let prefix = field_key(group, Field::Proposal)?;
        let journal = self.0.borrow();
        journal
            .with_prefix(&prefix)
            .map(|(key, _)| decode(key.get(prefix.len()..).ok_or(StorageError)?))
            .collect()
    }

    fn queued_proposals<
        G: traits::GroupId<CURRENT_VERSION>,
        R: traits::ProposalRef<CURRENT_VERSION>,
        V: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<Vec<(R, V)>, StorageError> {
        let prefix = field_key(group, Field::Proposal)?;
        let journal = self.0.borrow();
        journal
            .with_prefix(&prefix)
            .map(|(key, value)| {
                Ok((
                    decode(key.get(prefix.len()..).ok_or(StorageError)?)?,
                    decode(value)?,
                ))
            })
            .collect()
    }

    fn remove_proposal<
        G: traits::GroupId<CURRENT_VERSION>,
        R: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        reference: &R,
    ) -> Result<(), StorageError> {
        self.delete(&proposal_key(group, reference)?)
    }

    fn clear_proposal_queue<
        G: traits::GroupId<CURRENT_VERSION>,
        R: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_prefix(&field_key(group, Field::Proposal)?);
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        G: traits::GroupId<CURRENT_VERSION>,
        E: traits::EpochKey<CURRENT_VERSION>,
        V: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        epoch: &E,
        leaf_index: u32,
        key_pairs: &[V],
    ) -> Result<(), StorageError> {
        self.put(epoch_key(group, epoch, leaf_index)?, key_pairs)
    }

    fn encryption_epoch_key_pairs<
        G: traits::GroupId<CURRENT_VERSION>,
        E: traits::EpochKey<CURRENT_VERSION>,
        V: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<Vec<V>, StorageError> {
        Ok(self
            .get(&epoch_key(group, epoch, leaf_index)?)?
            .unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<
        G: traits::GroupId<CURRENT_VERSION>,
        E: traits::EpochKey<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        epoch: &E,
        leaf_index: u32,
    ) -> Result<(), StorageError> {
        self.delete(&epoch_key(group, epoch, leaf_index)?)
    }

    fn write_psk<K: traits::PskId<CURRENT_VERSION>, V: traits::PskBundle<CURRENT_VERSION>>(
        &self,
        name: &K,
        value: &V,
    ) -> Result<(), StorageError> {
        self.put(scoped(scope::PSK, name)?, value)
    }

    fn psk<V: traits::PskBundle<CURRENT_VERSION>, K: traits::PskId<CURRENT_VERSION>>(
        &self,
        name: &K,
    ) -> Result<Option<V>, StorageError> {
        self.get(&scoped(scope::PSK, name)?)
    }

    fn delete_psk<K: traits::PskId<CURRENT_VERSION>>(&self, name: &K) -> Result<(), StorageError> {
        self.delete(&scoped(scope::PSK, name)?)
    }
}
