//! STUN and TURN on their sockets, in a thread of their own.
//!
//! What to answer and where packets go is decided by [`shared::turn`]; here are the sockets: one UDP and
//! one TCP listener for each address that is set, and one UDP socket for each allocation. The thread
//! shares nothing with the rest of the program but counters, not even open files, so that a busy relay and
//! busy sessions do not wait for each other.
//!
//! With a certificate, the same over TLS, on ports of its own. Datagrams of WebRTC for the supernode itself are
//! passed on to [`super::direct`].

mod batch;
mod files;
mod flood;
mod line;
mod listeners;
mod month;
mod nap;
#[cfg(test)]
mod narrow;
mod offer;
mod poll;
mod relays;
mod settings;
mod sockets;
mod streams;
mod thread;
mod tls;
mod ways;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::eventfd::{EfdFlags, EventFd};
use shared::turn::Server;
use tokio::task::AbortHandle;
use tracing::{debug, error, info, warn};

use super::direct::Gate;
use crate::config::Config;
use crate::drive;
use crate::metrics::turn::Numbers;
use crate::random::System;
use listeners::Listeners;
use settings::From;
pub use settings::credentials;
use thread::Setup;
use tls::Certificate;

/// How often what was relayed this month is written down.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// A running relay.
pub struct Udp {
    addresses: Vec<SocketAddr>,
    places: Vec<SocketAddr>,
    sockets: Vec<UdpSocket>,
    urls: Vec<String>,
    stop: EventFd,
    thread: JoinHandle<()>,
    keeper: AbortHandle,
    numbers: Arc<Numbers>,
    month: PathBuf,
}

impl Udp {
    /// Starts one, if it is set. `http` is where the supernode is reached otherwise; `secret` makes
    /// credentials; `gate` says which datagrams are WebRTC-direct's.
    ///
    /// # Errors
    /// When an address cannot be had, or a setting cannot be used.
    pub fn start(
        config: &Config,
        secret: &[u8; 32],
        http: SocketAddr,
        numbers: Arc<Numbers>,
        gate: Option<Gate>,
    ) -> Result<Option<Self>> {
        if config.udp.0.is_empty() {
            ensure!(config.turn_tls.0.is_empty(), "turn_tls needs udp as well");
            return Ok(None);
        }
        let (mut udp, mut tcp, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
        for address in &config.udp.0 {
            let sockets = sockets::listen(*address);
            let sockets =
                sockets.with_context(|| format!("cannot listen on {address} for STUN"))?;
            addresses.push(sockets.0.local_addr()?);
            udp.push(sockets.0);
            tcp.push(sockets.1);
        }
        let mut tls = Vec::new();
        for address in &config.turn_tls.0 {
            let socket = sockets::tcp(*address);
            tls.push(socket.with_context(|| format!("cannot listen on {address} for TLS"))?);
        }
        let certificate = match config.turn_tls.0.is_empty() {
            true => None,
            false => Some(Certificate::read(
                &config.tls_certificate,
                &config.tls_key,
                Instant::now(),
            )?),
        };
        let name = certificate.as_ref().and_then(Certificate::name);
        let name = match config.turn_tls_name.as_str() {
            "" => name.map(str::to_owned),
            name => Some(name.to_owned()),
        };
        let tls_addresses = tls.iter().map(TcpListener::local_addr);
        let tls_addresses = tls_addresses.collect::<Result<Vec<_>, _>>()?;
        let month = month::path(&config.data);
        let froms = [true, false].map(|is_ipv4| settings::from(config, &addresses, is_ipv4));
        let services = addresses.iter().chain(&tls_addresses).copied();
        let services: Vec<_> = services.chain([http]).collect();
        let relayed = month::read(&month)?;
        let clone = |socket: &UdpSocket| socket.try_clone();
        let sockets = udp.iter().map(clone).collect::<Result<Vec<_>, _>>()?;
        let places = offer::places(&addresses, froms);
        let server = settings::server(config, secret, froms, services, relayed)?;
        let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let setup = Setup {
            server: Server::new(server, drive::now(), &mut System::default()),
            listeners: Listeners {
                udp,
                tcp,
                tls,
                certificate,
            },
            bind: bind(froms),
            allocations_max: config.turn_allocations_max,
            stop: stop.as_fd().try_clone_to_owned()?,
            numbers: Arc::clone(&numbers),
            gate,
        };
        let mut files = setup.listeners.numbers();
        files.push(setup.stop.as_raw_fd());
        let (taken, has_taken) = mpsc::channel();
        let own = files.clone();
        let thread = std::thread::Builder::new().name("relay".to_owned());
        let thread = thread.spawn(move || {
            let own = files::own(&own);
            // Who started it waits for this.
            let _ = taken.send(own.is_ok());
            if let Err(why) = own {
                debug!("the relay shares its table of files: {why}");
            }
            if let Err(why) = thread::run(setup) {
                error!("the relay has stopped: {why}");
            }
        })?;
        if has_taken.recv() == Ok(true) {
            files::forget(&files);
        }
        let [ports, tls] = [&addresses, &tls_addresses]
            .map(|them| them.iter().map(SocketAddr::port).collect::<Vec<_>>());
        info!(?ports, ?tls, "relaying");
        let keeper = tokio::spawn(keep(month.clone(), Arc::clone(&numbers)));
        Ok(Some(Self {
            urls: offer::urls(&places, &tls_addresses, name.as_deref()),
            addresses,
            places,
            sockets,
            stop,
            thread,
            keeper: keeper.abort_handle(),
            numbers,
            month,
        }))
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where clients find it.
    #[must_use]
    pub fn places(&self) -> &[SocketAddr] {
        &self.places
    }

    /// Its UDP listeners, to send from. They can be had once.
    pub fn take_sockets(&mut self) -> Vec<UdpSocket> {
        std::mem::take(&mut self.sockets)
    }

    /// Under which URLs clients find it (RFC 7064, RFC 7065).
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Ends all allocations, and writes down what has been relayed.
    ///
    /// # Errors
    /// When that cannot be written.
    pub async fn stop(self) -> Result<()> {
        self.keeper.abort();
        self.stop.write(1).map_err(io::Error::from)?;
        let ended = tokio::task::spawn_blocking(move || {
            // A thread that has panicked has said so.
            let _ = self.thread.join();
            month::write(&self.month, self.numbers.month())
        });
        ended
            .await?
            .context("cannot keep what was relayed this month")
    }
}

/// Where clients would find what listens on the addresses that are set, if each has a port of its own.
#[must_use]
pub fn places(config: &Config) -> Vec<SocketAddr> {
    let addresses = &config.udp.0;
    let froms = [true, false].map(|is_ipv4| settings::from(config, addresses, is_ipv4));
    let mut places = offer::places(addresses, froms);
    places.retain(|place| place.port() != 0);
    places
}

/// Which addresses relayed traffic is sent from; unspecified where there is none.
fn bind([v4, v6]: [Option<From>; 2]) -> [IpAddr; 2] {
    [
        v4.map_or(Ipv4Addr::UNSPECIFIED.into(), |from| from.bind),
        v6.map_or(Ipv6Addr::UNSPECIFIED.into(), |from| from.bind),
    ]
}

/// Writes down what has been relayed, again and again.
async fn keep(path: PathBuf, numbers: Arc<Numbers>) {
    let mut kept = None;
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        let month = numbers.month();
        if kept == Some(month) {
            continue;
        }
        let path = path.clone();
        let written = tokio::task::spawn_blocking(move || month::write(&path, month)).await;
        match written {
            Ok(Ok(())) => kept = Some(month),
            Ok(Err(why)) => warn!("cannot keep what was relayed this month: {why}"),
            Err(_) => return,
        }
    }
}
