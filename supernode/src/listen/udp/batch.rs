//! Many datagrams by one call: `recvmmsg(2)`; several to one address as one (`UDP_SEGMENT`, `udp(7)`); and
//! single ones, which by `sendto` and `recvfrom` take less than as lists of one.
//!
//! The only unsafe code of this program. What makes it sound:
//! - Every pointer handed to the kernel is made within the call that hands it over, from vectors that are
//!   not touched until that call returns, and the kernel keeps none.
//! - Every index is checked: slots by [`slot`], lengths by the slices that they come from.
//! - The kernel's own counts are not believed: what it says that it received is cut to a slot's length.
//! - Sockets go by number; whoever hands one over keeps it open until the call returns.
#![allow(unsafe_code)]

use std::io;
use std::mem::{offset_of, size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ops::Range;
use std::os::fd::{BorrowedFd, RawFd};
use std::ptr;

use nix::sys::socket::{SockaddrLike, SockaddrStorage};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recvfrom, send, sendto};
use shared::turn::{HEADROOM, TAILROOM};

use super::sockets;

/// Datagrams in memory at a time.
pub const SLOTS: usize = 256;
/// Longest datagram that is relayed. Longer ones, which no path on the Internet carries whole, are dropped.
pub const DATAGRAM_BYTES_MAX: usize = 2048 - HEADROOM - TAILROOM;

/// Not a multiple of a power of two, so that the beginnings of slots share no lines of a cache.
const SLOT_LEN: usize = (HEADROOM + DATAGRAM_BYTES_MAX + TAILROOM).next_multiple_of(64) + 64;
/// Datagrams that may be sent as one (`UDP_MAX_SEGMENTS` of older kernels).
const SEGMENTS_MAX: usize = 64;
/// Bytes that may be sent as one: an IPv4 datagram's, roundly.
const SEGMENTS_BYTES_MAX: usize = 60_000;
/// How often one is tried again that the kernel does not send for a reason that then is gone.
const TRIES_MAX: usize = 3;

/// Room for datagrams.
pub struct Batch {
    bytes: Vec<u8>,
    /// From whom what is in a slot came, and its length; `None` if it was too long.
    received: Vec<Option<(SocketAddr, usize)>>,
    names: Vec<libc::sockaddr_in6>,
    iovs: Vec<libc::iovec>,
    heads: Vec<libc::mmsghdr>,
}

fn slot(index: usize) -> Range<usize> {
    assert!(index < SLOTS, "a slot of the batch");
    index * SLOT_LEN..(index + 1) * SLOT_LEN
}

impl Batch {
    pub fn new() -> Self {
        // SAFETY: all of these are plain C structs, for which zeros are a value.
        let (name, head): (libc::sockaddr_in6, libc::mmsghdr) = unsafe { (zeroed(), zeroed()) };
        Self {
            bytes: vec![0; SLOTS * SLOT_LEN],
            received: vec![None; SLOTS],
            names: vec![name; SLOTS],
            iovs: vec![empty(); SLOTS],
            heads: vec![head; SLOTS],
        }
    }

    /// Receives into at most `count` slots from `first` on, without waiting. Says into how many.
    pub fn receive(&mut self, socket: RawFd, first: usize, count: usize) -> io::Result<usize> {
        let last = (first + count).min(SLOTS);
        for index in first..last {
            let room = &mut self.bytes[slot(index)][HEADROOM..HEADROOM + DATAGRAM_BYTES_MAX];
            self.iovs[index] = libc::iovec {
                iov_base: room.as_mut_ptr().cast(),
                iov_len: room.len(),
            };
            let head = &mut self.heads[index].msg_hdr;
            head.msg_name = ptr::from_mut(&mut self.names[index]).cast();
            head.msg_namelen = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
            head.msg_iov = ptr::from_mut(&mut self.iovs[index]);
            head.msg_iovlen = 1;
            head.msg_control = ptr::null_mut();
            head.msg_controllen = 0;
            head.msg_flags = 0;
        }
        let heads = &mut self.heads[first..last];
        // SAFETY: `heads` are as many as is said, and point to buffers of the lengths beside them, all of
        // which live in `self` and are not touched before the call returns.
        let received = unsafe {
            libc::recvmmsg(
                socket,
                heads.as_mut_ptr(),
                heads.len() as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        let heads = heads.iter().zip(&self.names[first..]);
        let slots = self.received[first..].iter_mut().zip(heads);
        for (slot, (head, name)) in slots.take(received) {
            let is_whole = head.msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            let len = (head.msg_len as usize).min(DATAGRAM_BYTES_MAX);
            *slot = address(name).filter(|_| is_whole).map(|from| (from, len));
        }
        Ok(received)
    }

    /// Receives into one slot, without waiting. Says whether something came.
    pub fn receive_one(&mut self, socket: RawFd, index: usize) -> bool {
        // One byte more than is taken shows what is longer.
        let room = &mut self.bytes[slot(index)][HEADROOM..=HEADROOM + DATAGRAM_BYTES_MAX];
        // SAFETY: the caller has the socket open.
        let socket = unsafe { BorrowedFd::borrow_raw(socket) };
        let Ok((len, _, from)) = recvfrom(socket, room, RecvFlags::DONTWAIT) else {
            return false;
        };
        let from = from.and_then(|from| SocketAddr::try_from(from).ok());
        self.received[index] = from
            .filter(|_| len <= DATAGRAM_BYTES_MAX)
            .map(|from| (from, len));
        true
    }

    /// Who sent what is in a slot, and its length; `None` if it was too long.
    pub fn received(&self, index: usize) -> Option<(SocketAddr, usize)> {
        self.received[index]
    }

    /// A slot. A datagram is in it from [`HEADROOM`] on.
    pub fn slot_mut(&mut self, index: usize) -> &mut [u8] {
        &mut self.bytes[slot(index)]
    }

    /// Part of a slot.
    pub fn part(&self, index: usize, range: Range<usize>) -> &[u8] {
        &self.bytes[slot(index)][range]
    }
}

fn empty() -> libc::iovec {
    libc::iovec {
        iov_base: ptr::null_mut(),
        iov_len: 0,
    }
}

/// A datagram to send: part of a slot, and where to.
#[derive(Debug, Clone)]
pub struct Out {
    pub socket: RawFd,
    pub slot: usize,
    pub range: Range<usize>,
    pub to: SocketAddr,
    /// Whether the socket is connected to that address.
    pub connected: bool,
}

impl Out {
    /// The same for all to one address, and for few others.
    pub fn group(&self) -> u64 {
        let ip = match self.to.ip() {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits() as u64,
        };
        ip << 16 ^ u64::from(self.to.port())
    }
}

/// Sends `outs`, all from the first one's socket, in their order, several as one where that goes. Says how
/// many could not be sent: the socket's buffer is full, or there is no way to them.
pub fn send_all(batch: &Batch, outs: &[Out]) -> u64 {
    let (mut rest, mut lost) = (outs, 0);
    while !rest.is_empty() {
        let (these, others) = rest.split_at(alike(rest));
        lost += match these {
            [out] => send_one(batch, out),
            _ => send_group(batch, these),
        };
        rest = others;
    }
    lost
}

/// What says that a message is several datagrams: of this many bytes, but for the last.
#[repr(C)]
struct Segments {
    head: libc::cmsghdr,
    bytes: u16,
}

/// Sends those that are [`alike`] as one.
fn send_group(batch: &Batch, outs: &[Out]) -> u64 {
    let Some(first) = outs.first() else {
        return 0;
    };
    let mut parts = [empty(); SEGMENTS_MAX];
    let count = outs.len().min(SEGMENTS_MAX);
    for (part, out) in parts.iter_mut().zip(outs) {
        let bytes = batch.part(out.slot, out.range.clone());
        part.iov_base = bytes.as_ptr().cast_mut().cast();
        part.iov_len = bytes.len();
    }
    // SAFETY: both are plain C structs, for which zeros are a value.
    let (mut segments, mut head): (Segments, libc::msghdr) = unsafe { (zeroed(), zeroed()) };
    segments.head.cmsg_len = (offset_of!(Segments, bytes) + size_of::<u16>()) as _;
    segments.head.cmsg_level = libc::SOL_UDP;
    segments.head.cmsg_type = libc::UDP_SEGMENT;
    segments.bytes = u16::try_from(first.range.len()).unwrap_or(u16::MAX);
    let to = SockaddrStorage::from(first.to);
    if !first.connected {
        head.msg_name = to.as_ptr().cast_mut().cast();
        head.msg_namelen = to.len();
    }
    head.msg_iov = parts.as_mut_ptr();
    head.msg_iovlen = count as _;
    head.msg_control = ptr::from_mut(&mut segments).cast();
    head.msg_controllen = size_of::<Segments>() as _;
    // SAFETY: what `head` points to, with the lengths beside it, lives until the call returns, and is only read.
    let sent = unsafe { libc::sendmsg(first.socket, &head, libc::MSG_DONTWAIT) };
    if sent >= 0 {
        return 0;
    }
    match io::Error::last_os_error().raw_os_error() {
        Some(libc::EAGAIN | libc::ENOBUFS) => outs.len() as u64,
        _ => outs.iter().map(|out| send_one(batch, out)).sum(),
    }
}

/// Sends a single one. Says how many could not be.
fn send_one(batch: &Batch, out: &Out) -> u64 {
    let bytes = batch.part(out.slot, out.range.clone());
    // SAFETY: the caller has the socket open.
    let socket = unsafe { BorrowedFd::borrow_raw(out.socket) };
    let mut tries = 0;
    loop {
        let sent = match out.connected {
            true => send(socket, bytes, SendFlags::DONTWAIT),
            false => sendto(socket, bytes, SendFlags::DONTWAIT, &out.to),
        };
        tries += 1;
        match sent {
            Ok(_) => return 0,
            Err(Errno::INTR) => {}
            // From now on, for this socket, the kernel cuts what a path does not carry whole.
            Err(Errno::MSGSIZE) if tries < TRIES_MAX && out.to.is_ipv4() => {
                if sockets::set_fragments(socket, true).is_err() {
                    return 1;
                }
            }
            Err(_) => return 1,
        }
    }
}

/// How many of `outs`, from the first on, may go as one: one address, one length, the last perhaps
/// shorter.
fn alike(outs: &[Out]) -> usize {
    let Some(first) = outs.first() else {
        return 0;
    };
    let len = first.range.len();
    let fits = (SEGMENTS_BYTES_MAX / len.max(1)).clamp(1, SEGMENTS_MAX);
    let mut size = 1;
    for out in outs.iter().take(fits).skip(1) {
        if out.to != first.to || out.range.len() > len || out.range.is_empty() || len == 0 {
            break;
        }
        size += 1;
        if out.range.len() < len {
            break;
        }
    }
    size
}

fn address(name: &libc::sockaddr_in6) -> Option<SocketAddr> {
    match i32::from(name.sin6_family) {
        libc::AF_INET => {
            // SAFETY: `sockaddr_in` is shorter than `sockaddr_in6` and aligned no stricter, and both are plain
            // integers, for which any bytes are a value.
            let name = unsafe { ptr::from_ref(name).cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(name.sin_addr.s_addr.to_ne_bytes());
            Some((IpAddr::V4(ip), u16::from_be(name.sin_port)).into())
        }
        libc::AF_INET6 => {
            let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
            let port = u16::from_be(name.sin6_port);
            Some(SocketAddrV6::new(ip, port, 0, name.sin6_scope_id).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use super::*;

    fn outs(socket: &UdpSocket, to: SocketAddr, lens: &[usize]) -> Vec<Out> {
        let out = |(slot, len): (usize, &usize)| Out {
            socket: socket.as_raw_fd(),
            slot,
            range: HEADROOM..HEADROOM + len,
            to,
            connected: socket.peer_addr().is_ok(),
        };
        lens.iter().enumerate().map(out).collect()
    }

    #[test]
    fn what_the_kernel_does_not_take_as_one_goes_one_by_one() {
        let [one, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        // Such sockets send no several as one (`EINVAL`).
        let yes: libc::c_int = 1;
        // SAFETY: the pointer is to as many bytes as is said.
        let set = unsafe {
            libc::setsockopt(
                one.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_NO_CHECK,
                ptr::from_ref(&yes).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        assert_eq!(set, 0);
        let to = other.local_addr().unwrap();
        let batch = Batch::new();
        assert_eq!(send_all(&batch, &outs(&one, to, &[100, 100, 40])), 0);
        let mut came = Batch::new();
        assert_eq!(came.receive(other.as_raw_fd(), 0, 4).unwrap(), 3);
        assert_eq!(came.received(2).map(|(_, len)| len), Some(40));
    }

    #[test]
    fn datagrams_keep_their_order_and_lengths_and_oversized_ones_are_none() {
        let [one, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let mut batch = Batch::new();
        for slot in 0..6 {
            batch.slot_mut(slot)[HEADROOM] = slot as u8;
        }
        let to = other.local_addr().unwrap();
        // Two groups that go as one each, and one that goes alone.
        let lens = [100, 100, 40, 0, 7, 7];
        assert_eq!(send_all(&batch, &outs(&one, to, &lens)), 0);
        let mut came = Batch::new();
        assert_eq!(came.receive(other.as_raw_fd(), 0, 4).unwrap(), 4);
        assert!((4..6).all(|slot| came.receive_one(other.as_raw_fd(), slot)));
        let from = one.local_addr().unwrap();
        for (slot, len) in lens.into_iter().enumerate() {
            assert_eq!(came.received(slot), Some((from, len)));
            assert!(len == 0 || came.slot_mut(slot)[HEADROOM] == slot as u8);
        }
        for (slot, len) in [DATAGRAM_BYTES_MAX, DATAGRAM_BYTES_MAX + 1]
            .into_iter()
            .enumerate()
        {
            one.send_to(&vec![0; len], to).unwrap();
            one.send_to(&vec![0; len], to).unwrap();
            assert!(came.receive_one(other.as_raw_fd(), 0));
            assert_eq!(came.receive(other.as_raw_fd(), 1, 4).unwrap(), 1);
            let whole = (slot == 0).then_some((from, len));
            assert_eq!([came.received(0), came.received(1)], [whole; 2]);
        }
    }
}
