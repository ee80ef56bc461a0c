//! Whether two pages behind NATs find a direct way, by what RFC 4787 calls mapping (§4.1) and
//! filtering (§5): each side knows its server-reflexive candidate and sends checks to the other's.

use crate::chance::Chance;

/// What a NAT looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depends {
    /// On nothing of the other side: endpoint-independent.
    No,
    /// On the other side's address.
    Address,
    /// On the other side's address and port.
    AddressAndPort,
}

/// A NAT, or a firewall, before a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nat {
    /// When an inner port gets another outer one.
    pub mapping: Depends,
    /// Whose packets are let in.
    pub filtering: Depends,
}

impl Nat {
    /// Nothing in between, or a full cone.
    pub const OPEN: Self = Self {
        mapping: Depends::No,
        filtering: Depends::No,
    };

    /// Such as homes and phone networks have: mostly endpoint-independent mapping with
    /// address-and-port-dependent filtering, one in six with a mapping of the symmetric kind.
    pub fn draw(chance: &mut Chance) -> Self {
        let (mapping, filtering) = match chance.below(12) {
            0 | 1 => (Depends::No, Depends::No),
            2 | 3 => (Depends::No, Depends::Address),
            4..=9 => (Depends::No, Depends::AddressAndPort),
            10 => (Depends::Address, Depends::AddressAndPort),
            _ => (Depends::AddressAndPort, Depends::AddressAndPort),
        };
        Self { mapping, filtering }
    }

    /// Whether the address that others were told is the one this NAT uses towards them.
    fn is_predictable(self) -> bool {
        self.mapping == Depends::No
    }
}

/// Whether a check of one side gets through to the other. With a predictable mapping both checks come
/// from where they are expected, so both filters are opened by the own check. If only one side is
/// predictable, its filter must not look at the port, for the other's checks come from a new one
/// (behind the same address). If neither is, no check is sent to where the other really is.
#[must_use]
pub fn reach_each_other(one: Nat, other: Nat) -> bool {
    match (one.is_predictable(), other.is_predictable()) {
        (true, true) => true,
        (true, false) => one.filtering != Depends::AddressAndPort,
        (false, true) => other.filtering != Depends::AddressAndPort,
        (false, false) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTRICTED: Nat = Nat {
        mapping: Depends::No,
        filtering: Depends::Address,
    };
    const PORT_RESTRICTED: Nat = Nat {
        mapping: Depends::No,
        filtering: Depends::AddressAndPort,
    };
    const SYMMETRIC: Nat = Nat {
        mapping: Depends::AddressAndPort,
        filtering: Depends::AddressAndPort,
    };

    #[test]
    fn the_known_pairs_come_out_as_they_do_in_life() {
        for (one, other, direct) in [
            (Nat::OPEN, SYMMETRIC, true),
            (RESTRICTED, SYMMETRIC, true),
            (PORT_RESTRICTED, PORT_RESTRICTED, true),
            (PORT_RESTRICTED, SYMMETRIC, false),
            (SYMMETRIC, SYMMETRIC, false),
        ] {
            assert_eq!(reach_each_other(one, other), direct, "{one:?} {other:?}");
            assert_eq!(reach_each_other(other, one), direct);
        }
    }
}
