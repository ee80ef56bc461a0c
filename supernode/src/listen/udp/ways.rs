//! Sockets to send by: each connected to one address, and never received from. The kernel looks for a way to
//! that address once, not for each packet; and as nobody waits at such a socket, nobody is told, with each
//! packet that leaves, that there is room for one more. Both together are a fifth of what sending costs.
//!
//! Nothing comes to them, because they are bound to a multicast address, which nobody sends to: then they
//! send from the machine's own (`ip(7)`), with the port that they are bound to. So what one sends is
//! like what the socket beside it would have sent, and what others send comes to that one.
//!
//! With each packet the kernel would also look how long one may be on that path. We look once a second
//! instead (`IP_PMTUDISC_PROBE`); what is known to be too long goes by the socket beside it, which cuts it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;
use std::{io, mem};

use nix::sys::resource::{Resource, getrlimit};
use tracing::debug;

use super::sockets;

/// Packets to one address, none to another in between, after which it gets a socket.
const CONNECT_AFTER: u32 = 32;
/// The same if another address has one already, which then gives way, or if one could not be had.
const MOVE_AFTER: u32 = 1024;
/// Such sockets, however many files there may be: more would crowd the caches and win nothing.
const WAYS_MAX: usize = 1024;
/// One part in this many of the files that the process may open goes to them.
const FILES_PART: u64 = 4;
/// How long the first one may take to be heard.
const HEARD_WITHIN: Duration = Duration::from_secs(1);

/// Where most is sent of one kind: by an allocation to its peers, or to its client.
#[derive(Debug, Default)]
pub struct Way {
    /// Few have one.
    own: Option<Box<Own>>,
    /// The last one written to that has none, and how often in a row.
    last: Option<SocketAddr>,
    row: u32,
    failed: bool,
}

/// A socket that is connected to `to`.
#[derive(Debug)]
struct Own {
    socket: UdpSocket,
    to: SocketAddr,
    /// For longer datagrams there is the socket beside it.
    bytes_max: usize,
}

/// All of them.
pub struct Ways {
    max: usize,
    count: usize,
    made: u16,
    /// Closed, but perhaps named by a packet that waits to be sent.
    closed: Vec<UdpSocket>,
}

impl Ways {
    /// None yet; and none ever, if what they send does not come from where `listeners` are.
    pub fn new(listeners: &[UdpSocket]) -> Self {
        let files = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft / FILES_PART);
        let max = usize::try_from(files).map_or(WAYS_MAX, |files| files.min(WAYS_MAX));
        let mut heard = listeners.iter().map(|listener| {
            let ip = listener.local_addr()?.ip();
            is_heard(ip)
        });
        let fine = heard.all(|heard| {
            heard.unwrap_or_else(|error| {
                debug!("no sockets to send by: {error}");
                false
            })
        });
        Self {
            max: if fine { max } else { 0 },
            count: 0,
            made: 0,
            closed: Vec::new(),
        }
    }

    /// By which socket a packet of `bytes` goes to `to` that `from` could send, and whether that one is connected.
    pub fn take(
        &mut self,
        way: &mut Way,
        from: &UdpSocket,
        to: SocketAddr,
        bytes: usize,
    ) -> (RawFd, bool) {
        match &way.own {
            Some(own) if own.to == to && bytes <= own.bytes_max => {
                if way.last.is_some() {
                    way.last = None;
                }
                return (own.socket.as_raw_fd(), true);
            }
            Some(own) if own.to == to => {
                // All of it goes by one socket, so that it keeps its order.
                self.close(way);
                way.failed = true;
                return (from.as_raw_fd(), false);
            }
            _ if way.last == Some(to) => way.row += 1,
            _ => (way.last, way.row) = (Some(to), 1),
        }
        let after = match way.own.is_some() || way.failed {
            true => MOVE_AFTER,
            false => CONNECT_AFTER,
        };
        if way.row < after {
            return (from.as_raw_fd(), false);
        }
        self.close(way);
        if self.count >= self.max {
            way.failed = true;
            return (from.as_raw_fd(), false);
        }
        self.made = self.made.wrapping_add(1);
        match one_way(from, to, self.made) {
            Ok(socket) => {
                way.own = Some(Box::new(Own {
                    socket,
                    to,
                    bytes_max: usize::MAX,
                }));
                way.measure();
                self.count += 1;
                self.take(way, from, to, bytes)
            }
            Err(error) => {
                debug!("no socket to send by: {error}");
                way.failed = true;
                (from.as_raw_fd(), false)
            }
        }
    }

    /// Gives up the socket of `way`, if it has one.
    pub fn close(&mut self, way: &mut Way) {
        if let Some(own) = mem::take(way).own {
            self.closed.push(own.socket);
            self.count -= 1;
        }
    }

    /// Lets go of what was closed: nothing that is to be sent names it any more.
    pub fn bury(&mut self) {
        self.closed.clear();
    }
}

impl Way {
    /// Looks at what is known of how long datagrams may be. What once was too long stays so.
    pub fn measure(&mut self) {
        if let Some(own) = self.own.as_mut().filter(|own| own.to.is_ipv4()) {
            let now = sockets::datagram_bytes_max(&own.socket);
            own.bytes_max = own.bytes_max.min(now);
        }
    }
}

/// A socket that sends to `to` as `from` does. No two of one port have the same `number`.
fn one_way(from: &UdpSocket, to: SocketAddr, number: u16) -> io::Result<UdpSocket> {
    let address = from.local_addr()?;
    if !address.ip().is_unspecified() && sockets::outward_to(to)? != address.ip() {
        // The machine would send from another of its addresses.
        return Err(io::ErrorKind::AddrNotAvailable.into());
    }
    let [high, low] = number.to_be_bytes();
    let group: IpAddr = match to {
        // For use within a site (RFC 2365 §6.1, RFC 4291 §2.7).
        SocketAddr::V4(_) => Ipv4Addr::new(239, 255, high, low).into(),
        SocketAddr::V6(_) => Ipv6Addr::new(0xff15, 0, 0, 0, 0, 0, 0x6b69, number).into(),
    };
    sockets::one_way(from, (group, address.port()).into(), to)
}

/// Whether what one sends comes from the address of the socket beside it, here at `ip`, and what is sent
/// there goes to that one.
fn is_heard(ip: IpAddr) -> io::Result<bool> {
    let beside = sockets::relay((ip, 0).into())?;
    let mut address = beside.local_addr()?;
    if ip.is_unspecified() {
        address.set_ip(match ip.is_ipv4() {
            true => Ipv4Addr::LOCALHOST.into(),
            false => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let other = UdpSocket::bind((address.ip(), 0))?;
    let socket = one_way(&beside, other.local_addr()?, 0)?;
    for socket in [&other, &beside] {
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(HEARD_WITHIN))?;
    }
    socket.send(b"?")?;
    let (_, from) = other.recv_from(&mut [0; 1])?;
    other.send_to(b"!", address)?;
    beside.recv_from(&mut [0; 1])?;
    let is_deaf = socket.recv(&mut [0; 1]).is_err();
    Ok(is_deaf && from == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(ip: &str) -> UdpSocket {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(HEARD_WITHIN)).unwrap();
        socket
    }

    /// Sends `times` packets. Says by what the last one went, and checks from where it came.
    fn send(ways: &mut Ways, way: &mut Way, from: &UdpSocket, to: &UdpSocket, times: u32) -> bool {
        let address = to.local_addr().unwrap();
        let last = (0..times).map(|_| ways.take(way, from, address, 2)).last();
        let (number, connected) = last.unwrap();
        assert_eq!(number != from.as_raw_fd(), connected);
        if let Some(own) = &way.own
            && connected
        {
            assert_eq!((own.socket.as_raw_fd(), own.to), (number, address));
            let own = &own.socket;
            own.send(b"hi").unwrap();
            let (_, came) = to.recv_from(&mut [0; 8]).unwrap();
            assert_eq!(came.port(), from.local_addr().unwrap().port());
            // And back to the socket beside it.
            to.send_to(b"ho", came).unwrap();
            assert!(own.recv(&mut [0; 8]).is_err());
            assert_eq!(from.recv(&mut [0; 8]).unwrap(), 2);
        }
        connected
    }

    #[test]
    fn who_is_sent_much_has_a_socket_and_nothing_comes_to_it() {
        for ip in ["127.0.0.1", "::1", "0.0.0.0"] {
            let home = if ip == "0.0.0.0" { "127.0.0.1" } else { ip };
            let ip: IpAddr = ip.parse().unwrap();
            let from = sockets::relay((ip, 0).into()).unwrap();
            from.set_nonblocking(false).unwrap();
            let [ann, bob] = [socket(home), socket(home)];
            let mut ways = Ways::new(std::slice::from_ref(&from));
            assert!(ways.max > 0, "{ip}");
            let way = &mut Way::default();
            assert!(!send(&mut ways, way, &from, &ann, CONNECT_AFTER - 1));
            assert!(send(&mut ways, way, &from, &ann, 1), "{ip}");
            // Another one, between whose packets there are some for the first, does not take its place.
            for _ in 0..3 {
                assert!(!send(&mut ways, way, &from, &bob, MOVE_AFTER - 1));
                assert!(send(&mut ways, way, &from, &ann, 1));
            }
            assert!(send(&mut ways, way, &from, &bob, MOVE_AFTER));
            assert_eq!((ways.count, ways.closed.len()), (1, 1));
        }
    }

    #[test]
    fn there_are_so_many_and_no_more() {
        let from = sockets::relay("127.0.0.1:0".parse().unwrap()).unwrap();
        from.set_nonblocking(false).unwrap();
        let to = socket("127.0.0.1");
        let mut ways = Ways::new(std::slice::from_ref(&from));
        let [first, second] = &mut [Way::default(), Way::default()];
        ways.max = 1;
        assert!(send(&mut ways, first, &from, &to, CONNECT_AFTER));
        assert!(!send(&mut ways, second, &from, &to, MOVE_AFTER));
        ways.close(first);
        assert!(send(&mut ways, second, &from, &to, MOVE_AFTER));
    }

    #[test]
    fn an_address_that_the_machine_would_not_send_from_is_not_sent_from() {
        // Loopback has a whole network of addresses, and sends from the first.
        let from = sockets::relay("127.0.0.77:0".parse().unwrap()).unwrap();
        assert!(one_way(&from, "127.0.0.1:9".parse().unwrap(), 0).is_err());
        assert_eq!(Ways::new(std::slice::from_ref(&from)).max, 0);
    }
}
