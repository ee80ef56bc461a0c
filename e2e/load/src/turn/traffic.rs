//! Numbered packets on their ways, and a look at each that comes.

use std::net::SocketAddrV4;
use std::time::Instant;

use anyhow::Result;

use super::hosts::{Side, host, whose};
use super::stage::channel;
use super::wire::{BATCH, PACKET_BYTES_MAX, Received, Wire};

/// What is between channel number and data.
const CHANNEL_HEAD: usize = 4;
/// Fewest bytes of a packet: its flow and its time.
pub const PAYLOAD_BYTES_MIN: usize = 16;

/// Who sends to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Clients and peers, both ways, over the server.
    Peers,
    /// The same over something that knows no channels.
    PlainPeers,
    /// Two clients each, both relayed by one server.
    Pairs,
}

/// What has come so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Packets sent.
    pub sent: u64,
    /// As they should be.
    pub good: u64,
    /// Others.
    pub bad: u64,
}

/// All flows.
pub struct Traffic<'a> {
    /// Whose sockets.
    pub clients: &'a Wire,
    /// And theirs.
    pub peers: &'a Wire,
    /// Where the server is.
    pub server: SocketAddrV4,
    /// Who sends to whom.
    pub shape: Shape,
    /// Where each client is reached.
    pub relayed: Vec<Option<SocketAddrV4>>,
    /// Bytes of each packet.
    pub bytes: usize,
    /// Counted so far.
    pub tally: Tally,
    /// Delays in nanoseconds of what came, if they are wanted.
    pub delays: Option<Vec<u32>>,
    began: Instant,
    received: Received,
}

impl<'a> Traffic<'a> {
    /// Flows between as many clients as `relayed` has.
    #[must_use]
    pub fn new(
        [clients, peers]: [&'a Wire; 2],
        server: SocketAddrV4,
        shape: Shape,
        relayed: Vec<Option<SocketAddrV4>>,
        bytes: usize,
    ) -> Self {
        Self {
            clients,
            peers,
            server,
            shape,
            relayed,
            bytes,
            tally: Tally::default(),
            delays: None,
            began: Instant::now(),
            received: Received::default(),
        }
    }

    /// How many flows there are: each client's, then each peer's.
    #[must_use]
    pub fn flows(&self) -> usize {
        match self.shape {
            Shape::Pairs => self.relayed.len(),
            Shape::Peers | Shape::PlainPeers => 2 * self.relayed.len(),
        }
    }

    /// Nanoseconds since the beginning.
    #[must_use]
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Sends a packet of `flow`.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn send(&mut self, flow: usize) -> Result<()> {
        let mut packet = [0xa5; PACKET_BYTES_MAX];
        let body = &mut packet[CHANNEL_HEAD..CHANNEL_HEAD + self.bytes];
        body[..4].copy_from_slice(&(flow as u32).to_be_bytes());
        body[8..16].copy_from_slice(&self.now().to_be_bytes());
        let count = self.relayed.len();
        self.tally.sent += 1;
        if flow >= count {
            let from = host(Side::Peer, flow - count);
            let to = self.relayed[flow - count].unwrap_or(self.server);
            let body = &packet[CHANNEL_HEAD..CHANNEL_HEAD + self.bytes];
            return self.peers.send(from, to, body);
        }
        packet[..2].copy_from_slice(&channel(flow).to_be_bytes());
        packet[2..4].copy_from_slice(&(self.bytes as u16).to_be_bytes());
        let first = match self.shape {
            Shape::PlainPeers => CHANNEL_HEAD,
            Shape::Peers | Shape::Pairs => 0,
        };
        let bytes = &packet[first..CHANNEL_HEAD + self.bytes];
        self.clients
            .send(host(Side::Client, flow), self.server, bytes)
    }

    /// Takes what has come. Says how many were good.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn receive(&mut self) -> Result<u64> {
        let before = self.tally.good;
        for (wire, side) in [(self.clients, Side::Client), (self.peers, Side::Peer)] {
            loop {
                let count = wire.receive(&mut self.received)?;
                let now = self.now();
                for index in 0..count {
                    match self.read(index, side) {
                        Some(sent) => {
                            self.tally.good += 1;
                            if let Some(delays) = &mut self.delays {
                                let delay = now.saturating_sub(sent);
                                delays.push(u32::try_from(delay).unwrap_or(u32::MAX));
                            }
                        }
                        None => self.tally.bad += 1,
                    }
                }
                if count < BATCH {
                    break;
                }
            }
        }
        Ok(self.tally.good - before)
    }

    /// When a packet was sent, if it is whole and for whom it came to.
    fn read(&self, index: usize, side: Side) -> Option<u64> {
        let (_, to, _) = *self.received.packets.get(index)?;
        let (_, number) = to.and_then(whose).filter(|(is, _)| *is == side)?;
        let bytes = self.received.bytes(index);
        let body = match (side, self.shape) {
            (Side::Peer, _) | (_, Shape::PlainPeers) => bytes,
            (Side::Client, Shape::Peers | Shape::Pairs) => {
                let (head, body) = bytes.split_first_chunk::<CHANNEL_HEAD>()?;
                let wanted = (channel(number), self.bytes as u16);
                let [a, b, c, d] = *head;
                let is = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                (is == wanted).then_some(body)?
            }
        };
        let flow = match (self.shape, side) {
            (Shape::Pairs, _) => number ^ 1,
            (_, Side::Peer) => number,
            (_, Side::Client) => self.relayed.len() + number,
        };
        let is_whole = body.len() == self.bytes && body[..4] == (flow as u32).to_be_bytes();
        let sent = body.get(8..16)?.try_into().ok()?;
        is_whole.then_some(u64::from_be_bytes(sent))
    }
}
