//! The supernode as a program: settings, logs, signals.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use mimalloc::MiMalloc;
use shared::gates::token::Token;
use supernode::config::{self, Asked, Config};
use supernode::{Node, drive, identity, random, routes};
use tokio::signal::unix::{SignalKind, signal};
use tracing::error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Envelopes are allocated on one thread and freed on another, which costs the system's allocator dear.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Exit code for settings that cannot be used (BSD's EX_USAGE).
const EXIT_USAGE: u8 = 64;
/// Threads that wait for the disk: one commits, the others read windows of at most 512 KiB.
const BLOCKING_THREADS_MAX: usize = 16;

/// Tasks that run before sockets and timers are looked at again while there are more: a millisecond of work.
const TASKS_BETWEEN_LOOKS: u32 = 256;

fn main() -> ExitCode {
    let asked = match config::read(std::env::args().skip(1), std::env::vars()) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("supernode: {error}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match asked {
        Asked::Help => print(&config::usage()),
        Asked::Version => print(concat!("supernode ", env!("CARGO_PKG_VERSION"), "\n")),
        Asked::PrintConfig(config) => print(&config.to_toml()),
        Asked::Invite(config) => match invite(&config) {
            Ok(text) => print(&format!("{text}\n")),
            Err(failure) => {
                eprintln!("supernode: {failure:#}");
                ExitCode::FAILURE
            }
        },
        Asked::Routes(config) => match routes::card(&config) {
            Ok(text) => print(&text),
            Err(failure) => {
                eprintln!("supernode: {failure:#}");
                ExitCode::FAILURE
            }
        },
        Asked::Run(config) => match run(&config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                error!("{failure:#}");
                ExitCode::FAILURE
            }
        },
    }
}

fn print(text: &str) -> ExitCode {
    // A reader that has gone away, such as `head`, wants no more.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// An invite by the key in the data folder, which a supernode has made that ran there.
fn invite(config: &Config) -> Result<String> {
    let key = identity::read(&config.data)?;
    let life = Duration::from_secs(u64::from(config.invite_days) * 24 * 3600);
    let token = Token::issue(
        &key,
        drive::now().after(life),
        &mut random::System::default(),
    );
    Ok(token.to_text())
}

fn run(config: &Config) -> Result<()> {
    let level = config.log.filter();
    // It names the addresses of servers.
    let nats = if level >= LevelFilter::DEBUG {
        level
    } else {
        LevelFilter::OFF
    };
    let targets = Targets::new()
        .with_default(level)
        .with_target("async_nats", nats);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(targets);
    tracing_subscriber::registry().with(lines).init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .event_interval(TASKS_BETWEEN_LOOKS)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // It may wait for servers that are not there.
        let mut node = tokio::select! {
            node = Node::start(config) => node?,
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        };
        tokio::select! {
            ended = node.ended() => return ended,
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        node.drain().await
    });
    runtime.shutdown_background();
    outcome
}
