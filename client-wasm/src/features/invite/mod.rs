//! Inviting somebody, and accepting an invite.

mod accept;
mod add;
mod link;

pub use accept::Accept;
pub use add::AddContact;
