//! What a page keeps: each record by itself, and any disk. A disk that is not understood is refused
//! and not written to; with any other, the page starts.

use arbitrary::Unstructured;
use shared::peer::Peer;
use shared::peer::io::{Input, PeerEffects};
use shared::peer::records::{
    AccountRecord, AskedRecord, BlockRecord, Came, ContactRecord, Failure, Held, HomeRecord,
    LastRecord, MessageRecord, OutRecord, OutWhat, RequestRecord, RevokedRecord, Spare,
    StoredState,
};

use super::round_trip_of;
use crate::chance::Bytes;
use crate::edit::edited_disk;
use crate::prepared::prepared;

const RECORD_BYTES_MAX: usize = 256 * 1024;

/// A record by itself; then Ann's disk with a few of its records changed.
pub fn run(bytes: &[u8]) -> bool {
    let alone = round_trip_of!(
        bytes,
        RECORD_BYTES_MAX,
        AccountRecord,
        ContactRecord,
        HomeRecord,
        MessageRecord,
        OutRecord,
        OutWhat,
        LastRecord,
        Came,
        Held,
        BlockRecord,
        RevokedRecord,
        RequestRecord,
        AskedRecord,
        Spare,
        StoredState,
        Failure,
    );
    let world = prepared();
    let disk = edited_disk(&world.people[0], &mut Unstructured::new(bytes));
    let (lazy, eager): (Vec<_>, Vec<_>) = disk
        .into_iter()
        .partition(|(key, _)| key.first() == Some(&Peer::LAZY_PREFIX));
    let Ok(mut peer) = Peer::load(eager) else {
        return alone;
    };
    let random = &mut Bytes::of(2);
    let start = Input::Start {
        supernodes: world.supernodes.clone(),
        webrtc: true,
    };
    let later = world.now.after(std::time::Duration::from_secs(60));
    let read = Input::Read {
        token: 1,
        records: lazy,
    };
    for (now, input) in [(world.now, start), (world.now, read), (later, Input::Tick)] {
        let mut out = PeerEffects::default();
        let done = peer.handle(now, random, input, &mut out);
        assert!(done.is_ok(), "only commands are refused");
        let _ = (peer.chats(), peer.next_deadline(), peer.invite());
        let _ = (peer.requests(), peer.public_address());
    }
    true
}
