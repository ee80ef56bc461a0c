//! The last write before a power cut, when only some of its pages reached the disk.
//!
//! fjall drops a last batch without its end mark. One whose end mark was written and whose middle was
//! not, it takes for damage, and does not open. At most one commit is in flight, so that such a batch,
//! if it is the last, was never acknowledged: without its end mark it is dropped as well.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How much of a journal is looked at in one go.
const CHUNK_BYTES: u64 = 1024 * 1024;

/// A journal without its last byte, which is part of an end mark.
pub(super) struct Cut {
    journal: PathBuf,
    length: u64,
    at: u64,
    last: u8,
}

/// Takes the last written byte off the newest journal in `folder`. `None` when nothing is written.
///
/// # Errors
/// When files cannot be read or written.
pub(super) fn cut_end_mark(folder: &Path) -> io::Result<Option<Cut>> {
    let Some(journal) = newest_journal(folder)? else {
        return Ok(None);
    };
    let mut file = File::open(&journal)?;
    let length = file.metadata()?.len();
    let Some((at, last)) = last_written(&mut file, length)? else {
        return Ok(None);
    };
    let file = OpenOptions::new().write(true).open(&journal)?;
    file.set_len(at)?;
    file.sync_all()?;
    Ok(Some(Cut {
        journal,
        length,
        at,
        last,
    }))
}

impl Cut {
    /// Puts it back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn undo(self) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(&self.journal)?;
        file.seek(SeekFrom::Start(self.at))?;
        file.write_all(&[self.last])?;
        file.set_len(self.length)?;
        file.sync_all()
    }
}

fn newest_journal(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut newest: Option<(u64, PathBuf)> = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_journal = path.extension().is_some_and(|extension| extension == "jnl");
        let number = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        let (true, Some(number)) = (is_journal, number) else {
            continue;
        };
        if newest.as_ref().is_none_or(|(before, _)| *before < number) {
            newest = Some((number, path));
        }
    }
    Ok(newest.map(|(_, path)| path))
}

/// Position and value of the last byte that is not zero: journals are longer than what is written.
fn last_written(file: &mut File, length: u64) -> io::Result<Option<(u64, u8)>> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(CHUNK_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut chunk = Vec::new();
        file.take(end - start).read_to_end(&mut chunk)?;
        if chunk != vec![0; chunk.len()] {
            let written = (start..).zip(chunk).filter(|(_, byte)| *byte != 0);
            return Ok(written.last());
        }
        end = start;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use shared::base::effects::Batch;

    use super::*;
    use crate::store::Store;
    use crate::store::embedded::Embedded;

    fn damaged_in(letter: u8) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let store = Embedded::open(folder.path()).unwrap();
        for letter in b"abc" {
            let mut batch = Batch::default();
            batch.put(vec![b'm', *letter], vec![*letter; 100]);
            store.commit(&batch).unwrap();
        }
        drop(store);
        let journal = newest_journal(folder.path()).unwrap().unwrap();
        let mut bytes = fs::read(&journal).unwrap();
        let value = bytes.windows(100).position(|bytes| bytes == [letter; 100]);
        bytes[value.unwrap() + 50] = 0;
        fs::write(&journal, bytes).unwrap();
        folder
    }

    #[test]
    fn damage_in_the_last_write_costs_the_last_write() {
        let folder = damaged_in(b'c');
        let index = Embedded::open(folder.path()).unwrap().index().unwrap();
        let keys: Vec<_> = index.into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [b"ma", b"mb"]);
    }

    #[test]
    fn damage_before_the_last_write_is_reported_and_left_as_it_is() {
        let folder = damaged_in(b'b');
        let journal = newest_journal(folder.path()).unwrap().unwrap();
        let before = fs::read(&journal).unwrap();
        let error = Embedded::open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("not only its last write"), "{error}");
        assert!(fs::read(&journal).unwrap() == before);
    }
}
