//! The server: who has which relayed address, and what becomes of each datagram.
//!
//! | from a client | becomes |
//! |---|---|
//! | ChannelData, Send | data for the peer: [`data`] |
//! | Binding | its address |
//! | other requests | proof of identity first ([`auth`]), then [`request`] |
//! | anything else | dropped; others share the port (RFC 7983) |

mod allocate;
mod allocation;
mod auth;
mod client;
mod data;
mod owners;
mod ports;
mod request;
mod stats;
mod table;

pub use client::{Client, Link, Relay, Relays, Verdict};
pub use stats::{DROPPED, Dropped, Stats};

use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::credentials::Credentials;
use super::limits::{ALLOCATION_LIFETIME, EXPIRIES_PER_TICK_MAX};
use super::meter::{Meter, Month};
use super::nonce::Nonces;
use super::packet::Packet;
use super::policy::Policy;
use super::throttle::Throttle;
use crate::base::random::{Random, bytes};
use crate::base::time::Timestamp;
use owners::Owners;
use ports::Ports;
use siphasher::sip::SipHasher13;
use table::Table;

/// What an operator gives; 0 is no limit, except for numbers of allocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Donation {
    /// Allocations at a time. More get 508.
    pub allocations: usize,
    /// Allocations at a time of one name in credentials. More get 486.
    pub allocations_per_name: u32,
    /// Bytes of payload per second that one allocation relays, both ways together. More are dropped.
    pub bytes_per_second_each: u32,
    /// The same, of all together. New allocations get 508 for some seconds after that.
    pub bytes_per_second: u32,
    /// Bytes of payload relayed in a calendar month. New allocations get 508 near its end.
    pub bytes_per_month: u64,
}

/// How a server is to be.
#[derive(Debug)]
pub struct Config {
    /// What clients see as the realm of their credentials.
    pub realm: String,
    /// Where peers see relayed IPv4 traffic come from. `None`: not served (440).
    pub relay_v4: Option<Ipv4Addr>,
    /// The same for IPv6.
    pub relay_v6: Option<Ipv6Addr>,
    /// Whom clients may reach, and which ports relay.
    pub policy: Policy,
    /// Whom it serves.
    pub credentials: Credentials,
    /// What may be used up.
    pub donation: Donation,
    /// What has been used up of this month.
    pub month: Month,
}

/// A STUN and TURN server.
pub struct Server {
    config: Config,
    nonces: Nonces,
    throttle: Throttle,
    meter: Meter,
    owners: Owners,
    ports: [Ports; 2],
    allocations: Table,
    date: Timestamp,
    indications: u64,
    stats: Stats,
}

impl Server {
    /// A server that nobody uses yet.
    #[must_use]
    pub fn new(config: Config, now: Timestamp, random: &mut dyn Random) -> Self {
        let mut hasher = || SipHasher13::new_with_key(&bytes(random));
        let range = config.policy.relay_ports.clone();
        let ports =
            |is_served: bool, hasher| Ports::new(is_served.then_some(range.clone()), hasher);
        let ports = [
            ports(config.relay_v4.is_some(), hasher()),
            ports(config.relay_v6.is_some(), hasher()),
        ];
        let throttle = Throttle::new(hasher());
        let owners = Owners::new(hasher());
        let allocations = Table::new(hasher());
        let donation = config.donation;
        Self {
            nonces: Nonces::new(random),
            throttle,
            meter: Meter::new(
                donation.bytes_per_second,
                donation.bytes_per_month,
                config.month,
                now,
            ),
            owners,
            ports,
            allocations,
            date: now,
            indications: u64::from_be_bytes(bytes(random)),
            stats: Stats::default(),
            config,
        }
    }

    /// A datagram, or a message off a stream, came from `client`. What is to be sent is in `packet`.
    pub fn handle_client(
        &mut self,
        now: Timestamp,
        client: Client,
        packet: &mut Packet<'_>,
        relays: &mut dyn Relays,
    ) -> Verdict {
        let verdict = match packet.bytes().first() {
            Some(0x40..=0x4f) => self.channel_data(now, client, packet),
            Some(0..=3) => self.message(now, client, packet, relays),
            _ => Err(Dropped::Foreign),
        };
        self.judged(verdict)
    }

    /// A datagram came from `peer` to the relayed address of `relay`.
    pub fn handle_peer(
        &mut self,
        now: Timestamp,
        relay: Relay,
        peer: core::net::SocketAddr,
        packet: &mut Packet<'_>,
    ) -> Verdict {
        let verdict = self.towards_client(now, relay, peer, packet, data::Counted::Here);
        self.judged(verdict)
    }

    /// Whether `client` has an allocation.
    #[must_use]
    pub fn serves(&self, client: &Client) -> bool {
        self.allocations.find(client).is_some()
    }

    /// Who has allocations.
    pub fn clients(&self) -> impl Iterator<Item = (Relay, Client)> {
        self.allocations.clients()
    }

    /// The stream of `client` has ended; with it, its allocation.
    pub fn closed(&mut self, client: Client, relays: &mut dyn Relays) {
        if let Some(relay) = self.allocations.find(&client) {
            self.free(relay, relays);
        }
    }

    /// Ends what has expired. `now` never goes back; `date` is the calendar's, by which credentials and
    /// months end. To be called once a second or so: nothing expired is used in between.
    pub fn tick(&mut self, now: Timestamp, date: Timestamp, relays: &mut dyn Relays) {
        self.date = date;
        self.meter.set_date(date);
        for _ in 0..EXPIRIES_PER_TICK_MAX {
            let Some(relay) = self.allocations.expired(now) else {
                break;
            };
            self.free(relay, relays);
        }
    }

    /// Ends everything.
    pub fn close(&mut self, relays: &mut dyn Relays) {
        while let Some(relay) = self.allocations.any() {
            self.free(relay, relays);
        }
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            allocations: self.allocations.len(),
            month: self.meter.month,
            ..self.stats
        }
    }

    fn free(&mut self, relay: Relay, relays: &mut dyn Relays) {
        let Some(allocation) = self.allocations.remove(relay) else {
            return;
        };
        relays.close(relay);
        self.ports_of(allocation.relayed.ip())
            .give_back(allocation.relayed.port());
        let owner = self.config.credentials.owner(&allocation.username);
        self.owners.remove(owner);
    }

    fn ports_of(&mut self, ip: IpAddr) -> &mut Ports {
        let [v4, v6] = &mut self.ports;
        if ip.is_ipv4() { v4 } else { v6 }
    }

    /// Whether `ip` is where this server relays from.
    fn is_relay(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(ip) => self.config.relay_v4 == Some(ip),
            IpAddr::V6(ip) => self.config.relay_v6 == Some(ip),
        }
    }

    fn judged(&mut self, verdict: Result<Verdict, Dropped>) -> Verdict {
        verdict.unwrap_or_else(|why| {
            self.stats.count(why);
            Verdict::Drop(why)
        })
    }
}

/// Seconds that `lifetime` as asked for comes to.
fn lifetime_granted(asked: Option<u32>) -> core::time::Duration {
    let asked = asked.map_or(ALLOCATION_LIFETIME, |seconds| {
        core::time::Duration::from_secs(seconds.into())
    });
    asked.clamp(ALLOCATION_LIFETIME, super::limits::ALLOCATION_LIFETIME_MAX)
}
