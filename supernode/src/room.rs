//! Watches the disk: envelopes are taken only while enough of it is free, since deleting needs room
//! too and no embedded store survives a full disk gracefully.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::{info, warn};

use crate::drive::{Drive, Event};

/// How often the disk is looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tells the driver whenever it changes whether `reserve_bytes` are free in `folder`.
pub async fn watch(folder: PathBuf, reserve_bytes: u64, drive: Drive) {
    let mut room = true;
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
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    #[allow(
        clippy::useless_conversion,
        reason = "the types differ between systems"
    )]
    Some(u64::from(stat.blocks_available()).saturating_mul(stat.fragment_size()))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
