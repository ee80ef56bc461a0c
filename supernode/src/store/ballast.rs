//! Bytes that are put aside while the disk has room, and given up when somebody else has filled it.
//!
//! Deleting needs room, too: without any, nobody could even acknowledge what waits for them. No more
//! envelopes are taken long before, but a supernode is seldom alone on a disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tracing::{info, warn};

use crate::room::free_bytes;

/// How much is put aside: some hundred thousand acknowledgements.
const BALLAST_BYTES: u64 = 32 * 1024 * 1024;
/// What must stay free where it is put aside.
const SPARE_BYTES: u64 = 2 * BALLAST_BYTES;
/// With less free the disk counts as full.
const FULL_BYTES: u64 = 4 * 1024 * 1024;

/// A file that is there while the disk has room.
pub(super) struct Ballast {
    folder: PathBuf,
}

impl Ballast {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Gives the bytes up if the disk is full.
    pub(super) fn drop_if_full(&self) {
        let full = free_bytes(&self.folder).is_some_and(|free| free < FULL_BYTES);
        if full && fs::remove_file(self.path()).is_ok() {
            warn!("the disk is full; what was put aside for deletions is used");
        }
    }

    /// Puts the bytes aside if there is room and they are not.
    pub(super) fn take(&self) {
        let wanted = BALLAST_BYTES + SPARE_BYTES;
        let room = free_bytes(&self.folder).is_some_and(|free| free >= wanted);
        let path = self.path();
        if room && !path.exists() && allocate(&path).is_err() {
            info!("nothing could be put aside for a full disk");
            // What is half there is of no use.
            let _ = fs::remove_file(path);
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

#[cfg(target_os = "linux")]
fn allocate(path: &Path) -> io::Result<()> {
    let length = i64::try_from(BALLAST_BYTES).map_err(io::Error::other)?;
    let file = File::create_new(path)?;
    Ok(nix::fcntl::posix_fallocate(file, 0, length)?)
}

#[cfg(not(target_os = "linux"))]
fn allocate(path: &Path) -> io::Result<()> {
    let mut zeros = io::Read::take(io::repeat(0), BALLAST_BYTES);
    io::copy(&mut zeros, &mut File::create_new(path)?).map(drop)
}
