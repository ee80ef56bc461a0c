//! Progress a person can follow: one line when a step starts, its time when it was long.

use anyhow::{Context as _, Result};
use std::time::{Duration, Instant};

/// Steps shorter than this are not worth a closing line.
const WORTH_TELLING: Duration = Duration::from_secs(3);

/// Runs `work` under a heading; a failure carries the heading as its context.
///
/// # Errors
/// Whatever `work` returns.
pub fn step<T>(heading: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {heading}");
    let start = Instant::now();
    let result = work().with_context(|| format!("{heading}: failed"))?;
    let took = start.elapsed();
    if took >= WORTH_TELLING {
        eprintln!("  {heading}: {:.0} s", took.as_secs_f64());
    }
    Ok(result)
}

/// One line of news inside a step.
pub fn note(line: &str) {
    eprintln!("  {line}");
}
