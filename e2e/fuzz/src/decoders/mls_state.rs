//! Stored MLS state with a few entries changed, as a bad disk would: it is refused or works, and
//! nothing panics.

use arbitrary::Unstructured;
use shared::base::id::ConversationId;
use shared::conversation::mls::Accepts;

use super::key_packages::{ben, pair};
use crate::chance::Bytes;
use crate::edit::edited;
use crate::prepared::prepared;

const EVERYONE: Accepts<'static> = &|_| true;
const GROUP: ConversationId = ConversationId([1; 16]);

/// Whether the state still opens a message.
pub fn run(bytes: &[u8]) -> bool {
    let pair = pair();
    let mut input = Unstructured::new(bytes);
    let mut entries = pair.ben.clone();
    for _ in 0..input.int_in_range(0..=3).unwrap_or(0) {
        let Ok(at) = input.choose_index(entries.len()) else {
            break;
        };
        let (key, value) = &mut entries[at];
        if input.ratio(1, 8).unwrap_or(false) {
            *key = edited(key, &mut input);
        }
        *value = edited(value, &mut input);
    }
    let mut mls = ben(entries);
    let random = &mut Bytes::of(6);
    let now = prepared().now;
    let _ = (mls.members(GROUP), mls.epoch(GROUP), mls.has(GROUP));
    let opened = mls.decrypt(GROUP, &pair.message, EVERYONE).is_ok();
    let _ = mls.encrypt(random, GROUP, b"hi");
    let _ = mls.decrypt(GROUP, &pair.commit, EVERYONE);
    let _ = mls.propose_update(random, GROUP);
    let _ = mls.commit_pending(random, GROUP);
    let _ = mls.join(now, &pair.welcome, EVERYONE);
    let _ = mls.drop_expired_key_packages(now);
    let _ = mls.remove(GROUP);
    opened
}
