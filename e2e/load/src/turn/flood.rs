//! A flood of what needs no credentials, from thousands of addresses, while calls go on.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::arena::{CALLS, Scene, load};
use super::load::Outcome;
use super::server::{CORE, Kind, OTHER_CORE, Server, batch};
use super::table::{Bar, Table};
use super::wire::{Received, Wire};
use crate::process::{Process, memory_of};

/// Addresses that it comes from.
const SOURCES: u32 = 4000;
/// Packets between two looks at the clock.
const BATCH: u32 = 64;
/// Packets a second of the calls meanwhile.
const RATE: u64 = 2000;
/// How long the calls go on alone, before and after.
const ALONE: f64 = 2.0;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes by which it may grow: what the program takes for anything else it does meanwhile.
const GROWTH_MAX: u64 = 4 * 1024 * 1024;
/// Of the calls' packets, how many must arrive.
const DELIVERED_MIN: f64 = 0.95;

/// What one process of the flood does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Flood {
    /// Where to.
    pub server: SocketAddrV4,
    /// How long.
    pub seconds: f64,
}

/// Sends as much as goes. Gives how many packets.
///
/// # Errors
/// As the operating system says.
pub fn run(flood: Flood) -> Result<u64> {
    let wire = Wire::open(Ipv4Addr::UNSPECIFIED, 0)?;
    let (began, mut sent) = (Instant::now(), 0_u64);
    let mut received = Received::default();
    let mut packets = [
        // An Allocate with rubbish for attributes, a Binding, data on a channel, and what is for DTLS.
        (*b"\0\x03\0\x28\x21\x12\xa4\x42", 60),
        (*b"\0\x01\0\0\x21\x12\xa4\x42", 20),
        (*b"\x40\0\0\x9cAAAA", 160),
        (*b"\x16\xfe\xfd\0\0\0\0\0", 200),
    ]
    .map(|(head, len)| {
        let mut bytes = vec![0; len];
        bytes[..8].copy_from_slice(&head);
        bytes
    });
    while began.elapsed().as_secs_f64() < flood.seconds {
        for _ in 0..BATCH {
            let source = (sent % u64::from(SOURCES)) as u32;
            let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 30, 0, 1)) + source);
            let kind = (sent / 7 % 4) as usize;
            packets[kind][8..16].copy_from_slice(&sent.to_be_bytes());
            wire.send(from, flood.server, &packets[kind])?;
            sent += 1;
        }
        // Answers are not to fill this machine's memory.
        while wire.receive(&mut received)? > 0 {}
    }
    Ok(sent)
}

/// Floods a server for `seconds` with all that two cores can send.
///
/// # Errors
/// When the server ends, or a generator fails.
pub fn measure(seconds: f64, table: &mut Table) -> Result<()> {
    table.heading(&format!("A flood for {seconds} s"));
    let server = Server::start(Kind::Kith)?;
    let program = std::env::current_exe()?;
    let program = program.to_str().context("an odd path")?;
    let scene = Scene {
        rate: RATE,
        ..CALLS
    };
    let calls = load(&server, scene, seconds + 2.0 * ALONE);
    let mut calls = start(program, OTHER_CORE, "load", &serde_json::to_string(&calls)?)?;
    std::thread::sleep(Duration::from_secs_f64(ALONE));
    let handled = handled(&server)?;
    let before = memory_of(server.process.id())?;
    let flood = serde_json::to_string(&Flood {
        server: server.address,
        seconds,
    })?;
    let mut floods = [
        start(program, CORE, "flood", &flood)?,
        start(program, OTHER_CORE, "flood", &flood)?,
    ];
    let mut most = before;
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < seconds {
        std::thread::sleep(LOOK);
        most = most.max(memory_of(server.process.id())?);
    }
    let mut sent = 0;
    for flood in &mut floods {
        sent += serde_json::from_slice::<u64>(&flood.output()?)?;
    }
    let handled = self::handled(&server)? - handled;
    let outcome: Outcome = serde_json::from_slice(&calls.output()?)?;
    let times = sent as f64 / handled.max(1) as f64;
    table.row("sent", sent as f64 / seconds, "packets/s", Bar::None);
    table.row("handled", handled as f64 / seconds, "packets/s", Bar::None);
    table.row("sent to handled", times, "×", Bar::AtLeast(2.0));
    let grown = most.saturating_sub(before) as f64;
    table.row("memory grew by", grown, "B", Bar::AtMost(GROWTH_MAX as f64));
    let all = outcome.delivered + outcome.lost;
    let part = outcome.delivered as f64 / all.max(1) as f64;
    table.row(
        "of the calls' packets arrived",
        part,
        "",
        Bar::AtLeast(DELIVERED_MIN),
    );
    table.row("the calls' p99", outcome.p99_us, "µs", Bar::None);
    Ok(())
}

fn start(program: &str, core: &str, what: &str, how: &str) -> Result<Process> {
    let mut command = batch(core, program);
    command.args([what, how]).stdout(Stdio::piped());
    Process::start(&mut command)
}

/// Counters that together count each packet that the server has looked at.
const LOOKED_AT: [&str; 4] = [
    "kith_turn_packets_total",
    "kith_stun_bindings_total",
    "kith_turn_challenges_total",
    "kith_turn_dropped_total",
];

/// Packets that the server has looked at.
fn handled(server: &Server) -> Result<u64> {
    let mut stream = TcpStream::connect(server.http.context("no HTTP")?)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let mut sum = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let is_one = LOOKED_AT.iter().any(|name| line.starts_with(name));
        if let Some((_, value)) = line.rsplit_once(' ').filter(|_| is_one) {
            sum += value.parse::<u64>()?;
        }
    }
    Ok(sum)
}
