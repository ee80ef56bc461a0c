//! The addresses of clients and peers, all of this machine.

use std::net::Ipv4Addr;

/// Who a host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// 127.10.0.0/16.
    Client,
    /// 127.20.0.0/16.
    Peer,
}

/// Hosts in one /24.
const PER_NET: usize = 250;

/// Most hosts of a side.
pub const HOSTS_MAX: usize = 250 * PER_NET;

/// Where a host is.
#[must_use]
pub fn host(side: Side, number: usize) -> Ipv4Addr {
    let net = match side {
        Side::Client => 10,
        Side::Peer => 20,
    };
    let (third, fourth) = (number / PER_NET % PER_NET, number % PER_NET + 1);
    Ipv4Addr::new(127, net, third as u8, fourth as u8)
}

/// Whose an address is.
#[must_use]
pub fn whose(ip: Ipv4Addr) -> Option<(Side, usize)> {
    let [_, net, third, fourth] = ip.octets();
    let side = match net {
        10 => Side::Client,
        20 => Side::Peer,
        _ => return None,
    };
    let below = usize::from(fourth).checked_sub(1)?;
    Some((side, usize::from(third) * PER_NET + below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_by_their_address() {
        for side in [Side::Client, Side::Peer] {
            for number in [0, 249, 250, 9_999, HOSTS_MAX - 1] {
                assert_eq!(whose(host(side, number)), Some((side, number)));
            }
        }
        assert_eq!(whose(Ipv4Addr::LOCALHOST), None);
    }
}
