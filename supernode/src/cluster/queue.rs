//! What followers sent and the relay has no room for yet, so that the leader goes on listening meanwhile.

use std::collections::VecDeque;

use crate::drive::Event;

/// Bytes that may wait for the relay. Whoever sends more begins anew.
pub const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What an event counts for beside the bytes it carries.
const EVENT_BYTES: usize = 64;

/// Events in order.
#[derive(Default)]
pub struct Queue {
    events: VecDeque<Event>,
    bytes: usize,
}

impl Queue {
    /// Whether more may wait. The end of a connection always may.
    pub fn has_room(&self) -> bool {
        self.bytes < WAITING_BYTES_MAX
    }

    pub fn push(&mut self, event: Event) {
        self.bytes += size(&event);
        self.events.push_back(event);
    }

    pub fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.bytes -= size(&event);
        Some(event)
    }
}

fn size(event: &Event) -> usize {
    match event {
        Event::Received { bytes, .. } => bytes.len() + EVENT_BYTES,
        _ => EVENT_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use shared::base::effects::LinkId;

    use super::*;

    #[test]
    fn the_byte_limit_is_the_limit_and_nothing_is_forgotten_when_it_goes() {
        let mut queue = Queue::default();
        let received = |len: usize| Event::Received {
            link: LinkId(1),
            bytes: vec![0; len],
        };
        queue.push(received(WAITING_BYTES_MAX - 1 - 2 * EVENT_BYTES));
        queue.push(received(0));
        assert!(queue.has_room());
        queue.push(received(0));
        assert!(!queue.has_room());
        while queue.pop().is_some() {}
        assert_eq!(queue.bytes, 0);
    }
}
