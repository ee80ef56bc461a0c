//! A socket for each relayed address, and in a flood one for each client.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;

use shared::turn::{Relay, Relays};
use tracing::debug;

use super::poll::{Poll, Token};
use super::sockets;
use super::ways::{Way, Ways};

/// What the thread waits with.
pub type SharedPoll = Rc<std::cell::RefCell<Poll>>;

/// The sockets, by number of their allocation.
pub struct RelaySockets {
    poll: SharedPoll,
    /// Which addresses to bind, for IPv4 and IPv6: not those that peers see, if there is a NAT.
    bind: [IpAddr; 2],
    open: Vec<Option<Open>>,
    /// Closed, but perhaps named by a packet that waits to be sent.
    closed: Vec<UdpSocket>,
    guarded: usize,
    ways: Ways,
}

/// Clients with sockets of their own. Older kernels look at each for each packet that comes.
pub const GUARDED_MAX: usize = 256;

struct Open {
    socket: UdpSocket,
    /// Its client's own socket, and the listener that it comes in by.
    guard: Option<(UdpSocket, u16)>,
    /// The last round in which it had something.
    round: u64,
    /// Whether it has had several datagrams at a time lately.
    bursts: bool,
    to_peers: Way,
    to_client: Way,
}

impl RelaySockets {
    pub fn new(poll: SharedPoll, bind: [IpAddr; 2], ways: Ways) -> Self {
        Self {
            poll,
            bind,
            open: Vec::new(),
            closed: Vec::new(),
            guarded: 0,
            ways,
        }
    }

    /// By which socket a packet goes from `relay` to `peer`, and whether it is connected.
    pub fn way_to_peer(
        &mut self,
        relay: Relay,
        peer: SocketAddr,
        bytes: usize,
    ) -> Option<(RawFd, bool)> {
        let open = self.open.get_mut(relay.0 as usize)?.as_mut()?;
        Some(
            self.ways
                .take(&mut open.to_peers, &open.socket, peer, bytes),
        )
    }

    /// By which socket data goes to the `client` of `relay`, who comes in by `listener`.
    pub fn way_to_client(
        &mut self,
        relay: Relay,
        listener: &UdpSocket,
        client: SocketAddr,
        bytes: usize,
    ) -> Option<(RawFd, bool)> {
        let open = self.open.get_mut(relay.0 as usize)?.as_mut()?;
        Some(self.ways.take(&mut open.to_client, listener, client, bytes))
    }

    /// Looks at how long datagrams may be.
    pub fn measure(&mut self) {
        for open in self.open.iter_mut().flatten() {
            open.to_peers.measure();
            open.to_client.measure();
        }
    }

    /// The socket of `relay`, which has something in `round`, and whether it has several datagrams at a
    /// time. Mostly they come one by one; one that has something left in the next round does not.
    pub fn take_turn(&mut self, relay: Relay, round: u64) -> Option<(RawFd, bool)> {
        let open = self.open.get_mut(relay.0 as usize)?.as_mut()?;
        open.bursts |= open.round + 1 == round;
        open.round = round;
        Some((open.socket.as_raw_fd(), open.bursts))
    }

    /// It had one.
    pub fn set_single(&mut self, relay: Relay) {
        if let Some(Some(open)) = self.open.get_mut(relay.0 as usize) {
            open.bursts = false;
        }
    }

    /// Gives the client of `relay` a socket of its own beside `listener`, which has this `number`, unless
    /// it has one. It is only read from.
    pub fn guard(&mut self, relay: Relay, number: u16, listener: &UdpSocket, client: SocketAddr) {
        if self.guarded >= GUARDED_MAX {
            return;
        }
        let Some(Some(open)) = self.open.get_mut(relay.0 as usize) else {
            return;
        };
        if open.guard.is_some() {
            return;
        }
        let socket = listener.local_addr();
        let socket = socket.and_then(|listener| sockets::guard(listener, client));
        let socket = socket.and_then(|socket| {
            self.poll.borrow().add(&socket, Token::Guarded(relay.0))?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => {
                open.guard = Some((socket, number));
                self.guarded += 1;
            }
            Err(error) => debug!("a client cannot have its own socket: {error}"),
        }
    }

    /// The own socket of the client of `relay`, and by which listener it comes in.
    pub fn guarded(&self, relay: Relay) -> Option<(RawFd, u16)> {
        let open = self.open.get(relay.0 as usize)?.as_ref()?;
        let (socket, number) = open.guard.as_ref()?;
        Some((socket.as_raw_fd(), *number))
    }

    /// Whose clients have sockets of their own.
    pub fn all_guarded(&self) -> Vec<Relay> {
        let guarded = (0..).zip(&self.open).filter(|(_, open)| {
            let open = open.as_ref();
            open.is_some_and(|open| open.guard.is_some())
        });
        guarded.map(|(number, _)| Relay(number)).collect()
    }

    /// Lets go of the own socket of the client of `relay`.
    pub fn unguard(&mut self, relay: Relay) {
        let open = self.open.get_mut(relay.0 as usize);
        let guard = open.and_then(|open| open.as_mut()?.guard.take());
        if let Some((socket, _)) = guard {
            self.poll.borrow().remove(&socket);
            self.guarded -= 1;
        }
    }

    /// Lets go of what was closed: nothing that is to be sent names it any more.
    pub fn bury(&mut self) {
        self.closed.clear();
        self.ways.bury();
    }
}

impl Relays for RelaySockets {
    fn open(&mut self, relay: Relay, address: SocketAddr) -> bool {
        let [v4, v6] = self.bind;
        let ip = if address.is_ipv4() { v4 } else { v6 };
        let socket = sockets::relay((ip, address.port()).into()).and_then(|socket| {
            self.poll.borrow().add(&socket, Token::Relay(relay.0))?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => {
                let index = relay.0 as usize;
                if self.open.len() <= index {
                    self.open.resize_with(index + 1, || None);
                }
                self.open[index] = Some(Open {
                    socket,
                    guard: None,
                    round: 0,
                    bursts: false,
                    to_peers: Way::default(),
                    to_client: Way::default(),
                });
                true
            }
            Err(error) => {
                debug!("cannot open a socket for relaying: {error}");
                false
            }
        }
    }

    fn close(&mut self, relay: Relay) {
        self.unguard(relay);
        let open = self.open.get_mut(relay.0 as usize).and_then(Option::take);
        if let Some(mut open) = open {
            self.poll.borrow().remove(&open.socket);
            self.ways.close(&mut open.to_peers);
            self.ways.close(&mut open.to_client);
            self.closed.push(open.socket);
        }
    }
}
