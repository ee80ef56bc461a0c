//! The log as a whole: torn, damaged, cleaned, and made of older tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fjall::{Database, KeyspaceCreateOptions, PersistMode};

use super::segment::Segment;
use super::*;
use crate::store::dice::Dice;

/// Longest wait for the thread that cleans.
const PATIENCE: Duration = Duration::from_secs(20);

fn put(key: &[u8], value: &[u8]) -> Batch {
    let mut batch = Batch::default();
    batch.put(key.to_vec(), value.to_vec());
    batch
}

fn keys(store: &Embedded) -> Vec<Vec<u8>> {
    let mut keys: Vec<_> = store
        .index()
        .unwrap()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    keys.sort();
    keys
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let log = folder.join(LOG);
    let numbers = Segment::list(&log).unwrap().into_iter();
    numbers
        .map(|number| log.join(format!("{number:010}.log")))
        .collect()
}

/// Three commits, and where in the file each begins and the last ends.
fn three() -> (tempfile::TempDir, Vec<u8>, [usize; 4]) {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    let end = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut ends = [segment::START as usize; 4];
    for (number, letter) in b"abc".iter().enumerate() {
        store
            .commit(&put(&[b'm', *letter], &[*letter; 40]))
            .unwrap();
        let bytes = fs::read(&segments(folder.path())[0]).unwrap();
        ends[number + 1] = end(&bytes);
    }
    drop(store);
    let mut bytes = fs::read(&segments(folder.path())[0]).unwrap();
    // A segment may be of any size, and is read as a whole each time.
    bytes.truncate(64 * 1024);
    (folder, bytes, ends)
}

#[test]
fn the_last_batch_torn_anywhere_is_dropped_and_the_log_goes_on() {
    let (folder, bytes, ends) = three();
    let path = &segments(folder.path())[0];
    let damages: [fn(&mut [u8]); 3] = [
        |tail| tail.fill(0),
        |tail| tail[0] ^= 1,
        |tail| tail.fill(0xa5),
    ];
    let begin = ends[2].next_multiple_of(frame::ALIGN);
    for (at, damage) in (begin..ends[3]).zip(damages.into_iter().cycle()) {
        let mut torn = bytes.clone();
        damage(&mut torn[at..ends[3]]);
        fs::write(path, &torn).unwrap();
        let store = Embedded::open(folder.path()).unwrap();
        assert_eq!(keys(&store), [b"ma", b"mb"], "at {at}");
        store.commit(&put(b"md", b"more")).unwrap();
        drop(store);
        let store = Embedded::open(folder.path()).unwrap();
        assert_eq!(keys(&store), [b"ma", b"mb", b"md"], "at {at}");
    }
}

#[test]
fn damage_before_the_last_batch_is_reported_and_left_as_it_is() {
    let (folder, bytes, ends) = three();
    let path = &segments(folder.path())[0];
    for at in (ends[0]..ends[2]).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(path, &damaged).unwrap();
        match Embedded::open(folder.path()) {
            Ok(store) => {
                // What fills a frame up is not looked at.
                assert!((ends[1]..ends[1].next_multiple_of(frame::ALIGN)).contains(&at));
                assert_eq!(keys(&store).len(), 3, "at {at}");
            }
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("not only its last batch"), "{error}");
            }
        }
        assert!(fs::read(path).unwrap() == damaged);
    }
    let mut head = bytes.clone();
    head[10] ^= 1;
    fs::write(path, &head).unwrap();
    assert!(Embedded::open(folder.path()).is_err());
}

#[test]
fn a_missing_segment_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    for number in 0..40 {
        store
            .commit(&put(&[b'e', number], &vec![number; 1 << 20]))
            .unwrap();
    }
    drop(store);
    let paths = segments(folder.path());
    assert!(paths.len() >= 3);
    let away = folder.path().join("away");
    fs::rename(&paths[1], &away).unwrap();
    let error = Embedded::open(folder.path()).err().unwrap().to_string();
    assert!(error.contains("it is missing"), "{error}");
    fs::rename(&away, &paths[1]).unwrap();
    assert!(Embedded::open(folder.path()).is_ok());
}

#[test]
fn room_comes_back_and_what_is_kept_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    store.commit(&put(b"m", b"kept for ever")).unwrap();
    let value = |number: u16| vec![number.to_le_bytes()[0]; 256 * 1024];
    for number in 0..800_u16 {
        let mut batch = put(&[&b"e"[..], &number.to_be_bytes()].concat(), &value(number));
        // Every tenth is kept for a while.
        if let Some(old) = number.checked_sub(40).filter(|old| !old.is_multiple_of(10)) {
            batch.delete([&b"e"[..], &old.to_be_bytes()].concat());
        }
        store.commit(&batch).unwrap();
    }
    let most = 2 * 120 * 256 * 1024 + 5 * SEGMENT_BYTES_MIN;
    let taken = || segments(folder.path()).len() as u64 * SEGMENT_BYTES_MIN;
    let began = Instant::now();
    while taken() > most {
        assert!(began.elapsed() < PATIENCE, "{} are taken", taken());
        store.cleaner.ask();
        std::thread::sleep(Duration::from_millis(10));
    }
    let check = |store: &Embedded| {
        assert_eq!(
            store.index().unwrap(),
            [(b"m".to_vec(), b"kept for ever".to_vec())]
        );
        let records = store.read(b"e", b"f", 1000).unwrap();
        assert_eq!(records.len(), 76 + 40);
        for (key, found) in records {
            let number = u16::from_be_bytes([key[1], key[2]]);
            assert!(found == value(number), "{number}");
        }
    };
    check(&store);
    store.make_room().unwrap();
    check(&store);
    drop(store);
    check(&Embedded::open(folder.path()).unwrap());
}

#[test]
fn making_room_ends_though_every_segment_has_room_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    // One fits a segment, two do not.
    let large = vec![7; usize::try_from(SEGMENT_BYTES_MIN).unwrap() * 5 / 9];
    for number in 0..6 {
        store.commit(&put(&[b'e', number], &large)).unwrap();
    }
    let making = std::thread::scope(|scope| {
        let both = [(), ()].map(|()| scope.spawn(|| store.make_room()));
        both.map(|one| one.join().unwrap())
    });
    assert!(making.iter().all(Result::is_ok), "{making:?}");
    let records = store.read(b"e", b"f", 9).unwrap();
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|(_, value)| *value == large));
}

#[test]
fn what_the_start_saw_is_what_the_files_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(9);
    let store = Embedded::open(folder.path()).unwrap();
    for _ in 0..300 {
        let key = [
            *b"meh".get(dice.below(3) as usize).unwrap(),
            dice.below(40) as u8,
        ];
        let mut batch = put(&key, &[dice.below(256) as u8; 20]);
        if dice.once_in(3) {
            batch.delete(key.to_vec());
        }
        store.commit(&batch).unwrap();
    }
    let sorted = |store: &Embedded| {
        let mut records = store.index().unwrap();
        records.sort();
        records
    };
    let before = sorted(&store);
    drop(store);
    let store = Embedded::open(folder.path()).unwrap();
    let (seen, read) = (sorted(&store), sorted(&store));
    assert!(seen.len() > 20 && seen == before && read == before);
    drop(store);
    let store = Embedded::open(folder.path()).unwrap();
    store.commit(&put(b"mx", b"new")).unwrap();
    assert_eq!(
        sorted(&store).len(),
        before.len() + 1,
        "no longer what the start saw"
    );
}

#[test]
fn one_process_uses_it_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path()).unwrap();
    let error = Embedded::open(folder.path()).err().unwrap().to_string();
    assert!(error.contains("in use"), "{error}");
    drop(store);
    assert!(Embedded::open(folder.path()).is_ok());
}

/// A folder as supernodes left it before they had a log.
fn tables(folder: &Path) {
    let database = Database::builder(folder).open().unwrap();
    let options = KeyspaceCreateOptions::default;
    let index = database.keyspace("index", options).unwrap();
    let bodies = database.keyspace("bodies", options).unwrap();
    let mut batch = database.batch().durability(Some(PersistMode::SyncAll));
    for number in 0..3000_u16 {
        let number = number.to_be_bytes();
        batch.insert(&index, [&b"h"[..], &number].concat(), number.as_slice());
        batch.insert(
            &bodies,
            [&b"e"[..], &number].concat(),
            vec![number[1]; 1000],
        );
    }
    batch.remove(&index, [b'h', 0, 7]);
    batch.commit().unwrap();
}

#[test]
fn tables_of_an_older_version_are_brought_over() {
    let folder = tempfile::tempdir().unwrap();
    tables(folder.path());
    for _ in 0..2 {
        let store = Embedded::open(folder.path()).unwrap();
        assert_eq!(keys(&store).len(), 2999);
        let bodies = store.read(b"e", b"f", 4000).unwrap();
        assert_eq!(bodies.len(), 3000);
        assert!(
            bodies
                .iter()
                .all(|(key, value)| *value == vec![key[2]; 1000])
        );
        assert!(!folder.path().join("keyspaces").exists());
    }
}

#[test]
fn tables_are_read_again_when_the_log_was_not_finished() {
    let folder = tempfile::tempdir().unwrap();
    tables(folder.path());
    let unfinished = folder.path().join("log.unfinished");
    drop(Log::open(&unfinished).unwrap());
    let store = Embedded::open(folder.path()).unwrap();
    assert_eq!(keys(&store).len(), 2999);
    assert!(!unfinished.exists());
}
