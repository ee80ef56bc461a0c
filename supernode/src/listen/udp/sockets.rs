//! Opening sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsFd;

use rustix::net::sockopt::{Ipv4PathMtuDiscovery, ip_mtu, ip_ttl, set_ip_mtu_discover, set_ip_ttl};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// What a listening socket may hold back while the thread is busy, as far as the system allows.
const LISTENER_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// TCP connections that wait to be accepted.
const BACKLOG: i32 = 128;
/// Free ports tried when the same one is wanted for UDP and TCP.
const PORT_TRIES: usize = 16;
/// Bytes of the headers of IPv4, without options, and UDP.
const HEADERS_BYTES: usize = 20 + 8;

/// A UDP and a TCP socket on one address and port. Port 0 takes one that is free for both.
pub fn listen(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        let udp = udp(address, Shared::Yes)?;
        // Without it, a burst would be lost while one packet is worked on. The system's limit holds.
        let _ = udp.set_recv_buffer_size(LISTENER_BUFFER_BYTES);
        let _ = udp.set_send_buffer_size(LISTENER_BUFFER_BYTES);
        let udp = UdpSocket::from(udp);
        match tcp(udp.local_addr()?) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(_) if address.port() == 0 && tries < PORT_TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// A UDP socket for relaying.
pub fn relay(address: SocketAddr) -> io::Result<UdpSocket> {
    udp(address, Shared::No).map(UdpSocket::from)
}

/// A UDP socket bound to the multicast address `group`, connected to `to`. `beside` is the one that has its port at an
/// address of the machine's.
pub fn one_way(beside: &UdpSocket, group: SocketAddr, to: SocketAddr) -> io::Result<UdpSocket> {
    // Who has the port at all addresses has it at this one, too. When it was bound, nobody else had it.
    let shared = match beside.local_addr()?.ip().is_unspecified() {
        true => Shared::Yes,
        false => Shared::No,
    };
    if shared == Shared::Yes {
        SockRef::from(beside).set_reuse_port(true)?;
    }
    let socket = udp(group, shared)?;
    // Nothing comes. The system gives the least that it has.
    let _ = socket.set_recv_buffer_size(0);
    if to.is_ipv4() {
        let _ = set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::PROBE);
    }
    socket.connect(&to.into())?;
    Ok(socket.into())
}

/// Bytes of the longest datagram that goes whole to where `socket` is connected to, so far as the kernel knew when it
/// last sent by it.
pub fn datagram_bytes_max(socket: &UdpSocket) -> usize {
    let mtu = ip_mtu(socket).map_or(usize::MAX, |mtu| usize::try_from(mtu).unwrap_or(usize::MAX));
    mtu.saturating_sub(HEADERS_BYTES)
}

/// A UDP socket beside the listener at `listener`, for what `client` sends to it.
pub fn guard(listener: SocketAddr, client: SocketAddr) -> io::Result<UdpSocket> {
    let socket = udp(listener, Shared::Yes)?;
    socket.connect(&client.into())?;
    Ok(socket.into())
}

/// Whether others of this program may have the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    Yes,
    No,
}

fn udp(address: SocketAddr, shared: Shared) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    prepare(&socket, address)?;
    if address.is_ipv4() {
        let _ = set_fragments(&socket, false);
        // The system's own: a socket that has one need not look for it with each packet.
        let _ = ip_ttl(&socket).and_then(|hops| set_ip_ttl(&socket, hops));
    }
    socket.set_reuse_port(shared == Shared::Yes)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Whether IPv4 packets that a path does not carry whole are cut, or refused (`EMSGSIZE`). While they are
/// not, the kernel draws no number for each packet to put the parts together by.
///
/// # Errors
/// As the operating system says.
pub fn set_fragments(socket: impl AsFd, fragments: bool) -> io::Result<()> {
    let how = match fragments {
        true => Ipv4PathMtuDiscovery::WANT,
        false => Ipv4PathMtuDiscovery::DO,
    };
    Ok(set_ip_mtu_discover(socket, how)?)
}

/// A TCP socket on which clients come in.
pub fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    prepare(&socket, address)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn prepare(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        // An IPv4 socket has the IPv4 addresses, or nobody.
        socket.set_only_v6(true)?;
    }
    Ok(())
}

/// The address of this machine from which others of the family would be reached. Sends nothing.
pub fn outward(is_ipv4: bool) -> Option<IpAddr> {
    // Documentation addresses (RFC 5737, RFC 3849): nobody's, and routed like anybody's.
    let somewhere: IpAddr = match is_ipv4 {
        true => Ipv4Addr::new(192, 0, 2, 1).into(),
        false => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    outward_to((somewhere, 9).into()).ok()
}

/// The address of this machine from which `other` is reached. Sends nothing.
pub fn outward_to(other: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match other.is_ipv4() {
        true => Ipv4Addr::UNSPECIFIED.into(),
        false => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(other)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_is_had_for_both() {
        let (udp, tcp) = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_eq!(udp.local_addr().unwrap(), tcp.local_addr().unwrap());
        let again = listen(udp.local_addr().unwrap());
        assert!(again.is_err());
    }
}
