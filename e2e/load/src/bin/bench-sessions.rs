//! Memory of idle sessions: `bench-sessions [--sessions 10000] [--settle-seconds 10]`.
//!
//! Opens sessions that each claim a mailbox of their own and then only ping, and divides what the
//! supernode's resident memory grew by.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e_load::client::Client;
use e2e_load::person::Person;
use e2e_load::report::{figure, print};
use e2e_load::server::Server;
use e2e_load::{arguments, limits};
use shared::base::limits::KEEPALIVE;
use shared::session::wire::ClientFrame;
use tokio::sync::{Semaphore, mpsc};

/// Handshakes at a time.
const AT_ONCE: usize = 64;

#[tokio::main]
async fn main() -> Result<()> {
    let [sessions, settle] = arguments::numbers([("sessions", 10_000), ("settle-seconds", 10)])?;
    limits::raise(sessions)?;
    let server = Server::start()?;
    // The first session touches code and memory that all share.
    drop(Client::claim(server.address, 0, &Person::new()).await?);
    let before = server.memory()?;

    let began = Instant::now();
    let (opened, mut waiting) = mpsc::channel(AT_ONCE);
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    for number in 1..=sessions {
        let turn = Arc::clone(&turns).acquire_owned().await?;
        let (opened, address) = (opened.clone(), server.address);
        tokio::spawn(async move {
            let client = Client::claim(address, number, &Person::new()).await;
            drop(turn);
            match client {
                Ok(client) => {
                    let _ = opened.send(Ok(())).await;
                    drop(opened);
                    idle(client).await;
                }
                Err(error) => drop(opened.send(Err(error)).await),
            }
        });
        while let Ok(result) = waiting.try_recv() {
            result.context("a session did not open")?;
        }
    }
    drop(opened);
    while let Some(result) = waiting.recv().await {
        result.context("a session did not open")?;
    }
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_secs(settle as u64)).await;

    let after = server.memory()?;
    let grown = after.saturating_sub(before) as f64;
    print(
        "sessions",
        &[
            figure("idle sessions", "", sessions as f64),
            figure("resident memory before", "KiB", before as f64 / 1024.0),
            figure("resident memory with all", "KiB", after as f64 / 1024.0),
            figure(
                "resident memory per session",
                "KiB",
                grown / 1024.0 / sessions as f64,
            ),
            figure(
                "sessions opened per second",
                "1/s",
                sessions as f64 / took.as_secs_f64(),
            ),
        ],
    );
    Ok(())
}

/// Does no more than keeping the session alive.
async fn idle(mut client: Client) {
    loop {
        let ping = tokio::time::sleep(KEEPALIVE);
        tokio::select! {
            () = ping => if client.send(&ClientFrame::Ping { token: 0 }).await.is_err() { return },
            frame = client.receive() => if frame.is_err() { return },
        }
    }
}
