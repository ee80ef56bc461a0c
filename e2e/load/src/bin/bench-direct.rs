//! WebRTC-direct: time until the first frame of a session, and what an idle client costs.
//! `bench-direct [--dials 1000] [--idle 1000]`. A value of 0 leaves its part out. Clients come from addresses
//! of their own on loopback, since a supernode limits what comes from one.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e_load::peer::supernode::Supernode;
use e2e_load::report::{figure, percentile, print};
use e2e_load::{arguments, limits};
use shared::base::codec::encode;
use shared::base::id::Nonce;
use shared::direct::route::DirectRoute;
use shared::session::wire::{ClientFrame, VERSION};

#[path = "../../../../supernode/tests/direct/client.rs"]
#[allow(dead_code, reason = "tests use all of it")]
mod client;
#[path = "../../../../supernode/tests/direct/stun.rs"]
mod stun;

use client::Client;

/// How often idle clients say that they are there.
const CHECK_EVERY: Duration = Duration::from_secs(8);

fn main() -> Result<()> {
    let [dials, idle] = arguments::numbers([("dials", 1000), ("idle", 1000)])?;
    limits::raise(idle + 100)?;
    let server = Supernode::start(&["--udp", "127.0.0.1:0", "--direct-clients-max", "100000"])?;
    let route = route(&server)?;
    // The first ones touch code and memory that all share.
    for number in 0..20 {
        dial(&route, number)?;
    }
    if dials > 0 {
        measure_dials(&server, &route, dials)?;
    }
    if idle > 0 {
        measure_idle(&server, &route, idle)?;
    }
    Ok(())
}

/// How it is reached, from its `kith.json`.
fn route(server: &Supernode) -> Result<DirectRoute> {
    let mut stream = TcpStream::connect(server.address)?;
    stream.write_all(b"GET /kith.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let begin = text.find("direct:").context("no direct route")?;
    let rest = text.get(begin..).unwrap_or_default();
    let text = rest.split('"').next().unwrap_or_default();
    DirectRoute::parse(text).context("not a direct route")
}

/// A client that has got its first frame, and how long that took.
fn dial(route: &DirectRoute, number: usize) -> Result<(Client, Duration)> {
    // The keys of browsers are made before, too.
    let number = u32::try_from(number)?;
    let at = Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number);
    let mut client = Client::at(IpAddr::V4(at), route);
    let began = Instant::now();
    let got = client.until(Duration::from_secs(20), |it| !it.messages.is_empty());
    ensure!(got, "client {number} got nothing");
    Ok((client, began.elapsed()))
}

fn measure_dials(server: &Supernode, route: &DirectRoute, dials: usize) -> Result<()> {
    let before = server.process.cpu_time()?;
    let mut times = Vec::new();
    for number in 0..dials {
        let (_, took) = dial(route, 1000 + number)?;
        times.push(u64::try_from(took.as_micros())?);
    }
    let cpu = server.process.cpu_time()?.saturating_sub(before);
    times.sort_unstable();
    let milliseconds = |percent| percentile(&times, percent) as f64 / 1000.0;
    print(
        "WebRTC-direct, from the first check to the first frame",
        &[
            figure("dials", "", dials as f64),
            figure("p50", "ms", milliseconds(50.0)),
            figure("p99", "ms", milliseconds(99.0)),
            figure("longest", "ms", milliseconds(100.0)),
            figure(
                "CPU time of the supernode for one",
                "ms",
                cpu.as_secs_f64() * 1000.0 / dials as f64,
            ),
        ],
    );
    Ok(())
}

fn measure_idle(server: &Supernode, route: &DirectRoute, idle: usize) -> Result<()> {
    // Those of before are forgotten after their silence.
    std::thread::sleep(Duration::from_secs(33));
    let before = server.process.memory()?;
    let mut clients: Vec<Client> = Vec::new();
    let mut checked = Instant::now();
    for number in 0..idle {
        let (mut client, _) = dial(route, 100_000 + number)?;
        // Who says nothing is not kept.
        client.messages.clear();
        client.send(&encode(&ClientFrame::Hello {
            version: VERSION,
            nonce: Nonce([7; 32]),
        }));
        let greeted = client.until(Duration::from_secs(20), |it| !it.messages.is_empty());
        ensure!(greeted, "client {number} was not welcomed");
        clients.push(client);
        if checked.elapsed() >= CHECK_EVERY {
            checked = Instant::now();
            for client in &clients {
                client.check(&client.node_password);
            }
        }
    }
    let after = server.process.memory()?;
    let each = after.saturating_sub(before) as f64 / 1024.0 / idle as f64;
    print(
        "WebRTC-direct, idle clients",
        &[
            figure("clients", "", idle as f64),
            figure("resident memory before", "KiB", before as f64 / 1024.0),
            figure("resident memory with all", "KiB", after as f64 / 1024.0),
            figure("resident memory of one", "KiB", each),
        ],
    );
    Ok(())
}
