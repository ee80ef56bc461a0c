//! One session that receives a mailbox: how far it has been sent, in windows, so that a backlog of
//! any length takes little memory on the way.

use super::one::Mailbox;
use crate::base::effects::LinkId;
use crate::base::id::DeviceId;
use crate::base::limits::{DELIVERY_WINDOW, DELIVERY_WINDOW_BYTES};
use crate::base::time::Timestamp;
use crate::planted::{Fault, is_planted};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Receiver {
    pub link: LinkId,
    pub device: DeviceId,
    /// Everything up to this was sent, or acknowledged before.
    pub sent: u64,
    /// A window is being read from the store.
    pub reading: bool,
}

impl Receiver {
    /// Whether the envelope just kept as `sequence` may go out at once: nothing before it waits, and
    /// it fits the window.
    pub fn takes(&self, mailbox: &Mailbox, sequence: u64, now: Timestamp) -> bool {
        !self.reading
            && self
                .window(mailbox, now)
                .is_some_and(|(first, _)| first == sequence)
    }

    /// First and last sequence number to be sent next; `None` while there is nothing, or the
    /// device must acknowledge first.
    pub fn window(&self, mailbox: &Mailbox, now: Timestamp) -> Option<(u64, u64)> {
        let (mut count, mut bytes) = (0_usize, 0_u64);
        let mut window: Option<(u64, u64)> = None;
        for (sequence, header) in mailbox.kept_after(mailbox.cursor(&self.device)) {
            if header.expires <= now && !is_planted(Fault::DeliverExpired) {
                continue;
            }
            count = count.saturating_add(1);
            bytes = bytes.saturating_add(u64::from(header.len));
            let fits = count <= DELIVERY_WINDOW && (bytes <= DELIVERY_WINDOW_BYTES || count == 1);
            if !fits && !is_planted(Fault::ForgetWindow) {
                break;
            }
            if sequence > self.sent {
                window = Some((window.map_or(sequence, |(first, _)| first), sequence));
            }
        }
        window
    }
}
