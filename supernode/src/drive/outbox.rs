//! Frames on their way to one connection, bounded by bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Bytes that may wait for one connection: a delivery window and live traffic beside it.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;
/// Frames that may wait for one connection; small ones cost more than their bytes.
pub const OUTBOX_FRAMES_MAX: usize = 4096;

/// Why a connection is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The relay has said why, in a frame that goes out first.
    HungUp,
    /// The supernode shuts down; it has said so.
    Draining,
    /// More waited for it than it may leave waiting. What waits is dropped.
    TooSlow,
}

#[derive(Debug, Default)]
struct Waiting {
    frames: VecDeque<Bytes>,
    bytes: usize,
    ending: Option<Ending>,
}

/// Between the driver, which fills it, and the connection's task, which empties it.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

/// What the connection's task finds.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// To be sent, in order.
    pub frames: VecDeque<Bytes>,
    /// Then to end, for this reason.
    pub ending: Option<Ending>,
}

impl Outbox {
    /// Adds a frame. Returns false when this one found the outbox full: the connection ends as
    /// [`Ending::TooSlow`]. After an ending, frames are swallowed.
    pub fn push(&self, frame: Bytes) -> bool {
        let mut waiting = self.lock();
        if waiting.ending.is_some() {
            return true;
        }
        let fits = waiting.frames.len() < OUTBOX_FRAMES_MAX && waiting.bytes + frame.len() <= OUTBOX_BYTES_MAX;
        if fits {
            waiting.bytes += frame.len();
            waiting.frames.push_back(frame);
        } else {
            *waiting = Waiting { ending: Some(Ending::TooSlow), ..Waiting::default() };
        }
        drop(waiting);
        self.changed.notify_one();
        fits
    }

    /// Ends the connection after what waits.
    pub fn end(&self, ending: Ending) {
        self.lock().ending.get_or_insert(ending);
        self.changed.notify_one();
    }

    /// Whether the connection is to be cut without sending what waits.
    pub fn is_cut(&self) -> bool {
        self.lock().ending == Some(Ending::TooSlow)
    }

    /// Waits for the next change. One that came before the call is not missed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes all that waits.
    pub fn take(&self) -> Taken {
        let mut waiting = self.lock();
        waiting.bytes = 0;
        Taken { frames: std::mem::take(&mut waiting.frames), ending: waiting.ending }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_limit_fits_and_one_more_does_not() {
        let outbox = Outbox::default();
        assert!(outbox.push(Bytes::from(vec![0; OUTBOX_BYTES_MAX])));
        assert!(!outbox.push(Bytes::from_static(b"x")));
        assert!(outbox.is_cut());
        assert_eq!(outbox.take(), Taken { frames: VecDeque::new(), ending: Some(Ending::TooSlow) });
    }

    #[test]
    fn the_frame_limit_fits_and_one_more_does_not() {
        let outbox = Outbox::default();
        assert!((0..OUTBOX_FRAMES_MAX).all(|_| outbox.push(Bytes::from_static(b"x"))));
        assert!(!outbox.push(Bytes::from_static(b"x")));
    }

    #[test]
    fn an_ending_lets_what_waits_go_first_and_nothing_after() {
        let outbox = Outbox::default();
        outbox.push(Bytes::from_static(b"why"));
        outbox.end(Ending::HungUp);
        outbox.push(Bytes::from_static(b"late"));
        outbox.end(Ending::Draining);
        let taken = outbox.take();
        assert_eq!(taken.frames, [Bytes::from_static(b"why")]);
        assert_eq!(taken.ending, Some(Ending::HungUp));
    }
}
