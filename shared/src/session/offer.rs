//! STUN and TURN servers that a supernode offers to whoever has claimed a mailbox there, with a credential
//! that ends.
//!
//! The texts are written by a supernode, and a browser that is given a URL it cannot read makes no
//! connection at all. So each is read here, and what is not of a kind that is known is left out.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// URLs of one offer: STUN, and TURN over UDP, TCP and TLS, over IPv4 and IPv6.
pub const SERVER_URLS_MAX: usize = 8;
/// One URL, in bytes.
pub const SERVER_URL_BYTES_MAX: usize = 160;
/// The name, and the password, of a credential, in bytes.
pub const CREDENTIAL_BYTES_MAX: usize = 256;
/// Longest life of a credential that is believed.
pub const CREDENTIAL_LIFE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// STUN and TURN servers, and what they ask for.
#[derive(Clone, PartialEq, Eq)]
pub struct Offer {
    /// URLs (RFC 7064, RFC 7065); none: this supernode relays nothing.
    pub urls: Vec<String>,
    /// Name, as TURN's USERNAME.
    pub username: String,
    /// Password.
    pub password: String,
    /// New allocations can be made for so long.
    pub life: Duration,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offer({} URLs for {:?})", self.urls.len(), self.life)
    }
}

impl Offer {
    /// The part of what a supernode said that can be used: the first [`SERVER_URLS_MAX`] URLs that are
    /// sound, and none when the credential is too long.
    #[must_use]
    pub fn read(urls: Vec<String>, username: String, password: String, seconds: u32) -> Self {
        let fits = |text: &str| (1..=CREDENTIAL_BYTES_MAX).contains(&text.len());
        let usable = fits(&username) && fits(&password) && seconds > 0;
        let urls = urls.into_iter().filter(|url| usable && is_sound(url));
        Self {
            urls: urls.take(SERVER_URLS_MAX).collect(),
            username,
            password,
            life: Duration::from_secs(seconds.into()).min(CREDENTIAL_LIFE_MAX),
        }
    }

    /// Whether something of it relays.
    #[must_use]
    pub fn relays(&self) -> bool {
        self.urls.iter().any(|url| url.starts_with("turn"))
    }
}

/// Whether a browser can read it: `stun:HOST:PORT`, `turn:HOST:PORT?transport=udp` or `tcp`, or
/// `turns:HOST:PORT?transport=tcp`.
fn is_sound(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let (place, transport) = match rest.split_once("?transport=") {
        Some((place, transport)) => (place, Some(transport)),
        None => (rest, None),
    };
    let known = matches!(
        (scheme, transport),
        ("stun", None) | ("turn", Some("udp" | "tcp")) | ("turns", Some("tcp"))
    );
    let Some((host, port)) = place.rsplit_once(':') else {
        return false;
    };
    let port = port.parse::<u16>().is_ok_and(|it| it > 0) && !port.starts_with('+');
    known && url.len() <= SERVER_URL_BYTES_MAX && port && is_host(host)
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let ip = inner.strip_suffix(']');
        return ip.is_some_and(|ip| ip.parse::<core::net::Ipv6Addr>().is_ok());
    }
    let label = |label: &str| {
        let ends = !label.starts_with('-') && !label.ends_with('-');
        let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len()) && ends && label.bytes().all(fine)
    };
    host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    fn offer(urls: Vec<String>, name: usize, password: usize, seconds: u32) -> Offer {
        Offer::read(urls, "n".repeat(name), "p".repeat(password), seconds)
    }

    #[test]
    fn urls_that_a_browser_can_read_are_kept_and_others_left_out() {
        for good in [
            "stun:192.0.2.1:3478",
            "turn:192.0.2.1:3478?transport=udp",
            "turn:[2001:db8::1]:3478?transport=tcp",
            "turns:node.example:5349?transport=tcp",
        ] {
            assert!(is_sound(good), "{good}");
        }
        for bad in [
            "",
            "stun",
            "stun:",
            "stun:192.0.2.1",
            "stun:192.0.2.1:0",
            "stun:192.0.2.1:65536",
            "stun:192.0.2.1:+1",
            "stun:192.0.2.1:1?transport=udp",
            "turn:192.0.2.1:1",
            "turn:192.0.2.1:1?transport=quic",
            "turns:192.0.2.1:1?transport=udp",
            "turn:a@b:1?transport=udp",
            "turn:a b:1?transport=udp",
            "turn:a..b:1?transport=udp",
            "turn:-a:1?transport=udp",
            "turn:[::1:1?transport=udp",
            "turn:[1.2.3.4]:1?transport=udp",
            "turn:::1:1?transport=udp",
            "TURN:192.0.2.1:1?transport=udp",
            "https://node.example:443",
        ] {
            assert!(!is_sound(bad), "{bad}");
        }
        let of = |len: usize| {
            let labels = ["h".repeat(63), "h".repeat(63), "h".repeat(len - 135)];
            alloc::format!("stun:{}:1", labels.join("."))
        };
        assert_eq!(of(SERVER_URL_BYTES_MAX).len(), SERVER_URL_BYTES_MAX);
        assert!(is_sound(&of(SERVER_URL_BYTES_MAX)) && !is_sound(&of(SERVER_URL_BYTES_MAX + 1)));
    }

    #[test]
    fn an_offer_is_cut_at_its_limits() {
        let url = |port: usize| alloc::format!("stun:192.0.2.1:{port}");
        let urls = |count| (1..=count).map(url).collect::<Vec<_>>();
        let read = |count| offer(urls(count), 1, 1, 60).urls.len();
        assert_eq!(read(SERVER_URLS_MAX), SERVER_URLS_MAX);
        assert_eq!(read(SERVER_URLS_MAX + 1), SERVER_URLS_MAX);
        let max = CREDENTIAL_BYTES_MAX;
        for (name, password, seconds, usable) in [
            (max, max, 1, true),
            (max + 1, 1, 1, false),
            (1, max + 1, 1, false),
            (0, 1, 1, false),
            (1, 0, 1, false),
            (1, 1, 0, false),
        ] {
            let offer = offer(urls(1), name, password, seconds);
            assert_eq!(
                !offer.urls.is_empty(),
                usable,
                "{name} {password} {seconds}"
            );
        }
        let life = |seconds| offer(urls(1), 1, 1, seconds).life;
        let most = u32::try_from(CREDENTIAL_LIFE_MAX.as_secs()).unwrap();
        assert_eq!(life(most), CREDENTIAL_LIFE_MAX);
        assert_eq!(life(most + 1), CREDENTIAL_LIFE_MAX);
    }

    #[test]
    fn what_only_tells_an_address_relays_nothing() {
        let stun = "stun:192.0.2.1:1".to_string();
        let turn = "turn:192.0.2.1:1?transport=udp".to_string();
        assert!(!offer(vec![stun.clone()], 1, 1, 1).relays());
        assert!(offer(vec![stun, turn], 1, 1, 1).relays());
        assert!(!alloc::format!("{:?}", offer(Vec::new(), 1, 7, 1)).contains("ppp"));
    }
}
