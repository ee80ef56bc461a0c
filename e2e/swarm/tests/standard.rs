//! The standard world under many seeds. A seed that fails names the command that repeats it.
#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use e2e_swarm::town::Plan;

/// Seeds of which none may fail. Each costs about a second of one processor.
const SEEDS: u64 = 200;

#[test]
fn whatever_goes_wrong_everything_said_arrives_once_and_in_order() {
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= SEEDS {
                        break;
                    }
                    let plan = Plan::standard(seed);
                    if let Err((_, violation)) = plan.run() {
                        let text = format!("{}\n  {}", violation.what, plan.command());
                        failures.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_story_and_another_seed_another() {
    let trace = |seed| {
        let mut plan = Plan::standard(seed);
        plan.span /= 6;
        plan.run().map(|world| world.trace).map_err(|(_, it)| it)
    };
    let one = trace(3).unwrap();
    assert!(one.events() > 1000);
    assert_eq!(one, trace(3).unwrap());
    assert_ne!(one, trace(5).unwrap());
}

/// Another process has its memory elsewhere, other seeds for what hashes, and another environment.
#[test]
fn another_process_tells_the_same_story() {
    let mut plan = Plan::standard(3);
    plan.span = Duration::from_secs(360);
    let Ok(world) = plan.run() else {
        panic!("a promise is broken")
    };
    let mut swarm = Command::new(env!("CARGO_BIN_EXE_swarm"));
    swarm.args(["--seed", "3", "--hours", "0.1"]);
    swarm.env_clear().env("TZ", "Asia/Kolkata");
    let output = swarm.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("events, trace"));
    let told = format!("{}, {}", world.trace.events(), world.trace.text());
    assert!(
        line.is_some_and(|line| line.contains(&told)),
        "{told}\n{said}"
    );
}
