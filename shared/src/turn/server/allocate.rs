//! Allocate (RFC 8656 §7.2).

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use super::super::limits::PORT_TRIES_MAX;
use super::super::meter::Flow;
use super::super::wire::address::{IPV4, IPV6};
use super::super::wire::attribute;
use super::super::wire::message::Message;
use super::allocation::Allocation;
use super::client::{Client, Relay, Relays};
use super::request::{Granted, Refusal, lifetime};
use super::{Server, lifetime_granted};
use crate::base::time::Timestamp;

/// UDP among protocols (IANA, *Protocol Numbers*).
const UDP: u8 = 17;
/// In EVEN-PORT: the next port is wanted, too (RFC 8656 §18.5).
const RESERVES_NEXT: u8 = 0x80;

/// Which ports will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parity {
    Any,
    Even,
}

impl Server {
    /// Gives `client` a relayed address. `relay` is what it has already.
    pub(super) fn allocate(
        &mut self,
        now: Timestamp,
        client: Client,
        message: &Message<'_>,
        username: &str,
        relay: Option<Relay>,
        relays: &mut dyn Relays,
    ) -> Result<Granted, Refusal> {
        if let Some(allocation) = relay.and_then(|relay| self.allocations.get(relay)) {
            let is_same =
                allocation.transaction == message.transaction && *allocation.username == *username;
            return match is_same {
                true => Ok(granted(allocation, now, message)),
                false => Err(Refusal::AllocationMismatch),
            };
        }
        let (ip, parity) = self.asked_for(message)?;
        let lifetime = lifetime_granted(lifetime(message)?);
        // What has expired and waits for a tick makes room.
        if let Some(stale) = self.allocations.find(&client) {
            self.free(stale, relays);
        }
        let donation = self.config.donation;
        let owner = self.config.credentials.owner(username);
        if self.owners.count(owner) >= donation.allocations_per_name {
            return Err(Refusal::QuotaReached);
        }
        if self.allocations.len() >= donation.allocations || !self.meter.has_room(now) {
            return Err(Refusal::InsufficientCapacity);
        }
        let next = self.allocations.next();
        let next = next.ok_or(Refusal::InsufficientCapacity)?;
        let relayed = self.open(ip, parity, next, relays);
        let relayed = relayed.ok_or(Refusal::InsufficientCapacity)?;
        let allocation = Allocation::new(
            client,
            relayed,
            username,
            message.transaction,
            now.after(lifetime),
            Flow::new(donation.bytes_per_second_each, now),
        );
        let granted = granted(&allocation, now, message);
        self.allocations.insert(allocation);
        let owner = self.config.credentials.owner(username);
        self.owners.add(owner);
        self.stats.allocated += 1;
        Ok(granted)
    }

    /// The address to relay from that the request asks for, and which ports will do.
    fn asked_for(&self, message: &Message<'_>) -> Result<(IpAddr, Parity), Refusal> {
        match message.value(attribute::REQUESTED_TRANSPORT) {
            Some([UDP, _, _, _]) => {}
            Some([_, _, _, _]) => return Err(Refusal::TransportNotSupported),
            _ => return Err(Refusal::BadRequest),
        }
        let family = message.value(attribute::REQUESTED_ADDRESS_FAMILY);
        let second = message.value(attribute::ADDITIONAL_ADDRESS_FAMILY);
        let even = message.value(attribute::EVEN_PORT);
        let token = message.attribute(attribute::RESERVATION_TOKEN).is_some();
        let is_contrary = token && (even.is_some() || family.is_some() || second.is_some())
            || family.is_some() && second.is_some()
            || second.is_some_and(|value| value.first() != Some(&IPV6))
            || second.is_some() && even.is_some();
        if is_contrary {
            return Err(Refusal::BadRequest);
        }
        // There are no pairs of ports here, and so no reservations.
        let parity = match even {
            _ if token => return Err(Refusal::InsufficientCapacity),
            None => Parity::Any,
            Some([flags]) if flags & RESERVES_NEXT == 0 => Parity::Even,
            Some([_]) => return Err(Refusal::InsufficientCapacity),
            Some(_) => return Err(Refusal::BadRequest),
        };
        let ip = match family {
            None | Some([IPV4, ..]) => self.config.relay_v4.map(IpAddr::V4),
            Some([IPV6, ..]) => self.config.relay_v6.map(IpAddr::V6),
            Some(_) => None,
        };
        Ok((ip.ok_or(Refusal::FamilyNotSupported)?, parity))
    }

    /// Opens a socket for relaying.
    fn open(
        &mut self,
        ip: IpAddr,
        parity: Parity,
        relay: Relay,
        relays: &mut dyn Relays,
    ) -> Option<SocketAddr> {
        let ports = self.ports_of(ip);
        let mut busy = [0; PORT_TRIES_MAX];
        let mut tried = 0;
        let mut opened = None;
        for place in &mut busy {
            let Some(port) = ports.draw() else {
                break;
            };
            let address = SocketAddr::new(ip, port);
            let fits = parity == Parity::Any || port % 2 == 0;
            if fits && relays.open(relay, address) {
                ports.assign(port, relay);
                opened = Some(address);
                break;
            }
            *place = port;
            tried += 1;
        }
        busy.iter()
            .take(tried)
            .for_each(|port| ports.give_back(*port));
        opened
    }
}

fn granted(allocation: &Allocation, now: Timestamp, message: &Message<'_>) -> Granted {
    let left = allocation.expires.since(now) + Duration::from_millis(999);
    let second = message.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY);
    Granted {
        relayed: Some(allocation.relayed),
        mapped: Some(allocation.client.address),
        lifetime_seconds: Some(u32::try_from(left.as_secs()).unwrap_or(u32::MAX)),
        second: second.map(|_| Refusal::InsufficientCapacity),
    }
}
