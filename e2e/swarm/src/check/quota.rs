//! A mailbox holds no more than its supernode grants, and strangers have their own lane.

use shared::base::limits::{PUBLIC_SHARE, REQUESTS_BYTES_MAX};
use shared::mailbox::server::MailboxLimits;

use super::shelf::{Change, Shelf};

/// A transaction has changed this; `shelf` is as it is after all of it.
///
/// # Errors
/// The mailbox holds more than it may, in one of its lanes.
pub fn kept(
    node: usize,
    shelf: &Shelf,
    limits: &MailboxLimits,
    change: &Change,
) -> Result<(), String> {
    let Change::Kept(persona, ..) = change else {
        return Ok(());
    };
    let Some(shelved) = shelf.of(persona) else {
        return Ok(());
    };
    let [contacts, requests] = shelved.lanes;
    if contacts.0 > limits.mailbox_envelopes || contacts.1 > limits.mailbox_bytes {
        return Err(format!(
            "supernode {node} keeps more in a mailbox than it grants: {contacts:?}"
        ));
    }
    if requests.0 > limits.requests || requests.1 > REQUESTS_BYTES_MAX {
        return Err(format!(
            "supernode {node} keeps more of strangers than it grants: {requests:?}"
        ));
    }
    let publics = shelved.publics;
    if publics > limits.requests / PUBLIC_SHARE {
        return Err(format!(
            "supernode {node} keeps more without an invite than it grants: {publics}"
        ));
    }
    Ok(())
}
