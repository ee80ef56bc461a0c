//! Under which URLs clients reach the STUN and TURN server.

use std::net::SocketAddr;

use super::settings::From;

/// Where clients find what listens on `addresses`: where each is bound, unless that is any address of the
/// machine or one behind a NAT; then where relayed traffic is seen to come from. None of a family that
/// is not relayed.
pub fn places(addresses: &[SocketAddr], froms: [Option<From>; 2]) -> Vec<SocketAddr> {
    let of = |address: &SocketAddr| {
        let from = froms[usize::from(address.is_ipv6())]?;
        let behind_nat = from.seen != from.bind;
        let ip = match address.ip().is_unspecified() || behind_nat {
            true => from.seen,
            false => address.ip(),
        };
        Some(SocketAddr::new(ip, address.port()))
    };
    addresses.iter().filter_map(of).collect()
}

/// URLs (RFC 7064, RFC 7065) of the servers at these [`places`]. `tls` are those over TLS, reached by a
/// `name`: a browser checks certificates against names.
pub fn urls(places: &[SocketAddr], tls: &[SocketAddr], name: Option<&str>) -> Vec<String> {
    let turn = |way: &'static str| {
        let url = move |place: &SocketAddr| format!("turn:{place}?transport={way}");
        places.iter().map(url)
    };
    let stun = places.iter().map(|place| format!("stun:{place}"));
    let mut ports: Vec<_> = tls.iter().map(SocketAddr::port).collect();
    ports.sort_unstable();
    ports.dedup();
    let mut secure = name.into_iter().flat_map(|name| {
        let url = move |port: &u16| format!("turns:{name}:{port}?transport=tcp");
        ports.iter().map(url)
    });
    // There is room for a few only, and some networks let nothing else out.
    let first = secure.next();
    let open = stun.chain(turn("udp")).chain(first);
    open.chain(turn("tcp")).chain(secure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(seen: &str, bind: &str) -> Option<From> {
        Some(From {
            seen: seen.parse().unwrap(),
            bind: bind.parse().unwrap(),
        })
    }

    fn ask(addresses: &[&str], froms: [Option<From>; 2]) -> Vec<String> {
        let addresses: Vec<_> = addresses.iter().map(|it| it.parse().unwrap()).collect();
        urls(&places(&addresses, froms), &[], None)
    }

    #[test]
    fn with_a_name_tls_is_offered_once_for_each_port() {
        let tls = ["0.0.0.0:5349", "[::]:5349", "[::]:443"];
        let tls = tls.map(|it| it.parse().unwrap());
        let ask = |name| urls(&[], &tls, name);
        assert_eq!(
            ask(Some("relay.example.org")),
            [
                "turns:relay.example.org:443?transport=tcp",
                "turns:relay.example.org:5349?transport=tcp",
            ]
        );
        assert!(ask(None).is_empty());
    }

    #[test]
    fn one_over_tls_comes_before_those_over_tcp() {
        let (udp, tls) = ("192.0.2.1:3478", ["0.0.0.0:443", "0.0.0.0:5349"]);
        let here = [from("192.0.2.1", "192.0.2.1"), None];
        let tls = tls.map(|it| it.parse().unwrap());
        let urls = urls(
            &places(&[udp.parse().unwrap()], here),
            &tls,
            Some("a.example"),
        );
        assert_eq!(
            urls,
            [
                "stun:192.0.2.1:3478",
                "turn:192.0.2.1:3478?transport=udp",
                "turns:a.example:443?transport=tcp",
                "turn:192.0.2.1:3478?transport=tcp",
                "turns:a.example:5349?transport=tcp",
            ]
        );
    }

    #[test]
    fn clients_are_told_where_the_server_is_bound() {
        let urls = ask(
            &["192.0.2.1:3478", "[2001:db8::1]:3478"],
            [
                from("192.0.2.9", "192.0.2.9"),
                from("2001:db8::1", "2001:db8::1"),
            ],
        );
        assert_eq!(
            urls,
            [
                "stun:192.0.2.1:3478",
                "stun:[2001:db8::1]:3478",
                "turn:192.0.2.1:3478?transport=udp",
                "turn:[2001:db8::1]:3478?transport=udp",
                "turn:192.0.2.1:3478?transport=tcp",
                "turn:[2001:db8::1]:3478?transport=tcp",
            ]
        );
    }

    #[test]
    fn bound_to_any_address_or_behind_a_nat_they_are_told_what_peers_see() {
        let any = ask(&["0.0.0.0:1"], [from("192.0.2.1", "192.0.2.1"), None]);
        assert_eq!(any.first().unwrap(), "stun:192.0.2.1:1");
        let nat = ask(&["10.0.0.5:1"], [from("192.0.2.1", "10.0.0.5"), None]);
        assert_eq!(nat.first().unwrap(), "stun:192.0.2.1:1");
    }

    #[test]
    fn a_family_that_is_not_relayed_is_not_offered() {
        assert!(ask(&["[::]:1"], [None, None]).is_empty());
    }
}
