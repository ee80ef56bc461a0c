//! The list of targets.

use crate::decoders::{
    client_session, config, direct, gates, invite, key_packages, log_frame, mailbox, mls_state,
    node_records, page, parcel, peer_records, session, stream, texts, turn, websocket,
};
use crate::sequence;

/// One thing to fuzz.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Also names its program and its corpus.
    pub name: &'static str,
    body: fn(&[u8]) -> bool,
}

impl Target {
    /// Gives the input to what is under test; whether it was accepted, so far as there is such a
    /// thing.
    ///
    /// # Panics
    /// When something does not hold.
    pub fn run(&self, input: &[u8]) -> bool {
        (self.body)(input)
    }
}

const fn target_of(name: &'static str, body: fn(&[u8]) -> bool) -> Target {
    Target { name, body }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    target_of("invite", invite::run),
    target_of("client_frame", session::client_frame),
    target_of("node_frame", session::node_frame),
    target_of("client_session", client_session::run),
    target_of("mailbox", mailbox::run),
    target_of("sealed", parcel::sealed),
    target_of("parcel", parcel::parcel),
    target_of("device_list", parcel::device_list),
    target_of("content", parcel::content),
    target_of("gates", gates::run),
    target_of("texts", texts::run),
    target_of("key_packages", key_packages::run),
    target_of("mls_state", mls_state::run),
    target_of("peer_records", peer_records::run),
    target_of("node_records", node_records::run),
    target_of("websocket", websocket::run),
    target_of("forwarded_for", texts::forwarded_for),
    target_of("config", config::run),
    target_of("cluster", stream::cluster),
    target_of("stream", stream::stream),
    target_of("log_frame", log_frame::run),
    target_of("turn", turn::run),
    target_of("direct", direct::run),
    target_of("page", page::run),
    target_of("relay", sequence::relay::run),
    target_of("peer", sequence::peer::run),
    target_of("turn_session", sequence::turn::run),
];

/// The target of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn target(name: &str) -> Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    *found.unwrap_or_else(|| panic!("there is no target {name}"))
}
