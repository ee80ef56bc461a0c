//! One measurement: so many clients, packets of one size, for a while.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::hosts::{HOSTS_MAX, Side, host};
use super::stage::Stage;
use super::stun::Account;
use super::traffic::{PAYLOAD_BYTES_MIN, Shape, Tally, Traffic};
use super::wire::{Wire, wait_for_either};
use crate::process::{cpu_of, memory_of};
use crate::report::percentile;

/// Nothing coming for so long means that what is on its way is lost.
const LOST_AFTER: u64 = 20_000_000;
/// Longest sleep when nothing comes.
const SLEEP: Duration = Duration::from_millis(5);
/// Nanoseconds after which what would end by itself is made to last: permissions, after 300 s.
const RENEW_EVERY: u64 = 120_000_000_000;
/// Packets sent between two looks.
const SENDS_MAX: usize = 64;

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Load {
    /// Where the server is.
    pub server: SocketAddrV4,
    /// Its process.
    pub pid: u32,
    /// By which name clients come in; `None` where there are none, over the plain forwarder.
    pub account: Option<Account>,
    /// Whether clients reach each other, not peers.
    pub pairs: bool,
    /// Clients.
    pub allocations: usize,
    /// Bytes of each packet.
    pub bytes: usize,
    /// Packets of one flow after each other.
    pub burst: usize,
    /// Packets on their way at a time, where there is no rate.
    pub window: usize,
    /// Packets a second; 0: as many as there can be.
    pub rate: u64,
    /// How long, after a warm-up.
    pub seconds: f64,
    /// The clients' port, and the peers'; 0: any.
    pub ports: [u16; 2],
}

/// Time before counting begins, in seconds.
const WARM_UP: f64 = 0.3;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Packets that arrived.
    pub delivered: u64,
    /// CPU time of the server, in seconds.
    pub cpu: f64,
    /// Packets that did not.
    pub lost: u64,
    /// Packets that arrived broken, or elsewhere.
    pub bad: u64,
    /// Half arrived sooner, in microseconds; 0 without a rate.
    pub p50_us: f64,
    /// 99 of 100 did.
    pub p99_us: f64,
    /// The server's memory, before and with all allocations, in bytes.
    pub memory: [u64; 2],
}

struct Mark {
    cpu: Duration,
    tally: Tally,
    lost: u64,
}

/// Measures.
///
/// # Errors
/// When the server refuses, does not answer, or ends.
pub fn run(load: &Load) -> Result<Outcome> {
    ensure!((PAYLOAD_BYTES_MIN..=1400).contains(&load.bytes), "bytes");
    ensure!(load.allocations <= HOSTS_MAX, "too many clients");
    ensure!(
        !load.pairs || load.allocations.is_multiple_of(2),
        "an odd pair"
    );
    let clients = Wire::open(Ipv4Addr::UNSPECIFIED, load.ports[0])?;
    let peers = Wire::open(Ipv4Addr::UNSPECIFIED, load.ports[1])?;
    let mut memory = [memory_of(load.pid)?; 2];
    let mut stage = None;
    let mut relayed = vec![None; load.allocations];
    if let Some(account) = &load.account {
        let mut set = Stage::new(&clients, load.server, account.clone(), load.allocations);
        set.set(|relayed, client| whom(load, &peers, relayed, client))?;
        relayed.clone_from(&set.relayed);
        memory[1] = memory_of(load.pid)?;
        stage = Some(set);
    }
    let shape = match (load.pairs, load.account.is_some()) {
        (true, _) => Shape::Pairs,
        (false, true) => Shape::Peers,
        (false, false) => Shape::PlainPeers,
    };
    let wires = [&clients, &peers];
    let mut traffic = Traffic::new(wires, load.server, shape, relayed, load.bytes);
    let outcome = play(load, &mut traffic, memory, || match &mut stage {
        Some(stage) => stage.renew(|relayed, client| whom(load, &peers, relayed, client)),
        None => Ok(()),
    })?;
    if let Some(mut stage) = stage {
        stage.strike()?;
    }
    Ok(outcome)
}

/// With whom a client talks.
fn whom(
    load: &Load,
    peers: &Wire,
    relayed: &[Option<SocketAddrV4>],
    client: usize,
) -> Option<SocketAddrV4> {
    match load.pairs {
        true => relayed[client ^ 1],
        false => Some(SocketAddrV4::new(host(Side::Peer, client), peers.port())),
    }
}

fn play(
    load: &Load,
    traffic: &mut Traffic<'_>,
    memory: [u64; 2],
    mut renew: impl FnMut() -> Result<()>,
) -> Result<Outcome> {
    let mut renew_at = RENEW_EVERY;
    let (flows, window) = (traffic.flows(), load.window as u64);
    let (mut flow, mut left) = (0, load.burst);
    let (mut lost, mut on_the_way, mut heard) = (0, 0_u64, 0);
    let warm = (WARM_UP * 1e9) as u64;
    let end = warm + (load.seconds * 1e9) as u64;
    let mut begun = None;
    let measured = |traffic: &Traffic<'_>, lost| -> Result<Mark> {
        let (cpu, tally) = (cpu_of(load.pid)?, traffic.tally);
        Ok(Mark { cpu, tally, lost })
    };
    let (from, to) = loop {
        let now = traffic.now();
        if now >= renew_at {
            renew()?;
            renew_at += RENEW_EVERY;
        }
        if begun.is_none() && now >= warm {
            begun = Some(measured(traffic, lost)?);
            traffic.delays = (load.rate > 0).then(Vec::new);
        }
        if let Some(begun) = begun.take_if(|_| now >= end) {
            break (begun, measured(traffic, lost)?);
        }
        let came = traffic.receive()?;
        on_the_way = on_the_way.saturating_sub(came);
        let now = traffic.now();
        if came > 0 {
            heard = now;
        } else if load.rate == 0 && on_the_way > 0 && now - heard > LOST_AFTER {
            lost += on_the_way;
            (on_the_way, heard) = (0, now);
        }
        let mut room = match load.rate {
            0 => window.saturating_sub(on_the_way),
            rate => due(now, rate).saturating_sub(traffic.tally.sent),
        };
        // In batches, where nobody counts delays.
        if load.rate == 0 && room < window / 4 {
            room = 0;
        }
        for _ in 0..room.min(SENDS_MAX as u64) {
            traffic.send(flow)?;
            on_the_way += 1;
            left -= 1;
            if left == 0 {
                (left, flow) = (load.burst, (flow + 1) % flows);
            }
        }
        let sleep = match load.rate {
            0 if window.saturating_sub(on_the_way) < window / 4 => SLEEP,
            0 => continue,
            rate => {
                let next = ((traffic.tally.sent + 1) as f64 / rate as f64 * 1e9) as u64;
                Duration::from_nanos(next.saturating_sub(traffic.now()))
            }
        };
        wait_for_either(traffic.clients, traffic.peers, sleep)?;
    };
    let delivered = to.tally.good - from.tally.good;
    let mut delays: Vec<_> = traffic.delays.take().unwrap_or_default();
    delays.sort_unstable();
    let delays: Vec<_> = delays.into_iter().map(u64::from).collect();
    Ok(Outcome {
        delivered,
        cpu: (to.cpu - from.cpu).as_secs_f64(),
        lost: match load.rate {
            0 => to.lost - from.lost,
            _ => (to.tally.sent - from.tally.sent).saturating_sub(delivered),
        },
        bad: to.tally.bad,
        p50_us: percentile(&delays, 50.0) as f64 / 1e3,
        p99_us: percentile(&delays, 99.0) as f64 / 1e3,
        memory,
    })
}

fn due(now: u64, rate: u64) -> u64 {
    (now as f64 / 1e9 * rate as f64) as u64
}
