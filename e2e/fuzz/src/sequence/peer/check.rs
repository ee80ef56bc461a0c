//! What a page owes, whoever speaks to it.

use std::collections::BTreeMap;

use e2e_swarm::check::blind::{MARKER, holds};
use e2e_swarm::disk::Records;
use shared::base::codec::decode;
use shared::base::id::MessageId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::peer::Peer;
use shared::peer::records::contact_key;
use shared::peer::requests::REQUESTS_HELD_MAX;
use shared::peer::view::ChatSummary;
use shared::session::wire::ClientFrame;

/// A supernode is told no text.
pub fn is_blind(bytes: &[u8]) {
    assert!(!holds(bytes, MARKER.as_bytes()), "a supernode is told text");
}

/// Nothing leaves for somebody who is no contact: whoever has only asked hears nothing.
pub fn is_to_a_contact(disk: &Records, bytes: &[u8]) {
    let to = match decode(bytes, FRAME_BYTES_MAX) {
        Ok(ClientFrame::Deposit { envelope, .. }) => envelope.to,
        Ok(ClientFrame::Fetch { mailbox, .. }) => mailbox,
        _ => return,
    };
    let known = disk.contains_key(&contact_key(&to));
    assert!(known, "says something to somebody who is no contact");
}

/// Whether a message is on the disk.
pub fn has_message(disk: &Records, id: &MessageId) -> bool {
    let messages = disk.range(vec![Peer::LAZY_PREFIX]..vec![Peer::LAZY_PREFIX + 1]);
    messages
        .into_iter()
        .any(|(key, _)| key.ends_with(id.as_bytes()))
}

/// What does not depend on who is connected.
fn lasting(chat: ChatSummary) -> impl PartialEq + core::fmt::Debug {
    let last = chat.last.map(|last| (last.text, last.at, last.mine));
    let flags = (chat.unread, chat.pending, chat.pinned, chat.muted);
    (chat.id, chat.persona, chat.name, last, flags)
}

/// Two pages show the same, but for who is connected.
pub fn same(one: &Peer, other: &Peer) {
    let chats = |peer: &Peer| peer.chats().into_iter().map(lasting).collect::<Vec<_>>();
    assert_eq!(chats(one), chats(other), "another page after a reload");
    let me = |peer: &Peer| peer.me().map(|me| (me.persona, me.name, me.device));
    assert_eq!(me(one), me(other));
    let requests = |peer: &Peer| {
        let asks = peer.requests().into_iter();
        // A clock that was set back is made up for when a page has started.
        let asks = asks.map(|it| (it.persona, (it.name, it.words)));
        let address = peer.public_address().map(|it| (it.code, it.work_bits));
        (
            asks.collect::<BTreeMap<_, _>>(),
            peer.requests_refused(),
            address,
        )
    };
    assert_eq!(requests(one), requests(other));
    assert!(one.requests().len() <= REQUESTS_HELD_MAX);
    let invite = |peer: &Peer| peer.invite().map(|invite| (invite.code, invite.expires));
    assert_eq!(invite(one), invite(other));
}
