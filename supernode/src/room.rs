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
/// How often the store is asked to make room while there is none.
const MAKE_ROOM_INTERVAL: Duration = Duration::from_secs(5);

/// Tells the driver whenever it changes whether `reserve_bytes` are free in `folder`, and has `store`
/// make room while they are not.
pub async fn watch(folder: PathBuf, reserve_bytes: u64, drive: Drive, store: Arc<dyn Store>) {
    let mut room = true;
    let mut made_room = Some(Instant::now());
    loop {
        let now = free_bytes(&folder).is_none_or(|free| free >= reserve_bytes);
        if now != room {
            room = now;
            if room {
                info!("there is room on the disk again");
            } else {
                warn!("the disk is nearly full; no more envelopes are kept");
            }
            if !drive.tell(Event::Room(room)).await {
                return;
            }
            made_room = None;
        }
        let due = made_room.is_none_or(|at| !room && at.elapsed() >= MAKE_ROOM_INTERVAL);
        if due {
            let store = Arc::clone(&store);
            let made = tokio::task::spawn_blocking(move || store.make_room()).await;
            if let Ok(Err(failure)) = made {
                warn!("room could not be made: {failure}");
            }
            made_room = Some(Instant::now());
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
