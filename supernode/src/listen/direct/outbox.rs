//! Frames on their way to one client: gathered here, bounded, until its carrier has room for them.

use std::collections::VecDeque;
use std::mem;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use shared::base::effects::LinkId;

use super::letter::Letter;
use crate::drive::outbox::{Ending, Outbox, Pushed};

/// Bytes that may wait for one client: a delivery window and live traffic beside it.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;

#[derive(Debug, Default)]
struct Waiting {
    frames: VecDeque<Bytes>,
    bytes: usize,
    ending: Option<Ending>,
    /// The thread has been told and has not looked yet.
    is_told: bool,
}

/// What waits for one client.
#[derive(Debug)]
pub struct DirectOutbox {
    link: LinkId,
    letters: Sender<Letter>,
    waiting: Mutex<Waiting>,
}

impl DirectOutbox {
    /// Of the client on `link`; who sends to it hears of it by `letters`.
    pub fn new(link: LinkId, letters: Sender<Letter>) -> Self {
        Self {
            link,
            letters,
            waiting: Mutex::default(),
        }
    }

    /// The thread looks: from now on it wants to be told again.
    pub fn look(&self) {
        self.lock().is_told = false;
    }

    /// The next frame, if one waits.
    pub fn pop(&self) -> Option<Bytes> {
        let mut waiting = self.lock();
        let frame = waiting.frames.pop_front()?;
        waiting.bytes -= frame.len();
        if waiting.frames.is_empty() {
            waiting.frames = VecDeque::new();
        }
        Some(frame)
    }

    /// How the connection is to end, as soon as nothing waits.
    pub fn ending(&self) -> Option<Ending> {
        self.lock().ending
    }

    fn tell(&self, mut waiting: MutexGuard<'_, Waiting>) {
        if !mem::replace(&mut waiting.is_told, true) {
            // The thread may have ended; then nobody waits for it.
            let _ = self.letters.send(Letter::Filled(self.link));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox for DirectOutbox {
    fn push(&self, frame: &[u8]) -> Pushed {
        let mut waiting = self.lock();
        if waiting.ending.is_some() {
            return Pushed::Behind;
        }
        if waiting.bytes + frame.len() > OUTBOX_BYTES_MAX {
            waiting.frames = VecDeque::new();
            waiting.bytes = 0;
            waiting.ending = Some(Ending::TooSlow);
            self.tell(waiting);
            return Pushed::TooMuch;
        }
        let first = waiting.frames.is_empty();
        waiting.bytes += frame.len();
        waiting.frames.push_back(Bytes::copy_from_slice(frame));
        if first { Pushed::First } else { Pushed::Behind }
    }

    fn flush(&self) {
        self.tell(self.lock());
    }

    fn end(&self, ending: Ending) {
        let mut waiting = self.lock();
        waiting.ending.get_or_insert(ending);
        self.tell(waiting);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_thread_is_told_once_until_it_looks() {
        let (letters, told) = channel();
        let outbox = DirectOutbox::new(LinkId(7), letters);
        assert_eq!(outbox.push(b"one"), Pushed::First);
        assert_eq!(outbox.push(b"two"), Pushed::Behind);
        outbox.flush();
        outbox.flush();
        assert_eq!(told.try_iter().count(), 1);
        outbox.look();
        assert_eq!(outbox.pop().unwrap(), "one");
        assert_eq!(outbox.pop().unwrap(), "two");
        assert_eq!(outbox.pop(), None);
        outbox.flush();
        assert_eq!(told.try_iter().count(), 1);
    }

    #[test]
    fn more_than_may_wait_ends_it() {
        let (letters, _told) = channel();
        let outbox = DirectOutbox::new(LinkId(7), letters);
        let half = vec![0; OUTBOX_BYTES_MAX / 2];
        outbox.push(&half);
        assert_eq!(outbox.push(&half), Pushed::Behind);
        assert_eq!(outbox.push(b"x"), Pushed::TooMuch);
        assert_eq!(outbox.ending(), Some(Ending::TooSlow));
        assert_eq!(outbox.pop(), None);
        assert_eq!(outbox.push(b"x"), Pushed::Behind);
        outbox.end(Ending::Draining);
        assert_eq!(outbox.ending(), Some(Ending::TooSlow));
    }
}
