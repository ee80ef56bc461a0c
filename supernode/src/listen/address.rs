//! Source addresses, as far as limits need them.

use std::net::IpAddr;

use ring::hmac;

/// Turns addresses into numbers that mean nothing outside this process.
pub struct Sources {
    key: hmac::Key,
    trusted_proxies: Vec<IpAddr>,
}

impl Sources {
    /// With a fresh key. `trusted_proxies`' word is taken for whom they forward.
    ///
    /// # Errors
    /// Without randomness.
    pub fn new(trusted_proxies: Vec<IpAddr>) -> Result<Self, ring::error::Unspecified> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &ring::rand::SystemRandom::new())?;
        Ok(Self {
            key,
            trusted_proxies,
        })
    }

    /// Whether `peer` is a proxy whose word is taken.
    #[must_use]
    pub fn is_proxy(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.contains(&peer.to_canonical())
    }

    /// The number of a connection from `peer` whose request carried `forwarded_for`.
    #[must_use]
    pub fn number(&self, peer: IpAddr, forwarded_for: Option<&str>) -> u64 {
        let tag = hmac::sign(&self.key, &network(self.client(peer, forwarded_for)));
        tag.as_ref()
            .first_chunk()
            .map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// Who is behind `peer`: the last address that no trusted proxy of ours wrote about another.
    fn client(&self, peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in forwarded_for.unwrap_or_default().rsplit(',') {
            if !self.trusted_proxies.contains(&client) {
                break;
            }
            let Ok(before) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            client = before.to_canonical();
        }
        client
    }
}

/// An IPv4 address, or the /64 of an IPv6 one: what one customer is commonly given.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_network_is_one_source() {
        let sources = Sources::new(Vec::new()).unwrap();
        let number = |text| sources.number(ip(text), None);
        assert_eq!(number("192.0.2.1"), number("::ffff:192.0.2.1"));
        assert_ne!(number("192.0.2.1"), number("192.0.2.2"));
        assert_eq!(number("2001:db8::1"), number("2001:db8::2:3:4:5"));
        assert_ne!(number("2001:db8::1"), number("2001:db8:0:1::1"));
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let sources = Sources::new(vec![ip("10.0.0.1"), ip("10.0.0.2")]).unwrap();
        let client = |peer, header| sources.client(ip(peer), header);
        assert_eq!(client("192.0.2.1", Some("192.0.2.9")), ip("192.0.2.1"));
        assert_eq!(client("10.0.0.1", Some("192.0.2.9")), ip("192.0.2.9"));
        assert_eq!(
            client("10.0.0.1", Some("198.51.100.7, 192.0.2.9")),
            ip("192.0.2.9")
        );
        assert_eq!(
            client("10.0.0.1", Some("192.0.2.9, 10.0.0.2")),
            ip("192.0.2.9")
        );
        assert_eq!(client("10.0.0.1", Some("nonsense")), ip("10.0.0.1"));
        assert_eq!(client("10.0.0.1", None), ip("10.0.0.1"));
    }
}
