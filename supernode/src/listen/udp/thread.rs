//! The thread that relays: it owns the sockets and the server, and shares nothing but numbers.
//!
//! A round: wait until sockets have something; take datagrams into slots of the batch; let the server
//! judge each; when the slots are used up, or all has been read, send what is to be sent, by socket.

mod guard;

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use shared::base::time::Timestamp;
use shared::turn::{Client, HEADROOM, Link, Packet, Relay, Server, Verdict};

use super::super::direct::Gate;
use super::batch::{Batch, DATAGRAM_BYTES_MAX, Out, SLOTS, send_all};
use super::flood::Flood;
use super::listeners::Listeners;
use super::nap::{NAP, Nap};
use super::poll::{Poll, Token};
use super::relays::{RelaySockets, SharedPoll};
use super::streams::{Fate, Streams, UNPROVEN_MAX};
use super::tls::Certificate;
use super::ways::Ways;
use crate::drive;
use crate::metrics::turn::Numbers;

/// How often allocations are looked over and numbers published.
const TICK: Duration = Duration::from_secs(1);
/// Datagrams taken at a time from a relayed address that has several.
const RELAY_READS: usize = 8;
/// Datagrams taken from a listener at a time.
const LISTENER_READS: usize = 64;

/// With so many datagrams in a round, sockets are looked at once more before they are sent: more to one address
/// may go as one.
const MANY: usize = 16;
/// Looks in one round.
const LOOKS: usize = 4;

/// What the thread is given.
pub struct Setup {
    pub server: Server,
    pub listeners: Listeners,
    pub bind: [IpAddr; 2],
    pub allocations_max: usize,
    /// Can be read when it is to end.
    pub stop: OwnedFd,
    pub numbers: Arc<Numbers>,
    /// What says which datagrams are others'.
    pub gate: Option<Gate>,
}

struct Thread {
    server: Server,
    listeners: Listeners,
    relays: RelaySockets,
    streams: Streams,
    poll: SharedPoll,
    batch: Batch,
    /// Slots in use.
    used: usize,
    outs: Vec<Out>,
    began: Instant,
    start: Timestamp,
    now: Timestamp,
    packets: usize,
    /// Rounds so far.
    round: u64,
    flood: Flood,
    numbers: Arc<Numbers>,
    gate: Option<Gate>,
}

/// Runs until told to stop.
///
/// # Errors
/// When sockets cannot be watched.
pub fn run(setup: Setup) -> io::Result<()> {
    let poll: SharedPoll = Rc::new(RefCell::new(Poll::new()?));
    poll.borrow().add(&setup.stop, Token::Stop)?;
    for (number, socket) in (0..).zip(&setup.listeners.udp) {
        poll.borrow().add(socket, Token::Listener(number))?;
    }
    let streams = setup.listeners.tcp.iter().chain(&setup.listeners.tls);
    for (number, socket) in (0..).zip(streams) {
        poll.borrow().add(socket, Token::Acceptor(number))?;
    }
    let ways = Ways::new(&setup.listeners.udp);
    let mut thread = Thread {
        server: setup.server,
        listeners: setup.listeners,
        relays: RelaySockets::new(Rc::clone(&poll), setup.bind, ways),
        streams: Streams::new(Rc::clone(&poll), setup.allocations_max + UNPROVEN_MAX),
        poll,
        batch: Batch::new(),
        used: 0,
        outs: Vec::with_capacity(SLOTS),
        began: Instant::now(),
        start: drive::now(),
        now: drive::now(),
        packets: 0,
        round: 0,
        flood: Flood::default(),
        numbers: setup.numbers,
        gate: setup.gate,
    };
    let ended = thread.rounds();
    thread.server.close(&mut thread.relays);
    thread.numbers.publish(&thread.server.stats());
    ended
}

impl Thread {
    fn rounds(&mut self) -> io::Result<()> {
        let mut nap = Nap::default();
        let mut tick_at = Instant::now() + TICK;
        loop {
            let left = tick_at.saturating_duration_since(Instant::now());
            let mut ready = self.poll.borrow_mut().wait(left)?;
            let passed = self.began.elapsed();
            // A clock that is set while it runs does not change when calls end.
            self.now = self.start.after(passed);
            self.packets = 0;
            for _ in 0..LOOKS {
                self.round += 1;
                for index in 0..ready {
                    let token = self.poll.borrow().token(index);
                    if token == Token::Stop {
                        return Ok(());
                    }
                    self.work(token);
                }
                if self.used < MANY {
                    break;
                }
                ready = self.poll.borrow_mut().wait(Duration::ZERO)?;
                if ready == 0 {
                    break;
                }
            }
            self.flush();
            if Instant::now() >= tick_at {
                self.tick();
                tick_at = Instant::now() + TICK;
            }
            if nap.woke(passed, self.packets) {
                thread::sleep(NAP);
            }
        }
    }

    fn work(&mut self, token: Token) {
        match token {
            Token::Stop => {}
            Token::Listener(number) => {
                if let Some(socket) = self.listeners.udp.get(usize::from(number)) {
                    let (socket, from) =
                        (socket.as_raw_fd(), From::Clients(Link::Datagrams(number)));
                    // What is there is sent together, so far as there is room: more may go as one.
                    while self.receive(socket, LISTENER_READS, from) == LISTENER_READS
                        && self.used + LISTENER_READS <= SLOTS
                    {}
                }
            }
            Token::Relay(number) => self.relayed(Relay(number)),
            Token::Acceptor(number) => {
                let Listeners { tcp, tls, .. } = &self.listeners;
                let number = usize::from(number);
                if let Some(acceptor) = tcp.get(number) {
                    self.streams.accept(acceptor, None);
                } else if let Some(acceptor) = tls.get(number - tcp.len()) {
                    let certificate = self.listeners.certificate.as_ref();
                    let certificate = certificate.map(Certificate::config);
                    self.streams.accept(acceptor, certificate);
                }
            }
            Token::Stream(number) => self.stream(number),
            Token::Guarded(number) => {
                self.guarded(Relay(number));
            }
        }
    }

    fn relayed(&mut self, relay: Relay) {
        let Some((socket, bursts)) = self.relays.take_turn(relay, self.round) else {
            return;
        };
        let count = if bursts { RELAY_READS } else { 1 };
        let received = self.receive(socket, count, From::Peers(relay));
        if bursts && received < 2 {
            self.relays.set_single(relay);
        }
    }

    fn guarded(&mut self, relay: Relay) -> usize {
        let Some((socket, number)) = self.relays.guarded(relay) else {
            return 0;
        };
        self.receive(socket, RELAY_READS, From::Clients(Link::Datagrams(number)))
    }

    fn receive(&mut self, socket: RawFd, count: usize, from: From) -> usize {
        if self.used + count > SLOTS {
            self.flush();
        }
        let first = self.used;
        // What fails is the socket's business with some peer (ECONNREFUSED, say); others are not touched.
        let received = match count {
            1 => usize::from(self.batch.receive_one(socket, first)),
            _ => self.batch.receive(socket, first, count).unwrap_or(0),
        };
        self.used += received;
        self.packets += received;
        for slot in first..first + received {
            let Some((address, len)) = self.batch.received(slot) else {
                self.numbers.oversized.add(1);
                continue;
            };
            if let (From::Clients(Link::Datagrams(listener)), Some(gate)) = (from, &self.gate)
                && gate.take(
                    listener,
                    address,
                    self.batch.part(slot, HEADROOM..HEADROOM + len),
                )
            {
                continue;
            }
            let mut packet = Packet::new(self.batch.slot_mut(slot), HEADROOM, len);
            let verdict = match from {
                From::Clients(link) => {
                    let client = Client { link, address };
                    let relays = &mut self.relays;
                    self.server
                        .handle_client(self.now, client, &mut packet, relays)
                }
                From::Peers(relay) => {
                    self.server
                        .handle_peer(self.now, relay, address, &mut packet)
                }
            };
            let range = packet.range();
            self.put(verdict, slot, range);
        }
        received
    }

    fn stream(&mut self, number: u64) {
        let fate = self.streams.work(number);
        if fate == Fate::Over || self.messages(number).is_err() {
            self.close_stream(number);
        }
    }

    fn messages(&mut self, number: u64) -> Result<(), Fate> {
        let Some(client) = self.streams.client(number) else {
            return Ok(());
        };
        loop {
            if self.used == SLOTS {
                self.flush();
            }
            let slot = self.used;
            let room = &mut self.batch.slot_mut(slot)[HEADROOM..HEADROOM + DATAGRAM_BYTES_MAX];
            let Some(len) = self.streams.next_message(number, room)? else {
                return Ok(());
            };
            self.used += 1;
            self.packets += 1;
            let mut packet = Packet::new(self.batch.slot_mut(slot), HEADROOM, len);
            let relays = &mut self.relays;
            let verdict = self
                .server
                .handle_client(self.now, client, &mut packet, relays);
            let range = packet.range();
            self.put(verdict, slot, range);
        }
    }

    /// Notes what is to be sent.
    fn put(&mut self, verdict: Verdict, slot: usize, range: Range<usize>) {
        let (relay, client) = match verdict {
            Verdict::Drop(_) => return,
            Verdict::ToPeer(relay, peer) => {
                let way = self.relays.way_to_peer(relay, peer, range.len());
                return self.note(way, slot, range, peer);
            }
            Verdict::Relayed(relay, client) => (Some(relay), client),
            Verdict::ToClient(client) => (None, client),
        };
        match client.link {
            Link::Datagrams(number) => {
                let Some(listener) = self.listeners.udp.get(usize::from(number)) else {
                    return;
                };
                let (to, len) = (client.address, range.len());
                let way =
                    relay.and_then(|relay| self.relays.way_to_client(relay, listener, to, len));
                let way = way.unwrap_or((listener.as_raw_fd(), false));
                self.note(Some(way), slot, range, to);
            }
            Link::Stream(number) => {
                let bytes = self.batch.part(slot, range);
                if self.streams.write(number, bytes) == Fate::Over {
                    self.close_stream(number);
                }
            }
        }
    }

    fn note(
        &mut self,
        way: Option<(RawFd, bool)>,
        slot: usize,
        range: Range<usize>,
        to: SocketAddr,
    ) {
        if let Some((socket, connected)) = way {
            self.outs.push(Out {
                socket,
                slot,
                range,
                to,
                connected,
            });
        }
    }

    /// Sends all that has been noted, by socket and address: what goes to one address keeps its order, and
    /// may go as one.
    fn flush(&mut self) {
        self.outs
            .sort_unstable_by_key(|out| (out.socket, out.group(), out.slot));
        let mut outs = std::mem::take(&mut self.outs);
        let mut lost = 0;
        for same in outs.chunk_by(|one, other| one.socket == other.socket) {
            lost += send_all(&self.batch, same);
        }
        if lost > 0 {
            self.numbers.unsent.add(lost);
        }
        outs.clear();
        self.outs = outs;
        self.used = 0;
        self.relays.bury();
    }

    fn tick(&mut self) {
        self.server.tick(self.now, drive::now(), &mut self.relays);
        let server = &self.server;
        let silent = self
            .streams
            .silent(Instant::now(), |client| server.serves(client));
        for number in silent {
            self.close_stream(number);
        }
        self.relays.bury();
        self.relays.measure();
        if let Some(certificate) = &mut self.listeners.certificate {
            certificate.refresh(Instant::now());
        }
        let stats = self.server.stats();
        match self.flood.is_on(&stats, self.began.elapsed()) {
            true => self.guard(),
            false => self.unguard(),
        }
        self.numbers.publish(&stats);
    }

    fn close_stream(&mut self, number: u64) {
        if let Some(client) = self.streams.client(number) {
            self.server.closed(client, &mut self.relays);
        }
        self.streams.close(number);
    }
}

/// Whose datagrams a socket receives.
#[derive(Debug, Clone, Copy)]
enum From {
    Clients(Link),
    Peers(Relay),
}
