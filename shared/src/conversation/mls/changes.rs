//! Changing keys: a member proposes an update of its leaf, another commits it (RFC 9420 §12).
//!
//! OpenMLS refuses to encrypt while a proposal is pending. A person must be able to write while
//! the other side is away for days, so proposals are set aside in the store and handed back to
//! OpenMLS only while a commit is made or applied.

use alloc::vec::Vec;

use openmls::{
    group::{MlsGroup, QueuedProposal, StagedCommit},
    prelude::{LeafNodeParameters, MlsMessageOut, Proposal, Sender, tls_codec::Serialize as _},
};
use openmls_traits::storage::StorageProvider as _;

use super::{
    Mls,
    codec::StorageError,
    error::{ReceiveError, SendError},
    limits::PROPOSALS_MAX,
    member::{DeviceSigner, Member},
    provider::Provider,
    storage::Field,
};
use crate::base::{id::ConversationId, random::Random};

impl From<StorageError> for ReceiveError {
    fn from(_: StorageError) -> Self {
        Self::State
    }
}

impl From<StorageError> for SendError {
    fn from(_: StorageError) -> Self {
        Self::State
    }
}

impl Mls {
    /// Proposes new keys for this device's leaf. Returns the proposal to send to the one who
    /// commits; until the commit arrives, the old keys serve.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::TooManyProposals`], [`SendError::State`].
    pub fn propose_update(
        &mut self,
        random: &mut dyn Random,
        group: ConversationId,
    ) -> Result<Vec<u8>, SendError> {
        self.produce(random, group, |provider, group, signer| {
            let mut aside = set_aside(provider, group)?;
            if aside.len() >= PROPOSALS_MAX {
                return Err(SendError::TooManyProposals);
            }
            let (message, _) = group
                .propose_self_update(provider, signer, LeafNodeParameters::default())
                .map_err(|_| SendError::State)?;
            aside.extend(group.pending_proposals().cloned());
            provider
                .storage
                .put_field(group.group_id(), Field::SetAside, &aside)?;
            group.clear_pending_proposals(&provider.storage)?;
            Ok(message)
        })
    }

    /// Commits the proposals that were received and renews this device's own keys. Returns the
    /// commit to send to all members; the group is in its new epoch at once, so only the member
    /// whose turn it is to commit may call this.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::State`].
    pub fn commit_pending(
        &mut self,
        random: &mut dyn Random,
        group: ConversationId,
    ) -> Result<Vec<u8>, SendError> {
        self.commit(random, group, true)
            // A proposal that cannot be committed must not stop keys from being renewed.
            .or_else(|_| self.commit(random, group, false))
    }

    fn commit(
        &mut self,
        random: &mut dyn Random,
        group: ConversationId,
        with_proposals: bool,
    ) -> Result<Vec<u8>, SendError> {
        self.produce(random, group, |provider, group, signer| {
            if with_proposals {
                recall_proposals(provider, group)?;
            }
            let own = Sender::Member(group.own_leaf_index());
            let commit = group
                .commit_builder()
                .force_self_update(true)
                .load_psks(&provider.storage)
                .map_err(|_| SendError::State)?
                .build(&provider.crypto, &provider.crypto, signer, |proposal| {
                    *proposal.sender() != own
                })
                .map_err(|_| SendError::State)?
                .stage_commit(provider)
                .map_err(|_| SendError::State)?
                .into_commit();
            group
                .merge_pending_commit(provider)
                .map_err(|_| SendError::State)?;
            end_proposals(provider, group)?;
            Ok(commit)
        })
    }

    /// What `make` says, ready to be sent. When it fails, the group is as it was.
    pub(super) fn produce(
        &mut self,
        random: &mut dyn Random,
        group: ConversationId,
        make: impl FnOnce(&Provider, &mut MlsGroup, &DeviceSigner) -> Result<MlsMessageOut, SendError>,
    ) -> Result<Vec<u8>, SendError> {
        let Self {
            signer,
            provider,
            groups,
            ..
        } = self;
        let loaded = groups.get(provider, group)?;
        let outcome = provider.run(Some(random), |provider| {
            make(provider, loaded, signer)?
                .tls_serialize_detached()
                .map_err(|_| SendError::State)
        });
        if outcome.result.is_err() {
            groups.forget(group);
        }
        outcome.result
    }
}

fn set_aside(provider: &Provider, group: &MlsGroup) -> Result<Vec<QueuedProposal>, StorageError> {
    Ok(provider
        .storage
        .field(group.group_id(), Field::SetAside)?
        .unwrap_or_default())
}

/// Keeps a proposal of `from` for the next commit, in place of an earlier one.
pub(super) fn set_aside_theirs(
    provider: &Provider,
    group: &MlsGroup,
    from: Member,
    proposal: QueuedProposal,
) -> Result<(), ReceiveError> {
    let Proposal::Update(update) = proposal.proposal() else {
        return Err(ReceiveError::Refused);
    };
    let leaf = update.leaf_node();
    if Member::of_leaf(leaf.credential(), leaf.signature_key().as_slice()) != Some(from) {
        return Err(ReceiveError::Refused);
    }
    let mut aside = set_aside(provider, group)?;
    aside.retain(|earlier| earlier.sender() != proposal.sender());
    if aside.len() >= PROPOSALS_MAX {
        return Err(ReceiveError::BadChange);
    }
    aside.push(proposal);
    Ok(provider
        .storage
        .put_field(group.group_id(), Field::SetAside, &aside)?)
}

/// Hands the proposals that were set aside back to OpenMLS.
pub(super) fn recall_proposals(
    provider: &Provider,
    group: &mut MlsGroup,
) -> Result<(), StorageError> {
    set_aside(provider, group)?
        .into_iter()
        .try_for_each(|proposal| group.store_pending_proposal(&provider.storage, proposal))
}

/// A new epoch: proposals of the old one are void, and so are keys that were proposed in vain.
pub(super) fn end_proposals(provider: &Provider, group: &MlsGroup) -> Result<(), StorageError> {
    for proposal in set_aside(provider, group)? {
        if let Proposal::Update(update) = proposal.proposal() {
            provider
                .storage
                .delete_encryption_key_pair(update.leaf_node().encryption_key())?;
        }
    }
    provider
        .storage
        .delete_field(group.group_id(), Field::SetAside)
}

/// A commit may renew leaves, and nothing else: nobody joins, leaves, or becomes someone else.
pub(super) fn check_commit(
    group: &MlsGroup,
    from: Member,
    commit: &StagedCommit,
) -> Result<(), ReceiveError> {
    for queued in commit.queued_proposals() {
        let Proposal::Update(update) = queued.proposal() else {
            return Err(ReceiveError::Refused);
        };
        let Sender::Member(index) = queued.sender() else {
            return Err(ReceiveError::Refused);
        };
        let before = group.member(*index).and_then(Member::named_by);
        let leaf = update.leaf_node();
        if before.is_none()
            || Member::of_leaf(leaf.credential(), leaf.signature_key().as_slice()) != before
        {
            return Err(ReceiveError::Refused);
        }
    }
    if let Some(leaf) = commit.update_path_leaf_node()
        && Member::of_leaf(leaf.credential(), leaf.signature_key().as_slice()) != Some(from)
    {
        return Err(ReceiveError::Refused);
    }
    Ok(())
}
