//! What the operating system lets one process have open.

use anyhow::{Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files a process needs beside its sockets.
const SPARE: u64 = 200;

/// Raises the limit of open files as far as it goes; the supernode inherits it.
///
/// # Errors
/// When it does not go far enough for `sockets`.
pub fn raise(sockets: usize) -> Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    let needed = sockets as u64 + SPARE;
    ensure!(
        hard >= needed,
        "only {hard} open files are allowed and {needed} are needed; raise `ulimit -Hn`"
    );
    Ok(())
}
