//! Messages that wait for somebody who is away: one on its way for each connection, the next when the
//! server has said that it is kept.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Process;
use crate::pump::Pump;

/// What was seen.
#[derive(Default)]
pub struct Kept {
    /// Messages that were answered.
    pub messages: f64,
    /// Seconds.
    pub seconds: f64,
    /// CPU seconds of the server.
    pub cpu: f64,
}

impl Kept {
    /// Adds what another round saw.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.seconds += other.seconds;
        self.cpu += other.cpu;
    }

    /// Messages per second of the server's CPU time.
    #[must_use]
    pub fn per_cpu_second(&self) -> f64 {
        self.messages / self.cpu
    }
}

/// Deposits on the first `connections` of `pump`, numbered from `first`, until `count` were answered.
///
/// # Errors
/// When a connection ends or its server does not keep to the protocol.
pub fn measure(
    process: &Process,
    pump: &mut Pump,
    connections: usize,
    first: u64,
    count: u64,
) -> Result<Kept> {
    let last = first + count;
    let mut number = first;
    let mut answered = 0;
    let mut heard = Vec::new();
    let cpu_before = process.cpu_time()?;
    let began = Instant::now();
    for connection in 0..connections {
        pump.say(connection, number)?;
        number += 1;
    }
    while answered < count {
        pump.turn(Duration::from_millis(100), &mut heard)?;
        for (connection, new) in heard.drain(..) {
            for _ in 0..new.answered {
                answered += 1;
                if number < last {
                    pump.say(connection, number)?;
                    number += 1;
                }
            }
        }
    }
    Ok(Kept {
        messages: answered as f64,
        seconds: began.elapsed().as_secs_f64(),
        cpu: process.cpu_time()?.saturating_sub(cpu_before).as_secs_f64(),
    })
}
