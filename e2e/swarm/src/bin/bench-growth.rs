//! Measures what the network costs at several sizes: a table, JSON lines, and a plot.

use std::alloc::System;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use e2e_swarm::growth::Plan;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes in use.
fn heap() -> u64 {
    let stats = HEAP.stats();
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated) as u64
}

fn main() -> Result<()> {
    let (mut sizes, mut hours, mut seed) = (vec![10, 100], 24.0, 1);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words
            .next()
            .with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--people" => {
                let numbers: Result<Vec<usize>, _> = value.split(',').map(str::parse).collect();
                sizes = numbers.context("--people")?;
            }
            "--hours" => hours = value.parse().context("--hours")?,
            "--seed" => seed = value.parse().context("--seed")?,
            _ => bail!("unexpected {word}; there are --people --hours --seed"),
        }
    }
    let span = Duration::try_from_secs_f64(hours * 3600.0).context("--hours")?;
    for people in sizes {
        let plan = Plan {
            seed,
            people,
            span,
            heap: Some(heap),
        };
        match plan.run() {
            Ok(figures) => println!("{}", serde_json::to_string(&figures)?),
            Err(violation) => bail!("broken at {}: {}", violation.at.0, violation.what),
        }
    }
    Ok(())
}
