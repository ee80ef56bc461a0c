//! How long a message takes from a person's Enter to the other's screen.
//!
//! `pair` brings two people together, `messages` measures one message after the other, `invite`
//! measures from opening an invite to the first message shown. All times are taken inside the
//! pages, on the machine's clock ([`super::clock`]); nothing of the driver is in them.

pub mod invite;
pub mod messages;
pub mod pair;
