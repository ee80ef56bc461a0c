//! Sessions: memory of idle ones, live envelopes between pairs.
//! `bench-sessions [--idle 10000] [--pairs 500] [--seconds 5] [--bytes 256] [--rate 10000]`.
//! A value of 0 leaves its part out. With `--cluster 1` and a supernode built with NATS, two processes and
//! their NATS server are measured too: senders on one, receivers on the other. With `KITH_IROH_RELAY` the program so named is measured too.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use e2e_load::measure::routing::{Pace, Pairs, Routed, measure};
use e2e_load::peer::iroh::IrohRelay;
use e2e_load::peer::mosquitto::Mosquitto;
use e2e_load::peer::nats::Cluster;
use e2e_load::peer::supernode::Supernode;
use e2e_load::person::Person;
use e2e_load::process::Process;
use e2e_load::pump::Pump;
use e2e_load::report::{figure, print};
use e2e_load::talk::iroh::{self, Iroh};
use e2e_load::talk::kith::{self, Kith};
use e2e_load::talk::mqtt::{self, Mqtt};
use e2e_load::{arguments, limits, socket};

/// How long one server is under load before the other has its turn.
const ROUND: Duration = Duration::from_secs(1);

fn main() -> Result<()> {
    let [idle, pairs, seconds, bytes, rate, cluster] = arguments::numbers([
        ("idle", 10_000),
        ("pairs", 500),
        ("seconds", 5),
        ("bytes", 256),
        ("rate", 10_000),
        ("cluster", 0),
    ])?;
    limits::raise(idle.max(pairs * 2))?;
    if idle > 0 {
        measure_idle(idle)?;
    }
    if pairs == 0 {
        return Ok(());
    }
    let (supernode, mosquitto) = (Supernode::start(&[])?, Mosquitto::start()?);
    let iroh = std::env::var_os("KITH_IROH_RELAY");
    let iroh = iroh.map(|program| IrohRelay::start(&program)).transpose()?;
    let mut contestants = vec![
        Contestant {
            name: "supernode",
            processes: vec![&supernode.process],
            pairs: kith_pairs([&supernode; 2], pairs, bytes)?,
        },
        Contestant {
            name: "mosquitto over WebSocket",
            processes: vec![&mosquitto.process],
            pairs: mqtt_pairs(&mosquitto, pairs, bytes)?,
        },
    ];
    let cluster = (cluster > 0).then(Cluster::start).transpose()?;
    if let Some(cluster) = &cluster {
        contestants.push(Contestant {
            name: "supernode of two processes",
            processes: cluster.processes(),
            pairs: kith_pairs(cluster.supernodes.each_ref(), pairs, bytes)?,
        });
    }
    let answering = contestants.len();
    if let Some(iroh) = &iroh {
        contestants.push(Contestant {
            name: "iroh-relay",
            processes: vec![&iroh.process],
            pairs: iroh_pairs(iroh, pairs, bytes)?,
        });
    }
    compare("closed loop", Pace::Closed, seconds, &mut contestants)?;
    if rate > 0 {
        let pace = Pace::PerSecond(u32::try_from(rate)?);
        // A relay of datagrams may drop some, and ends sessions that are slow to answer its pings.
        compare("open loop", pace, seconds, &mut contestants[..answering])?;
    }
    Ok(())
}

/// A server under test.
struct Contestant<'a> {
    name: &'static str,
    processes: Vec<&'a Process>,
    pairs: Pairs,
}

/// Measures all, the first one against the others.
fn compare(
    name: &str,
    pace: Pace,
    seconds: usize,
    contestants: &mut [Contestant<'_>],
) -> Result<()> {
    let mut routed: Vec<Routed> = contestants.iter().map(|_| Routed::default()).collect();
    // In turns, so that whatever else the machine does costs all alike.
    for _ in 0..seconds {
        for (turn, routed) in routed.iter_mut().enumerate() {
            for waiting in &mut *contestants {
                let alive = waiting.pairs.pump.keep_alive();
                alive.with_context(|| waiting.name)?;
            }
            let contestant = &mut contestants[turn];
            let round = measure(&contestant.processes, &mut contestant.pairs, pace, ROUND);
            routed.add(round.with_context(|| contestant.name)?);
        }
    }
    for (contestant, routed) in contestants.iter().zip(&routed) {
        print_routed(&format!("routing, {name}, {}", contestant.name), routed);
    }
    if let [ours, others @ ..] = &*routed {
        for (other, contestant) in others.iter().zip(&contestants[1..]) {
            let ratio = ours.per_cpu_second() / other.per_cpu_second();
            let against = format!("routing, {name}, supernode to {}", contestant.name);
            print(&against, &[figure("per CPU-second", "×", ratio)]);
        }
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

/// Senders on the first, receivers on the second.
fn kith_pairs([first, second]: [&Supernode; 2], pairs: usize, bytes: usize) -> Result<Pairs> {
    let mut pump = Pump::new()?;
    let mut numbers = Vec::new();
    for pair in 0..pairs {
        let person = Arc::new(Person::new());
        let receiver = kith::connect(second.address, pair * 2, Some(&person))?;
        let sender = kith::connect(first.address, pair * 2 + 1, None)?;
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

fn iroh_pairs(server: &IrohRelay, pairs: usize, bytes: usize) -> Result<Pairs> {
    let mut pump = Pump::new()?;
    let mut numbers = Vec::new();
    for _ in 0..pairs {
        let (sender, receiver) = (iroh::Key::new()?, iroh::Key::new()?);
        let mut add = |from: &iroh::Key, to: &iroh::Key| {
            let stream = iroh::connect(server.address, from)?;
            pump.add(stream, Box::new(Iroh::new(to, bytes)))
        };
        numbers.push((add(&sender, &receiver)?, add(&receiver, &sender)?));
    }
    Ok(Pairs {
        pump,
        pairs: numbers,
    })
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
