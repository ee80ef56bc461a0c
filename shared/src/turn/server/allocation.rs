//! One allocation: its permissions and channels (RFC 8656 §3.2).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use super::super::limits::{CHANNEL_LIFETIME, CHANNELS_MAX, PERMISSION_LIFETIME, PERMISSIONS_MAX};
use super::super::meter::Flow;
use super::super::wire::Transaction;
use super::client::Client;
use crate::base::time::Timestamp;

/// A relayed address of a client.
#[derive(Debug)]
pub struct Allocation {
    pub client: Client,
    pub relayed: SocketAddr,
    pub username: Box<str>,
    /// Of the request that made it, to know that request when it comes again.
    pub transaction: Transaction,
    pub expires: Timestamp,
    pub flow: Flow,
    /// By address.
    permissions: Vec<(IpAddr, Timestamp)>,
    /// By number.
    channels: Vec<Channel>,
    /// By peer: the number of its channel.
    numbers: Vec<(SocketAddr, u16)>,
    recent: Option<Recent>,
}

/// The channel that was last used, with a permission: most data goes by the same again.
#[derive(Debug, Clone, Copy)]
struct Recent {
    number: u16,
    peer: SocketAddr,
    /// Until then both last at least: bindings and permissions are made longer, never shorter.
    until: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct Channel {
    number: u16,
    peer: SocketAddr,
    expires: Timestamp,
}

/// Why a channel cannot be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindError {
    /// The number is another peer's, or the peer has another number.
    Taken,
    /// There are as many as there may be.
    Full,
}

impl Allocation {
    pub fn new(
        client: Client,
        relayed: SocketAddr,
        username: &str,
        transaction: Transaction,
        expires: Timestamp,
        flow: Flow,
    ) -> Self {
        Self {
            client,
            relayed,
            username: username.into(),
            transaction,
            expires,
            flow,
            permissions: Vec::new(),
            channels: Vec::new(),
            numbers: Vec::new(),
            recent: None,
        }
    }

    /// Whether data from and to `peer` may pass.
    pub fn permits(&self, peer: IpAddr, now: Timestamp) -> bool {
        let is_recent = |recent: &Recent| recent.peer.ip() == peer && recent.until > now;
        let lasts = || self.permitted_until(peer).is_some_and(|until| until > now);
        self.recent.as_ref().is_some_and(is_recent) || lasts()
    }

    fn permitted_until(&self, peer: IpAddr) -> Option<Timestamp> {
        let place = self.permissions.binary_search_by_key(&peer, |(ip, _)| *ip);
        let (_, until) = self.permissions.get(place.ok()?)?;
        Some(*until)
    }

    /// Whether `peers` may have permissions, too.
    pub fn has_room_for(&mut self, peers: &[IpAddr], now: Timestamp) -> bool {
        self.permissions.retain(|(_, expires)| *expires > now);
        let mut new: Vec<_> = peers
            .iter()
            .filter(|peer| !self.permits(**peer, now))
            .collect();
        new.sort_unstable();
        new.dedup();
        self.permissions.len() + new.len() <= PERMISSIONS_MAX
    }

    /// Makes a permission, or makes it last. The caller has asked [`Self::has_room_for`].
    pub fn permit(&mut self, peer: IpAddr, now: Timestamp) {
        let expires = now.after(PERMISSION_LIFETIME);
        match self.permissions.binary_search_by_key(&peer, |(ip, _)| *ip) {
            Ok(place) => {
                if let Some((_, old)) = self.permissions.get_mut(place) {
                    *old = expires;
                }
            }
            Err(place) => self.permissions.insert(place, (peer, expires)),
        }
    }

    /// The peer of channel `number`.
    pub fn peer(&mut self, number: u16, now: Timestamp) -> Option<SocketAddr> {
        match self.recent {
            Some(recent) if recent.number == number && recent.until > now => Some(recent.peer),
            _ => Some(self.use_channel(number, now)?.peer),
        }
    }

    /// The number of the channel to `peer`.
    pub fn number(&mut self, peer: SocketAddr, now: Timestamp) -> Option<u16> {
        match self.recent {
            Some(recent) if recent.peer == peer && recent.until > now => Some(recent.number),
            _ => {
                let place = self.numbers.binary_search_by_key(&peer, |(peer, _)| *peer);
                let (_, number) = self.numbers.get(place.ok()?)?;
                Some(self.use_channel(*number, now)?.number)
            }
        }
    }

    fn use_channel(&mut self, number: u16, now: Timestamp) -> Option<Channel> {
        let channel = *self.channel(number)?;
        let permitted = self.permitted_until(channel.peer.ip());
        self.recent = permitted.map(|until| Recent {
            number,
            peer: channel.peer,
            until: until.min(channel.expires),
        });
        (channel.expires > now).then_some(channel)
    }

    /// Binds a channel, or makes it last.
    ///
    /// # Errors
    /// [`BindError`]; nothing has changed.
    pub fn bind(&mut self, number: u16, peer: SocketAddr, now: Timestamp) -> Result<(), BindError> {
        self.channels.retain(|channel| channel.expires > now);
        let alive = &self.channels;
        self.numbers.retain(|(_, number)| {
            alive
                .binary_search_by_key(number, |channel| channel.number)
                .is_ok()
        });
        let expires = now.after(CHANNEL_LIFETIME);
        let by_number = self
            .channels
            .binary_search_by_key(&number, |channel| channel.number);
        let by_peer = self.numbers.binary_search_by_key(&peer, |(peer, _)| *peer);
        match (by_number, by_peer) {
            (Ok(place), Ok(_)) => match self.channels.get_mut(place) {
                Some(channel) if channel.peer == peer => channel.expires = expires,
                _ => return Err(BindError::Taken),
            },
            (Err(_), Err(_)) if self.channels.len() >= CHANNELS_MAX => return Err(BindError::Full),
            (Err(place), Err(other)) => {
                let channel = Channel {
                    number,
                    peer,
                    expires,
                };
                self.channels.insert(place, channel);
                self.numbers.insert(other, (peer, number));
            }
            _ => return Err(BindError::Taken),
        }
        Ok(())
    }

    fn channel(&self, number: u16) -> Option<&Channel> {
        let place = self
            .channels
            .binary_search_by_key(&number, |channel| channel.number);
        self.channels.get(place.ok()?)
    }
}
