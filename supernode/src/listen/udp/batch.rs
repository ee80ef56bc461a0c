//! Many datagrams by one call: `recvmmsg(2)`, `sendmmsg(2)`, and several to one address as one
//! (`UDP_SEGMENT`, `udp(7)`).
//!
//! The only unsafe code of this program. What makes it sound:
//! - Every pointer handed to the kernel is made within the call that hands it over, from vectors that are
//!   not touched until that call returns, and the kernel keeps none.
//! - Every index is checked: slots by [`slot`], lengths by the slices that they come from.
//! - The kernel's own counts are not believed: what it says that it received is cut to a slot's length.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ops::Range;
use std::os::fd::{BorrowedFd, RawFd};
use std::ptr;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockaddrStorage, recvfrom, sendto};
use shared::turn::{HEADROOM, TAILROOM};

use super::sockets;

/// Datagrams in memory at a time.
pub const SLOTS: usize = 128;
/// Longest datagram that is relayed. Longer ones, which no path on the Internet carries whole, are dropped.
pub const DATAGRAM_BYTES_MAX: usize = 2048 - HEADROOM - TAILROOM;

const SLOT_LEN: usize = HEADROOM + DATAGRAM_BYTES_MAX + TAILROOM;
/// Datagrams that may be sent as one (`UDP_MAX_SEGMENTS` of older kernels).
const SEGMENTS_MAX: usize = 64;
/// Bytes that may be sent as one: an IPv4 datagram's, roundly.
const SEGMENTS_BYTES_MAX: usize = 60_000;

/// Room for datagrams.
pub struct Batch {
    bytes: Vec<u8>,
    names: Vec<libc::sockaddr_in6>,
    lens: Vec<Option<usize>>,
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
            names: vec![name; SLOTS],
            lens: vec![None; SLOTS],
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
        for (len, head) in self.lens[first..].iter_mut().zip(heads).take(received) {
            let is_whole = head.msg_hdr.msg_flags & libc::MSG_TRUNC == 0;
            *len = is_whole.then_some((head.msg_len as usize).min(DATAGRAM_BYTES_MAX));
        }
        Ok(received)
    }

    /// Receives into one slot, without waiting. Says whether something came. Where datagrams come one by
    /// one, this takes less than [`Self::receive`].
    pub fn receive_one(&mut self, socket: RawFd, index: usize) -> bool {
        // One byte more than is taken shows what is longer.
        let room = &mut self.bytes[slot(index)][HEADROOM..=HEADROOM + DATAGRAM_BYTES_MAX];
        let Ok((len, Some(from))) = recvfrom::<SockaddrStorage>(socket, room) else {
            return false;
        };
        self.lens[index] = (len <= DATAGRAM_BYTES_MAX).then_some(len);
        match (from.as_sockaddr_in(), from.as_sockaddr_in6()) {
            (Some(from), _) => {
                write_address(&mut self.names[index], SocketAddr::V4((*from).into()))
            }
            (_, Some(from)) => {
                write_address(&mut self.names[index], SocketAddr::V6((*from).into()))
            }
            _ => return false,
        };
        true
    }

    /// Who sent what is in a slot, and its length; `None` if it was too long.
    pub fn received(&self, index: usize) -> Option<(SocketAddr, usize)> {
        Some((address(&self.names[index])?, self.lens[index]?))
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

/// Room for what the kernel is told about datagrams to send.
pub struct Sender {
    names: Vec<libc::sockaddr_in6>,
    iovs: Vec<libc::iovec>,
    heads: Vec<libc::mmsghdr>,
    controls: Vec<Control>,
    /// How many datagrams each head stands for.
    sizes: Vec<usize>,
}

/// One control message: the length of each segment. Aligned as `cmsghdr` must be.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 24]);

impl Sender {
    pub fn new() -> Self {
        // SAFETY: plain C structs, for which zeros are a value.
        let (name, head): (libc::sockaddr_in6, libc::mmsghdr) = unsafe { (zeroed(), zeroed()) };
        Self {
            names: vec![name; SLOTS],
            iovs: vec![empty(); SLOTS],
            heads: vec![head; SLOTS],
            controls: vec![Control([0; 24]); SLOTS],
            sizes: vec![0; SLOTS],
        }
    }

    /// Sends `outs`, all from the first one's socket, in their order, and says how many could not be: the
    /// socket's buffer is full, or there is no way to them. With `merge`, several may go as one.
    pub fn send(&mut self, batch: &Batch, outs: &[Out], merge: bool) -> u64 {
        let Some(socket) = outs.first().map(|out| out.socket) else {
            return 0;
        };
        if let [out] = outs {
            return send_one(batch, out);
        }
        let mut rest = &outs[..outs.len().min(SLOTS)];
        let mut lost = (outs.len() - rest.len()) as u64;
        while !rest.is_empty() {
            let count = self.fill(batch, rest, merge);
            let heads = &mut self.heads[..count];
            // SAFETY: `heads` are as many as is said, and point into `self` and `batch`, which are not
            // touched before the call returns; the kernel only reads what `msg_iov` points to.
            let sent = unsafe {
                libc::sendmmsg(
                    socket,
                    heads.as_mut_ptr(),
                    heads.len() as libc::c_uint,
                    libc::MSG_DONTWAIT,
                )
            };
            if let Ok(sent) = usize::try_from(sent) {
                let done: usize = self.sizes.iter().take(sent.min(count)).sum();
                rest = &rest[done..];
                continue;
            }
            match io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EAGAIN | libc::ENOBUFS) => return lost + rest.len() as u64,
                _ => {
                    let (refused, others) = rest.split_at(self.sizes[0]);
                    lost += refused.iter().map(|out| send_one(batch, out)).sum::<u64>();
                    rest = others;
                }
            }
        }
        lost
    }

    /// Describes `outs` to the kernel; several of one length to one address as one. Says in how many heads.
    fn fill(&mut self, batch: &Batch, outs: &[Out], merge: bool) -> usize {
        for (iov, out) in self.iovs.iter_mut().zip(outs) {
            let part = batch.part(out.slot, out.range.clone());
            *iov = libc::iovec {
                iov_base: part.as_ptr().cast_mut().cast(),
                iov_len: part.len(),
            };
        }
        let (mut count, mut first) = (0, 0);
        while first < outs.len() {
            let size = if merge { alike(&outs[first..]) } else { 1 };
            let head = &mut self.heads[count].msg_hdr;
            let name_len = write_address(&mut self.names[count], outs[first].to);
            head.msg_name = ptr::from_mut(&mut self.names[count]).cast();
            head.msg_namelen = name_len;
            head.msg_iov = self.iovs[first..first + size].as_mut_ptr();
            head.msg_iovlen = size;
            (head.msg_control, head.msg_controllen) = (ptr::null_mut(), 0);
            if size > 1 {
                self.controls[count] = segments(outs[first].range.len());
                head.msg_control = ptr::from_mut(&mut self.controls[count]).cast();
                head.msg_controllen = size_of::<Control>();
            }
            self.sizes[count] = size;
            first += size;
            count += 1;
        }
        count
    }
}

/// Sends a single one, which takes less than a list of one. Says how many could not be.
fn send_one(batch: &Batch, out: &Out) -> u64 {
    let bytes = batch.part(out.slot, out.range.clone());
    let to = SockaddrStorage::from(out.to);
    let mut cut = false;
    loop {
        match sendto(out.socket, bytes, &to, MsgFlags::MSG_DONTWAIT) {
            Err(Errno::EINTR) => {}
            // From now on, for this socket, the kernel cuts what a path does not carry whole.
            Err(Errno::EMSGSIZE) if !cut && out.to.is_ipv4() => {
                cut = true;
                // SAFETY: the caller has the socket open, and nothing closes it during this call.
                let socket = unsafe { BorrowedFd::borrow_raw(out.socket) };
                if sockets::set_fragments(socket, true).is_err() {
                    return 1;
                }
            }
            sent => return u64::from(sent.is_err()),
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

/// The control message that cuts a long datagram into ones of `len` bytes.
fn segments(len: usize) -> Control {
    let mut control = Control([0; 24]);
    let head_len = size_of::<libc::cmsghdr>();
    let total = (head_len + size_of::<u16>()).to_ne_bytes();
    control.0[..total.len()].copy_from_slice(&total);
    control.0[8..12].copy_from_slice(&libc::SOL_UDP.to_ne_bytes());
    control.0[12..16].copy_from_slice(&libc::UDP_SEGMENT.to_ne_bytes());
    let len = u16::try_from(len).unwrap_or(u16::MAX).to_ne_bytes();
    control.0[head_len..head_len + 2].copy_from_slice(&len);
    control
}

fn write_address(name: &mut libc::sockaddr_in6, address: SocketAddr) -> libc::socklen_t {
    match address {
        SocketAddr::V4(address) => {
            let name = ptr::from_mut(name).cast::<libc::sockaddr_in>();
            let value = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes(address.ip().octets()),
                },
                sin_zero: [0; 8],
            };
            // SAFETY: `sockaddr_in` is shorter than `sockaddr_in6` and aligned no stricter; the pointer
            // comes from a reference that nobody else holds.
            unsafe { name.write(value) };
            size_of::<libc::sockaddr_in>() as libc::socklen_t
        }
        SocketAddr::V6(address) => {
            *name = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr {
                    s6_addr: address.ip().octets(),
                },
                sin6_scope_id: address.scope_id(),
            };
            size_of::<libc::sockaddr_in6>() as libc::socklen_t
        }
    }
}

fn address(name: &libc::sockaddr_in6) -> Option<SocketAddr> {
    match i32::from(name.sin6_family) {
        libc::AF_INET => {
            // SAFETY: as in `write_address`; both structs are plain integers, for which any bytes are a
            // value.
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
