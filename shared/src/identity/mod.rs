//! Who somebody is: personas, their devices, and the signed list that ties the two together.
//!
//! A *persona* is an Ed25519 key; a person may have many, and nothing links them. Each *device* has
//! its own key, listed in the persona's signed, versioned, hash-chained [device list](list). What
//! comes from a device outside the newest list is refused; revoking a device is publishing the next
//! list. Not here: where a list is found (homes, invites, later the directory).

pub mod list;
pub mod name;
#[cfg(feature = "client")]
pub mod secret;
pub mod words;
