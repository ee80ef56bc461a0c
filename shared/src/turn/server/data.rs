//! The data path: what clients and peers send each other (RFC 8656 §11, §12).

use core::net::{IpAddr, SocketAddr};

use super::super::packet::{HEADROOM, Packet};
use super::super::wire::message::{Message, kind};
use super::super::wire::{COOKIE, HEADER_LEN, Transaction, address, attribute};
use super::Server;
use super::allocation::Allocation;
use super::client::{Client, Relay, Verdict};
use super::stats::Dropped;
use crate::base::time::Timestamp;

/// Bytes before the data on a channel: number and length.
const CHANNEL_HEADER_LEN: usize = 4;

/// Whether a packet has been counted: on its way between two allocations it comes by twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Here,
    Already,
}

impl Server {
    /// ChannelData by a client.
    pub(super) fn channel_data(
        &mut self,
        now: Timestamp,
        client: Client,
        packet: &mut Packet<'_>,
    ) -> Result<Verdict, Dropped> {
        let head = packet.bytes().first_chunk::<CHANNEL_HEADER_LEN>();
        let [number_high, number_low, len_high, len_low] = *head.ok_or(Dropped::Malformed)?;
        let number = u16::from_be_bytes([number_high, number_low]);
        let len = u16::from_be_bytes([len_high, len_low]);
        let relay = self
            .allocations
            .find(&client)
            .ok_or(Dropped::NoAllocation)?;
        let allocation = self.allocations.get_mut(relay);
        let allocation = allocation.ok_or(Dropped::NoAllocation)?;
        let peer = allocation.peer(number, now).ok_or(Dropped::NoChannel)?;
        if !packet.keep(CHANNEL_HEADER_LEN, len.into()) {
            return Err(Dropped::Malformed);
        }
        self.towards_peer(now, relay, peer, packet)
    }

    /// A Send indication by a client.
    pub(super) fn send(
        &mut self,
        now: Timestamp,
        client: Client,
        packet: &mut Packet<'_>,
    ) -> Result<Verdict, Dropped> {
        let message = Message::parse(packet.bytes()).ok_or(Dropped::Malformed)?;
        let mut peer = None;
        let mut data = None;
        for attribute in message.attributes() {
            match attribute.kind {
                attribute::XOR_PEER_ADDRESS if peer.is_none() => {
                    peer = address::read(attribute.value, &message.transaction);
                }
                attribute::DATA if data.is_none() => {
                    data = Some((attribute.offset + 4, attribute.value.len()));
                }
                kind if !attribute::is_understood(kind) => return Err(Dropped::Malformed),
                _ => {}
            }
        }
        let (Some(peer), Some((skip, len))) = (peer, data) else {
            return Err(Dropped::Malformed);
        };
        let relay = self
            .allocations
            .find(&client)
            .ok_or(Dropped::NoAllocation)?;
        if !packet.keep(skip, len) {
            return Err(Dropped::Malformed);
        }
        self.towards_peer(now, relay, peer, packet)
    }

    /// The allocation behind `relay`, if it lives and `peer` may be spoken with.
    fn permitting(
        &mut self,
        now: Timestamp,
        relay: Relay,
        peer: IpAddr,
    ) -> Result<&mut Allocation, Dropped> {
        let allocation = self.allocations.get_mut(relay);
        let allocation = allocation.ok_or(Dropped::NoAllocation)?;
        if allocation.expires <= now {
            return Err(Dropped::NoAllocation);
        }
        if !allocation.permits(peer, now) {
            return Err(Dropped::NoPermission);
        }
        Ok(allocation)
    }

    fn towards_peer(
        &mut self,
        now: Timestamp,
        relay: Relay,
        peer: SocketAddr,
        packet: &mut Packet<'_>,
    ) -> Result<Verdict, Dropped> {
        let allocation = self.permitting(now, relay, peer.ip())?;
        let relayed = allocation.relayed;
        if !self.config.policy.reaches(peer) || relayed.is_ipv4() != peer.is_ipv4() {
            return Err(Dropped::Forbidden);
        }
        let other = match self.is_relay(peer.ip()) {
            true => self.ports_of(peer.ip()).relay(peer.port()),
            false => None,
        };
        // A relayed port that nobody has may be another program's.
        if other.is_none() && !self.config.policy.goes_out(peer.ip()) {
            return Err(Dropped::Forbidden);
        }
        self.meter(now, relay, packet, Counted::Here)?;
        if let Some(other) = other {
            let verdict = self.towards_client(now, other, relayed, packet, Counted::Already)?;
            self.stats.local += 1;
            return Ok(verdict);
        }
        Ok(Verdict::ToPeer(relay, peer))
    }

    /// Data of `peer` for the client of `relay`.
    pub(super) fn towards_client(
        &mut self,
        now: Timestamp,
        relay: Relay,
        peer: SocketAddr,
        packet: &mut Packet<'_>,
        counted: Counted,
    ) -> Result<Verdict, Dropped> {
        let allocation = self.permitting(now, relay, peer.ip())?;
        let client = allocation.client;
        let number = allocation.number(peer, now);
        self.meter(now, relay, packet, counted)?;
        let len = u16::try_from(packet.bytes().len()).map_err(|_| Dropped::NoRoom)?;
        let is_done = match number {
            Some(number) => {
                let [number_high, number_low] = number.to_be_bytes();
                let [len_high, len_low] = len.to_be_bytes();
                packet.prepend(&[number_high, number_low, len_high, len_low])
                    && (!client.pads() || packet.pad())
            }
            None => packet.pad() && self.data_indication(peer, len, packet),
        };
        match is_done {
            true => Ok(Verdict::Relayed(relay, client)),
            false => Err(Dropped::NoRoom),
        }
    }

    /// Puts the head of a Data indication before the padded data (RFC 8656 §11.3).
    fn data_indication(&mut self, peer: SocketAddr, len: u16, packet: &mut Packet<'_>) -> bool {
        self.indications = self.indications.wrapping_add(1);
        let mut transaction: Transaction = [0; 12];
        for (to, from) in transaction.iter_mut().zip(self.indications.to_be_bytes()) {
            *to = from;
        }
        let (address, address_len) = address::write(peer, &transaction);
        let total = 4 + address_len + 4 + packet.bytes().len();
        let Ok(total) = u16::try_from(total) else {
            return false;
        };
        let address_len_bytes = u16::try_from(address_len).unwrap_or_default().to_be_bytes();
        let parts: [&[u8]; 9] = [
            &kind::DATA.to_be_bytes(),
            &total.to_be_bytes(),
            &COOKIE,
            &transaction,
            &attribute::XOR_PEER_ADDRESS.to_be_bytes(),
            &address_len_bytes,
            address.get(..address_len).unwrap_or_default(),
            &attribute::DATA.to_be_bytes(),
            &len.to_be_bytes(),
        ];
        let mut head = [0; HEADROOM];
        let bytes = parts.into_iter().flatten();
        for (to, from) in head.iter_mut().zip(bytes) {
            *to = *from;
        }
        let head_len = HEADER_LEN + 4 + address_len + 4;
        packet.prepend(head.get(..head_len).unwrap_or_default())
    }

    /// Counts what is to be relayed, if it may be: against the allocation, and once against all.
    fn meter(
        &mut self,
        now: Timestamp,
        relay: Relay,
        packet: &Packet<'_>,
        counted: Counted,
    ) -> Result<(), Dropped> {
        let len = u32::try_from(packet.bytes().len()).map_err(|_| Dropped::NoRoom)?;
        let allocation = self.allocations.get_mut(relay);
        let allocation = allocation.ok_or(Dropped::NoAllocation)?;
        let counts = counted == Counted::Here;
        if !allocation.flow.admits(len, now) || counts && !self.meter.admits(len, now) {
            return Err(Dropped::Limit);
        }
        if counts {
            self.stats.packets += 1;
            self.stats.bytes += u64::from(len);
        }
        Ok(())
    }
}
