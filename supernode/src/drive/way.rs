//! Which way events go: to the relay of this process, or to one elsewhere.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use shared::base::effects::LinkId;

use super::event::{Drive as Local, Event};

/// Takes events to a relay elsewhere. Never blocks.
pub trait Forward: Send + Sync {
    /// Takes an event along. Returns false when nobody takes any more.
    ///
    /// # Errors
    /// The event, when too much has queued up for it.
    fn forward(&self, event: Event) -> Result<bool, Event>;

    /// Waits until events are taken.
    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

#[derive(Clone)]
enum Way {
    Here(Local),
    There(Arc<dyn Forward>),
}

/// The way to the relay. It may change while connections are open; who changes it ends them before.
#[derive(Clone)]
pub struct Drive {
    way: Arc<RwLock<Way>>,
    next_link: Arc<AtomicU64>,
}

impl Drive {
    /// To the relay of this process.
    #[must_use]
    pub fn here(local: Local) -> Self {
        Self::new(Way::Here(local))
    }

    /// To a relay elsewhere.
    #[must_use]
    pub fn there(forward: Arc<dyn Forward>) -> Self {
        Self::new(Way::There(forward))
    }

    fn new(way: Way) -> Self {
        Self {
            way: Arc::new(RwLock::new(way)),
            next_link: Arc::default(),
        }
    }

    /// From now on, the relay is in this process.
    pub fn come_here(&self, local: Local) {
        *self.way.write().unwrap_or_else(PoisonError::into_inner) = Way::Here(local);
    }

    /// Names a new connection.
    #[must_use]
    pub fn new_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells the relay; waits while too much has queued up. Returns false when it is gone.
    pub async fn tell(&self, event: Event) -> bool {
        match self.try_tell(event) {
            Ok(taken) => taken,
            // Boxed: the many connections that wait for nothing should not have room for it.
            Err(event) => Box::pin(self.clone().wait_and_tell(event)).await,
        }
    }

    /// Like [`Self::tell`], but does not wait.
    ///
    /// # Errors
    /// The event, when too much has queued up.
    pub fn try_tell(&self, event: Event) -> Result<bool, Event> {
        match &*self.way.read().unwrap_or_else(PoisonError::into_inner) {
            Way::Here(local) => local.try_tell(event),
            Way::There(forward) => forward.forward(event),
        }
    }

    /// Like [`Self::tell`], of what [`Self::try_tell`] gave back.
    pub async fn wait_and_tell(self, mut event: Event) -> bool {
        let way = self.way.read().map(|way| way.clone());
        match way.unwrap_or_else(|broken| broken.into_inner().clone()) {
            Way::Here(local) => local.tell(event).await,
            Way::There(forward) => loop {
                forward.room().await;
                match forward.forward(event) {
                    Ok(taken) => return taken,
                    Err(again) => event = again,
                }
            },
        }
    }
}
