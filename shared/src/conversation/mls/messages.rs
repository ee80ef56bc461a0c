//! Messages of a group: ours out, theirs in.

use alloc::vec::Vec;

use openmls::{
    framing::errors::{MessageDecryptionError, SecretTreeError},
    group::{MlsGroupStateError, ProcessMessageError, ValidationError},
    prelude::{
        ContentType, MlsGroup, MlsMessageIn, ProcessedMessageContent, ProtocolMessage, Sender,
        tls_codec::DeserializeBytes as _,
    },
};

use super::{
    Mls,
    changes::{check_commit, end_proposals, recall_proposals, set_aside_theirs},
    codec::StorageError,
    error::{ReceiveError, SendError},
    limits::{MESSAGE_BYTES_MAX, PLAINTEXT_BYTES_MAX},
    member::{Accepts, Member},
    provider::Provider,
};
use crate::base::{id::ConversationId, random::Random};

/// What came of a message from another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// An application message.
    Message {
        /// Whose signature it carries.
        from: Member,
        /// Its content.
        plaintext: Vec<u8>,
    },
    /// A commit: the group is in a new epoch.
    Changed {
        /// Who committed.
        from: Member,
    },
    /// A proposal, kept for [`Mls::commit_pending`].
    Proposed {
        /// Who proposes.
        from: Member,
    },
}

impl Mls {
    /// Encrypts an application message to all other members.
    ///
    /// # Errors
    /// [`SendError::UnknownGroup`], [`SendError::TooLarge`], [`SendError::State`].
    pub fn encrypt(
        &mut self,
        random: &mut dyn Random,
        group: ConversationId,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SendError> {
        if plaintext.len() > PLAINTEXT_BYTES_MAX {
            return Err(SendError::TooLarge);
        }
        self.produce(random, group, |provider, group, signer| {
            group
                .create_message(provider, signer, plaintext)
                .map_err(|_| SendError::State)
        })
    }

    /// The group that a message was said in, as it says itself.
    #[must_use]
    pub fn group_of(bytes: &[u8]) -> Option<ConversationId> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return None;
        }
        let message = MlsMessageIn::tls_deserialize_exact_bytes(bytes).ok()?;
        let message = message.try_into_protocol_message().ok()?;
        ConversationId::from_slice(message.group_id().as_slice()).ok()
    }

    /// Opens a message of another member, and applies it if it is a commit.
    ///
    /// # Errors
    /// See [`ReceiveError`]. After any error the same bytes may be tried again.
    pub fn decrypt(
        &mut self,
        group: ConversationId,
        bytes: &[u8],
        accepts: Accepts,
    ) -> Result<Received, ReceiveError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(ReceiveError::TooLarge);
        }
        let message =
            MlsMessageIn::tls_deserialize_exact_bytes(bytes).map_err(|_| ReceiveError::Damaged)?;
        let message = message
            .try_into_protocol_message()
            .map_err(|_| ReceiveError::Damaged)?;
        let ProtocolMessage::PrivateMessage(_) = message else {
            return Err(ReceiveError::Damaged);
        };
        if message.group_id().as_slice() != group.as_bytes() {
            return Err(ReceiveError::WrongGroup);
        }
        let Self {
            provider, groups, ..
        } = self;
        let loaded = groups.get(provider, group)?;
        if message.epoch() > loaded.epoch() {
            return Err(ReceiveError::TooNew);
        }
        if message.is_handshake_message() && message.epoch() < loaded.epoch() {
            return Err(ReceiveError::TooOld);
        }
        let outcome = provider.run(None, |provider| open(provider, loaded, message, accepts));
        if outcome.rolled_back {
            groups.forget(group);
        }
        outcome.result
    }
}

fn open(
    provider: &Provider,
    group: &mut MlsGroup,
    message: ProtocolMessage,
    accepts: Accepts,
) -> Result<Received, ReceiveError> {
    if message.content_type() == ContentType::Commit {
        recall_proposals(provider, group)?;
    }
    let processed = group
        .process_message(provider, message)
        .map_err(|why| rejection(&why))?;
    let Sender::Member(_) = processed.sender() else {
        return Err(ReceiveError::Refused);
    };
    let from = Member::named_by(processed.credential()).ok_or(ReceiveError::Refused)?;
    if let ProcessedMessageContent::OwnPrivateMessage | ProcessedMessageContent::OwnPendingCommit =
        processed.content()
    {
        return Err(ReceiveError::Own);
    }
    if !accepts(&from) {
        return Err(ReceiveError::Refused);
    }
    match processed.into_content() {
        ProcessedMessageContent::ApplicationMessage(message) => Ok(Received::Message {
            from,
            plaintext: message.into_bytes(),
        }),
        ProcessedMessageContent::ProposalMessage(proposal) => {
            set_aside_theirs(provider, group, from, *proposal)?;
            Ok(Received::Proposed { from })
        }
        ProcessedMessageContent::StagedCommitMessage(commit) => {
            check_commit(group, from, &commit)?;
            group
                .merge_staged_commit(provider, *commit)
                .map_err(|_| ReceiveError::BadChange)?;
            end_proposals(provider, group)?;
            Ok(Received::Changed { from })
        }
        _ => Err(ReceiveError::Refused),
    }
}

fn rejection(why: &ProcessMessageError<StorageError>) -> ReceiveError {
    match why {
        ProcessMessageError::StorageError(_) => ReceiveError::State,
        ProcessMessageError::GroupStateError(MlsGroupStateError::UseAfterEviction) => {
            ReceiveError::UnknownGroup
        }
        ProcessMessageError::InvalidCommit(_) => ReceiveError::BadChange,
        ProcessMessageError::ValidationError(why) => match why {
            ValidationError::WrongGroupId => ReceiveError::WrongGroup,
            ValidationError::NoPastEpochData => ReceiveError::TooOld,
            ValidationError::UnableToDecrypt(MessageDecryptionError::SecretTreeError(why)) => {
                match why {
                    SecretTreeError::SecretReuseError => ReceiveError::Replay,
                    SecretTreeError::TooDistantInThePast => ReceiveError::TooOld,
                    SecretTreeError::TooDistantInTheFuture => ReceiveError::TooNew,
                    SecretTreeError::RatchetTypeError => ReceiveError::Own,
                    _ => ReceiveError::Damaged,
                }
            }
            _ => ReceiveError::Damaged,
        },
        _ => ReceiveError::Damaged,
    }
}
