//! Where clients come in.

use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

use super::tls::Certificate;

/// Sockets on which clients come in.
pub struct Listeners {
    pub udp: Vec<UdpSocket>,
    pub tcp: Vec<TcpListener>,
    /// On these, with TLS.
    pub tls: Vec<TcpListener>,
    /// How it is spoken.
    pub certificate: Option<Certificate>,
}

impl Listeners {
    /// The numbers of all sockets.
    pub fn numbers(&self) -> Vec<RawFd> {
        let udp = self.udp.iter().map(AsRawFd::as_raw_fd);
        let tcp = self.tcp.iter().chain(&self.tls);
        udp.chain(tcp.map(AsRawFd::as_raw_fd)).collect()
    }
}
