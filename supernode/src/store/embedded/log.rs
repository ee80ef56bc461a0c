//! The log: batches in the order they were committed, in segments, and an index in memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use shared::base::effects::Batch;

use super::frame::{ALIGN, FrameWriter};
use super::index::{Index, Place};
use super::replay::{Records, replay};
use super::segment::{START, Segment, prepare, sync_folder};
use crate::store::StoreError;

/// Bytes of a segment in a small log.
pub const SEGMENT_BYTES_MIN: u64 = 16 * 1024 * 1024;
/// Bytes of a segment in a large log, so that there are not too many.
const SEGMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// In between, a log has about so many.
const SEGMENTS: u64 = 64;
/// A log in a folder.
pub struct Log {
    pub(super) folder: PathBuf,
    writer: Mutex<Writer>,
    state: RwLock<State>,
    /// What the start saw, until something changes or somebody asks.
    seen: Mutex<Option<Records>>,
    /// Held by who makes, takes or leaves the spare file.
    spare: Mutex<()>,
}

/// What readers need.
pub struct State {
    pub(super) index: Index,
    pub(super) segments: BTreeMap<u32, Arc<Segment>>,
}

/// Where the next frame goes.
pub struct Writer {
    segment: Arc<Segment>,
    end: u32,
    /// Number of the next batch.
    next: u64,
    frame: FrameWriter,
    /// Where in the frame each value begins.
    values: Vec<u32>,
    /// A write failed: what the segment has after `end` is unknown.
    broken: bool,
}

impl Log {
    /// Opens the log in `folder`, which is made when missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        if let Some(parent) = folder.parent() {
            sync_folder(parent)?;
        }
        let (state, seen, end, next) = match replay(folder)? {
            Some(replayed) => {
                let (index, segments) = (replayed.index, replayed.segments);
                let state = State { index, segments };
                (state, replayed.records, replayed.end, replayed.next)
            }
            None => {
                let first = Segment::create(folder, 0, 1, SEGMENT_BYTES_MIN, 0)?;
                let segments = BTreeMap::from([(0, Arc::new(first))]);
                let index = Index::default();
                let state = State { index, segments };
                (state, Records::default(), START, 1)
            }
        };
        let newest = state.segments.last_key_value();
        let segment = newest.map(|(_, segment)| Arc::clone(segment));
        let segment = segment.ok_or_else(|| StoreError::Failed("no segment".to_owned()))?;
        Ok(Self {
            folder: folder.to_owned(),
            writer: Mutex::new(Writer {
                segment,
                end,
                next,
                frame: FrameWriter::default(),
                values: Vec::new(),
                broken: false,
            }),
            state: RwLock::new(state),
            seen: Mutex::new(Some(seen)),
            spare: Mutex::new(()),
        })
    }

    /// Makes all changes of `batch`, durably, or none.
    ///
    /// # Errors
    /// [`StoreError`]: they are not made, and none will be before [`Self::recover`].
    pub fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut writer = self.writer();
        writer.begin();
        for change in &batch.changes {
            writer.push(&change.key, change.value.as_deref())?;
        }
        self.take_seen();
        let at = self.append(&mut writer)?;
        let segment = writer.segment.number;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (change, value_at) in batch.changes.iter().zip(&writer.values) {
            match &change.value {
                Some(value) => {
                    let (at, len) = (
                        at + value_at,
                        u32::try_from(value.len()).unwrap_or(u32::MAX),
                    );
                    state.index.put(&change.key, Place { segment, at, len });
                }
                None => state.index.remove(&change.key),
            }
        }
        Ok(())
    }

    /// What the start saw, if nothing has changed since and nobody has asked.
    pub(super) fn take_seen(&self) -> Option<Records> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take()
    }

    /// Goes on after a failed commit, in a new file: what the old one has is known up to the last
    /// commit that did not fail, and nothing after it counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn recover(&self) -> Result<(), StoreError> {
        let mut writer = self.writer();
        if writer.broken {
            self.rotate(&mut writer, 0)?;
            writer.broken = false;
        }
        Ok(())
    }

    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the frame durably. Says where it begins.
    fn append(&self, writer: &mut Writer) -> Result<u32, StoreError> {
        if writer.broken {
            return Err(StoreError::Failed("a write failed before".to_owned()));
        }
        let len = u64::from(writer.frame.len()?);
        if u64::from(writer.end) + len > writer.segment.bytes {
            self.rotate(writer, len)?;
        }
        let at = writer.end;
        let frame = writer.frame.finish(writer.segment.seed, writer.next);
        let written = writer.segment.write(frame, at);
        if let Err(error) = written.and_then(|()| writer.segment.sync()) {
            writer.broken = true;
            return Err(error.into());
        }
        let end = (u64::from(at) + len).next_multiple_of(ALIGN as u64);
        writer.end = u32::try_from(end).map_err(std::io::Error::other)?;
        writer.next += 1;
        Ok(at)
    }

    /// Begins a segment with room for a frame of `len` bytes.
    fn rotate(&self, writer: &mut Writer, len: u64) -> Result<(), StoreError> {
        let bytes = self.segment_bytes();
        let least = u64::from(START) + len + ALIGN as u64;
        let number = writer.segment.number + 1;
        let segment = {
            let _spare = self.spare();
            Segment::create(&self.folder, number, writer.next, bytes, least)?
        };
        writer.segment = Arc::new(segment);
        writer.end = START;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.segments.insert(number, Arc::clone(&writer.segment));
        Ok(())
    }

    /// Bytes that the next segment should have.
    pub(super) fn segment_bytes(&self) -> u64 {
        let (bytes, _) = self.bytes();
        (bytes / SEGMENTS).clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX)
    }

    /// Bytes of all segments, and of what counts in them.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let state = self.state();
        let bytes = state.segments.values().map(|segment| segment.bytes);
        (bytes.sum(), state.index.live_bytes())
    }

    /// Number of the newest segment.
    pub(super) fn newest(&self) -> u32 {
        let state = self.state();
        let newest = state.segments.last_key_value();
        newest.map_or(0, |(number, _)| *number)
    }

    /// The oldest segment and whether anything in it counts, unless it is the one that is written to.
    pub(super) fn oldest(&self) -> Option<(Arc<Segment>, bool)> {
        let state = self.state();
        let (number, segment) = state.segments.first_key_value()?;
        let only = state.segments.len() == 1;
        (!only).then(|| (Arc::clone(segment), state.index.live_in(*number) > 0))
    }

    /// Writes values anew that still count where they were read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn move_on(&self, records: &[(&[u8], Place, &[u8])]) -> Result<(), StoreError> {
        let mut writer = self.writer();
        let still: Vec<_> = {
            let state = self.state();
            let counts =
                |(key, place, _): &&(&[u8], Place, _)| state.index.get(key) == Some(*place);
            records.iter().filter(counts).collect()
        };
        if still.is_empty() {
            return Ok(());
        }
        writer.begin();
        for (key, _, value) in &still {
            writer.push(key, Some(value))?;
        }
        let begin = self.append(&mut writer)?;
        let segment = writer.segment.number;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for ((key, place, _), at) in still.into_iter().zip(&writer.values) {
            let (at, len) = (begin + at, place.len);
            state.index.put(key, Place { segment, at, len });
        }
        Ok(())
    }

    /// Takes the oldest segment away, in which nothing counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn remove_oldest(&self, spare: bool) -> Result<(), StoreError> {
        let oldest = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            let State { index, segments } = &mut *state;
            let empty = segments.len() > 1;
            let oldest = segments.first_entry().filter(|_| empty);
            let oldest = oldest.filter(|oldest| index.live_in(*oldest.key()) == 0);
            oldest.map(|oldest| oldest.remove())
        };
        if let Some(oldest) = oldest {
            // Somebody may be reading from it, and nobody should read what is written to it next.
            let spare = spare && Arc::strong_count(&oldest) == 1;
            let _spare = self.spare();
            oldest.remove(&self.folder, spare)?;
        }
        Ok(())
    }

    /// Has a file ready for the next segment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn prepare(&self) -> Result<(), StoreError> {
        let bytes = self.segment_bytes();
        let _spare = self.spare();
        Ok(prepare(&self.folder, bytes)?)
    }

    fn spare(&self) -> MutexGuard<'_, ()> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    fn begin(&mut self) {
        self.frame.clear();
        self.values.clear();
    }

    fn push(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError> {
        self.values.push(self.frame.push(key, value)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(number: u8) -> Batch {
        let mut batch = Batch::default();
        batch.put(vec![b'm', number], vec![number; 100]);
        batch
    }

    fn letters(log: &Log) -> Vec<u8> {
        let mut found: Vec<_> = log.index().unwrap().iter().map(|(key, _)| key[1]).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_batch_whose_fsync_failed_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::open(folder.path()).unwrap();
        log.commit(&letter(1)).unwrap();
        {
            // It is in the file as a whole, as after a failed fsync; whether on the disk, nobody knows.
            let mut writer = log.writer();
            writer.begin();
            writer.push(b"m\x02", Some(&[2; 100])).unwrap();
            let (seed, next, end) = (writer.segment.seed, writer.next, writer.end);
            let frame = writer.frame.finish(seed, next).to_vec();
            writer.segment.write(&frame, end).unwrap();
            writer.broken = true;
        }
        assert!(log.commit(&letter(3)).is_err(), "not to that file");
        log.recover().unwrap();
        assert_eq!(letters(&log), [1]);
        log.commit(&letter(4)).unwrap();
        drop(log);
        let log = Log::open(folder.path()).unwrap();
        assert_eq!(letters(&log), [1, 4]);
        log.commit(&letter(5)).unwrap();
        drop(log);
        assert_eq!(letters(&Log::open(folder.path()).unwrap()), [1, 4, 5]);
    }

    #[test]
    fn a_batch_larger_than_a_segment_gets_one_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::open(folder.path()).unwrap();
        let mut batch = letter(1);
        let large = usize::try_from(SEGMENT_BYTES_MIN).unwrap() + 1;
        batch.put(vec![b'e', 1], vec![7; large]);
        log.commit(&batch).unwrap();
        log.commit(&letter(2)).unwrap();
        drop(log);
        let log = Log::open(folder.path()).unwrap();
        assert_eq!(letters(&log), [1, 2]);
        let read = log.read(&[b'e', 1], &[b'e', 1], 1).unwrap();
        assert_eq!(read[0].1.len(), large);
    }
}
