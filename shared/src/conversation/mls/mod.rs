//! Messaging Layer Security (RFC 9420) for every conversation, through OpenMLS with one suite.
//!
//! A conversation is an MLS group, each device a leaf. **The way of one message:** `encrypt` draws
//! the next key of the sender's ratchet, and `decrypt` the same one on the other side; both change
//! the state in memory and note what changed. The caller takes [`Mls::take_changes`], writes them
//! to disk in one atomic batch, and only then sends or acknowledges anything: a key that was used
//! for a message must never be used again after a crash.
//!
//! A call that fails has changed nothing.
//!
//! | in state | `create`/`join` | `encrypt` | `propose_update` | `commit_pending` | `decrypt` |
//! |---|---|---|---|---|---|
//! | no group | makes one | `UnknownGroup` | `UnknownGroup` | `UnknownGroup` | `UnknownGroup` |
//! | in a group | `Exists` | yes | yes | yes | yes |
//! | proposals waiting | `Exists` | yes | up to [`limits::PROPOSALS_MAX`] | commits them | a commit ends them |
//!
//! **Who commits.** Nobody orders commits here. In a 1:1 chat the one who created it commits and
//! the other proposes; in larger groups a home supernode orders them (see `docs/protocol/`).
//!
//! **Time.** Lifetimes in leaves are unbounded, because OpenMLS would hold them against the clock
//! of the machine; a key package says until when it is good in an extension of its own, held
//! against the `now` that the caller passes. OpenMLS does read the clock, to check lifetimes and to
//! note when an epoch began; nothing depends on what it reads.
//!
//! **Not here:** ordering of commits, delivery, what is inside a message, who may talk to whom
//! (the caller answers for each device through [`Accepts`]), backup: a ratchet is never copied.

mod changes;
mod codec;
mod config;
mod crypto;
mod error;
#[cfg(test)]
mod hostile;
mod journal;
mod key_package;
pub mod limits;
mod member;
mod membership;
mod messages;
mod provider;
mod storage;
#[cfg(test)]
mod vectors;

use alloc::vec::Vec;

use openmls::group::{GroupId, MlsGroup};

pub use self::{
    crypto::{Crypto, SUITE, Unseeded},
    error::{GroupError, ReceiveError, SendError},
    journal::Change,
    member::{Accepts, Member},
    membership::Joined,
    messages::Received,
};
use self::{member::DeviceSigner, provider::Provider, storage::Storage};
use crate::base::id::{ConversationId, PersonaId};
use crate::base::sorted::SortedMap;

/// All MLS state of one device: its groups and the key packages that wait to be used.
pub struct Mls {
    me: Member,
    signer: DeviceSigner,
    provider: Provider,
    groups: Loaded,
}

impl core::fmt::Debug for Mls {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Mls").finish_non_exhaustive()
    }
}

impl Mls {
    /// The state of a device that has none yet.
    #[must_use]
    pub fn new(persona: PersonaId, device_seed: &[u8; 32]) -> Self {
        Self::load(persona, device_seed, [])
    }

    /// The state that the entries written for [`Self::take_changes`] add up to.
    #[must_use]
    pub fn load(
        persona: PersonaId,
        device_seed: &[u8; 32],
        entries: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Self {
        let signer = DeviceSigner::from_seed(device_seed);
        Self {
            me: Member {
                persona,
                device: signer.device(),
            },
            signer,
            provider: Provider {
                crypto: Crypto::default(),
                storage: Storage::load(entries),
            },
            groups: Loaded::default(),
        }
    }

    /// What to write to disk, in one atomic batch, before anything that these calls returned is
    /// sent or acknowledged: the last change of every key since the changes were last taken.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.provider.storage.take_changes()
    }

    /// This device, as other members see it.
    #[must_use]
    pub fn me(&self) -> Member {
        self.me
    }

    /// Whether this device is in `group`.
    #[must_use]
    pub fn has(&self, group: ConversationId) -> bool {
        self.provider
            .storage
            .has_field(&mls_id(group), storage::Field::GroupState)
            .unwrap_or(false)
    }

    /// The members of `group`, this device among them.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::State`].
    pub fn members(&mut self, group: ConversationId) -> Result<Vec<Member>, SendError> {
        let group = self.groups.get(&self.provider, group)?;
        group
            .members()
            .map(|leaf| {
                Member::of_leaf(&leaf.credential, &leaf.signature_key).ok_or(SendError::State)
            })
            .collect()
    }

    /// How many commits `group` has seen.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::State`].
    pub fn epoch(&mut self, group: ConversationId) -> Result<u64, SendError> {
        Ok(self.groups.get(&self.provider, group)?.epoch().as_u64())
    }

    /// A secret-derived value that is equal on all members in the same state of the group
    /// (RFC 9420 §8.7), 32 bytes: members who compare it notice a fork.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::State`].
    pub fn export_epoch_authenticator(
        &mut self,
        group: ConversationId,
    ) -> Result<[u8; 32], SendError> {
        let group = self.groups.get(&self.provider, group)?;
        group
            .epoch_authenticator()
            .as_slice()
            .try_into()
            .map_err(|_| SendError::State)
    }

    /// Forgets `group` and all its keys. Tells nobody.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`].
    pub fn remove(&mut self, group: ConversationId) -> Result<(), SendError> {
        if !self.has(group) {
            return Err(SendError::UnknownGroup);
        }
        self.groups.forget(group);
        self.provider
            .run(None, |provider| {
                provider.storage.delete_group(&mls_id(group))
            })
            .result
            .map_err(|_| SendError::State)
    }
}

fn mls_id(group: ConversationId) -> GroupId {
    GroupId::from_slice(&group.0)
}

/// Groups in memory, ready to use.
#[derive(Default)]
struct Loaded(SortedMap<ConversationId, MlsGroup>);

/// Why a group could not be had; the errors of every family of operation tell these apart.
enum NoGroup {
    Unknown,
    Unreadable,
}

impl From<NoGroup> for SendError {
    fn from(why: NoGroup) -> Self {
        match why {
            NoGroup::Unknown => Self::UnknownGroup,
            NoGroup::Unreadable => Self::State,
        }
    }
}

impl From<NoGroup> for ReceiveError {
    fn from(why: NoGroup) -> Self {
        match why {
            NoGroup::Unknown => Self::UnknownGroup,
            NoGroup::Unreadable => Self::State,
        }
    }
}

impl Loaded {
    fn get(&mut self, provider: &Provider, id: ConversationId) -> Result<&mut MlsGroup, NoGroup> {
        if !self.0.contains_key(&id) {
            let group =
                MlsGroup::load(&provider.storage, &mls_id(id)).map_err(|_| NoGroup::Unreadable)?;
            self.keep(id, group.ok_or(NoGroup::Unknown)?);
        }
        self.0.get_mut(&id).ok_or(NoGroup::Unknown)
    }

    fn keep(&mut self, id: ConversationId, group: MlsGroup) {
        if self.0.len() >= limits::GROUPS_LOADED_MAX {
            self.0.pop_first();
        }
        self.0.insert(id, group);
    }

    fn forget(&mut self, id: ConversationId) {
        self.0.remove(&id);
    }
}
