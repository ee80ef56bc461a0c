//! A supernode's records: keys, and any set of records at a start. What cannot be read is named and
//! left out; the rest is counted right, and a second start finds the same.

use arbitrary::Unstructured;
use shared::base::sign::SigningKey;
use shared::mailbox::server::record::{HeaderRecord, Key, MailboxRecord};
use shared::relay::{Input, Relay, RelayEffects, RelayLimits};

use super::round_trip_of;
use crate::chance::Bytes;
use crate::edit::edited_disk;
use crate::prepared::prepared;

/// The largest record.
const RECORD_BYTES_MAX: usize = 64 * 1024;

/// A key and a record by themselves; then the prepared disk with a few of its records changed.
pub fn run(bytes: &[u8]) -> bool {
    if let Some(key) = Key::from_bytes(bytes) {
        assert_eq!(key.to_bytes(), bytes, "a key is written in one way");
    }
    let alone = round_trip_of!(bytes, RECORD_BYTES_MAX, MailboxRecord, HeaderRecord);
    let world = prepared();
    let disk = edited_disk(&world.node, &mut Unstructured::new(bytes));
    let start = || {
        let records = disk.iter().map(|(k, v)| (k.clone(), v.clone()));
        let key = SigningKey::from_seed(world.node_seed);
        Relay::new(RelayLimits::default(), key, records)
    };
    let (mut relay, bad) = start();
    let (again, bad_again) = start();
    assert_eq!(relay.stats(), again.stats());
    assert_eq!(bad.len(), bad_again.len());
    // Everything that has expired goes, whatever the disk said.
    let mut out = RelayEffects::default();
    let later = world
        .now
        .after(std::time::Duration::from_secs(400 * 86_400));
    relay.handle(later, &mut Bytes::of(1), Input::Tick, &mut out);
    alone || bad.is_empty()
}
