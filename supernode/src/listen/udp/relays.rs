//! A socket for each relayed address.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;

use shared::turn::{Relay, Relays};
use tracing::debug;

use super::poll::{Poll, Token};
use super::sockets;

/// What the thread waits with.
pub type SharedPoll = Rc<std::cell::RefCell<Poll>>;

/// The sockets, by number of their allocation.
pub struct RelaySockets {
    poll: SharedPoll,
    /// Which addresses to bind, for IPv4 and IPv6: not those that peers see, if there is a NAT.
    bind: [IpAddr; 2],
    open: Vec<Option<UdpSocket>>,
    /// Closed, but perhaps named by a packet that waits to be sent.
    closed: Vec<UdpSocket>,
}

impl RelaySockets {
    pub fn new(poll: SharedPoll, bind: [IpAddr; 2]) -> Self {
        Self {
            poll,
            bind,
            open: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// The socket of `relay`.
    pub fn socket(&self, relay: Relay) -> Option<RawFd> {
        let socket = self.open.get(relay.0 as usize)?.as_ref()?;
        Some(socket.as_raw_fd())
    }

    /// Lets go of what was closed: nothing that is to be sent names it any more.
    pub fn bury(&mut self) {
        self.closed.clear();
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
                self.open[index] = Some(socket);
                true
            }
            Err(error) => {
                debug!("cannot open a socket for relaying: {error}");
                false
            }
        }
    }

    fn close(&mut self, relay: Relay) {
        let socket = self.open.get_mut(relay.0 as usize).and_then(Option::take);
        if let Some(socket) = socket {
            self.poll.borrow().remove(&socket);
            self.closed.push(socket);
        }
    }
}
