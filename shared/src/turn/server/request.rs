//! Requests and their answers (RFC 8656 §7–§12).

use core::net::{IpAddr, SocketAddr};

use super::super::credentials::ALGORITHMS;
use super::super::limits::PEERS_MAX;
use super::super::packet::Packet;
use super::super::wire::address;
use super::super::wire::attribute;
use super::super::wire::message::{Message, kind};
use super::super::wire::writer::Writer;
use super::allocation::BindError;
use super::auth::{Doubt, Proven};
use super::client::{Client, Relay, Relays, Verdict};
use super::stats::Dropped;
use super::{Server, lifetime_granted};
use crate::base::time::Timestamp;

/// Channel numbers that may be bound (RFC 8656 §12).
const CHANNELS: core::ops::RangeInclusive<u16> = 0x4000..=0x4fff;

/// Why a request is refused (RFC 8656 §19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    BadRequest = 400,
    Forbidden = 403,
    AllocationMismatch = 437,
    FamilyNotSupported = 440,
    WrongCredentials = 441,
    TransportNotSupported = 442,
    FamilyMismatch = 443,
    QuotaReached = 486,
    InsufficientCapacity = 508,
}

/// What a request that is granted is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Granted {
    pub relayed: Option<SocketAddr>,
    pub mapped: Option<SocketAddr>,
    pub lifetime_seconds: Option<u32>,
    /// A second address was asked for and is not had, for this reason.
    pub second: Option<Refusal>,
}

impl Server {
    /// A STUN message by a client.
    pub(super) fn message(
        &mut self,
        now: Timestamp,
        client: Client,
        packet: &mut Packet<'_>,
        relays: &mut dyn Relays,
    ) -> Result<Verdict, Dropped> {
        if packet.bytes().starts_with(&kind::SEND.to_be_bytes()) {
            return self.send(now, client, packet);
        }
        let message = Message::parse(packet.bytes()).ok_or(Dropped::Malformed)?;
        let mut answer = match message.kind {
            kind::BINDING => self.binding(now, &client, &message)?,
            kind::ALLOCATE | kind::REFRESH | kind::CREATE_PERMISSION | kind::CHANNEL_BIND => {
                match self.authenticate(now, &client, &message) {
                    Ok(proven) => self.request(now, client, &message, &proven, relays),
                    Err(doubt) => self.doubted(now, &client, &message, doubt)?,
                }
            }
            _ => return Err(Dropped::Malformed),
        };
        if message.has_fingerprint {
            answer.fingerprint();
        }
        match packet.replace(answer.bytes()) {
            true => Ok(Verdict::ToClient(client)),
            false => Err(Dropped::NoRoom),
        }
    }

    fn binding(
        &mut self,
        now: Timestamp,
        client: &Client,
        message: &Message<'_>,
    ) -> Result<Writer, Dropped> {
        self.throttle(now, client)?;
        if let Some(answer) = unknown(message) {
            self.stats.errors += 1;
            return Ok(answer);
        }
        self.stats.bindings += 1;
        let mut answer = Writer::new(message.kind | kind::SUCCESS, message.transaction);
        answer.address(attribute::XOR_MAPPED_ADDRESS, client.address);
        Ok(answer)
    }

    /// The answer to somebody who has not proved who they are.
    fn doubted(
        &mut self,
        now: Timestamp,
        client: &Client,
        message: &Message<'_>,
        doubt: Doubt,
    ) -> Result<Writer, Dropped> {
        self.throttle(now, client)?;
        let mut answer = Writer::new(message.kind | kind::ERROR, message.transaction);
        let Doubt::Challenge(code) = doubt else {
            self.stats.errors += 1;
            answer.error(Refusal::BadRequest as u16);
            return Ok(answer);
        };
        self.stats.challenges += 1;
        let algorithms = Self::lists_algorithms(message);
        let nonce = self.nonces.make(client, now, algorithms);
        answer.error(code);
        answer.attribute(attribute::REALM, self.config.realm.as_bytes());
        answer.attribute(attribute::NONCE, nonce.as_bytes());
        if algorithms {
            answer.attribute(attribute::PASSWORD_ALGORITHMS, &ALGORITHMS);
        }
        Ok(answer)
    }

    fn throttle(&mut self, now: Timestamp, client: &Client) -> Result<(), Dropped> {
        match self.throttle.admits(client.address.ip(), now) {
            true => Ok(()),
            false => Err(Dropped::Throttled),
        }
    }

    /// The answer to somebody who has.
    fn request(
        &mut self,
        now: Timestamp,
        client: Client,
        message: &Message<'_>,
        proven: &Proven<'_>,
        relays: &mut dyn Relays,
    ) -> Writer {
        let mut answer = unknown(message).unwrap_or_else(|| {
            match self.granted(now, client, message, proven, relays) {
                Ok(granted) => success(message, &granted),
                Err(refusal) => self.refused(message, refusal),
            }
        });
        answer.integrity(proven.integrity, &proven.key);
        answer
    }

    fn granted(
        &mut self,
        now: Timestamp,
        client: Client,
        message: &Message<'_>,
        proven: &Proven<'_>,
        relays: &mut dyn Relays,
    ) -> Result<Granted, Refusal> {
        let relay = self.allocations.find(&client);
        let relay = relay.filter(|relay| self.is_alive(now, *relay));
        if message.kind == kind::ALLOCATE {
            return self.allocate(now, client, message, proven.username, relay, relays);
        }
        let relay = relay.ok_or(Refusal::AllocationMismatch)?;
        let allocation = self.allocations.get(relay);
        if allocation.is_some_and(|it| *it.username != *proven.username) {
            return Err(Refusal::WrongCredentials);
        }
        match message.kind {
            kind::REFRESH => self.refresh(now, relay, message, relays),
            kind::CREATE_PERMISSION => self.create_permission(now, relay, message),
            _ => self.channel_bind(now, relay, message),
        }
    }

    fn is_alive(&self, now: Timestamp, relay: Relay) -> bool {
        let allocation = self.allocations.get(relay);
        allocation.is_some_and(|allocation| allocation.expires > now)
    }

    fn refused(&mut self, message: &Message<'_>, refusal: Refusal) -> Writer {
        match refusal {
            Refusal::QuotaReached => self.stats.quota += 1,
            Refusal::InsufficientCapacity => self.stats.no_room += 1,
            _ => self.stats.errors += 1,
        }
        let mut answer = Writer::new(message.kind | kind::ERROR, message.transaction);
        answer.error(refusal as u16);
        answer
    }

    fn refresh(
        &mut self,
        now: Timestamp,
        relay: Relay,
        message: &Message<'_>,
        relays: &mut dyn Relays,
    ) -> Result<Granted, Refusal> {
        let family = self.family_of(relay)?;
        if let Some([asked, ..]) = message.value(attribute::REQUESTED_ADDRESS_FAMILY)
            && *asked != family
        {
            return Err(Refusal::FamilyMismatch);
        }
        let asked = lifetime(message)?;
        let seconds = if asked == Some(0) {
            self.free(relay, relays);
            0
        } else {
            let granted = lifetime_granted(asked);
            self.allocations.set_end(relay, now.after(granted));
            u32::try_from(granted.as_secs()).unwrap_or(u32::MAX)
        };
        Ok(Granted {
            lifetime_seconds: Some(seconds),
            ..Granted::default()
        })
    }

    fn create_permission(
        &mut self,
        now: Timestamp,
        relay: Relay,
        message: &Message<'_>,
    ) -> Result<Granted, Refusal> {
        let family = self.family_of(relay)?;
        let mut peers = [IpAddr::from([0; 4]); PEERS_MAX];
        let mut count = 0;
        let values = message.attributes();
        for value in values.filter(|value| value.kind == attribute::XOR_PEER_ADDRESS) {
            let peer = address::read(value.value, &message.transaction);
            let peer = peer.ok_or(Refusal::BadRequest)?.ip();
            self.check_peer(family, peer)?;
            *peers.get_mut(count).ok_or(Refusal::BadRequest)? = peer;
            count += 1;
        }
        let peers = peers.get(..count).unwrap_or_default();
        if peers.is_empty() {
            return Err(Refusal::BadRequest);
        }
        let allocation = self.allocations.get_mut(relay);
        let allocation = allocation.ok_or(Refusal::AllocationMismatch)?;
        if !allocation.has_room_for(peers, now) {
            return Err(Refusal::InsufficientCapacity);
        }
        peers.iter().for_each(|peer| allocation.permit(*peer, now));
        Ok(Granted::default())
    }

    fn channel_bind(
        &mut self,
        now: Timestamp,
        relay: Relay,
        message: &Message<'_>,
    ) -> Result<Granted, Refusal> {
        let family = self.family_of(relay)?;
        let number = match message.value(attribute::CHANNEL_NUMBER) {
            Some([high, low, _, _]) => u16::from_be_bytes([*high, *low]),
            _ => return Err(Refusal::BadRequest),
        };
        let peer = message.value(attribute::XOR_PEER_ADDRESS);
        let peer = peer.and_then(|value| address::read(value, &message.transaction));
        let peer = peer.ok_or(Refusal::BadRequest)?;
        if !CHANNELS.contains(&number) {
            return Err(Refusal::BadRequest);
        }
        self.check_peer(family, peer.ip())?;
        if !self.config.policy.reaches(peer) {
            return Err(Refusal::Forbidden);
        }
        let allocation = self.allocations.get_mut(relay);
        let allocation = allocation.ok_or(Refusal::AllocationMismatch)?;
        if !allocation.has_room_for(&[peer.ip()], now) {
            return Err(Refusal::InsufficientCapacity);
        }
        allocation
            .bind(number, peer, now)
            .map_err(|why| match why {
                BindError::Taken => Refusal::BadRequest,
                BindError::Full => Refusal::InsufficientCapacity,
            })?;
        allocation.permit(peer.ip(), now);
        Ok(Granted::default())
    }

    fn check_peer(&self, family: u8, peer: IpAddr) -> Result<(), Refusal> {
        if address::family(peer) != family {
            return Err(Refusal::FamilyMismatch);
        }
        match self.config.policy.permits(peer) {
            true => Ok(()),
            false => Err(Refusal::Forbidden),
        }
    }

    fn family_of(&self, relay: Relay) -> Result<u8, Refusal> {
        let allocation = self.allocations.get(relay);
        let relayed = allocation.ok_or(Refusal::AllocationMismatch)?.relayed;
        Ok(address::family(relayed.ip()))
    }
}

/// LIFETIME, if it is there.
pub fn lifetime(message: &Message<'_>) -> Result<Option<u32>, Refusal> {
    let Some(value) = message.value(attribute::LIFETIME) else {
        return Ok(None);
    };
    let value = value.try_into().map_err(|_| Refusal::BadRequest)?;
    Ok(Some(u32::from_be_bytes(value)))
}

/// The answer to a message with attributes that should be understood and are not (420).
fn unknown(message: &Message<'_>) -> Option<Writer> {
    message.unknown().next()?;
    let mut answer = Writer::new(message.kind | kind::ERROR, message.transaction);
    let mut list = [0; 2 * super::super::limits::ATTRIBUTES_MAX];
    let kinds = message.unknown().flat_map(u16::to_be_bytes);
    for (to, from) in list.iter_mut().zip(kinds) {
        *to = from;
    }
    let len = 2 * message.unknown().count();
    answer.error(420);
    answer.attribute(attribute::UNKNOWN_ATTRIBUTES, list.get(..len)?);
    Some(answer)
}

fn success(message: &Message<'_>, granted: &Granted) -> Writer {
    let mut answer = Writer::new(message.kind | kind::SUCCESS, message.transaction);
    if let Some(relayed) = granted.relayed {
        answer.address(attribute::XOR_RELAYED_ADDRESS, relayed);
    }
    if let Some(seconds) = granted.lifetime_seconds {
        answer.attribute(attribute::LIFETIME, &seconds.to_be_bytes());
    }
    if let Some(mapped) = granted.mapped {
        answer.address(attribute::XOR_MAPPED_ADDRESS, mapped);
    }
    if let Some(refusal) = granted.second {
        let value = super::super::wire::writer::error_code(address::IPV6, refusal as u16);
        answer.attribute(attribute::ADDRESS_ERROR_CODE, &value);
    }
    answer
}
