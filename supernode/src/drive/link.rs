//! The open connections, and what is to be sent on them when the turn ends.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::base::effects::LinkId;
use shared::relay::{Outgoing, receipts};
use shared::session::wire::DepositReceipt;

use super::outbox::{Ending, Outbox, Pushed};

/// How long receipts of live envelopes may wait for others: no page shows them or waits for them, and
/// each that travels alone costs as much as a delivery.
pub const RECEIPTS_DELAY: Duration = Duration::from_millis(50);
/// Receipts that may wait on one link for others. With more, they go.
const RECEIPTS_MAX: usize = 64;

struct Link {
    outbox: Arc<dyn Outbox>,
    /// Not yet in a frame.
    receipts: Vec<DepositReceipt>,
}

/// Outboxes by link.
#[derive(Default)]
pub struct Links {
    links: HashMap<LinkId, Link>,
    /// Something to flush was put into these.
    filled: Vec<Arc<dyn Outbox>>,
    /// Links with receipts that go when the turn ends.
    prompt: Vec<LinkId>,
    /// Links with receipts that wait for others, and until when.
    patient: VecDeque<(Instant, LinkId)>,
    /// Nobody was told that some wait.
    untold: bool,
    /// Links that were closed for reading too slowly.
    slow: Vec<LinkId>,
    ending: Option<Ending>,
}

impl Links {
    /// From now on, hanging up means this.
    pub fn set_ending(&mut self, ending: Ending) {
        self.ending = Some(ending);
    }

    pub fn open(&mut self, link: LinkId, outbox: Arc<dyn Outbox>) {
        let receipts = Vec::new();
        self.links.insert(link, Link { outbox, receipts });
    }

    pub fn is_open(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    /// Forgets a link that has closed. Returns whether it was open.
    pub fn close(&mut self, link: LinkId) -> bool {
        self.links.remove(&link).is_some()
    }

    /// Sends on a link, when the turn ends or a little later; a link that is gone swallows it.
    pub fn send(&mut self, id: LinkId, what: Outgoing) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let frame = match what {
            Outgoing::Frame { bytes, .. } => bytes,
            Outgoing::Receipt { receipt, patient } => {
                let first = link.receipts.is_empty();
                link.receipts.push(receipt);
                if link.receipts.len() >= RECEIPTS_MAX {
                    self.push_receipts(id);
                } else if !patient {
                    self.prompt.push(id);
                } else if first {
                    self.untold |= self.patient.is_empty();
                    self.patient
                        .push_back((Instant::now() + RECEIPTS_DELAY, id));
                }
                return;
            }
        };
        self.push_receipts(id);
        self.push(id, &frame);
    }

    /// Ends a link after what waits for it.
    pub fn hang_up(&mut self, id: LinkId) {
        self.push_receipts(id);
        if let Some(link) = self.links.remove(&id) {
            link.outbox.end(self.ending.unwrap_or(Ending::HungUp));
        }
    }

    /// Whether something is to be sent when the turn ends.
    pub fn are_filled(&self) -> bool {
        !(self.filled.is_empty() && self.prompt.is_empty() && self.slow.is_empty())
    }

    /// Whether receipts began to wait since this was last asked.
    pub fn begin_to_wait(&mut self) -> bool {
        mem::take(&mut self.untold)
    }

    /// Until when receipts wait for others, if any do.
    pub fn receipts_wait_until(&self) -> Option<Instant> {
        self.patient.front().map(|(until, _)| *until)
    }

    /// Puts the receipts that have waited long enough into outboxes.
    pub fn send_receipts(&mut self, now: Instant) {
        while let Some((_, link)) = self.patient.pop_front_if(|(until, _)| *until <= now) {
            self.push_receipts(link);
        }
    }

    /// The outboxes to flush.
    pub fn take_filled(&mut self) -> Vec<Arc<dyn Outbox>> {
        for link in mem::take(&mut self.prompt) {
            self.push_receipts(link);
        }
        mem::take(&mut self.filled)
    }

    /// Links that were closed for reading too slowly.
    pub fn take_slow(&mut self) -> Vec<LinkId> {
        mem::take(&mut self.slow)
    }

    fn push_receipts(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        if !link.receipts.is_empty() {
            let frame = receipts(&mem::take(&mut link.receipts));
            self.push(id, &frame);
        }
    }

    fn push(&mut self, id: LinkId, frame: &[u8]) {
        let Some(link) = self.links.get(&id) else {
            return;
        };
        match link.outbox.push(frame) {
            Pushed::First => self.filled.push(Arc::clone(&link.outbox)),
            Pushed::Behind => {}
            Pushed::TooMuch => {
                self.links.remove(&id);
                self.slow.push(id);
            }
        }
    }
}
