//! Starting a conversation, and joining one that somebody else started.

use alloc::vec::Vec;

use openmls::{
    group::{PastEpochDeletion, WelcomeError},
    prelude::{
        MlsGroup, MlsMessageBodyIn, MlsMessageIn, StagedWelcome,
        tls_codec::{DeserializeBytes as _, Serialize as _},
    },
};

use super::{
    Mls,
    codec::StorageError,
    config,
    error::GroupError,
    key_package::verify_key_package,
    limits::WELCOME_BYTES_MAX,
    member::{Accepts, Member},
    mls_id,
};
use crate::base::{id::ConversationId, random::Random, time::Timestamp};
use crate::planted::{Fault, is_planted};

/// A group that this device has joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The group.
    pub group: ConversationId,
    /// Who sent the welcome.
    pub by: Member,
    /// All members, this device among them.
    pub members: Vec<Member>,
}

impl Mls {
    /// Makes a group of this device and the one that `key_package` is of. Returns the welcome to
    /// send to that device, and the device; the group can be used at once.
    ///
    /// # Errors
    /// [`GroupError::Exists`]; [`GroupError::TooLarge`], [`GroupError::Damaged`],
    /// [`GroupError::Unsupported`], [`GroupError::Expired`] and [`GroupError::Refused`] for the key
    /// package; [`GroupError::State`].
    pub fn create(
        &mut self,
        random: &mut dyn Random,
        now: Timestamp,
        group: ConversationId,
        key_package: &[u8],
        accepts: Accepts,
    ) -> Result<(Vec<u8>, Member), GroupError> {
        let (key_package, member) = verify_key_package(&self.provider.crypto, now, key_package)?;
        if member.device == self.me.device || !accepts(&member) {
            return Err(GroupError::Refused);
        }
        if self.has(group) {
            return Err(GroupError::Exists);
        }
        let Self {
            me,
            signer,
            provider,
            groups,
        } = self;
        let (made, welcome) = provider
            .run(Some(random), |provider| {
                let mut made = MlsGroup::new_with_group_id(
                    provider,
                    signer,
                    &config::creating(),
                    mls_id(group),
                    me.credential(),
                )
                .map_err(|_| GroupError::State)?;
                let add = |made: &mut MlsGroup, path: bool| {
                    made.commit_builder()
                        .propose_adds([key_package.clone()])
                        .force_self_update(path)
                        .load_psks(&provider.storage)
                        .map_err(|_| GroupError::State)?
                        .build(&provider.crypto, &provider.crypto, signer, |_| true)
                        .map_err(|_| GroupError::Unsupported)?
                        .stage_commit(provider)
                        .map_err(|_| GroupError::State)?
                        .into_welcome_msg()
                        .ok_or(GroupError::State)
                };
                let welcome = add(&mut made, false)?;
                if is_planted(Fault::CommitTwice) {
                    made.clear_pending_commit(&provider.storage)
                        .map_err(|_| GroupError::State)?;
                    // Without a path it would lead to the same state again.
                    add(&mut made, true)?;
                }
                made.merge_pending_commit(provider)
                    .map_err(|_| GroupError::State)?;
                // Nobody was there in the epoch before.
                made.delete_past_epoch_secrets(provider, PastEpochDeletion::delete_all())
                    .map_err(|_| GroupError::State)?;
                Ok((
                    made,
                    welcome
                        .tls_serialize_detached()
                        .map_err(|_| GroupError::State)?,
                ))
            })
            .result?;
        groups.keep(group, made);
        Ok((welcome, member))
    }

    /// Joins the group of a welcome and deletes the key package it was made for, unless that is
    /// one of last resort.
    ///
    /// # Errors
    /// [`GroupError::TooLarge`], [`GroupError::Damaged`], [`GroupError::Unsupported`],
    /// [`GroupError::NoKeyPackage`], [`GroupError::Exists`], [`GroupError::Refused`] when any member
    /// is not accepted, [`GroupError::State`].
    pub fn join(
        &mut self,
        now: Timestamp,
        welcome: &[u8],
        accepts: Accepts,
    ) -> Result<Joined, GroupError> {
        if welcome.len() > WELCOME_BYTES_MAX {
            return Err(GroupError::TooLarge);
        }
        let message =
            MlsMessageIn::tls_deserialize_exact_bytes(welcome).map_err(|_| GroupError::Damaged)?;
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(GroupError::Damaged);
        };
        self.drop_expired_key_packages(now)?;
        let Self {
            me,
            provider,
            groups,
            ..
        } = self;
        let (group, joined) = provider
            .run(None, |provider| {
                let staged =
                    StagedWelcome::build_from_welcome(provider, &config::joining(), welcome)
                        .map_err(|why| refusal(&why))?
                        .skip_lifetime_validation()
                        .build()
                        .map_err(|why| refusal(&why))?;
                let group =
                    ConversationId::from_slice(staged.group_context().group_id().as_slice())
                        .map_err(|_| GroupError::Unsupported)?;
                let members = staged
                    .members()
                    .map(|leaf| Member::of_leaf(&leaf.credential, &leaf.signature_key))
                    .collect::<Option<Vec<_>>>()
                    .ok_or(GroupError::Refused)?;
                let by = staged.welcome_sender().map_err(|_| GroupError::Damaged)?;
                let by = Member::named_by(by.credential()).ok_or(GroupError::Refused)?;
                if !members.contains(me)
                    || members
                        .iter()
                        .any(|member| member != me && !accepts(member))
                {
                    return Err(GroupError::Refused);
                }
                let made = staged.into_group(provider).map_err(|why| refusal(&why))?;
                Ok((made, Joined { group, by, members }))
            })
            .result?;
        groups.keep(joined.group, group);
        Ok(joined)
    }
}

fn refusal(why: &WelcomeError<StorageError>) -> GroupError {
    match why {
        WelcomeError::NoMatchingKeyPackage | WelcomeError::JoinerSecretNotFound => {
            GroupError::NoKeyPackage
        }
        WelcomeError::GroupAlreadyExists => GroupError::Exists,
        WelcomeError::UnsupportedCiphersuite(_)
        | WelcomeError::CiphersuiteMismatch
        | WelcomeError::UnsupportedMlsVersion
        | WelcomeError::UnsupportedCapability
        | WelcomeError::UnsupportedExtensions
        | WelcomeError::MissingRatchetTree
        | WelcomeError::Psk(_) => GroupError::Unsupported,
        WelcomeError::StorageError(_) => GroupError::State,
        _ => GroupError::Damaged,
    }
}
