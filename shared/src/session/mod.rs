//! One authenticated connection between a client and a supernode, over any ordered, reliable,
//! message-framed carrier (WebSocket today, a data channel later).
//!
//! The way of one session: the supernode sends a *challenge* with its key and a nonce; the client
//! answers *hello* with a nonce of its own; the supernode proves its key over the transcript in
//! *welcome*. From then on the client may deposit envelopes without ever saying who it is. To
//! receive, it *claims* a mailbox: the signed device list, and a signature by one of its devices
//! over the same transcript. A client uses separate sessions for depositing and for receiving, so
//! that a supernode cannot tie a sender to its mailbox.
//!
//! The transcript holds both nonces, the node key the client *expects*, the version, and the
//! carrier's channel binding (empty for WebSocket, both DTLS fingerprints for WebRTC-direct), so a
//! proof relayed from another connection or another node fails.
//!
//! Not here: encryption of the carrier. Envelopes are sealed end to end; the session hides nothing
//! that the carrier does not.

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
mod frames;
pub mod offer;
pub mod rate;
mod refused;
pub mod route;
pub mod server;
pub mod transcript;
pub mod wire;
