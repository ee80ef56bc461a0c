//! What every engine must do.

use std::path::Path;

use shared::base::effects::Batch;

use super::embedded::Embedded;
use super::memory::Memory;
use super::{Record, Store};

fn batch(changes: &[(&str, Option<&str>)]) -> Batch {
    let mut batch = Batch::default();
    for (key, value) in changes {
        match value {
            Some(value) => batch.put(key.as_bytes().to_vec(), value.as_bytes().to_vec()),
            None => batch.delete(key.as_bytes().to_vec()),
        }
    }
    batch
}

fn records(pairs: &[(&str, &str)]) -> Vec<Record> {
    pairs
        .iter()
        .map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

fn every_engine(test: impl Fn(&dyn Store)) {
    test(&Memory::default());
    let folder = tempfile::tempdir().unwrap();
    test(&Embedded::open(folder.path()).unwrap());
}

#[test]
fn a_batch_is_read_back_in_order() {
    every_engine(|store| {
        store
            .commit(&batch(&[
                ("e2", Some("two")),
                ("e1", Some("one")),
                ("e3", Some("three")),
            ]))
            .unwrap();
        assert_eq!(
            store.read(b"e1", b"e2", 9).unwrap(),
            records(&[("e1", "one"), ("e2", "two")])
        );
        assert_eq!(
            store.read(b"e1", b"e9", 1).unwrap(),
            records(&[("e1", "one")])
        );
        assert_eq!(store.read(b"e4", b"e9", 9).unwrap(), []);
        assert_eq!(store.read(b"e9", b"e1", 9).unwrap(), []);
    });
}

#[test]
fn a_later_change_of_the_same_key_wins() {
    every_engine(|store| {
        store
            .commit(&batch(&[
                ("m1", Some("a")),
                ("m1", Some("b")),
                ("m2", Some("c")),
                ("m2", None),
            ]))
            .unwrap();
        assert_eq!(store.index().unwrap(), records(&[("m1", "b")]));
        store.commit(&batch(&[("m1", None)])).unwrap();
        assert_eq!(store.index().unwrap(), []);
    });
}

#[test]
fn the_index_leaves_the_bodies_out() {
    every_engine(|store| {
        store
            .commit(&batch(&[
                ("a", Some("1")),
                ("e", Some("2")),
                ("h", Some("")),
            ]))
            .unwrap();
        assert_eq!(store.index().unwrap(), records(&[("a", "1"), ("h", "")]));
    });
}

#[test]
fn recovery_keeps_what_was_committed() {
    every_engine(|store| {
        store
            .commit(&batch(&[("m", Some("kept")), ("e", Some("too"))]))
            .unwrap();
        store.recover().unwrap();
        assert_eq!(store.index().unwrap(), records(&[("m", "kept")]));
        assert_eq!(store.read(b"e", b"e", 1).unwrap(), records(&[("e", "too")]));
        store.commit(&batch(&[("m", Some("more"))])).unwrap();
        assert_eq!(store.index().unwrap(), records(&[("m", "more")]));
    });
}

#[test]
fn an_embedded_store_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    Embedded::open(folder.path())
        .unwrap()
        .commit(&batch(&[("m", Some("kept"))]))
        .unwrap();
    assert_eq!(
        Embedded::open(folder.path()).unwrap().index().unwrap(),
        records(&[("m", "kept")])
    );
}

#[test]
fn a_torn_commit_is_gone_and_the_ones_before_it_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    store.commit(&batch(&[("m1", Some("whole"))])).unwrap();
    store
        .commit(&batch(&[("m2", Some("torn")), ("e2", Some("torn too"))]))
        .unwrap();
    let copy = tempfile::tempdir().unwrap();
    copy_with_torn_journal(folder.path(), copy.path());
    assert_eq!(
        Embedded::open(copy.path()).unwrap().index().unwrap(),
        records(&[("m1", "whole")])
    );
}

/// As a power cut in the middle of the last write would leave it: without the journal's last bytes.
fn copy_with_torn_journal(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_with_torn_journal(&entry.path(), &target);
            continue;
        }
        let mut bytes = std::fs::read(entry.path()).unwrap();
        if entry.path().extension().is_some_and(|ext| ext == "jnl") {
            let written = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            bytes.truncate(written.saturating_sub(3));
        }
        std::fs::write(target, bytes).unwrap();
    }
}
