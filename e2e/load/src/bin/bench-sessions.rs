//! Sessions: memory of idle ones, live envelopes between pairs.
//! `bench-sessions [--idle 10000] [--pairs 500] [--seconds 5] [--bytes 256] [--rate 10000]`.
//! A value of 0 leaves its part out.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use e2e_load::measure::routing::{Pace, Pairs, Routed, measure};
use e2e_load::peer::mosquitto::Mosquitto;
use e2e_load::peer::supernode::Supernode;
use e2e_load::person::Person;
use e2e_load::pump::Pump;
use e2e_load::report::{figure, print};
use e2e_load::talk::kith::{self, Kith};
use e2e_load::talk::mqtt::{self, Mqtt};
use e2e_load::{arguments, limits, socket};

/// How long one server is under load before the other has its turn.
const ROUND: Duration = Duration::from_secs(1);

fn main() -> Result<()> {
    let [idle, pairs, seconds, bytes, rate] = arguments::numbers([
        ("idle", 10_000),
        ("pairs", 500),
        ("seconds", 5),
        ("bytes", 256),
        ("rate", 10_000),
    ])?;
    limits::raise(idle.max(pairs * 2))?;
    if idle > 0 {
        measure_idle(idle)?;
    }
    if pairs == 0 {
        return Ok(());
    }
    let (ours, theirs) = (Supernode::start(&[])?, Mosquitto::start()?);
    let mut our_pairs = kith_pairs(&ours, pairs, bytes)?;
    let mut their_pairs = mqtt_pairs(&theirs, pairs, bytes)?;
    let mut paces = vec![("closed loop", Pace::Closed)];
    if rate > 0 {
        paces.push(("open loop", Pace::PerSecond(u32::try_from(rate)?)));
    }
    for (name, pace) in paces {
        let (mut kith, mut mosquitto) = (Routed::default(), Routed::default());
        // In turns, so that whatever else the machine does costs both alike.
        for _ in 0..seconds {
            kith.add(measure(&ours.process, &mut our_pairs, pace, ROUND)?);
            mosquitto.add(measure(&theirs.process, &mut their_pairs, pace, ROUND)?);
        }
        print_routed(&format!("routing, {name}, supernode"), &kith);
        print_routed(
            &format!("routing, {name}, mosquitto over WebSocket"),
            &mosquitto,
        );
        let ratio = kith.per_cpu_second() / mosquitto.per_cpu_second();
        print(name, &[figure("supernode to mosquitto", "×", ratio)]);
    }
    Ok(())
}

fn measure_idle(sessions: usize) -> Result<()> {
    let server = Supernode::start(&[])?;
    // The first session touches code and memory that all share.
    drop(kith::connect(server.address, 0, Some(&Person::new()))?);
    let before = server.process.memory()?;
    let mut open = Vec::new();
    for number in 1..=sessions {
        let stream = kith::connect(server.address, number, Some(&Person::new()));
        open.push(stream.with_context(|| format!("session {number} did not open"))?);
    }
    let after = server.process.memory()?;
    let each = after.saturating_sub(before) as f64 / 1024.0 / sessions as f64;
    print(
        "idle sessions",
        &[
            figure("idle sessions", "", sessions as f64),
            figure("resident memory before", "KiB", before as f64 / 1024.0),
            figure("resident memory with all", "KiB", after as f64 / 1024.0),
            figure("resident memory per session", "KiB", each),
        ],
    );
    Ok(())
}

fn kith_pairs(server: &Supernode, pairs: usize, bytes: usize) -> Result<Pairs> {
    let mut pump = Pump::new()?;
    let mut numbers = Vec::new();
    for pair in 0..pairs {
        let person = Arc::new(Person::new());
        let receiver = kith::connect(server.address, pair * 2, Some(&person))?;
        let sender = kith::connect(server.address, pair * 2 + 1, None)?;
        let mut add = |stream| pump.add(stream, Box::new(Kith::new(person.clone(), 0, bytes)));
        numbers.push((add(sender)?, add(receiver)?));
    }
    Ok(Pairs {
        pump,
        pairs: numbers,
    })
}

fn mqtt_pairs(server: &Mosquitto, pairs: usize, bytes: usize) -> Result<Pairs> {
    let topic = |pair: usize| format!("mailbox/{pair}");
    // At once: each handshake takes this broker a fifth of a second.
    let connected = socket::at_once(pairs * 2, |number| {
        let topic = topic(number / 2);
        let subscribe = number.is_multiple_of(2).then_some((topic.as_str(), 0));
        mqtt::connect(server.address, &format!("c{number}"), true, subscribe)
    })?;
    let mut pump = Pump::new()?;
    for (number, stream) in connected.into_iter().enumerate() {
        pump.add(stream, Box::new(Mqtt::new(&topic(number / 2), 0, bytes)))?;
    }
    let pairs = (0..pairs).map(|pair| (pair * 2 + 1, pair * 2)).collect();
    Ok(Pairs { pump, pairs })
}

fn print_routed(name: &str, routed: &Routed) {
    print(
        name,
        &[
            figure("messages", "", routed.messages),
            figure("per second", "1/s", routed.messages / routed.seconds),
            figure("server CPU", "s", routed.cpu),
            figure("per CPU-second", "1/s", routed.per_cpu_second()),
            figure("p50", "ms", routed.millis(50.0)),
            figure("p95", "ms", routed.millis(95.0)),
            figure("p99", "ms", routed.millis(99.0)),
        ],
    );
}
