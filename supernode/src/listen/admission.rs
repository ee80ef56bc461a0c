//! How many connections there are, in all and from one source.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Open connections by source.
type Sources = Arc<Mutex<HashMap<u64, usize>>>;

/// Counts connections.
pub struct Admission {
    all: Arc<Semaphore>,
    all_max: usize,
    sources: Sources,
    source_max: usize,
}

/// A place for one connection, given back when dropped.
pub struct Place {
    _one_of_all: OwnedSemaphorePermit,
    source: Option<(u64, Sources)>,
}

impl Admission {
    /// For at most `all_max` connections at a time, `source_max` from one source.
    #[must_use]
    pub fn new(all_max: usize, source_max: usize) -> Self {
        let all_max = all_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(all_max)),
            all_max,
            sources: Arc::default(),
            source_max,
        }
    }

    /// Waits until there is a place for one more connection of anybody's.
    pub async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives the place to `source`, unless it has its share. A proxy has no source of its own.
    #[must_use]
    pub fn admit(&self, one_of_all: OwnedSemaphorePermit, source: Option<u64>) -> Option<Place> {
        if let Some(source) = source {
            let mut sources = lock(&self.sources);
            let open = sources.entry(source).or_default();
            if *open >= self.source_max {
                return None;
            }
            *open += 1;
        }
        let source = source.map(|source| (source, Arc::clone(&self.sources)));
        Some(Place {
            _one_of_all: one_of_all,
            source,
        })
    }

    /// Waits until all places are free, for a while. Returns whether they are.
    pub async fn empty(&self, patience: Duration) -> bool {
        let all = u32::try_from(self.all_max).unwrap_or(u32::MAX);
        tokio::time::timeout(patience, self.all.acquire_many(all))
            .await
            .is_ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((source, sources)) = self.source.take() else {
            return;
        };
        let mut sources = lock(&sources);
        if let Some(open) = sources.get_mut(&source) {
            *open -= 1;
            if *open == 0 {
                sources.remove(&source);
            }
        }
    }
}

fn lock(sources: &Mutex<HashMap<u64, usize>>) -> MutexGuard<'_, HashMap<u64, usize>> {
    sources.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_source_gets_its_share_and_no_more() {
        let admission = Admission::new(10, 2);
        let admit = async |source| admission.admit(admission.wait().await.unwrap(), source);
        let first = admit(Some(7)).await;
        let second = admit(Some(7)).await;
        assert!(first.is_some() && second.is_some());
        assert!(admit(Some(7)).await.is_none());
        assert!(admit(Some(8)).await.is_some());
        assert!(admit(None).await.is_some(), "a proxy speaks for many");
        drop(first);
        assert!(admit(Some(7)).await.is_some());
        drop(second);
        assert!(lock(&admission.sources).is_empty());
        assert!(admission.empty(Duration::ZERO).await);
    }

    #[tokio::test]
    async fn all_together_get_so_many_and_no_more() {
        let admission = Admission::new(1, 5);
        let place = admission.admit(admission.wait().await.unwrap(), Some(1));
        let next = tokio::time::timeout(Duration::from_millis(50), admission.wait()).await;
        assert!(next.is_err());
        assert!(!admission.empty(Duration::from_millis(50)).await);
        drop(place);
        assert!(admission.wait().await.is_some());
    }
}
