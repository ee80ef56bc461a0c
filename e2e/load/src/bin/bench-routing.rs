//! Envelopes per second of the supernode's CPU time:
//! `bench-routing [--pairs 500] [--seconds 10] [--bytes 256] [--keep-seconds 0]`.
//!
//! Closed loop: each pair has one envelope on its way, and the next is deposited when it has come.
//! With `--keep-seconds` the envelopes are kept instead of live: committed, delivered, acknowledged
//! and removed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use e2e_load::client::Client;
use e2e_load::person::Person;
use e2e_load::report::{figure, percentile, print};
use e2e_load::server::Server;
use e2e_load::{arguments, limits};
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame};
use tokio::task::JoinSet;

/// Runs before the clock starts, so that all is warm.
const WARM_UP: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    let [pairs, seconds, bytes, keep] = arguments::numbers([
        ("pairs", 500),
        ("seconds", 10),
        ("bytes", 256),
        ("keep-seconds", 0),
    ])?;
    let keep = u32::try_from(keep)?;
    limits::raise(pairs * 2)?;
    let server = Server::start()?;
    let mut ready = Vec::new();
    for number in 0..pairs {
        let person = Person::new();
        let receiver = Client::claim(server.address, number * 2, &person).await?;
        let (sender, _) = Client::connect(server.address, number * 2 + 1).await?;
        ready.push((sender, receiver, person));
    }
    let begin = Instant::now() + WARM_UP;
    let end = begin + Duration::from_secs(seconds as u64);
    let mut running = JoinSet::new();
    for (sender, receiver, person) in ready {
        running.spawn(run(sender, receiver, person, (bytes, keep), begin, end));
    }
    tokio::time::sleep_until(begin.into()).await;
    let cpu_before = server.cpu_time()?;
    tokio::time::sleep_until(end.into()).await;
    let cpu = server.cpu_time()?.saturating_sub(cpu_before).as_secs_f64();
    let mut micros = Vec::new();
    while let Some(pair) = running.join_next().await {
        micros.extend(pair??);
    }
    micros.sort_unstable();
    let routed = micros.len() as f64;
    let latency = |percent| percentile(&micros, percent) as f64 / 1000.0;
    print(
        "routing",
        &[
            figure("pairs", "", pairs as f64),
            figure("kept for", "s", f64::from(keep)),
            figure(
                "disk used at the end",
                "KiB",
                server.disk()? as f64 / 1024.0,
            ),
            figure("sealed bytes per envelope", "B", bytes as f64),
            figure("envelopes routed", "", routed),
            figure("envelopes per second", "1/s", routed / seconds as f64),
            figure("supernode CPU", "s", cpu),
            figure("envelopes per supernode CPU-second", "1/s", routed / cpu),
            figure("deposit to delivery p50", "ms", latency(50.0)),
            figure("deposit to delivery p95", "ms", latency(95.0)),
            figure("deposit to delivery p99", "ms", latency(99.0)),
        ],
    );
    Ok(())
}

/// Microseconds from deposit to delivery of each envelope between `begin` and `end`.
async fn run(
    mut sender: Client,
    mut receiver: Client,
    person: Person,
    (bytes, keep): (usize, u32),
    begin: Instant,
    end: Instant,
) -> Result<Vec<u64>> {
    let mut micros = Vec::new();
    for number in 0_u64.. {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let envelope = person.envelope(number, keep, vec![7; bytes]);
        sender
            .send(&ClientFrame::Deposit {
                request: 0,
                envelope,
            })
            .await?;
        match receiver.receive().await? {
            NodeFrame::Deliver { deliveries } if deliveries.len() == 1 => {
                let up_to = deliveries.first().map_or(0, |delivery| delivery.sequence);
                if up_to > 0 {
                    receiver.send(&ClientFrame::Ack { up_to }).await?;
                }
            }
            other => bail!("{other:?} instead of a delivery"),
        }
        if sent >= begin {
            micros.push(u64::try_from(sent.elapsed().as_micros())?);
        }
        match sender.receive().await? {
            NodeFrame::Deposited { receipts }
                if receipts
                    .iter()
                    .all(|receipt| receipt.code == DepositCode::Ok) => {}
            other => bail!("{other:?} instead of a receipt"),
        }
    }
    Ok(micros)
}
