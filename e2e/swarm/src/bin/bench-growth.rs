//! Measures what the network costs at several sizes: JSON lines, a table, and a plot.

use std::alloc::System;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use e2e_swarm::growth::figures::Figures;
use e2e_swarm::growth::{Plan, plot, table};
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

/// What was asked for.
struct Wish {
    sizes: Vec<usize>,
    hours: f64,
    seed: u64,
    /// Lines of earlier runs, to be shown beside.
    with: Option<PathBuf>,
    svg: Option<PathBuf>,
}

fn main() -> Result<()> {
    let wish = read(std::env::args().skip(1))?;
    let span = Duration::try_from_secs_f64(wish.hours * 3600.0).context("--hours")?;
    let mut all = Vec::new();
    if let Some(path) = &wish.with {
        let lines = std::fs::read_to_string(path).context("--with")?;
        for line in lines.lines() {
            all.push(serde_json::from_str::<Figures>(line).context("--with")?);
        }
    }
    for people in wish.sizes {
        let plan = Plan {
            seed: wish.seed,
            people,
            span,
            heap: Some(heap),
        };
        match plan.run() {
            Ok(figures) => {
                println!("{}", serde_json::to_string(&figures)?);
                all.push(figures);
            }
            Err(violation) => bail!("broken at {}: {}", violation.at.0, violation.what),
        }
    }
    all.sort_by_key(|it| it.people);
    println!("\n{}", table::markdown(&all));
    if let Some(path) = &wish.svg {
        std::fs::write(path, plot::svg(&all)).context("--svg")?;
    }
    Ok(())
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Wish> {
    let mut wish = Wish {
        sizes: vec![10, 100, 1000],
        hours: 24.0,
        seed: 1,
        with: None,
        svg: None,
    };
    while let Some(word) = words.next() {
        let value = words
            .next()
            .with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--people" => {
                let numbers = value.split(',').filter(|number| !number.is_empty());
                let numbers: Result<Vec<usize>, _> = numbers.map(str::parse).collect();
                wish.sizes = numbers.context("--people")?;
            }
            "--hours" => wish.hours = value.parse().context("--hours")?,
            "--seed" => wish.seed = value.parse().context("--seed")?,
            "--with" => wish.with = Some(value.into()),
            "--svg" => wish.svg = Some(value.into()),
            _ => bail!("unexpected {word}; there are --people --hours --seed --with --svg"),
        }
    }
    Ok(wish)
}
