//! OpenMLS's storage trait: getters, setters and deleters, one for each kind of thing it keeps.

use alloc::vec::Vec;

use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};

use super::{
    super::codec::{StorageError, decode, encode, variant},
    Field, Storage, epoch_key, field_key, proposal_key, scope, scoped,
};

/// One value of a group: how it is written, read and deleted.
macro_rules! fields {
    ($($write:ident, $read:ident, $delete:ident: $kind:ident in $field:ident;)*) => {$(
        fn $write<G: traits::GroupId<CURRENT_VERSION>, V: traits::$kind<CURRENT_VERSION>>(
            &self,
            group: &G,
            value: &V,
        ) -> Result<(), StorageError> {
            self.put_field(group, Field::$field, value)
        }

        fn $read<G: traits::GroupId<CURRENT_VERSION>, V: traits::$kind<CURRENT_VERSION>>(
            &self,
            group: &G,
        ) -> Result<Option<V>, StorageError> {
            self.field(group, Field::$field)
        }

        fn $delete<G: traits::GroupId<CURRENT_VERSION>>(&self, group: &G) -> Result<(), StorageError> {
            self.delete_field(group, Field::$field)
        }
    )*};
}

/// One value that has a name of its own: how it is written, read and deleted. The trait does not put the
/// name's type and the value's in the same order everywhere.
macro_rules! named {
    ($($write:ident, $read:ident<$first:ident, $second:ident>, $delete:ident: $name:ident to $kind:ident in $scope:ident;)*) => {$(
        fn $write<K: traits::$name<CURRENT_VERSION>, V: traits::$kind<CURRENT_VERSION>>(
            &self,
            name: &K,
            value: &V,
        ) -> Result<(), StorageError> {
            self.put(scoped(scope::$scope, name)?, value)
        }

        fn $read<$first, $second>(&self, name: &K) -> Result<Option<V>, StorageError>
        where
            K: traits::$name<CURRENT_VERSION>,
            V: traits::$kind<CURRENT_VERSION>,
        {
            self.get(&scoped(scope::$scope, name)?)
        }

        fn $delete<K: traits::$name<CURRENT_VERSION>>(&self, name: &K) -> Result<(), StorageError> {
            self.delete(&scoped(scope::$scope, name)?)
        }
    )*};
}

impl StorageProvider<CURRENT_VERSION> for Storage {
    type Error = StorageError;

    fields! {
        write_mls_join_config, mls_group_join_config, delete_group_config: MlsGroupJoinConfig in JoinConfig;
        write_tree, tree, delete_tree: TreeSync in Tree;
        write_interim_transcript_hash, interim_transcript_hash, delete_interim_transcript_hash: InterimTranscriptHash in InterimTranscriptHash;
        write_context, group_context, delete_context: GroupContext in Context;
        write_confirmation_tag, confirmation_tag, delete_confirmation_tag: ConfirmationTag in ConfirmationTag;
        write_message_secrets, message_secrets, delete_message_secrets: MessageSecrets in MessageSecrets;
        write_resumption_psk_store, resumption_psk_store, delete_all_resumption_psk_secrets: ResumptionPskStore in ResumptionPsks;
        write_own_leaf_index, own_leaf_index, delete_own_leaf_index: LeafNodeIndex in OwnLeafIndex;
        write_group_epoch_secrets, group_epoch_secrets, delete_group_epoch_secrets: GroupEpochSecrets in EpochSecrets;
    }

    named! {
        write_signature_key_pair, signature_key_pair<K, V>, delete_signature_key_pair: SignaturePublicKey to SignatureKeyPair in SIGNATURE_KEY;
        write_encryption_key_pair, encryption_key_pair<V, K>, delete_encryption_key_pair: EncryptionKey to HpkeKeyPair in ENCRYPTION_KEY;
        write_key_package, key_package<K, V>, delete_key_package: HashReference to KeyPackage in KEY_PACKAGE;
        write_psk, psk<V, K>, delete_psk: PskId to PskBundle in PSK;
    }

    fn write_group_state<
        V: traits::GroupState<CURRENT_VERSION>,
        G: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        group: &G,
        value: &V,
    ) -> Result<(), StorageError> {
        // A pending commit is merged before the operation ends, and so never stored.
        variant::number(value).map_or(Ok(()), |number| {
            self.put_field(group, Field::GroupState, &number)
        })
    }

    fn group_state<V: traits::GroupState<CURRENT_VERSION>, G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<Option<V>, StorageError> {
        self.field(group, Field::GroupState)?
            .map(variant::numbered)
            .transpose()
    }

    fn delete_group_state<G: traits::GroupId<CURRENT_VERSION>>(
        &self,
        group: &G,
    ) -> Result<(), StorageError> {
        self.delete_field(group, Field::GroupState)
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
}
