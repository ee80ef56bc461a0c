//! Key packages, welcomes and messages (RFC 9420) of others: real ones, changed, and anything. A call
//! that fails has changed nothing.

use std::sync::OnceLock;

use arbitrary::Unstructured;
use shared::base::id::{ConversationId, PersonaId};
use shared::conversation::mls::{Accepts, Change, Mls, Received};

use crate::chance::Bytes;
use crate::edit::edited;
use crate::prepared::prepared;

const EVERYONE: Accepts<'static> = &|_| true;
const GROUP: ConversationId = ConversationId([1; 16]);
const OTHER: ConversationId = ConversationId([2; 16]);

/// A disk of MLS state.
pub(super) type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Ann's and Ben's state, and what each can make the other read.
pub(super) struct Pair {
    pub ann: Entries,
    pub ben: Entries,
    /// Of Ben; for a new group of Ann's.
    pub key_package: Vec<u8>,
    /// By Ann; for the key package that Ben has left.
    pub welcome: Vec<u8>,
    /// By Ann, in [`GROUP`].
    pub message: Vec<u8>,
    /// By Ann, in [`GROUP`], after the message.
    pub commit: Vec<u8>,
}

pub(super) fn ann(entries: Entries) -> Mls {
    Mls::load(PersonaId([1; 32]), &[1; 32], entries)
}

pub(super) fn ben(entries: Entries) -> Mls {
    Mls::load(PersonaId([2; 32]), &[2; 32], entries)
}

/// What they are before anything that the fuzzer chooses.
pub(super) fn pair() -> &'static Pair {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    PAIR.get_or_init(|| make().unwrap_or_else(|| panic!("two people cannot begin to talk")))
}

fn make() -> Option<Pair> {
    let now = prepared().now;
    let random = &mut Bytes::of(4);
    let (mut ann, mut ben) = (ann(Vec::new()), ben(Vec::new()));
    let first = ben.key_package(random, now, false).ok()?;
    let (welcome, _) = ann.create(random, now, GROUP, &first, EVERYONE).ok()?;
    ben.join(now, &welcome, EVERYONE).ok()?;
    let key_package = ben.key_package(random, now, false).ok()?;
    let (welcome, _) = ann
        .create(random, now, OTHER, &key_package, EVERYONE)
        .ok()?;
    ann.remove(OTHER).ok()?;
    let ben = entries(&mut ben);
    let before = entries(&mut ann);
    let message = ann.encrypt(random, GROUP, b"hello").ok()?;
    let proposal = self::ben(ben.clone()).propose_update(random, GROUP).ok()?;
    let _ = ann.decrypt(GROUP, &proposal, EVERYONE);
    let commit = ann.commit_pending(random, GROUP).unwrap_or(proposal);
    Some(Pair {
        ann: before,
        ben,
        key_package,
        welcome,
        message,
        commit,
    })
}

fn entries(mls: &mut Mls) -> Entries {
    let changes = mls.take_changes().into_iter();
    let puts = changes.filter_map(|change| match change {
        Change::Put { key, value } => Some((key, value)),
        Change::Delete { .. } => None,
    });
    puts.collect()
}

/// Whether it was taken.
pub fn run(bytes: &[u8]) -> bool {
    let pair = pair();
    let now = prepared().now;
    let random = &mut Bytes::of(5);
    let mut input = Unstructured::new(bytes);
    let which = input.int_in_range(0..=3).unwrap_or(0);
    let base = match which {
        0 => &pair.key_package,
        1 => &pair.welcome,
        2 => &pair.message,
        _ => &pair.commit,
    };
    let whole: bool = input.arbitrary().unwrap_or(false);
    let bytes = if whole {
        input.take_rest().to_vec()
    } else {
        edited(base, &mut input)
    };
    let mut mls = match which {
        0 => ann(pair.ann.clone()),
        _ => ben(pair.ben.clone()),
    };
    let taken = match which {
        0 => mls.create(random, now, OTHER, &bytes, EVERYONE).is_ok(),
        1 => mls.join(now, &bytes, EVERYONE).is_ok(),
        _ => match mls.decrypt(GROUP, &bytes, EVERYONE) {
            Ok(Received::Message { plaintext, .. }) => {
                assert_eq!(plaintext, b"hello", "a message was forged");
                true
            }
            Ok(_) => true,
            Err(_) => false,
        },
    };
    if !taken {
        assert!(
            mls.take_changes().is_empty(),
            "it failed and changed something"
        );
        assert!(bytes != *base || which == 3, "what is real is taken");
    }
    taken
}
