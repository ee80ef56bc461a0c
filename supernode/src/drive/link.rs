//! The open connections, and what is to be sent on them when the turn ends.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::base::effects::LinkId;
use shared::relay::{Outgoing, receipts};
use shared::session::wire::DepositReceipt;

use super::outbox::{Ending, Outbox, Pushed};

/// How long receipts of live envelopes may wait for others: no page shows them or waits for them, and
/// each that travels alone costs as much as a delivery.
pub const RECEIPTS_DELAY: Duration = Duration::from_millis(250);
/// Receipts that may wait on one link for others. With more, they go.
const RECEIPTS_MAX: usize = 64;

struct Link {
    outbox: Arc<dyn Outbox>,
    /// Not yet in a frame.
    receipts: Vec<DepositReceipt>,
    /// It is among those whose receipts wait for others.
    is_patient: bool,
}

/// Hashes the names of links, which this process counts up itself, so that nobody can choose them to
/// collide: multiplication by the golden ratio (Knuth, TAOCP 3, §6.4).
#[derive(Default)]
struct LinkHasher(u64);

impl Hasher for LinkHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Outboxes by link.
#[derive(Default)]
pub struct Links {
    links: HashMap<LinkId, Link, BuildHasherDefault<LinkHasher>>,
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
        let new = Link {
            outbox,
            receipts: Vec::new(),
            is_patient: false,
        };
        self.links.insert(link, new);
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
                link.receipts.push(receipt);
                if link.receipts.len() >= RECEIPTS_MAX {
                    self.push_receipts(id);
                } else if !patient {
                    self.prompt.push(id);
                } else if !mem::replace(&mut link.is_patient, true) {
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
        while let Some((_, id)) = self.patient.pop_front_if(|(until, _)| *until <= now) {
            if let Some(link) = self.links.get_mut(&id) {
                link.is_patient = false;
            }
            self.push_receipts(id);
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
            let frame = receipts(mem::take(&mut link.receipts));
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use shared::base::codec::decode;
    use shared::base::id::EnvelopeId;
    use shared::base::limits::FRAME_BYTES_MAX;
    use shared::mailbox::wire::DepositCode;
    use shared::session::wire::NodeFrame;

    use super::*;

    #[derive(Default)]
    struct Frames(Mutex<Vec<Vec<u8>>>);

    impl Outbox for Frames {
        fn push(&self, frame: &[u8]) -> Pushed {
            self.0.lock().unwrap().push(frame.to_vec());
            Pushed::First
        }

        fn flush(&self) {}

        fn end(&self, _: Ending) {}
    }

    const LINK: LinkId = LinkId(1);

    fn open() -> (Links, Arc<Frames>) {
        let (mut links, frames) = (Links::default(), Arc::new(Frames::default()));
        links.open(LINK, frames.clone());
        (links, frames)
    }

    fn receipt(request: usize, patient: bool) -> Outgoing {
        let receipt = DepositReceipt {
            request: request as u32,
            id: EnvelopeId([0; 16]),
            code: DepositCode::Ok,
            handed: 1,
            keep_seconds: None,
        };
        Outgoing::Receipt { receipt, patient }
    }

    /// How many receipts each frame has; 0 for a frame of another kind.
    fn sizes(frames: &Frames) -> Vec<usize> {
        let frames = frames.0.lock().unwrap();
        let size = |frame: &Vec<u8>| match decode(frame, FRAME_BYTES_MAX) {
            Ok(NodeFrame::Deposited { receipts }) => receipts.len(),
            _ => 0,
        };
        frames.iter().map(size).collect()
    }

    #[test]
    fn receipts_nobody_waits_for_go_when_there_are_many_or_it_is_time() {
        let (mut links, frames) = open();
        for request in 0..RECEIPTS_MAX - 1 {
            links.send(LINK, receipt(request, true));
        }
        links.take_filled();
        assert!(sizes(&frames).is_empty());
        links.send(LINK, receipt(RECEIPTS_MAX, true));
        assert_eq!(sizes(&frames), [RECEIPTS_MAX]);
        links.send(LINK, receipt(RECEIPTS_MAX + 1, true));
        links.send_receipts(Instant::now());
        assert_eq!(sizes(&frames), [RECEIPTS_MAX], "it has not waited yet");
        links.send_receipts(Instant::now() + RECEIPTS_DELAY);
        assert_eq!(sizes(&frames), [RECEIPTS_MAX, 1]);
    }

    #[test]
    fn receipts_of_one_commit_share_a_frame_and_none_is_overtaken() {
        let (mut links, frames) = open();
        links.send(LINK, receipt(1, false));
        links.send(LINK, receipt(2, false));
        assert!(links.are_filled());
        links.take_filled();
        assert_eq!(sizes(&frames), [2]);
        links.send(LINK, receipt(3, true));
        let pong = NodeFrame::Pong { token: 4 };
        links.send(LINK, Outgoing::frame(&pong));
        assert_eq!(sizes(&frames), [2, 1, 0]);
    }
}
