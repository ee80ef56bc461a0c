//! Store and forward: sealed envelopes for a mailbox.
//!
//! The way of one envelope: a sender who holds a [capability](capability) for the mailbox deposits
//! it at the owner's home supernodes. A *live* envelope (signalling) is handed to whatever sessions
//! of the mailbox are open, or dropped. A *keep* envelope is committed, answered, and pushed; it
//! goes when every device on the owner's list has acknowledged it, or it expires. A mailbox is
//! named by its persona.
//!
//! Not here: who sent (the supernode is never told), what it says (sealed), and any order between
//! mailboxes.

pub mod capability;
#[cfg(feature = "client")]
pub mod parcel;
#[cfg(feature = "client")]
pub mod seal;
pub mod server;
#[cfg(feature = "client")]
pub mod tally;
pub mod wire;
