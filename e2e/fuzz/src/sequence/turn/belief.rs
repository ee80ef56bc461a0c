//! What a client must have at the server, by what was answered.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::messages::{
    self, ALLOCATE, Answer, Attribute, CHANNEL_BIND, CREATE_PERMISSION, REFRESH,
};

/// Lives in milliseconds (RFC 8656 §9, §12).
const PERMISSION: u64 = 300_000;
const CHANNEL: u64 = 600_000;

/// One client's allocation, permissions and channels, each with its end.
#[derive(Debug, Default)]
pub struct Belief {
    until: u64,
    permissions: BTreeMap<IpAddr, u64>,
    channels: BTreeMap<u16, (SocketAddr, u64)>,
}

impl Belief {
    /// A request with `attributes` was granted at `now`.
    pub fn granted(&mut self, now: u64, attributes: &[Attribute], answer: &Answer) {
        let lifetime = answer.lifetime.unwrap_or_default() * 1000;
        let peers = messages::peers(attributes);
        match answer.method {
            // The same request again is answered again, and changes nothing.
            ALLOCATE if self.is_alive(now) => {}
            ALLOCATE => {
                *self = Self {
                    until: now + lifetime,
                    ..Self::default()
                };
            }
            REFRESH if lifetime == 0 => *self = Self::default(),
            REFRESH => self.until = now + lifetime,
            CREATE_PERMISSION => {
                let new = peers.iter().map(|peer| (peer.ip(), now + PERMISSION));
                self.permissions.extend(new);
            }
            CHANNEL_BIND => {
                let number = attributes.iter().find(|(kind, _)| *kind == 0x0c);
                let number = number.and_then(|(_, value)| value.first_chunk());
                if let (Some(number), [peer, ..]) = (number, &*peers) {
                    let number = u16::from_be_bytes(*number);
                    assert!((0x4000..=0x4fff).contains(&number), "{number:#x}");
                    let old = self.channels.insert(number, (*peer, now + CHANNEL));
                    assert!(old.is_none_or(|(old, end)| old == *peer || end <= now));
                    self.permissions.insert(peer.ip(), now + PERMISSION);
                }
            }
            _ => {}
        }
    }

    pub fn is_alive(&self, now: u64) -> bool {
        self.until > now
    }

    pub fn permits(&self, now: u64, peer: IpAddr) -> bool {
        let end = self.permissions.get(&peer);
        self.is_alive(now) && end.is_some_and(|end| *end > now)
    }

    pub fn peer(&self, now: u64, number: u16) -> Option<SocketAddr> {
        let (peer, end) = self.channels.get(&number)?;
        (self.permits(now, peer.ip()) && *end > now).then_some(*peer)
    }
}
