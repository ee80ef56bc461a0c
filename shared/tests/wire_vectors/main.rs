//! Frozen bytes: one file a message and version, `tests/vectors/wire/MESSAGE.VERSION.hex`. What is
//! there was on somebody's wire or disk, so it is read for ever. The newest version is also what is
//! written. A message that gets a new field gets a new file beside the old one; no file ever changes.
//!
//! A new kind of message does not compile until it is named here, and fails until it has its file.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod frames;
mod frozen;
mod letters;
mod records;
mod signed;

use std::collections::BTreeSet;

#[test]
fn every_file_is_read_by_a_test_and_every_kind_has_one() {
    let named = [
        frames::files(),
        letters::files(),
        records::files(),
        signed::files(),
    ];
    let named: BTreeSet<String> = named.concat().into_iter().collect();
    let entries = std::fs::read_dir(frozen::folder()).unwrap();
    let found: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.trim_end_matches(".hex").to_owned())
        .collect();
    assert_eq!(named, found);
}
