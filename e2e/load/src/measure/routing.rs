//! Messages between pairs of clients, from one's socket to the other's.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Process;
use crate::pump::Pump;
use crate::report::percentile;

/// Runs before the clock starts, so that all is warm.
const WARM_UP: Duration = Duration::from_millis(500);
/// Longest wait for what is still on its way at the end.
const STRAGGLERS: Duration = Duration::from_secs(5);

/// When the next message goes.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// When the last one of the pair has come.
    Closed,
    /// So many a second in all, whether the last ones have come or not.
    PerSecond(u32),
}

/// What was seen between warm-up and end.
#[derive(Default)]
pub struct Routed {
    /// Messages that came.
    pub messages: f64,
    /// Seconds.
    pub seconds: f64,
    /// CPU seconds of the server.
    pub cpu: f64,
    micros: Vec<u64>,
}

impl Routed {
    /// Adds what another round saw.
    pub fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.seconds += other.seconds;
        self.cpu += other.cpu;
        self.micros.extend(other.micros);
        self.micros.sort_unstable();
    }

    /// Messages per second of the server's CPU time.
    #[must_use]
    pub fn per_cpu_second(&self) -> f64 {
        self.messages / self.cpu
    }

    /// The `percent`th percentile from saying to hearing, in milliseconds.
    #[must_use]
    pub fn millis(&self, percent: f64) -> f64 {
        percentile(&self.micros, percent) as f64 / 1000.0
    }
}

/// Connections of one server and which of them says what the other hears.
pub struct Pairs {
    /// All connections.
    pub pump: Pump,
    /// Numbers of sender and receiver.
    pub pairs: Vec<(usize, usize)>,
}

fn cpu_time(processes: &[&Process]) -> Result<Duration> {
    processes.iter().map(|process| process.cpu_time()).sum()
}

/// Measures a server of one or more `processes` for `duration`.
///
/// # Errors
/// When a connection ends or its server does not keep to the protocol.
pub fn measure(
    processes: &[&Process],
    Pairs { pump, pairs }: &mut Pairs,
    pace: Pace,
    duration: Duration,
) -> Result<Routed> {
    let mut pair_of = vec![None; pairs.len() * 2];
    for (pair, (_, receiver)) in pairs.iter().enumerate() {
        pair_of[*receiver] = Some(pair);
    }
    let mut said: Vec<VecDeque<Instant>> = vec![VecDeque::new(); pairs.len()];
    let mut number = 0_u64;
    let mut heard = Vec::new();
    let mut micros = Vec::new();
    let begin = Instant::now() + WARM_UP;
    let end = begin + duration;
    let mut cpu_before = None;
    let start = Instant::now();
    if matches!(pace, Pace::Closed) {
        for (pair, (sender, _)) in pairs.iter().enumerate() {
            said[pair].push_back(Instant::now());
            pump.say(*sender, number)?;
            number += 1;
        }
    }
    loop {
        let now = Instant::now();
        if now >= begin && cpu_before.is_none() {
            cpu_before = Some(cpu_time(processes)?);
        }
        if now >= end {
            break;
        }
        let mut wait = Duration::from_millis(5);
        if let Pace::PerSecond(rate) = pace {
            let due =
                |number: u64| start + Duration::from_secs_f64(number as f64 / f64::from(rate));
            while due(number) <= now {
                let pair = number as usize % pairs.len();
                said[pair].push_back(due(number));
                pump.say(pairs[pair].0, number)?;
                number += 1;
            }
            // It never sleeps: waking up late would count as the server's latency.
            wait = Duration::ZERO;
        }
        pump.turn(wait, &mut heard)?;
        let now = Instant::now();
        for (connection, new) in heard.drain(..) {
            let Some(pair) = pair_of[connection] else {
                continue;
            };
            for _ in 0..new.delivered {
                let Some(at) = said[pair].pop_front() else {
                    continue;
                };
                if at >= begin {
                    micros.push(u64::try_from((now - at).as_micros())?);
                }
                if matches!(pace, Pace::Closed) {
                    said[pair].push_back(now);
                    pump.say(pairs[pair].0, number)?;
                    number += 1;
                }
            }
        }
    }
    let cpu = cpu_time(processes)?.saturating_sub(cpu_before.unwrap_or_default());
    let messages = micros.len() as f64;
    let late = Instant::now() + STRAGGLERS;
    while said.iter().any(|said| !said.is_empty()) && Instant::now() < late {
        pump.turn(Duration::from_millis(5), &mut heard)?;
        for (connection, new) in heard.drain(..) {
            if let Some(pair) = pair_of[connection] {
                for at in said[pair].drain(..new.delivered as usize) {
                    micros.push(u64::try_from(at.elapsed().as_micros())?);
                }
            }
        }
    }
    micros.sort_unstable();
    Ok(Routed {
        messages,
        seconds: duration.as_secs_f64(),
        cpu: cpu.as_secs_f64(),
        micros,
    })
}
