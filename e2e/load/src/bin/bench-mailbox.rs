//! Mailboxes: durable deposits.
//! `bench-mailbox [--deposits 200000] [--bytes 1024]`. A value of 0 leaves its part out.

use std::sync::Arc;

use anyhow::Result;
use e2e_load::measure::deposits::{Kept, measure};
use e2e_load::peer::redis::Redis;
use e2e_load::peer::supernode::Supernode;
use e2e_load::person::Person;
use e2e_load::pump::Pump;
use e2e_load::report::{figure, print};
use e2e_load::talk::kith::{self, Kith};
use e2e_load::talk::resp::Resp;
use e2e_load::{arguments, limits, socket};

/// Deposits on their way at a time, one for each connection.
const IN_FLIGHT: [usize; 2] = [64, 512];
/// How long envelopes are kept.
const KEEP_SECONDS: u32 = 86_400;
/// Quotas that the measurement does not reach.
const QUOTAS: [&str; 4] = [
    "--mailbox-envelopes-max",
    "10000000",
    "--mailbox-bytes-max",
    "100000000000",
];

fn main() -> Result<()> {
    let [deposits, bytes] = arguments::numbers([("deposits", 200_000), ("bytes", 1024)])?;
    limits::raise(1024)?;
    for in_flight in IN_FLIGHT {
        if deposits == 0 {
            break;
        }
        let ours = deposit_to_supernode(in_flight, deposits as u64, bytes)?;
        let redis = deposit_to_redis(in_flight, deposits as u64, bytes)?;
        print_kept(
            &format!("deposits, {in_flight} in flight, supernode"),
            &ours,
        );
        print_kept(
            &format!("deposits, {in_flight} in flight, Redis with appendfsync always"),
            &redis,
        );
        let ratio = ours.per_cpu_second() / redis.per_cpu_second();
        print("deposits", &[figure("supernode to Redis", "×", ratio)]);
    }
    Ok(())
}

fn deposit_to_supernode(in_flight: usize, deposits: u64, bytes: usize) -> Result<Kept> {
    let server = Supernode::start(&QUOTAS)?;
    let mut pump = Pump::new()?;
    for number in 0..in_flight {
        let person = Arc::new(Person::new());
        // The mailbox exists, its owner is away.
        drop(kith::connect(server.address, number * 2, Some(&person))?);
        let stream = kith::connect(server.address, number * 2 + 1, None)?;
        pump.add(stream, Box::new(Kith::new(person, KEEP_SECONDS, bytes)))?;
    }
    measure(&server.process, &mut pump, in_flight, 0, deposits)
}

fn deposit_to_redis(in_flight: usize, deposits: u64, bytes: usize) -> Result<Kept> {
    let server = Redis::start()?;
    let mut pump = Pump::new()?;
    for number in 0..in_flight {
        let stream = socket::connect(std::net::Ipv4Addr::LOCALHOST, server.address)?;
        let key = format!("mailbox:{number}");
        pump.add(stream, Box::new(Resp::new(&key, bytes)))?;
    }
    measure(&server.process, &mut pump, in_flight, 0, deposits)
}

fn print_kept(name: &str, kept: &Kept) {
    print(
        name,
        &[
            figure("deposits", "", kept.messages),
            figure("per second", "1/s", kept.messages / kept.seconds),
            figure("server CPU", "s", kept.cpu),
            figure("per CPU-second", "1/s", kept.per_cpu_second()),
        ],
    );
}
