//! A UDP socket that stands for many hosts: each packet says from which address it goes, and to which it
//! came (`IP_PKTINFO`).

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use anyhow::Result;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockFlag, SockType,
    SockaddrIn, bind, getsockname, recvmmsg, sendmmsg, sendmsg, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;

/// Packets taken or sent at a time.
pub const BATCH: usize = 64;
/// Bytes of the longest packet.
pub const PACKET_BYTES_MAX: usize = 2048;
/// What a socket may hold back, so that nothing is lost between two looks.
const BUFFER_BYTES: usize = 16 * 1024 * 1024;
/// How long a full socket is waited for.
const FULL_MS: u16 = 10;

/// Received packets.
pub struct Received {
    bytes: Vec<[u8; PACKET_BYTES_MAX]>,
    heads: MultiHeaders<SockaddrIn>,
    /// Of each packet: from whom, to which address, and how long.
    pub packets: Vec<(SocketAddrV4, Option<Ipv4Addr>, usize)>,
}

impl Default for Received {
    fn default() -> Self {
        Self {
            bytes: vec![[0; PACKET_BYTES_MAX]; BATCH],
            heads: MultiHeaders::preallocate(BATCH, Some(cmsg_space!(in_pktinfo))),
            packets: Vec::with_capacity(BATCH),
        }
    }
}

impl Received {
    /// The bytes of a packet.
    #[must_use]
    pub fn bytes(&self, index: usize) -> &[u8] {
        &self.bytes[index][..self.packets[index].2]
    }
}

/// One socket.
pub struct Wire {
    socket: OwnedFd,
    port: u16,
}

impl Wire {
    /// Opens it on `ip`, which may be all of this machine's; port 0 takes a free one.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn open(ip: Ipv4Addr, port: u16) -> Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
        // Who may not exceed the system's limit gets what it gives.
        if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER_BYTES).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &BUFFER_BYTES)?;
        }
        if setsockopt(&socket, sockopt::SndBufForce, &BUFFER_BYTES).is_err() {
            setsockopt(&socket, sockopt::SndBuf, &BUFFER_BYTES)?;
        }
        if ip.is_unspecified() {
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        }
        bind(
            socket.as_raw_fd(),
            &SockaddrIn::from(SocketAddrV4::new(ip, port)),
        )?;
        let port = getsockname::<SockaddrIn>(socket.as_raw_fd())?.port();
        Ok(Self { socket, port })
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes what is there, at most [`BATCH`] packets. Says how many.
    ///
    /// # Errors
    /// As the operating system says; nothing being there is none.
    pub fn receive(&self, into: &mut Received) -> Result<usize> {
        into.packets.clear();
        let mut slices: Vec<_> = into
            .bytes
            .iter_mut()
            .map(|bytes| [IoSliceMut::new(bytes)])
            .collect();
        let fd = self.socket.as_raw_fd();
        let received = recvmmsg(
            fd,
            &mut into.heads,
            slices.iter_mut(),
            MsgFlags::MSG_DONTWAIT,
            None,
        );
        let received = match received {
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => return Ok(0),
            other => other?,
        };
        for message in received {
            let from = message.address.map_or(
                SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
                SocketAddrV4::from,
            );
            let to = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    Some(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)))
                }
                _ => None,
            });
            into.packets.push((from, to, message.bytes));
        }
        Ok(into.packets.len())
    }

    /// Sends one packet, from the address `from`. Waits while the socket is full.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn send(&self, from: Ipv4Addr, to: SocketAddrV4, bytes: &[u8]) -> Result<()> {
        let info = in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: in_addr {
                s_addr: u32::from(from).to_be(),
            },
            ipi_addr: in_addr { s_addr: 0 },
        };
        let control = [ControlMessage::Ipv4PacketInfo(&info)];
        let to = SockaddrIn::from(to);
        loop {
            let slices = [IoSlice::new(bytes)];
            let fd = self.socket.as_raw_fd();
            let sent = sendmsg(fd, &slices, &control, MsgFlags::MSG_DONTWAIT, Some(&to));
            match sent {
                Err(Errno::EAGAIN) => self.wait(PollFlags::POLLOUT, FULL_MS.into())?,
                Err(Errno::EINTR) => {}
                // A peer that is not there any more.
                Err(Errno::ECONNREFUSED) => return Ok(()),
                other => return Ok(other.map(|_| ())?),
            }
        }
    }

    /// Sends what was received on to the addresses beside it, by one call if that does.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn forward(
        &self,
        heads: &mut MultiHeaders<SockaddrIn>,
        received: &Received,
        to: &[Option<SockaddrIn>],
    ) -> Result<()> {
        let slices: Vec<_> = (0..to.len())
            .map(|index| [IoSlice::new(received.bytes(index))])
            .collect();
        let mut done = 0;
        while done < to.len() {
            let fd = self.socket.as_raw_fd();
            let rest = (slices[done..].iter(), &to[done..]);
            let sent = sendmmsg(fd, heads, rest.0, rest.1, [], MsgFlags::MSG_DONTWAIT);
            match sent.map(Iterator::count) {
                Ok(count) => done += count,
                Err(Errno::EAGAIN) => self.wait(PollFlags::POLLOUT, FULL_MS.into())?,
                Err(Errno::EINTR) => {}
                Err(Errno::ECONNREFUSED) => done += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Waits until something has come, for a while.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn wait_for_packets(&self, time: Duration) -> Result<()> {
        let millis = u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
        self.wait(PollFlags::POLLIN, millis.into())
    }

    fn wait(&self, what: PollFlags, time: PollTimeout) -> Result<()> {
        let mut fds = [PollFd::new(self.socket.as_fd(), what)];
        match poll(&mut fds, time) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Waits until one of two has something, to the nanosecond.
///
/// # Errors
/// As the operating system says.
pub fn wait_for_either(one: &Wire, other: &Wire, time: Duration) -> Result<()> {
    let mut fds = [one, other].map(|wire| PollFd::new(wire.as_fd(), PollFlags::POLLIN));
    match nix::poll::ppoll(&mut fds, Some(TimeSpec::from_duration(time)), None) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
