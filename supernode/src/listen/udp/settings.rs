//! What an operator set, as the server wants it.

use std::net::UdpSocket;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Result, bail};
use shared::turn::limits::REALM_BYTES_MAX;
use shared::turn::{self, Credentials, Donation, Month, Policy};

use super::sockets;
use crate::config::Config;

/// Where relayed traffic of one family comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From {
    /// As peers see it.
    pub seen: IpAddr,
    /// As this machine knows it.
    pub bind: IpAddr,
}

/// Where relayed traffic of a family comes from; `None` if there is no such traffic.
pub fn from(config: &Config, listening: &[SocketAddr], is_ipv4: bool) -> Option<From> {
    let is_of_family = |ip: &&IpAddr| ip.is_ipv4() == is_ipv4;
    let any: IpAddr = match is_ipv4 {
        true => Ipv4Addr::UNSPECIFIED.into(),
        false => Ipv6Addr::UNSPECIFIED.into(),
    };
    let listening = listening
        .iter()
        .map(SocketAddr::ip)
        .find(|ip| ip.is_ipv4() == is_ipv4)?;
    let said = config.turn_addresses.0.iter().find(is_of_family).copied();
    match said {
        Some(seen) if UdpSocket::bind((seen, 0)).is_ok() => Some(From { seen, bind: seen }),
        Some(seen) if listening.is_unspecified() => Some(From { seen, bind: any }),
        Some(seen) => Some(From {
            seen,
            bind: listening,
        }),
        None if listening.is_unspecified() => {
            let seen = sockets::outward(is_ipv4)?;
            Some(From { seen, bind: seen })
        }
        None => Some(From {
            seen: listening,
            bind: listening,
        }),
    }
}

/// Who may use it: whoever has a credential made with the secret that is set, or else with `secret`, and
/// the users that are set.
pub fn credentials(config: &Config, secret: &[u8; 32]) -> Credentials {
    let credentials = Credentials::none().with_secret(match config.turn_secret.as_bytes() {
        [] => secret,
        given => given,
    });
    let users = config.turn_user.0.iter();
    users.fold(credentials, |credentials, (name, password)| {
        credentials.with_user(name, password)
    })
}

/// The server's settings.
///
/// # Errors
/// When the realm is too long.
pub fn server(
    config: &Config,
    secret: &[u8; 32],
    froms: [Option<From>; 2],
    services: Vec<SocketAddr>,
    month: Month,
) -> Result<turn::Config> {
    if config.turn_realm.is_empty() || config.turn_realm.len() > REALM_BYTES_MAX {
        bail!("turn_realm must have 1 to {REALM_BYTES_MAX} characters");
    }
    let mut own: Vec<_> = services.iter().map(SocketAddr::ip).collect();
    own.extend(
        froms
            .iter()
            .flatten()
            .flat_map(|from| [from.seen, from.bind]),
    );
    own.extend([true, false].into_iter().filter_map(sockets::outward));
    own.sort_unstable();
    own.dedup();
    let [v4, v6] = froms;
    Ok(turn::Config {
        realm: config.turn_realm.clone(),
        relay_v4: v4.and_then(|from| match from.seen {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        }),
        relay_v6: v6.and_then(|from| match from.seen {
            IpAddr::V6(ip) => Some(ip),
            IpAddr::V4(_) => None,
        }),
        policy: Policy {
            allow_private: config.turn_allow_private_peers,
            own,
            relay_ports: config.turn_ports.0.clone(),
            service_ports: services.iter().map(SocketAddr::port).collect(),
        },
        credentials: credentials(config, secret),
        donation: Donation {
            allocations: config.turn_allocations_max,
            allocations_per_name: config.turn_allocations_per_user_max,
            bytes_per_second_each: config.turn_bytes_per_second_each,
            bytes_per_second: config.turn_bytes_per_second,
            bytes_per_month: config.turn_bytes_per_month,
        },
        month,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(addresses: &[&str], listening: &str) -> Option<From> {
        let mut config = Config::default();
        config
            .set("turn_addresses", &addresses.join(","))
            .unwrap()
            .unwrap();
        from(&config, &[listening.parse().unwrap()], true)
    }

    #[test]
    fn peers_see_what_the_operator_says_or_where_it_listens() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let same = |text| {
            Some(From {
                seen: ip(text),
                bind: ip(text),
            })
        };
        assert_eq!(ask(&[], "127.0.0.1:3478"), same("127.0.0.1"));
        assert_eq!(ask(&["127.0.0.2"], "127.0.0.1:3478"), same("127.0.0.2"));
        let nat = ask(&["203.0.113.5"], "0.0.0.0:3478");
        assert_eq!(
            nat,
            Some(From {
                seen: ip("203.0.113.5"),
                bind: ip("0.0.0.0")
            })
        );
        let nat = ask(&["2001:db8::1", "203.0.113.5"], "127.0.0.1:3478");
        assert_eq!(
            nat,
            Some(From {
                seen: ip("203.0.113.5"),
                bind: ip("127.0.0.1")
            })
        );
        assert_eq!(ask(&[], "[::1]:3478"), None);
    }

    #[test]
    fn a_realm_has_a_length() {
        let of = |realm: String| {
            let config = Config {
                turn_realm: realm,
                ..Config::default()
            };
            server(&config, &[0; 32], [None; 2], Vec::new(), Month::default()).is_ok()
        };
        assert!(of("r".repeat(REALM_BYTES_MAX)));
        assert!(!of("r".repeat(REALM_BYTES_MAX + 1)) && !of(String::new()));
    }
}
