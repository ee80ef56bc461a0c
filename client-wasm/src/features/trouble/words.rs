//! What a refused command means to a person.

use crate::i18n::t;
use shared::invite::InviteError;
use shared::peer::command::CommandError;

/// Why something was not done.
pub fn command_error(error: &CommandError) -> &'static str {
    match error {
        CommandError::NameEmpty => t::name_empty(),
        CommandError::NameTooLong { .. } => t::name_too_long(),
        CommandError::TextTooLong { .. } => t::text_too_long(),
        CommandError::OutboxFull => t::outbox_full(),
        CommandError::TooManyContacts => t::contacts_full(),
        CommandError::TooManyPending => t::contacts_pending(),
        CommandError::TooManyTakenBack => t::invite_taken_back_often(),
        CommandError::Blocked => t::blocked_cannot_say(),
        CommandError::TooManyBlocked => t::blocked_too_many(),
        CommandError::NoRequest => t::requests_gone(),
        CommandError::WordsTooLong { .. } => t::ask_too_long(),
        CommandError::BadToken => t::network_token_bad(),
        CommandError::Invite(error) => invite_error(*error),
        CommandError::NoPersona
        | CommandError::BadWork
        | CommandError::HavePersona
        | CommandError::TextEmpty
        | CommandError::NotAnswered
        | CommandError::NoConversation
        | CommandError::NoMessage => t::not_possible(),
    }
}

/// Why an invite cannot be used, and what to do.
pub fn invite_error(error: InviteError) -> &'static str {
    match error {
        InviteError::Empty => t::invite_empty(),
        InviteError::Foreign => t::invite_foreign(),
        InviteError::Damaged => t::invite_damaged(),
        InviteError::TooLong => t::invite_too_long(),
        InviteError::TooNew => t::invite_too_new(),
        InviteError::Expired => t::invite_expired(),
        InviteError::Own => t::invite_own(),
    }
}
