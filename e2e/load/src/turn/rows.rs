//! The rows of the table: scenes, whom they are compared with, and what must be reached.

use std::net::UdpSocket;
use std::time::Duration;

use anyhow::Result;

use super::arena::{Arena, CALLS, Scene, Score, once};
use super::server::{Kind, Server};
use super::table::{Bar, Table};

/// Packets a second where delays are measured.
const RATE: u64 = 40_000;
/// Allocations of which the memory of one is derived.
const MANY: usize = 10_000;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What ours must reach against a server.
fn bar(kind: &Kind, [plain, turn_rs, coturn, mux]: [Bar; 4]) -> Bar {
    match kind {
        Kind::Kith => Bar::None,
        Kind::Plain => plain,
        Kind::TurnRs(_) => turn_rs,
        Kind::Coturn(_) => coturn,
        Kind::CoturnMux(_) => mux,
    }
}

fn compare(
    table: &mut Table,
    servers: &[Server],
    title: &str,
    scores: &[Option<Score>],
    bars: [Bar; 4],
) {
    let Some(Some(ours)) = scores.first() else {
        return;
    };
    for (server, score) in servers.iter().zip(scores) {
        if let Some(score) = score {
            let name = format!("{title}: {}", server.name);
            table.row(&name, score.per_cpu_second(), "per CPU-second", Bar::None);
            if score.lost > 0 {
                table.row(&format!("{name}, lost"), score.lost as f64, "", Bar::None);
            }
        }
    }
    for (server, score) in servers.iter().zip(scores).skip(1) {
        if let Some(score) = score {
            let ratio = ours.per_cpu_second() / score.per_cpu_second();
            let name = format!("{title}: ours to {}", server.name);
            table.row(&name, ratio, "×", bar(&server.kind, bars));
        }
    }
}

/// Whether a server relays to others than its own clients, which turn-rs refuses (443).
fn sends_out(kind: &Kind) -> bool {
    !matches!(kind, Kind::TurnRs(_))
}

/// Small packets between clients and peers.
///
/// # Errors
/// When a server fails.
pub fn calls(arena: &Arena, table: &mut Table) -> Result<()> {
    table.heading("Clients and peers, 160 B");
    for allocations in [50, 500] {
        let scene = Scene {
            allocations,
            ..CALLS
        };
        let scores = arena.play(scene, sends_out)?;
        let at_least = [0.8, 1.6, 1.6, 1.3].map(Bar::AtLeast);
        let [plain, _, coturn, mux] = at_least;
        let title = format!("{allocations} allocations");
        let bars = [plain, Bar::None, coturn, mux];
        compare(table, &arena.servers, &title, &scores, bars);
    }
    Ok(())
}

/// Large packets, several to one peer after each other.
///
/// # Errors
/// When a server fails.
pub fn bursts(arena: &Arena, table: &mut Table) -> Result<()> {
    table.heading("Clients and peers, 1200 B in bursts of 8");
    let scene = Scene {
        bytes: 1200,
        burst: 8,
        ..CALLS
    };
    let scores = arena.play(scene, sends_out)?;
    let coturn = Bar::AtLeast(1.9);
    let bars = [Bar::None, Bar::None, coturn, coturn];
    compare(table, &arena.servers, "bursts", &scores, bars);
    Ok(())
}

/// Two clients of one server.
///
/// # Errors
/// When a server fails.
pub fn pairs(arena: &Arena, table: &mut Table) -> Result<()> {
    table.heading("Two clients on one server, 160 B");
    for allocations in [50, 500] {
        let scene = Scene {
            allocations,
            pairs: true,
            ..CALLS
        };
        // With one socket for all peers coturn has one address for both clients.
        let scores = arena.play(scene, |kind| !matches!(kind, Kind::CoturnMux(_)))?;
        let (turn_rs, coturn) = (Bar::AtLeast(1.7), Bar::AtLeast(3.5));
        let title = format!("{allocations} allocations");
        let bars = [Bar::None, turn_rs, coturn, Bar::None];
        compare(table, &arena.servers, &title, &scores, bars);
    }
    Ok(())
}

/// A moderate rate, where being woken costs most.
///
/// # Errors
/// When a server fails, or this user may not change scheduling.
pub fn moderate(arena: &Arena, table: &mut Table) -> Result<()> {
    table.heading("Clients and peers, 160 B, 40,000 packets a second");
    let scene = Scene {
        rate: RATE,
        ..CALLS
    };
    let scores = arena.play(scene, sends_out)?;
    let any = Bar::AtLeast(2.3);
    compare(
        table,
        &arena.servers,
        "at a rate",
        &scores,
        [Bar::None, any, any, any],
    );
    for (server, score) in arena.servers.iter().zip(&scores) {
        if let Some(score) = score {
            let bar = match server.kind {
                Kind::Kith => Bar::AtMost(1000.0),
                _ => Bar::None,
            };
            table.row(
                &format!("at a rate: {}, p50", server.name),
                score.p50_us,
                "µs",
                Bar::None,
            );
            table.row(
                &format!("at a rate: {}, p99", server.name),
                score.p99_us,
                "µs",
                bar,
            );
        }
    }
    Ok(())
}

/// From ten allocations to ten thousand.
///
/// # Errors
/// When a server fails.
pub fn growth(arena: &Arena, table: &mut Table) -> Result<()> {
    table.heading("Growth, 160 B");
    for allocations in [10, 100, 1000, 10_000] {
        for pairs in [false, true] {
            let scene = Scene {
                allocations,
                pairs,
                ..CALLS
            };
            let ours = |kind: &Kind| matches!(kind, Kind::Kith | Kind::Plain);
            let scores = arena.play(scene, ours)?;
            let whom = if pairs { "pairs" } else { "peers" };
            let title = format!("{allocations} allocations, {whom}");
            compare(table, &arena.servers, &title, &scores, [Bar::None; 4]);
        }
    }
    Ok(())
}

/// What an allocation takes of a server that had none before.
///
/// # Errors
/// When the server fails.
pub fn memory(table: &mut Table) -> Result<()> {
    table.heading("Memory");
    let server = Server::start(Kind::Kith)?;
    // The first ones touch code and memory that all share.
    once(&server, CALLS, 0.1)?;
    let scene = Scene {
        allocations: MANY,
        ..CALLS
    };
    let [before, after] = once(&server, scene, 0.1)?.memory;
    let each = after.saturating_sub(before) as f64 / MANY as f64;
    table.row(
        "an allocation with a channel",
        each,
        "B",
        Bar::AtMost(2048.0),
    );
    Ok(())
}

/// Bytes of answers to those who have proved nothing.
///
/// # Errors
/// When the server does not answer.
pub fn replies(table: &mut Table) -> Result<()> {
    table.heading("Answers to 20 bytes");
    let server = Server::start(Kind::Kith)?;
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(server.address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    for (name, kind, bar) in [("Allocate", 3, 68.0), ("Binding", 1, 32.0)] {
        let mut request = *b"\0\0\0\0\x21\x12\xa4\x42transaction!";
        request[1] = kind;
        socket.send(&request)?;
        let bytes = socket.recv(&mut [0; 1500])?;
        table.row(name, bytes as f64, "B", Bar::AtMost(bar));
    }
    Ok(())
}
