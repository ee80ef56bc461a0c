//! Gives back what is taken by values that no longer count.
//!
//! Segments go in the order they came, as in a log-structured file system (Rosenblum and Ousterhout,
//! "The design and implementation of a log-structured file system", 1992): what still counts in the oldest is
//! written anew at the end, and the file goes. So a removal needs no memory: all that came before it is gone
//! when its own turn comes. Most of what people leave is fetched long before, and then nothing is written.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use tracing::warn;

use super::frame::entry_bytes;
use super::index::Place;
use super::log::Log;
use super::replay::Frames;
use super::segment::Segment;
use crate::store::StoreError;

/// Bytes written anew at once; commits wait for no more.
const MOVED_BYTES: u64 = 1024 * 1024;
/// What a log may take beyond twice what counts in it: segments.
const SLACK: u64 = 3;

/// How much may be taken by what does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thrift {
    /// As much as what counts, and a little.
    Ordinary,
    /// A quarter of what counts, and a little: the disk is nearly full.
    Scarce,
}

impl Log {
    /// Cleans until no more than `thrift` allows is taken.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost.
    pub(super) fn clean(&self, thrift: Thrift) -> Result<(), StoreError> {
        // Once around at most, however much room large batches leave at the ends of segments.
        let newest = self.newest();
        while let Some((segment, counts)) = self.oldest() {
            if segment.number >= newest {
                return Ok(());
            }
            if counts {
                let (taken, live) = self.bytes();
                let allowed = match thrift {
                    Thrift::Ordinary => live * 2 + SLACK * self.segment_bytes(),
                    Thrift::Scarce => live + live / 4 + self.segment_bytes(),
                };
                if taken <= allowed {
                    return Ok(());
                }
                self.move_all(&segment)?;
                let still = |(oldest, counts): (Arc<Segment>, bool)| {
                    oldest.number == segment.number && counts
                };
                if self.oldest().is_some_and(still) {
                    let what = format!("segment {} of the log is damaged", segment.number);
                    return Err(StoreError::Failed(what));
                }
            }
            drop(segment);
            self.remove_oldest(thrift == Thrift::Ordinary)?;
        }
        Ok(())
    }

    fn move_all(&self, segment: &Segment) -> Result<(), StoreError> {
        let bytes = segment.read_all()?;
        let mut records = Vec::new();
        let mut gathered = 0;
        for (at, frame) in Frames::new(segment, &bytes) {
            for entry in frame.entries() {
                let Some(value) = entry.value else { continue };
                let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
                let (segment, at) = (segment.number, at + entry.at);
                records.push((entry.key, Place { segment, at, len }, value));
                gathered += entry_bytes(entry.key.len(), len);
            }
            if gathered >= MOVED_BYTES {
                self.move_on(&records)?;
                records.clear();
                gathered = 0;
            }
        }
        self.move_on(&records)
    }
}

/// A thread that cleans when asked, and has a file ready for the next segment.
pub struct Cleaner {
    asks: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Cleaner {
    /// Starts one for `log`.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start(log: &Arc<Log>) -> Result<Self, StoreError> {
        let (asks, asked) = sync_channel(1);
        let log = Arc::clone(log);
        let thread = thread::Builder::new().name("log".to_owned());
        let thread = thread.spawn(move || run(&log, &asked))?;
        Ok(Self {
            asks: Some(asks),
            thread: Some(thread),
        })
    }

    /// Has it look.
    pub fn ask(&self) {
        // If the channel is full, it will look after this anyway.
        if let Some(Err(TrySendError::Disconnected(()))) =
            self.asks.as_ref().map(|asks| asks.try_send(()))
        {
            warn!("nothing cleans the log any more");
        }
    }
}

impl Drop for Cleaner {
    /// Waits: nobody else may use the folder before.
    fn drop(&mut self) {
        self.asks = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            warn!("what cleans the log broke");
        }
    }
}

fn run(log: &Log, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        let cleaned = log.clean(Thrift::Ordinary);
        if let Err(failure) = cleaned.and(log.prepare()) {
            warn!("the log could not be cleaned: {failure}");
        }
    }
}
