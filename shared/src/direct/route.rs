//! `direct:192.0.2.1:3478/HASH`: where a supernode listens, and the hash of its DTLS certificate.

use alloc::format;
use alloc::string::String;
use core::net::{IpAddr, SocketAddr};

use base64ct::{Base64UrlUnpadded, Encoding};

use super::Fingerprint;

const SCHEME: &str = "direct:";

/// Everything needed to reach a supernode that has no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DirectRoute {
    /// Where it listens, by UDP.
    pub address: SocketAddr,
    /// SHA-256 of its certificate.
    pub certificate: Fingerprint,
}

impl DirectRoute {
    /// Reads what [`Self::to_text`] wrote: `direct:`, an address as RFC 3986 §3.2.2 has it, with port,
    /// `/`, and the hash in base64url without padding (43 letters). Only a text in its shortest form, with an address that
    /// somebody can have, is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, hash) = text.strip_prefix(SCHEME)?.rsplit_once('/')?;
        let mut certificate = Fingerprint::default();
        let decoded = Base64UrlUnpadded::decode(hash, &mut certificate).ok()?;
        let whole = decoded.len() == certificate.len();
        let route = Self {
            address: address.parse().ok()?,
            certificate,
        };
        (whole && is_somewhere(route.address) && route.to_text() == text).then_some(route)
    }

    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let hash = Base64UrlUnpadded::encode_string(&self.certificate);
        format!("{SCHEME}{}/{hash}", self.address)
    }
}

/// Whether somebody can listen there.
fn is_somewhere(address: SocketAddr) -> bool {
    let ip = address.ip();
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    // A zone means something on one machine only.
    let has_zone = matches!(address, SocketAddr::V6(ip) if ip.scope_id() != 0);
    address.port() != 0 && !(ip.is_unspecified() || ip.is_multicast() || is_broadcast || has_zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const HASH: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[test]
    fn routes_are_read_as_they_are_written() {
        for address in ["192.0.2.1:3478", "[2001:db8::1]:1", "127.0.0.1:65535"] {
            let text = format!("direct:{address}/{HASH}");
            let route = DirectRoute::parse(&text).unwrap();
            assert_eq!(route.address.to_string(), address);
            assert_eq!(route.certificate, core::array::from_fn(|at| at as u8));
            assert_eq!(route.to_text(), text);
        }
    }

    #[test]
    fn anything_else_is_none() {
        let short = &HASH[1..];
        let spare = HASH.replace("Hh8", "Hh9");
        for bad in [
            "direct:192.0.2.1:3478".to_string(),
            format!("direct:192.0.2.1:3478/{short}"),
            format!("direct:192.0.2.1:3478/{HASH}A"),
            // Other last bits that would be cut off.
            format!("direct:192.0.2.1:3478/{spare}"),
            format!("direct:192.0.2.1:0/{HASH}"),
            format!("direct:192.0.2.1:03478/{HASH}"),
            format!("direct:192.0.2.1/{HASH}"),
            format!("direct:0.0.0.0:1/{HASH}"),
            format!("direct:255.255.255.255:1/{HASH}"),
            format!("direct:[ff02::1]:1/{HASH}"),
            format!("direct:[fe80::1%3]:1/{HASH}"),
            format!("direct:[2001:DB8::1]:1/{HASH}"),
            format!("direct:node.example:1/{HASH}"),
            format!("wss:192.0.2.1:3478/{HASH}"),
        ] {
            assert_eq!(DirectRoute::parse(&bad), None, "{bad}");
        }
    }
}
