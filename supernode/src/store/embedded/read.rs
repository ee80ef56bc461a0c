//! Values out of the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::mailbox::server::record::BODY_PREFIX;

use super::index::Place;
use super::log::Log;
use super::replay::Frames;
use crate::store::{Record, StoreError};

/// Values with no more than this between them are read as one.
const GAP_BYTES: u32 = 8 * 1024;

impl Log {
    /// Up to `max` records with keys from `first` to `last`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(&self, first: &[u8], last: &[u8], max: usize) -> Result<Vec<Record>, StoreError> {
        let (places, segments) = {
            let state = self.state();
            let places = state.index.range(first, last, max);
            let numbers = places.iter().map(|(_, place)| place.segment);
            let segment = |number| Some((number, Arc::clone(state.segments.get(&number)?)));
            let segments: BTreeMap<_, _> = numbers.filter_map(segment).collect();
            (places, segments)
        };
        let mut records = Vec::with_capacity(places.len());
        let mut places = places.into_iter().peekable();
        while let Some((key, first)) = places.next() {
            let mut run = vec![(key, first)];
            let mut end = first.at + first.len;
            let goes_on = |next: &Place, end: u32| {
                next.segment == first.segment && (end..=end + GAP_BYTES).contains(&next.at)
            };
            while let Some((key, next)) = places.next_if(|(_, next)| goes_on(next, end)) {
                end = next.at + next.len;
                run.push((key, next));
            }
            let segment = segments.get(&first.segment);
            let segment =
                segment.ok_or_else(|| StoreError::Failed("no such segment".to_owned()))?;
            let bytes = segment.read(first.at, (end - first.at) as usize)?;
            let value = |place: Place| {
                let from = (place.at - first.at) as usize;
                bytes[from..from + place.len as usize].to_vec()
            };
            records.extend(run.into_iter().map(|(key, place)| (key, value(place))));
        }
        Ok(records)
    }

    /// All records but bodies, in any order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn index(&self) -> Result<Vec<Record>, StoreError> {
        // Nothing is changed or moved meanwhile.
        let _writer = self.writer();
        if let Some(seen) = self.take_seen() {
            return Ok(seen.into_vec());
        }
        let state = self.state();
        let mut records = Vec::new();
        let used = state.segments.values();
        for segment in used.filter(|segment| state.index.live_in(segment.number) > 0) {
            let bytes = segment.read_all()?;
            for (at, frame) in Frames::new(segment, &bytes) {
                for entry in frame.entries() {
                    let Some(value) = entry.value else { continue };
                    if entry.key.first() == Some(&BODY_PREFIX) {
                        continue;
                    }
                    let place = state.index.get(entry.key);
                    let here = (segment.number, at + entry.at);
                    if place.is_some_and(|place| (place.segment, place.at) == here) {
                        records.push((entry.key.to_vec(), value.to_vec()));
                    }
                }
            }
        }
        Ok(records)
    }
}
