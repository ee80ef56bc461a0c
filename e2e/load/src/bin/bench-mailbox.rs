//! Mailboxes: durable deposits, draining, and what size costs.
//! `bench-mailbox [--deposits 50000] [--rounds 5] [--drain 50000] [--large 100000] [--stored 1000000] [--mailboxes 1000000]
//! [--bytes 1024]`.
//! A value of 0 leaves its part out. Deposits are made in rounds, the two servers in turns.

use std::sync::Arc;

use anyhow::Result;
use e2e_load::measure::deposits::{Kept, measure};
use e2e_load::measure::drain;
use e2e_load::peer::mosquitto::Mosquitto;
use e2e_load::peer::redis::Redis;
use e2e_load::peer::supernode::Supernode;
use e2e_load::person::Person;
use e2e_load::pump::Pump;
use e2e_load::report::{figure, print};
use e2e_load::talk::kith::{self, Kith};
use e2e_load::talk::mqtt::{self, Mqtt};
use e2e_load::talk::resp::Resp;
use e2e_load::{arguments, limits, seed, socket};

/// Deposits on their way at a time, one for each connection.
const IN_FLIGHT: [usize; 2] = [64, 512];
/// Deposits on their way at a time where that is not what is measured.
const MANY: usize = 512;
/// How long envelopes are kept.
const KEEP_SECONDS: u32 = 86_400;
/// Quotas that the measurement does not reach.
const QUOTAS: [&str; 4] = [
    "--mailbox-envelopes-max",
    "10000000",
    "--mailbox-bytes-max",
    "100000000000",
];
/// Envelopes in a small mailbox.
const SMALL: u64 = 100;
/// Deposits whose cost is compared between small mailboxes and a large one.
const COMPARED: u64 = 50_000;
/// Mailboxes of a small supernode, which one with many is compared with, and mailboxes that are deposited
/// into in both: the same work, in more company.
const FEW: usize = 10_000;
/// Bytes of each envelope when a million are stored.
const STORED_BYTES: usize = 256;

fn main() -> Result<()> {
    let [deposits, rounds, drained, large, stored, mailboxes, bytes] = arguments::numbers([
        ("deposits", 50_000),
        ("rounds", 5),
        ("drain", 50_000),
        ("large", 100_000),
        ("stored", 1_000_000),
        ("mailboxes", 1_000_000),
        ("bytes", 1024),
    ])?;
    limits::raise(4096)?;
    for in_flight in IN_FLIGHT.into_iter().filter(|_| deposits > 0) {
        beside_redis(in_flight, rounds as u64, deposits as u64, bytes)?;
    }
    if drained > 0 {
        let kith = drain_supernode(drained as u64, bytes)?;
        let mosquitto = drain_mosquitto(drained as u64, bytes)?;
        compare(
            ["drain, supernode", "drain, mosquitto"],
            [&kith, &mosquitto],
        );
    }
    if large > 0 {
        let one = cost(&people(1), large as u64, bytes)?;
        let small = cost(&people(MANY), SMALL * MANY as u64, bytes)?;
        let names = ["deposits, one large mailbox", "deposits, small mailboxes"];
        compare(names, [&one, &small]);
    }
    if mailboxes > 0 {
        let names = [mailboxes, FEW].map(|count| format!("deposits, {count} mailboxes"));
        let costs = [cost_among(mailboxes)?, cost_among(FEW)?];
        compare([&names[0], &names[1]], [&costs[0], &costs[1]]);
    }
    if stored > 0 {
        let server = Supernode::start(&QUOTAS)?;
        let mut pump = away(&server, &people(MANY), MANY, STORED_BYTES)?;
        measure(&server.process, &mut pump, MANY, 0, stored as u64)?;
        let memory = server.process.memory()? as f64;
        let disk = e2e_load::process::disk(server.data())? as f64;
        print(
            "stored",
            &[
                figure("envelopes", "", stored as f64),
                figure("resident memory", "MB", memory / 1e6),
                figure("on disk", "MB", disk / 1e6),
            ],
        );
    }
    Ok(())
}

fn people(count: usize) -> Vec<Arc<Person>> {
    (0..count).map(|_| Arc::new(Person::new())).collect()
}

/// Depositors for `people`, in turns, whose mailboxes exist and who are away.
fn away(
    server: &Supernode,
    people: &[Arc<Person>],
    depositors: usize,
    bytes: usize,
) -> Result<Pump> {
    for (number, person) in people.iter().enumerate() {
        drop(kith::connect(server.address, number, Some(person))?);
    }
    let mut pump = Pump::new()?;
    for (number, person) in people.iter().cycle().take(depositors).enumerate() {
        let stream = kith::connect(server.address, people.len() + number, None)?;
        pump.add(
            stream,
            Box::new(Kith::new(person.clone(), KEEP_SECONDS, bytes)),
        )?;
    }
    Ok(pump)
}

/// Deposits of the supernode and of Redis, in turns, so that whatever else the machine does costs both alike.
fn beside_redis(in_flight: usize, rounds: u64, deposits: u64, bytes: usize) -> Result<()> {
    let ours = Supernode::start(&QUOTAS)?;
    let redis = Redis::start()?;
    let mut pumps = [
        away(&ours, &people(in_flight), in_flight, bytes)?,
        redis_clients(&redis, in_flight, bytes)?,
    ];
    let mut kept = [Kept::default(), Kept::default()];
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let before = round * deposits;
        let [mine, theirs] = &mut pumps;
        let now = [
            measure(&ours.process, mine, in_flight, before, deposits)?,
            measure(&redis.process, theirs, in_flight, before, deposits)?,
        ];
        ratios.push(now[0].per_cpu_second() / now[1].per_cpu_second());
        kept.iter_mut()
            .zip(&now)
            .for_each(|(all, now)| all.add(now));
    }
    let name = |who| format!("deposits, {in_flight} in flight, {who}");
    let names = [name("supernode"), name("Redis always")];
    compare(names.each_ref().map(String::as_str), kept.each_ref());
    ratios.sort_by(f64::total_cmp);
    if let [least, .., most] = *ratios {
        let median = ratios[ratios.len() / 2];
        let figures = [("least", least), ("median", median), ("most", most)];
        let figures = figures.map(|(name, ratio)| figure(name, "×", ratio));
        print(&name("rounds, supernode to Redis"), &figures);
    }
    Ok(())
}

fn redis_clients(server: &Redis, in_flight: usize, bytes: usize) -> Result<Pump> {
    let mut pump = Pump::new()?;
    for number in 0..in_flight {
        let stream = socket::connect(std::net::Ipv4Addr::LOCALHOST, server.address)?;
        let key = format!("mailbox:{number}");
        pump.add(stream, Box::new(Resp::new(&key, bytes)))?;
    }
    Ok(pump)
}

fn drain_supernode(count: u64, bytes: usize) -> Result<Kept> {
    let server = Supernode::start(&QUOTAS)?;
    let people = people(1);
    let mut pump = away(&server, &people, MANY, bytes)?;
    measure(&server.process, &mut pump, MANY, 0, count)?;
    drain::measure(&server.process, count, |pump| {
        let stream = kith::connect(server.address, 0, Some(&people[0]))?;
        let talk = Kith::new(people[0].clone(), 0, 0);
        pump.add(stream, Box::new(talk)).map(drop)
    })
}

fn drain_mosquitto(count: u64, bytes: usize) -> Result<Kept> {
    const TOPIC: &str = "mailbox";
    let server = Mosquitto::start()?;
    drop(mqtt::connect(
        server.address,
        "recipient",
        false,
        Some((TOPIC, 1)),
    )?);
    let streams = socket::at_once(MANY, |number| {
        mqtt::connect(server.address, &format!("s{number}"), true, None)
    })?;
    let mut pump = Pump::new()?;
    for stream in streams {
        pump.add(stream, Box::new(Mqtt::new(TOPIC, 1, bytes)))?;
    }
    measure(&server.process, &mut pump, MANY, 0, count)?;
    drain::measure(&server.process, count, |pump| {
        let stream = mqtt::connect(server.address, "recipient", false, None)?;
        pump.add(stream, Box::new(Mqtt::new(TOPIC, 1, 0))).map(drop)
    })
}

/// What deposits cost for `people` who have `before` envelopes together.
fn cost(people: &[Arc<Person>], before: u64, bytes: usize) -> Result<Kept> {
    let server = Supernode::start(&QUOTAS)?;
    let mut pump = away(&server, people, MANY, bytes)?;
    measure(&server.process, &mut pump, MANY, 0, before)?;
    measure(&server.process, &mut pump, MANY, before, COMPARED)
}

/// What deposits cost on a supernode that has so many mailboxes, an envelope in each.
fn cost_among(mailboxes: usize) -> Result<Kept> {
    let data = tempfile::tempdir()?;
    let people = seed::fill(data.path(), mailboxes, FEW, STORED_BYTES)?;
    let people: Arc<[_]> = people.into();
    let server = Supernode::start_on(data, &QUOTAS)?;
    let name = format!("start with {mailboxes} mailboxes");
    print(
        &name,
        &[figure("CPU", "s", server.process.cpu_time()?.as_secs_f64())],
    );
    let mut pump = Pump::new()?;
    for number in 0..MANY {
        let stream = kith::connect(server.address, number, None)?;
        let talk = Kith::in_turn(people.clone(), KEEP_SECONDS, STORED_BYTES);
        pump.add(stream, Box::new(talk))?;
    }
    let kept = measure(&server.process, &mut pump, MANY, 0, COMPARED)?;
    let memory = server.process.memory()? as f64 / mailboxes as f64;
    let name = format!("resident memory for each of {mailboxes} mailboxes");
    print(&name, &[figure("with one envelope and more", "B", memory)]);
    Ok(kept)
}

fn compare(names: [&str; 2], both: [&Kept; 2]) {
    for (name, kept) in names.into_iter().zip(both) {
        print(
            name,
            &[
                figure("messages", "", kept.messages),
                figure("per second", "1/s", kept.messages / kept.seconds),
                figure("server CPU", "s", kept.cpu),
                figure("per CPU-second", "1/s", kept.per_cpu_second()),
            ],
        );
    }
    let ratio = both[0].per_cpu_second() / both[1].per_cpu_second();
    print(names[0], &[figure("the first to the second", "×", ratio)]);
}
