//! Power cuts, as a disk shows them afterwards: everything up to the last fsync is there, and of what
//! was written after it, any part.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use shared::base::id::EnvelopeId;
use shared::base::random::{Random, bytes};

use crate::dice::Dice;
use crate::recipient::Recipient;
use crate::sender::Sender;
use crate::server::Server;

/// Deposits, one commit each.
const DEPOSITS: usize = 24;
/// Power cuts that are tried.
const CUTS: u64 = 60;
/// What a disk writes as a whole.
const PAGE_BYTES: u64 = 4096;
/// More than a deposit adds to the segment.
const DEPOSIT_BYTES_MAX: usize = 64 * 1024;

/// What a power cut did to the bytes that were written and not yet safe.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// The file ends there.
    Ends,
    /// Its length was kept, its bytes were not.
    Zeros,
    /// One page of them was not written.
    HolePage,
    /// They are something else.
    Garbage,
}

const DAMAGES: [Damage; 4] = [
    Damage::Ends,
    Damage::Zeros,
    Damage::HolePage,
    Damage::Garbage,
];

/// A supernode that was killed after some deposits.
struct Wreck {
    folder: tempfile::TempDir,
    /// Bytes in the segment after each deposit was acknowledged.
    safe: Vec<u64>,
    letters: Vec<EnvelopeId>,
}

async fn wreck(dice: &mut Dice) -> Wreck {
    let (server, folder) = Server::fresh(&[]);
    let mut ben = Recipient::new(2, 0);
    ben.waiting(server.address).await.unwrap();
    let mut ann = Sender::new(0);
    let (mut safe, mut letters) = (Vec::new(), Vec::new());
    let segment = segment(folder.path());
    let mut written = 0;
    for _ in 0..DEPOSITS {
        let mut id = EnvelopeId(bytes(dice));
        // Several pages long.
        id.0[0] = u8::MAX;
        ann.leave(server.address, &ben.person, id).await.unwrap();
        written = end_of_writing(&segment, written);
        safe.push(written);
        letters.push(id);
    }
    server.kill();
    Wreck {
        folder,
        safe,
        letters,
    }
}

impl Wreck {
    /// A copy as a power cut at the byte `from` would leave it.
    fn cut(&self, from: u64, damage: Damage, dice: &mut Dice) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        let end = self.safe[DEPOSITS - 1];
        copy_folder(self.folder.path(), copy.path(), end);
        let mut file = File::options()
            .write(true)
            .open(segment(copy.path()))
            .unwrap();
        file.seek(SeekFrom::Start(from)).unwrap();
        let lost = usize::try_from(end - from).unwrap();
        match damage {
            Damage::Ends => file.set_len(from).unwrap(),
            Damage::Zeros => file.write_all(&vec![0; lost]).unwrap(),
            Damage::HolePage => {
                let page_end = (from / PAGE_BYTES + 1) * PAGE_BYTES;
                let hole = usize::try_from(page_end.min(end) - from).unwrap();
                file.write_all(&vec![0; hole]).unwrap();
            }
            Damage::Garbage => {
                let mut garbage = vec![0; lost];
                dice.fill(&mut garbage);
                file.write_all(&garbage).unwrap();
            }
        }
        copy
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_last_write_costs_nothing_that_was_acknowledged() {
    let mut dice = Dice::new(7);
    let wreck = wreck(&mut dice).await;
    for cut in 0..CUTS {
        let damage = DAMAGES[usize::try_from(cut % 4).unwrap()];
        // One commit is in flight at a time: only the last can be torn. A file that merely ends may
        // end anywhere.
        let first = match damage {
            Damage::Ends => wreck.safe[0],
            _ => wreck.safe[DEPOSITS - 2],
        };
        let from = first + dice.below(wreck.safe[DEPOSITS - 1] - first);
        let safe = wreck.safe.iter().filter(|end| **end <= from).count();
        let data = wreck.cut(from, damage, &mut dice);
        let server = Server::start(data.path(), &[]);
        let mut ben = Recipient::new(2, cut);
        ben.fetch_all(server.address).await.unwrap();
        for letter in &wreck.letters[..safe] {
            assert!(ben.shown.contains(letter), "{damage:?} at {from}");
        }
        assert!(ben.shown.len() <= safe + 1, "{damage:?} at {from}");
        // It goes on, also after another start.
        let mut ann = Sender::new(cut);
        let id = EnvelopeId([0xee; 16]);
        ann.leave(server.address, &ben.person, id).await.unwrap();
        server.kill();
        let server = Server::start(data.path(), &[]);
        ben.fetch_all(server.address).await.unwrap();
        assert!(ben.shown.contains(&id), "{damage:?} at {from}");
        server.kill();
    }
}

fn segment(data: &Path) -> PathBuf {
    let mut segments: Vec<_> = fs::read_dir(data.join("store/log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "log"))
        .collect();
    assert_eq!(segments.len(), 1);
    segments.remove(0)
}

/// Where the written part of a preallocated file ends, which is not before `from`.
fn end_of_writing(path: &Path, from: u64) -> u64 {
    let mut file = File::open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    let mut tail = vec![0; DEPOSIT_BYTES_MAX];
    file.read_exact(&mut tail).unwrap();
    let last = tail.iter().rposition(|byte| *byte != 0);
    from + last.map_or(0, |last| last as u64 + 1)
}

/// Copies a folder whose files are longer than what is written to them.
fn copy_folder(from: &Path, to: &Path, written: u64) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_folder(&path, &target, written);
        } else {
            let file = File::open(&path).unwrap();
            let length = file.metadata().unwrap().len();
            let mut bytes = Vec::new();
            file.take(written).read_to_end(&mut bytes).unwrap();
            fs::write(&target, bytes).unwrap();
            let copy = File::options().write(true).open(&target).unwrap();
            copy.set_len(length).unwrap();
        }
    }
}
