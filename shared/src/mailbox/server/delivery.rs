//! Envelopes on their way out, window by window.

use alloc::vec::Vec;

use super::{Mailboxes, Window};
use crate::base::effects::LinkId;
use crate::base::id::PersonaId;
use crate::base::limits::DELIVERY_WINDOW;
use crate::base::time::Timestamp;
use crate::mailbox::wire::Delivery;
use crate::planted::{Fault, is_planted};

impl Mailboxes {
    /// The next window to be read for `link`, at most one at a time.
    pub fn next_window(
        &mut self,
        now: Timestamp,
        link: LinkId,
        mailbox: &PersonaId,
    ) -> Option<Window> {
        let mailbox = self.mailboxes.get_mut(mailbox)?;
        let index = mailbox
            .receivers
            .iter()
            .position(|receiver| receiver.link == link)?;
        let (first, last) = mailbox
            .receivers
            .get(index)
            .filter(|r| !r.reading)?
            .window(mailbox, now)?;
        mailbox.receivers.get_mut(index)?.reading = true;
        Some(Window {
            link,
            mailbox: mailbox.persona(),
            first,
            last,
        })
    }

    /// Takes what was read for a window and says what to send, in order.
    pub fn loaded(
        &mut self,
        now: Timestamp,
        window: &Window,
        bodies: Vec<(u64, Vec<u8>)>,
    ) -> Vec<Delivery> {
        let Some(mailbox) = self.mailboxes.get_mut(&window.mailbox) else {
            return Vec::new();
        };
        let Some(receiver) = mailbox
            .receivers
            .iter_mut()
            .find(|receiver| receiver.link == window.link)
        else {
            return Vec::new();
        };
        receiver.reading = false;
        // Expired envelopes that nobody has swept yet take part in the read, not in the window: it may end
        // before the window does, and what is behind that was not sent.
        let end = match bodies.get(DELIVERY_WINDOW - 1) {
            Some((sequence, _)) => *sequence,
            None => window.last,
        };
        receiver.sent = receiver.sent.max(end);
        let alive = bodies
            .into_iter()
            .take(DELIVERY_WINDOW)
            .filter_map(|(sequence, bytes)| {
                let header = mailbox
                    .header(sequence)
                    .filter(|it| it.expires > now || is_planted(Fault::DeliverExpired))?;
                Some(Delivery {
                    sequence,
                    id: header.id,
                    at: header.at,
                    bytes,
                    public: header.public,
                })
            });
        alive.collect()
    }
}
