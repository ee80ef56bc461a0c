//! Watches the disk: envelopes are taken only while enough of it is free, since deleting needs room
//! too and no embedded store survives a full disk gracefully.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use crate::drive::{Drive, Event};
use crate::store::Store;

/// How often the disk is looked at: often enough that no load can use the reserve up in between.
const INTERVAL: Duration = Duration::from_millis(250);
/// First pause after the store was asked to make room; doubles up to [`PAUSE_MAX`], since it writes much
/// anew for that, and others may have filled the disk for weeks.
const PAUSE_MIN: Duration = Duration::from_secs(5);
/// Longest such pause.
const PAUSE_MAX: Duration = Duration::from_secs(600);

/// Whether there is room when `free` bytes are and `reserve` must be. Once there was none, an eighth more
/// must be free, so that it does not come and go.
fn has_room(was: bool, free: u64, reserve: u64) -> bool {
    free >= if was {
        reserve
    } else {
        reserve.saturating_add(reserve / 8)
    }
}

/// When the store is to make room, or, once there is some again, to put something aside.
struct Requests {
    last: Option<Instant>,
    pause: Duration,
}

impl Requests {
    fn new() -> Self {
        Self {
            last: None,
            pause: PAUSE_MIN,
        }
    }

    /// Whether it is time, which is noted.
    fn are_due(&mut self, now: Instant, room: bool, changed: bool) -> bool {
        let waited = self
            .last
            .map_or(Duration::MAX, |last| now.saturating_duration_since(last));
        // While the disk stays full, it never waits so long.
        if waited >= 2 * PAUSE_MAX {
            self.pause = PAUSE_MIN;
        }
        let due = if room { changed } else { waited >= self.pause };
        if due {
            self.last = Some(now);
            self.pause = self.pause.saturating_mul(2).min(PAUSE_MAX);
        }
        due
    }
}

/// Tells the driver whenever it changes whether `reserve_bytes` are free in `folder`, and has `store`
/// make room while they are not.
pub async fn watch(folder: PathBuf, reserve_bytes: u64, drive: Drive, store: Arc<dyn Store>) {
    let mut room = true;
    let mut requests = Requests::new();
    loop {
        let now = free_bytes(&folder).is_none_or(|free| has_room(room, free, reserve_bytes));
        let changed = now != room;
        if changed {
            room = now;
            if room {
                info!("there is room on the disk again");
            } else {
                warn!("the disk is nearly full; no more envelopes are kept");
            }
            if !drive.tell(Event::Room(room)).await {
                return;
            }
        }
        if requests.are_due(Instant::now(), room, changed) {
            let store = Arc::clone(&store);
            let made = tokio::task::spawn_blocking(move || store.make_room()).await;
            if let Ok(Err(failure)) = made {
                warn!("room could not be made: {failure}");
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Bytes that are free where `folder` is. `None` where that cannot be told.
#[cfg(unix)]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    #[allow(
        clippy::useless_conversion,
        reason = "the types differ between systems"
    )]
    Some(u64::from(stat.blocks_available()).saturating_mul(stat.fragment_size()))
}

/// Bytes that are free where `folder` is. `None` where that cannot be told.
#[cfg(not(unix))]
pub fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_that_was_lost_comes_back_only_with_something_to_spare() {
        assert!(has_room(true, 800, 800));
        assert!(!has_room(true, 799, 800));
        assert!(!has_room(false, 899, 800));
        assert!(has_room(false, 900, 800));
    }

    #[test]
    fn on_a_disk_that_stays_full_the_store_is_asked_ever_more_rarely() {
        let mut requests = Requests::new();
        let start = Instant::now();
        let seconds = 0..4 * PAUSE_MAX.as_secs();
        let asked: Vec<u64> = seconds
            .filter(|second| requests.are_due(start + Duration::from_secs(*second), false, false))
            .collect();
        let pauses: Vec<u64> = asked.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 600, 600]);
        let late = start + 6 * PAUSE_MAX;
        assert!(requests.are_due(late, true, true), "there is room again");
        assert!(!requests.are_due(late, true, false));
        assert!(!requests.are_due(late + PAUSE_MIN, false, true));
        assert!(requests.are_due(late + 2 * PAUSE_MIN, false, false));
    }
}
