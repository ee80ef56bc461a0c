//! Sockets: HTTP and, by upgrade, WebSocket, on one port.
//!
//! The way of one connection: accepted here, under a limit on all; hyper reads a request with
//! timeouts and small buffers; [`http`] answers it or upgrades it; an upgraded socket leaves hyper
//! and lives in [`websocket`] with as little memory as can be. Any page may use any supernode, so
//! `Origin` is not looked at: a session needs no cookie, and what it may do it proves by keys.

pub mod address;
pub mod admission;
pub mod direct;
mod document;
pub mod http;
mod policy;
pub mod site;
pub mod udp;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tracing::{debug, warn};

use admission::{Admission, Place};
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
    admission: Admission,
}

impl Listener {
    /// Whoever comes to `socket` is let in.
    #[must_use]
    pub fn new(socket: TcpListener, admission: Admission, http: Http) -> Self {
        let http = Arc::new(http);
        Self {
            socket,
            http,
            admission,
        }
    }

    /// Accepts until `stop` says true. Then [`Self::linger`].
    pub async fn accept(&self, mut stop: watch::Receiver<bool>) {
        let stopping = stop.clone();
        loop {
            tokio::select! {
                () = stopped(&mut stop) => return,
                accepted = self.accept_one() => match accepted {
                    Ok((stream, peer, Some(place))) => {
                        tokio::spawn(serve(stream, peer, Arc::clone(&self.http), place, stopping.clone()));
                    }
                    Ok((_, peer, None)) => debug!(%peer, "has too many connections"),
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
        if !self.admission.empty(LINGER).await {
            debug!("some connections did not end in time");
        }
    }

    async fn accept_one(&self) -> std::io::Result<(TcpStream, SocketAddr, Option<Place>)> {
        let closed = || std::io::Error::other("no more connections are admitted");
        let one_of_all = self.admission.wait().await.ok_or_else(closed)?;
        let (stream, peer) = self.socket.accept().await?;
        let place = self
            .admission
            .admit(one_of_all, self.http.source(peer.ip()));
        Ok((stream, peer, place))
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
    place: Place,
    mut stop: watch::Receiver<bool>,
) {
    // Without it, small frames would wait for acknowledgements (RFC 896). It cannot matter if it fails.
    let _ = stream.set_nodelay(true);
    let place = Arc::new(place);
    let service = service_fn(|request| http.answer(peer.ip(), request, Arc::clone(&place)));
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
