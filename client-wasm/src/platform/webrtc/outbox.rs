//! Back-pressure: a data channel is fed only while the browser holds little, and what does not fit
//! waits here. A large `bufferedAmount` makes Chromium's channels two to three times slower.

use std::collections::VecDeque;

/// The browser is given no more while it holds this many bytes.
pub const HIGH_BYTES: usize = 64 * 1024;
/// It is given more when it holds no more than this.
pub const LOW_BYTES: u32 = 32 * 1024;
/// Bytes that may wait here. A channel that does not drain them is dead.
pub const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Messages that wait for room.
#[derive(Default)]
pub struct Outbox {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
}

/// More than [`WAITING_BYTES_MAX`] would wait.
#[derive(Debug, PartialEq, Eq)]
pub struct Overflow;

impl Outbox {
    /// Takes a message.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn push(&mut self, message: Vec<u8>) -> Result<(), Overflow> {
        if self.bytes + message.len() > WAITING_BYTES_MAX {
            return Err(Overflow);
        }
        self.bytes += message.len();
        self.waiting.push_back(message);
        Ok(())
    }

    /// The next message to be given to the browser, which holds `buffered` bytes.
    pub fn next(&mut self, buffered: usize) -> Option<Vec<u8>> {
        if buffered >= HIGH_BYTES {
            return None;
        }
        let message = self.waiting.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_in_order_while_the_browser_holds_little() {
        let mut outbox = Outbox::default();
        outbox.push(vec![1]).unwrap();
        outbox.push(vec![2]).unwrap();
        assert_eq!(outbox.next(HIGH_BYTES), None);
        assert_eq!(outbox.next(HIGH_BYTES - 1), Some(vec![1]));
        assert_eq!(outbox.next(0), Some(vec![2]));
        assert_eq!(outbox.next(0), None);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut outbox = Outbox::default();
        outbox.push(vec![0; WAITING_BYTES_MAX]).unwrap();
        assert_eq!(outbox.push(vec![0]), Err(Overflow));
        assert!(outbox.next(0).is_some());
        assert!(outbox.push(vec![0]).is_ok());
    }
}
