//! Somebody who was away fetches what has waited, and acknowledges it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::deposits::Kept;
use crate::process::Process;
use crate::pump::Pump;

/// Longest silence before everything has come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Has `fetch` connect its clients to a pump, and waits until they have heard `count` messages.
///
/// # Errors
/// When a connection ends, its server does not keep to the protocol, or nothing more comes.
pub fn measure(
    process: &Process,
    count: u64,
    fetch: impl FnOnce(&mut Pump) -> Result<()>,
) -> Result<Kept> {
    let mut pump = Pump::new()?;
    let mut heard = Vec::new();
    let mut came = 0;
    let cpu_before = process.cpu_time()?;
    let began = Instant::now();
    let mut last = began;
    fetch(&mut pump)?;
    while came < count {
        pump.turn(Duration::from_millis(100), &mut heard)?;
        for (_, new) in heard.drain(..) {
            came += u64::from(new.delivered);
            last = Instant::now();
        }
        ensure!(last.elapsed() < PATIENCE, "{came} of {count} came");
    }
    Ok(Kept {
        messages: came as f64,
        seconds: began.elapsed().as_secs_f64(),
        cpu: process.cpu_time()?.saturating_sub(cpu_before).as_secs_f64(),
    })
}
