//! Inviting somebody, and accepting an invite.

mod accept;
mod add;
mod link;
mod public;
mod shown;
mod waits;

pub use accept::Accept;
pub use add::AddContact;
pub use shown::ShownLink;
