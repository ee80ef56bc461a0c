//! What every engine must do.

use std::collections::BTreeMap;

use shared::base::effects::Batch;

use super::dice::Dice;
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

/// The index, in order.
fn index(store: &dyn Store) -> Vec<Record> {
    let mut records = store.index().unwrap();
    records.sort();
    records
}

/// What is asked of every engine, each of a new store.
const RULES: [fn(&dyn Store); 5] = [
    a_batch_is_read_back_in_order,
    a_later_change_of_the_same_key_wins,
    the_index_leaves_the_bodies_out,
    recovery_keeps_what_was_committed,
    random_batches_leave_what_a_map_would_hold,
];

/// Asks everything of the stores that `new` makes.
pub fn check<S: Store>(mut new: impl FnMut() -> S) {
    for rule in RULES {
        rule(&new());
    }
}

#[test]
fn the_engine_in_memory_conforms() {
    check(Memory::default);
}

#[test]
fn the_embedded_engine_conforms() {
    let mut folders = Vec::new();
    check(|| {
        folders.push(tempfile::tempdir().unwrap());
        Embedded::open(folders.last().unwrap().path()).unwrap()
    });
}

fn a_batch_is_read_back_in_order(store: &dyn Store) {
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
}

fn a_later_change_of_the_same_key_wins(store: &dyn Store) {
    store
        .commit(&batch(&[
            ("m1", Some("a")),
            ("m1", Some("b")),
            ("m2", Some("c")),
            ("m2", None),
        ]))
        .unwrap();
    assert_eq!(index(store), records(&[("m1", "b")]));
    store.commit(&batch(&[("m1", None)])).unwrap();
    assert_eq!(index(store), []);
}

fn the_index_leaves_the_bodies_out(store: &dyn Store) {
    store
        .commit(&batch(&[
            ("a", Some("1")),
            ("e", Some("2")),
            ("h", Some("")),
        ]))
        .unwrap();
    assert_eq!(index(store), records(&[("a", "1"), ("h", "")]));
}

fn recovery_keeps_what_was_committed(store: &dyn Store) {
    store
        .commit(&batch(&[("m", Some("kept")), ("e", Some("too"))]))
        .unwrap();
    store.recover().unwrap();
    assert_eq!(index(store), records(&[("m", "kept")]));
    assert_eq!(store.read(b"e", b"e", 1).unwrap(), records(&[("e", "too")]));
    store.commit(&batch(&[("m", Some("more"))])).unwrap();
    assert_eq!(index(store), records(&[("m", "more")]));
}

fn random_batches_leave_what_a_map_would_hold(store: &dyn Store) {
    let mut dice = Dice::new(11);
    let mut model = BTreeMap::new();
    for _ in 0..60 {
        let mut batch = Batch::default();
        for _ in 0..dice.below(30) {
            let prefix = b"aehm"[usize::try_from(dice.below(4)).unwrap()];
            let key = vec![prefix, u8::try_from(dice.below(20)).unwrap()];
            if dice.once_in(3) {
                batch.delete(key.clone());
                model.remove(&key);
            } else {
                // Now and then larger than what fits one message of a stream.
                let bytes = if dice.once_in(30) { 50_000 } else { 50 };
                let value = vec![prefix; usize::try_from(dice.below(bytes)).unwrap()];
                batch.put(key.clone(), value.clone());
                model.insert(key, value);
            }
        }
        store.commit(&batch).unwrap();
        if dice.once_in(10) {
            store.recover().unwrap();
        }
        let first = vec![b'e', u8::try_from(dice.below(20)).unwrap()];
        let last = vec![b'e', u8::try_from(dice.below(20)).unwrap()];
        let records_max = usize::try_from(dice.below(8)).unwrap();
        let range = (first <= last).then(|| model.range(first.clone()..=last.clone()));
        let expected: Vec<Record> = range
            .into_iter()
            .flatten()
            .take(records_max)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        assert_eq!(store.read(&first, &last, records_max).unwrap(), expected);
    }
    let expected: Vec<Record> = model
        .into_iter()
        .filter(|(key, _)| key[0] != b'e')
        .collect();
    assert!(index(store) == expected);
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
