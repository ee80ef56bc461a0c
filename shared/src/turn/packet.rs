//! A datagram in a buffer with room around it, so that headers are taken off and put on in place.

/// Bytes to leave free before what is received: the longest header put on, a Data indication with an
/// IPv6 address.
pub const HEADROOM: usize = 48;
/// Bytes to leave free after it: padding.
pub const TAILROOM: usize = 3;

/// What was received, and then what is to be sent.
#[derive(Debug)]
pub struct Packet<'a> {
    buffer: &'a mut [u8],
    start: usize,
    end: usize,
}

impl<'a> Packet<'a> {
    /// The `len` bytes from `start` on in `buffer`. Replies need a buffer of
    /// [`REPLY_BYTES_MAX`](super::limits::REPLY_BYTES_MAX).
    #[must_use]
    pub fn new(buffer: &'a mut [u8], start: usize, len: usize) -> Self {
        let start = start.min(buffer.len());
        let end = start.saturating_add(len).min(buffer.len());
        Self { buffer, start, end }
    }

    /// What is in it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where in the buffer that is.
    #[must_use]
    pub fn range(&self) -> core::ops::Range<usize> {
        self.start..self.end
    }

    /// Keeps `len` bytes from the `skip`th on. Says whether there were that many.
    pub(super) fn keep(&mut self, skip: usize, len: usize) -> bool {
        let Some(start) = self.start.checked_add(skip) else {
            return false;
        };
        match start.checked_add(len) {
            Some(end) if end <= self.end => {
                (self.start, self.end) = (start, end);
                true
            }
            _ => false,
        }
    }

    /// Puts `head` before it. Says whether there was room.
    pub(super) fn prepend(&mut self, head: &[u8]) -> bool {
        let Some(start) = self.start.checked_sub(head.len()) else {
            return false;
        };
        match self.buffer.get_mut(start..self.start) {
            Some(room) => {
                room.copy_from_slice(head);
                self.start = start;
                true
            }
            None => false,
        }
    }

    /// Adds zeros until the length is a multiple of 4. Says whether there was room.
    pub(super) fn pad(&mut self) -> bool {
        let len = self.end - self.start;
        let end = self.start + len.next_multiple_of(4);
        match self.buffer.get_mut(self.end..end) {
            Some(room) => {
                room.fill(0);
                self.end = end;
                true
            }
            None => false,
        }
    }

    /// Puts `bytes` in its place. Says whether there was room.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> bool {
        match self.buffer.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                (self.start, self.end) = (0, bytes.len());
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_go_off_and_on_in_place() {
        let mut buffer = *b"........head-dataXYZ....";
        let mut packet = Packet::new(&mut buffer, 8, 12);
        assert!(packet.keep(5, 4));
        assert_eq!(packet.bytes(), b"data");
        assert!(packet.prepend(b"new-"));
        assert_eq!((packet.bytes(), packet.range()), (&b"new-data"[..], 9..17));
        assert!(packet.keep(0, 6) && packet.pad());
        assert_eq!(packet.bytes(), b"new-da\0\0");
        assert!(packet.replace(b"reply"));
        assert_eq!(packet.bytes(), b"reply");
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let mut buffer = [7; 10];
        let mut packet = Packet::new(&mut buffer, 2, 8);
        assert!(!packet.keep(4, 5) && !packet.keep(usize::MAX, 1) && !packet.keep(1, usize::MAX));
        assert!(!packet.prepend(&[1; 3]) && !packet.replace(&[1; 11]));
        assert!(packet.keep(0, 7) && !Packet::new(&mut [0; 3], 0, 3).pad());
        assert_eq!(packet.bytes(), [7; 7]);
        assert!(Packet::new(&mut [0; 4], 9, 9).bytes().is_empty());
    }
}
