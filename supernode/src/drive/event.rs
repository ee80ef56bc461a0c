//! What the listeners tell the driver.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shared::base::effects::LinkId;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::outbox::Outbox;

/// Events that may queue up before listeners have to wait.
const EVENTS_MAX: usize = 1024;

/// Something the relay should know.
pub enum Event {
    /// Somebody connected.
    Opened {
        /// The connection.
        link: LinkId,
        /// Stands for the source address.
        source: u64,
        /// Where frames for it go.
        outbox: Arc<dyn Outbox>,
    },
    /// A frame came in.
    Received {
        /// On which connection.
        link: LinkId,
        /// As carried.
        bytes: Vec<u8>,
    },
    /// A connection ended.
    Closed {
        /// Which.
        link: LinkId,
    },
    /// Whether the disk has room for more.
    Room(bool),
    /// Shut down.
    Drain,
}

/// The way to the driver.
#[derive(Debug, Clone)]
pub struct Drive {
    events: Sender<Event>,
    next_link: Arc<AtomicU64>,
}

impl Drive {
    pub(super) fn new() -> (Self, Receiver<Event>) {
        let (events, receiver) = channel(EVENTS_MAX);
        (
            Self {
                events,
                next_link: Arc::default(),
            },
            receiver,
        )
    }

    /// Names a new connection.
    #[must_use]
    pub fn new_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells the driver; waits while too much has queued up. Returns false when it is gone.
    pub async fn tell(&self, event: Event) -> bool {
        self.events.send(event).await.is_ok()
    }
}
