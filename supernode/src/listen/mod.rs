//! Sockets: HTTP and, by upgrade, WebSocket, on one port.
//!
//! The way of one connection: accepted here, under a limit on all; hyper reads a request with
//! timeouts and small buffers; [`http`] answers it or upgrades it; an upgraded socket leaves hyper
//! and lives in [`websocket`] with as little memory as can be. Any page may use any supernode, so
//! `Origin` is not looked at: a session needs no cookie, and what it may do it proves by keys.

pub mod address;
mod document;
pub mod http;
mod policy;
pub mod site;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tracing::{debug, warn};

use http::Http;

/// How long a client may take to send the head of a request, also between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one HTTP connection may live: the whole site over a slow line takes less.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(300);
/// Bytes buffered for the head of a request; larger heads are refused (431).
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Header fields of a request.
const HEADERS_MAX: usize = 64;
/// Pause after a failed accept, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long open connections get to send what is left after a shutdown.
const LINGER: Duration = Duration::from_secs(2);

/// A listening socket.
pub struct Listener {
    socket: TcpListener,
    http: Arc<Http>,
    connections: Arc<Semaphore>,
    connections_max: usize,
}

impl Listener {
    /// Listens on `address`, for at most `connections_max` connections at a time.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(
        address: SocketAddr,
        connections_max: usize,
        http: Http,
    ) -> std::io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let connections_max = connections_max.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self {
            socket,
            http: Arc::new(http),
            connections: Arc::new(Semaphore::new(connections_max)),
            connections_max,
        })
    }

    /// The address, with the port that was taken.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts until `stop` says true. Then [`Self::linger`].
    pub async fn accept(&self, mut stop: watch::Receiver<bool>) {
        let stopping = stop.clone();
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                accepted = self.accept_one() => match accepted {
                    Ok((stream, peer, permit)) => {
                        tokio::spawn(serve(stream, peer, Arc::clone(&self.http), permit, stopping.clone()));
                    }
                    Err(error) => {
                        warn!("cannot accept: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }

    /// Waits until all connections have ended, for a while.
    pub async fn linger(&self) {
        let all = u32::try_from(self.connections_max).unwrap_or(u32::MAX);
        if tokio::time::timeout(LINGER, self.connections.acquire_many(all))
            .await
            .is_err()
        {
            debug!("some connections did not end in time");
        }
    }

    async fn accept_one(&self) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.connections)
            .acquire_owned()
            .await
            .map_err(std::io::Error::other)?;
        let (stream, peer) = self.socket.accept().await?;
        Ok((stream, peer, permit))
    }
}

/// Waits until `stop` says true, or nobody is left to say it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    http: Arc<Http>,
    permit: OwnedSemaphorePermit,
    mut stop: watch::Receiver<bool>,
) {
    // Without it, small frames would wait for acknowledgements (RFC 896). It cannot matter if it fails.
    let _ = stream.set_nodelay(true);
    let permit = Arc::new(permit);
    let service = service_fn(|request| http.answer(peer.ip(), request, Arc::clone(&permit)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = tokio::time::sleep(CONNECTION_TIMEOUT) => None,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            Some(connection.await)
        }
    };
    if let Some(Err(error)) = ended {
        debug!(%peer, "connection ended: {error}");
    }
}
