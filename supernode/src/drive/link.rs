//! The open connections.

use std::collections::HashMap;
use std::sync::Arc;

use shared::base::effects::LinkId;

use super::outbox::{Ending, Outbox};

/// Outboxes by link.
#[derive(Default)]
pub struct Links {
    outboxes: HashMap<LinkId, Arc<dyn Outbox>>,
    /// Links with something to flush.
    filled: Vec<LinkId>,
    ending: Option<Ending>,
}

impl Links {
    /// From now on, hanging up means this.
    pub fn set_ending(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }

    pub fn open(&mut self, link: LinkId, outbox: Arc<dyn Outbox>) {
        self.outboxes.insert(link, outbox);
    }

    pub fn is_open(&self, link: LinkId) -> bool {
        self.outboxes.contains_key(&link)
    }

    /// Forgets a link that has closed. Returns whether it was open.
    pub fn close(&mut self, link: LinkId) -> bool {
        self.outboxes.remove(&link).is_some()
    }

    /// Puts a frame into a link's outbox; a link that is gone swallows it. Returns false when the
    /// reader was too slow and the link has been closed for it.
    pub fn send(&mut self, link: LinkId, frame: &[u8]) -> bool {
        let Some(outbox) = self.outboxes.get(&link) else {
            return true;
        };
        let fits = outbox.push(frame);
        if fits {
            self.filled.push(link);
        } else {
            self.outboxes.remove(&link);
        }
        fits
    }

    /// Sends what was put into outboxes.
    pub fn flush(&mut self) {
        for link in self.filled.drain(..) {
            if let Some(outbox) = self.outboxes.get(&link) {
                outbox.flush();
            }
        }
    }

    /// Ends a link after what waits for it.
    pub fn hang_up(&mut self, link: LinkId) {
        if let Some(outbox) = self.outboxes.remove(&link) {
            outbox.end(self.ending.unwrap_or(Ending::HungUp));
        }
    }
}
