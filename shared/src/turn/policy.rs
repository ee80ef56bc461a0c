//! Which peers may be reached through the relay: the Internet, and not what is behind it.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ops::RangeInclusive;

/// IPv4 networks that are not the Internet (RFC 6890), as address and prefix length.
const REFUSED_V4: [([u8; 4], u32); 12] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// IPv6 networks that are not the Internet, or that lead to IPv4 addresses around the list above.
const REFUSED_V6: [([u16; 8], u32); 11] = [
    // Unspecified, loopback, IPv4-compatible.
    ([0, 0, 0, 0, 0, 0, 0, 0], 96),
    // IPv4-mapped.
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96),
    // IPv4-translated (RFC 2765).
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96),
    // NAT64, well known and local (RFC 6052, RFC 8215).
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
    // Teredo, 6to4.
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    // Unique local, link-local and what was site-local, multicast.
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),
];

/// What of that stays refused even when private peers are allowed: these are nobody's address.
const NOBODY_V4: [([u8; 4], u32); 3] =
    [([0, 0, 0, 0], 8), ([224, 0, 0, 0], 4), ([240, 0, 0, 0], 4)];

/// Whom clients may reach.
#[derive(Debug, Clone)]
pub struct Policy {
    /// For development: private and loopback addresses, too.
    pub allow_private: bool,
    /// Addresses of this machine: of them, only what is relayed may be reached. Unspecified ones, which
    /// would lead to it as well, do not count.
    pub own: Vec<IpAddr>,
    /// Those ports.
    pub relay_ports: RangeInclusive<u16>,
    /// Ports of the supernode itself, refused on its addresses in any case.
    pub service_ports: Vec<u16>,
}

impl Policy {
    /// Whether there may be a permission for `peer` (which has no port).
    #[must_use]
    pub fn permits(&self, peer: IpAddr) -> bool {
        self.is_own(peer) || self.is_outside(peer)
    }

    /// Whether `peer` is reached through a socket, as others are, rather than only if it is relayed here.
    /// Nothing of this machine is, but in development.
    #[must_use]
    pub fn goes_out(&self, peer: IpAddr) -> bool {
        self.allow_private || !self.is_own(peer)
    }

    fn is_own(&self, peer: IpAddr) -> bool {
        self.own.contains(&peer) && !peer.is_unspecified()
    }

    /// Whether data may be sent to `peer`.
    #[must_use]
    pub fn reaches(&self, peer: SocketAddr) -> bool {
        if peer.port() == 0 {
            return false;
        }
        if !self.is_own(peer.ip()) {
            return self.is_outside(peer.ip());
        }
        let is_service = self.service_ports.contains(&peer.port());
        self.relay_ports.contains(&peer.port()) || (self.allow_private && !is_service)
    }

    fn is_outside(&self, peer: IpAddr) -> bool {
        match peer {
            IpAddr::V4(peer) => {
                let refused: &[_] = match self.allow_private {
                    true => &NOBODY_V4,
                    false => &REFUSED_V4,
                };
                !refused.iter().any(|(net, len)| {
                    is_within(
                        peer.to_bits().into(),
                        Ipv4Addr::from(*net).to_bits().into(),
                        *len,
                        32,
                    )
                })
            }
            IpAddr::V6(peer) if self.allow_private => {
                !peer.is_unspecified() && !peer.is_multicast() && peer.to_ipv4_mapped().is_none()
            }
            IpAddr::V6(peer) => !REFUSED_V6.iter().any(|(net, len)| {
                is_within(peer.to_bits(), Ipv6Addr::from(*net).to_bits(), *len, 128)
            }),
        }
    }
}

/// Whether the first `len` of `bits` bits are the same.
fn is_within(address: u128, network: u128, len: u32, bits: u32) -> bool {
    (address ^ network).checked_shr(bits - len).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow_private: bool) -> Policy {
        Policy {
            allow_private,
            own: alloc::vec![
                "203.0.113.9".parse().unwrap(),
                "2001:db8::9".parse().unwrap()
            ],
            relay_ports: 49_152..=65_535,
            service_ports: alloc::vec![3478, 8080],
        }
    }

    fn permits(allow_private: bool, ip: &str) -> bool {
        policy(allow_private).permits(ip.parse().unwrap())
    }

    #[test]
    fn what_is_not_the_internet_is_refused_to_its_edges() {
        for ip in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.0",
            "192.168.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "198.19.255.255",
            "192.0.0.8",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "fe80::1",
            "febf::1",
            "fc00::1",
            "fdff::1",
            "fec0::1",
            "ff02::1",
            "ffff::1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(!permits(false, ip), "{ip}");
        }
    }

    #[test]
    fn the_internet_begins_right_beside() {
        for ip in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "223.255.255.255",
            "198.20.0.0",
            "2001:db8::1",
            "2001:1::1",
            "2003::1",
            "64:ff9c::1",
            "fbff::1",
            "fe00::1",
            "2606:4700::1",
        ] {
            assert!(permits(false, ip), "{ip}");
        }
    }

    #[test]
    fn in_development_only_addresses_of_nobody_are_refused() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(permits(true, ip), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "ff02::1",
            "::ffff:1.2.3.4",
        ] {
            assert!(!permits(true, ip), "{ip}");
        }
    }

    #[test]
    fn an_unspecified_address_that_is_listened_on_is_nobody_s() {
        let any = ["0.0.0.0", "::"].map(|text| text.parse().unwrap());
        for allow_private in [false, true] {
            let policy = Policy {
                own: any.to_vec(),
                ..policy(allow_private)
            };
            for ip in any {
                assert!(!policy.permits(ip) && !policy.reaches((ip, 50_000).into()));
            }
        }
    }

    #[test]
    fn nothing_of_this_machine_is_sent_to_through_a_socket() {
        let own = "203.0.113.9".parse().unwrap();
        assert!(!policy(false).goes_out(own) && policy(true).goes_out(own));
        assert!(policy(false).goes_out("198.51.100.1".parse().unwrap()));
    }

    #[test]
    fn of_this_machine_only_ports_for_relaying_are_reached() {
        let reaches = |allow, peer: &str| policy(allow).reaches(peer.parse().unwrap());
        for peer in [
            "203.0.113.9:49152",
            "[2001:db8::9]:65535",
            "198.51.100.1:80",
        ] {
            assert!(reaches(false, peer) && reaches(true, peer), "{peer}");
        }
        for peer in ["203.0.113.9:3478", "203.0.113.9:8080", "[2001:db8::9]:8080"] {
            assert!(!reaches(false, peer) && !reaches(true, peer), "{peer}");
        }
        assert!(!reaches(false, "203.0.113.9:22") && reaches(true, "203.0.113.9:22"));
        assert!(!reaches(false, "198.51.100.1:0") && !reaches(true, "203.0.113.9:0"));
    }
}
