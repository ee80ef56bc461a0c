//! What this process has used, as Linux tells; nothing elsewhere.

use std::time::{Duration, Instant};

/// A tick of `/proc/self/stat` (Linux: `USER_HZ`, 100 a second everywhere).
const TICK: Duration = Duration::from_millis(10);
/// Fields of `/proc/self/stat` after the program's name: time in user mode, and in the kernel.
const CPU_FIELDS: std::ops::Range<usize> = 11..13;

/// Time on the processor so far. Unlike real time it does not depend on what else the machine does.
#[must_use]
pub fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<_> = after_name.split_whitespace().collect();
    let ticks = fields.get(CPU_FIELDS).unwrap_or_default().iter();
    let ticks: u32 = ticks.filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// The most memory that was ever resident, in bytes.
#[must_use]
pub fn resident_max() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// A moment from which time is taken.
#[derive(Debug, Clone, Copy)]
pub struct Moment(Duration, Instant);

/// Time that something took.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// On the processor.
    pub cpu: Duration,
    /// By the clock on the wall.
    pub real: Duration,
}

impl Moment {
    /// This one.
    #[must_use]
    pub fn now() -> Self {
        Self(cpu_time(), Instant::now())
    }

    /// Since then.
    #[must_use]
    pub fn elapsed(self) -> Spent {
        Spent {
            cpu: cpu_time().saturating_sub(self.0),
            real: self.1.elapsed(),
        }
    }
}

impl Spent {
    /// How much of the real time this process was on the processor.
    #[must_use]
    pub fn cpu_share(self) -> f64 {
        self.cpu.as_secs_f64() / self.real.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}
