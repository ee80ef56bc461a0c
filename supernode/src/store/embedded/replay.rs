//! From the files to what is in memory, at the start.
//!
//! One batch is written at a time, and the next only when it is safe. So the last one alone can be torn, and
//! nobody was told that it was kept: where no frame is whole, the log ends. If a later batch follows,
//! it was not the last, and something that was acknowledged is damaged: then the log is left alone.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::Arc;

use shared::mailbox::server::record::BODY_PREFIX;
use tracing::warn;

use super::frame::{ALIGN, Frame, is_followed, is_torn};
use super::index::{Index, Place};
use super::segment::{START, Segment};
use crate::store::{Record, StoreError};

/// A log as it was found.
pub struct Replayed {
    /// What counts.
    pub index: Index,
    /// What counts but for bodies, for whoever asks for it first.
    pub records: Records,
    /// By number.
    pub segments: BTreeMap<u32, Arc<Segment>>,
    /// Where the last segment's next frame goes.
    pub end: u32,
    /// Number of the next batch.
    pub next: u64,
}

/// Values by key, but for bodies. Not in order: with millions of keys, a tree of them would be most of a start.
#[derive(Default)]
pub struct Records(HashMap<Box<[u8]>, Box<[u8]>>);

impl Records {
    fn change(&mut self, key: &[u8], value: Option<&[u8]>) {
        if key.first() == Some(&BODY_PREFIX) {
            return;
        }
        match value {
            Some(value) => drop(self.0.insert(key.into(), value.into())),
            None => drop(self.0.remove(key)),
        }
    }

    /// As others take them.
    #[must_use]
    pub fn into_vec(self) -> Vec<Record> {
        let records = self.0.into_iter();
        records
            .map(|(key, value)| (key.into_vec(), value.into_vec()))
            .collect()
    }
}

/// Reads the log in `folder`. `None` when there is none.
///
/// # Errors
/// [`StoreError::Failed`]: it cannot be read, or something in it is damaged that was acknowledged.
pub fn replay(folder: &Path) -> Result<Option<Replayed>, StoreError> {
    let mut numbers = Segment::list(folder)?.into_iter().peekable();
    let Some(first) = numbers.peek().copied() else {
        return Ok(None);
    };
    let mut segment = Arc::new(Segment::open(folder, first)?);
    let mut replayed = Replayed {
        index: Index::default(),
        records: Records::default(),
        segments: BTreeMap::new(),
        end: START,
        next: segment.first,
    };
    numbers.next();
    loop {
        let after = match numbers.next() {
            Some(number) if number == segment.number + 1 => Some(Segment::open(folder, number)?),
            Some(_) => return Err(damaged(segment.number + 1, "it is missing")),
            None => None,
        };
        let until = after.as_ref().map(|after| after.first);
        replayed.add(&segment, until)?;
        replayed.segments.insert(segment.number, segment);
        match after {
            Some(after) => segment = Arc::new(after),
            None => return Ok(Some(replayed)),
        }
    }
}

impl Replayed {
    /// Adds a segment: up to the batch before `until`, or to its end.
    fn add(&mut self, segment: &Segment, until: Option<u64>) -> Result<(), StoreError> {
        let bytes = segment.read_all()?;
        let mut frames = Frames::new(segment, &bytes);
        let mut last = None;
        while until != Some(self.next) {
            let Some((at, frame)) = frames.next() else {
                break;
            };
            if frame.number != self.next {
                return Err(damaged(segment.number, "batches are missing"));
            }
            for entry in frame.entries() {
                self.records.change(entry.key, entry.value);
                match entry.value {
                    Some(value) => {
                        let len = u32::try_from(value.len()).map_err(io::Error::other)?;
                        let (segment, at) = (segment.number, at + entry.at);
                        self.index.put(entry.key, Place { segment, at, len });
                    }
                    None => self.index.remove(entry.key),
                }
            }
            self.next += 1;
            last = bytes.get(at as usize..frames.at).map(|frame| (at, frame));
        }
        let rest = bytes.get(frames.at..).unwrap_or_default();
        if until.is_some_and(|until| until != self.next) {
            return Err(damaged(segment.number, "its end is missing"));
        }
        if until.is_none() && is_followed(rest, segment.seed, self.next) {
            return Err(damaged(segment.number, "not only its last batch"));
        }
        if until.is_none() && is_torn(rest, self.next) {
            warn!("the last write was torn; nothing that was acknowledged is lost");
        }
        self.end = u32::try_from(frames.at).map_err(io::Error::other)?;
        // What was read may never have reached the disk.
        if let Some((at, frame)) = last.filter(|_| until.is_none()) {
            segment.write(frame, at)?;
            segment.sync()?;
        }
        Ok(())
    }
}

/// The whole frames of a segment, in order, to where none is.
pub struct Frames<'a> {
    bytes: &'a [u8],
    seed: u64,
    /// Where the next one is looked for.
    pub at: usize,
}

impl<'a> Frames<'a> {
    /// All frames of `segment`, whose `bytes` these are.
    pub fn new(segment: &Segment, bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            seed: segment.seed,
            at: START as usize,
        }
    }
}

impl<'a> Iterator for Frames<'a> {
    /// Where it begins, and the frame.
    type Item = (u32, Frame<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let frame = Frame::read(self.bytes.get(self.at..)?, self.seed)?;
        let at = u32::try_from(self.at).ok()?;
        self.at = (self.at + frame.bytes()).next_multiple_of(ALIGN);
        Some((at, frame))
    }
}

fn damaged(segment: u32, what: &str) -> StoreError {
    StoreError::Failed(format!("segment {segment} of the log is damaged: {what}"))
}
