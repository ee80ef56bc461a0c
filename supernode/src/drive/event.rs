//! The way from the listeners to the relay.

use std::sync::{Arc, Mutex, MutexGuard};

use shared::base::effects::LinkId;
use tokio::sync::Notify;

use super::core::Core;
use super::outbox::Outbox;

/// Something the relay should know.
pub enum Event {
    /// Somebody connected.
    Opened {
        /// The connection.
        link: LinkId,
        /// Stands for the source address.
        source: u64,
        /// Channel binding: both DTLS fingerprints; empty for WebSocket.
        binding: Vec<u8>,
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

/// The relay is gone: its store is beyond repair, it was drained, or it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay is gone")]
pub struct Gone;

/// What listeners and driver share.
pub struct Shared {
    core: Mutex<Core>,
    /// There is something for the driver to do once this turn of the runtime is over.
    pub turn: Notify,
    /// Events are taken again.
    pub room: Notify,
}

impl Shared {
    /// The core, unless it broke while somebody held it.
    ///
    /// # Errors
    /// [`Gone`].
    pub fn core(&self) -> Result<MutexGuard<'_, Core>, Gone> {
        self.core.lock().map_err(|_| Gone)
    }
}

/// The way to the relay of this process.
#[derive(Clone)]
pub struct Drive(Arc<Shared>);

impl Drive {
    pub(super) fn new(core: Core) -> (Self, Arc<Shared>) {
        let shared = Arc::new(Shared {
            core: Mutex::new(core),
            turn: Notify::new(),
            room: Notify::new(),
        });
        (Self(Arc::clone(&shared)), shared)
    }

    /// Has the relay take an event; waits while too much has queued up for the disk. Returns false
    /// when the relay is gone.
    pub async fn tell(&self, mut event: Event) -> bool {
        loop {
            let mut room = std::pin::pin!(self.0.room.notified());
            room.as_mut().enable();
            match self.try_tell(event) {
                Ok(taken) => return taken,
                Err(again) => event = again,
            }
            room.await;
        }
    }

    /// Like [`Self::tell`], but gives the event back instead of waiting.
    pub(super) fn try_tell(&self, event: Event) -> Result<bool, Event> {
        let Ok(mut core) = self.0.core() else {
            // The driver will find it broken, too, and end.
            self.0.turn.notify_one();
            return Ok(false);
        };
        if core.is_gone() {
            return Ok(false);
        }
        if !core.has_room() {
            return Err(event);
        }
        core.take(event);
        if core.wakes() {
            self.0.turn.notify_one();
        }
        Ok(true)
    }
}
