//! Waiting for what a person would wait for, with an end.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How long a person waits for anything on the page before a journey fails.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// How long a person waits for parties to find each other again after a failure: covers the
/// longest back-off between dials.
pub const LONG_PATIENCE: Duration = Duration::from_secs(45);
/// How long something must not happen before a journey believes that it will not.
pub const STILLNESS: Duration = Duration::from_millis(1500);

const POLL_EVERY: Duration = Duration::from_millis(40);

/// Polls `probe` until it yields a value, for at most [`PATIENCE`].
///
/// # Errors
/// After that time, naming `what` was waited for and the last error of the probe, if any.
pub async fn until<T>(what: &str, probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(what, PATIENCE, probe).await
}

/// Polls `probe` until it yields a value, for at most `patience`.
///
/// An error of the probe is not final: a page that is being replaced answers with errors.
///
/// # Errors
/// After that time, naming `what` was waited for and the last error of the probe, if any.
pub async fn until_within<T>(
    what: &str,
    patience: Duration,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let started = Instant::now();
    loop {
        let last = match probe().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if started.elapsed() >= patience {
            match last {
                Some(error) => bail!("waited {patience:?} for {what}: {error:#}"),
                None => bail!("waited {patience:?} for {what}"),
            }
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

/// Checks that `probe` stays false for [`STILLNESS`].
///
/// # Errors
/// When it becomes true, naming `what`, or when the probe fails.
pub async fn never(what: &str, mut probe: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < STILLNESS {
        if probe().await? {
            bail!("did not expect {what}");
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
    Ok(())
}
