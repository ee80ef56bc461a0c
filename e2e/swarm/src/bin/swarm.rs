//! Runs one simulated world, or looks for one in which a promise is broken.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use e2e_swarm::report;
use e2e_swarm::town::{Mix, Plan};

/// From one seed on, until one fails.
struct Wish {
    plan: Plan,
    /// The same in all worlds; otherwise as the seed says.
    mix: Option<Mix>,
    until_fails: bool,
}

fn main() -> Result<ExitCode> {
    let Wish {
        mut plan,
        mix,
        until_fails,
    } = read(std::env::args().skip(1))?;
    loop {
        let start = Instant::now();
        match plan.run() {
            Ok(world) => {
                println!(
                    "seed {}\n{}",
                    plan.seed,
                    report::table(&world, start.elapsed())
                );
            }
            Err((world, violation)) => {
                println!(
                    "seed {}\n{}",
                    plan.seed,
                    report::table(&world, start.elapsed())
                );
                println!("broken at {}: {}", violation.at.0, violation.what);
                println!("again:\n  {}", plan.command());
                return Ok(ExitCode::FAILURE);
            }
        }
        if !until_fails {
            return Ok(ExitCode::SUCCESS);
        }
        let seed = plan.seed + 1;
        plan = Plan {
            mix: mix.unwrap_or(Mix::of(seed)),
            seed,
            ..plan
        };
    }
}

fn read(words: impl Iterator<Item = String>) -> Result<Wish> {
    let mut words = words.peekable();
    let mut plan = Plan::standard(0);
    let mut until_fails = false;
    let mut mix = None;
    while let Some(word) = words.next() {
        if word == "--until-fails" {
            until_fails = true;
            continue;
        }
        let value = words
            .next()
            .with_context(|| format!("{word} needs a value"))?;
        let number = || {
            value
                .parse::<usize>()
                .with_context(|| format!("{word} {value}"))
        };
        match word.as_str() {
            "--seed" => plan.seed = value.parse().context("--seed")?,
            "--people" => plan.people = number()?.max(2),
            "--supernodes" => plan.supernodes = number()?.max(1),
            "--hours" => {
                let hours: f64 = value.parse().context("--hours")?;
                plan.span = Duration::try_from_secs_f64(hours * 3600.0).context("--hours")?;
            }
            "--weather" => plan.weather = value.parse().context("--weather")?,
            "--with" => mix = Some(value.parse().context("--with")?),
            _ => bail!(
                "unexpected {word}; there are --seed --people --supernodes --hours --with --weather --until-fails"
            ),
        }
    }
    plan.mix = mix.unwrap_or(Mix::of(plan.seed));
    Ok(Wish {
        plan,
        mix,
        until_fails,
    })
}
