//! Addresses, hidden from eager NATs by exclusive or (RFC 8489 §14.2).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{COOKIE, Transaction};

/// Number of IPv4 among address families.
pub const IPV4: u8 = 1;
/// Number of IPv6 among address families.
pub const IPV6: u8 = 2;
/// Longest address as carried, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 20;

/// The number of `address`'s family.
pub fn family(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => IPV4,
        IpAddr::V6(_) => IPV6,
    }
}

/// What the bytes of an address and port are combined with.
fn mask(transaction: &Transaction) -> [u8; 16] {
    let mut mask = [0; 16];
    for (to, from) in mask.iter_mut().zip(COOKIE.iter().chain(transaction)) {
        *to = *from;
    }
    mask
}

/// Reads an address. The family must fit the length.
pub fn read(value: &[u8], transaction: &Transaction) -> Option<SocketAddr> {
    let mut plain = [0; 16];
    let (head, hidden) = value.split_first_chunk::<4>()?;
    for ((to, from), mask) in plain.iter_mut().zip(hidden).zip(mask(transaction)) {
        *to = from ^ mask;
    }
    let [_, family, port_high, port_low] = *head;
    let port = u16::from_be_bytes([port_high ^ COOKIE[0], port_low ^ COOKIE[1]]);
    let ip = match (family, hidden.len()) {
        (IPV4, 4) => IpAddr::V4(Ipv4Addr::from(*plain.first_chunk::<4>()?)),
        (IPV6, 16) => IpAddr::V6(Ipv6Addr::from(plain)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Writes an address; gives back the buffer and how much of it counts.
pub fn write(address: SocketAddr, transaction: &Transaction) -> ([u8; ADDRESS_BYTES_MAX], usize) {
    let [port_high, port_low] = address.port().to_be_bytes();
    let mut out = [0; ADDRESS_BYTES_MAX];
    let head = [
        0,
        family(address.ip()),
        port_high ^ COOKIE[0],
        port_low ^ COOKIE[1],
    ];
    let mut plain = [0; 16];
    let len = match address.ip() {
        IpAddr::V4(ip) => {
            for (to, from) in plain.iter_mut().zip(ip.octets()) {
                *to = from;
            }
            4
        }
        IpAddr::V6(ip) => {
            plain = ip.octets();
            16
        }
    };
    let hidden = plain.into_iter().zip(mask(transaction)).map(|(a, b)| a ^ b);
    for (to, from) in out.iter_mut().zip(head.into_iter().chain(hidden.take(len))) {
        *to = from;
    }
    (out, head.len() + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTION: Transaction = [
        0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
    ];

    /// RFC 5769 §2.2 and §2.3.
    #[test]
    fn published_vectors_hold() {
        for (text, bytes) in [
            ("192.0.2.1:32853", "0001a147e112a643"),
            (
                "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
                "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
            ),
        ] {
            let address = text.parse().unwrap();
            let bytes = hex::decode(bytes).unwrap();
            assert_eq!(read(&bytes, &TRANSACTION), Some(address));
            let (written, len) = write(address, &TRANSACTION);
            assert_eq!(written[..len], bytes);
        }
    }

    #[test]
    fn family_and_length_must_agree() {
        for bad in [
            &[0, 1, 0, 0, 1, 2, 3][..],
            &[0, 1, 0, 0, 1, 2, 3, 4, 5],
            &[0, 2, 0, 0, 1, 2, 3, 4],
            &[0, 3, 0, 0, 1, 2, 3, 4],
            &[0, 1, 0],
            &[],
            &[0; 24],
        ] {
            assert_eq!(read(bad, &TRANSACTION), None);
        }
    }
}
