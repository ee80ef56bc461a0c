//! What a sender says of which of its numbered parcels each home has taken, so that the recipient
//! notices what a home holds back.

use minicbor::{Decode, Encode};

use crate::base::id::NodeId;

/// Numbers that a [`Window`] remembers.
pub const WINDOW_LEN: u64 = 64;

/// A set of numbers from 1 on, of which the greatest and those less than [`WINDOW_LEN`] below it are
/// remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Window {
    /// The greatest; 0 when the set is empty.
    #[n(0)]
    top: u64,
    /// Bit *i* stands for the number *i* below the greatest.
    #[n(1)]
    bits: u64,
}

impl Window {
    /// Adds a number. One that is too far below the greatest is not remembered.
    pub fn insert(&mut self, number: u64) {
        match number.checked_sub(self.top) {
            Some(up) => {
                let shifted = u32::try_from(up)
                    .ok()
                    .and_then(|up| self.bits.checked_shl(up));
                self.bits = shifted.unwrap_or(0) | 1;
                self.top = number;
            }
            None => self.bits |= bit(self.top - number),
        }
    }

    /// Whether the number is in the set; `false` also for one that is not remembered.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let down = self.top.checked_sub(number);
        down.is_some_and(|down| self.bits & bit(down) != 0)
    }

    /// Whether the number is too far below the greatest to say.
    #[must_use]
    pub fn has_forgotten(&self, number: u64) -> bool {
        self.top
            .checked_sub(number)
            .is_some_and(|down| down >= WINDOW_LEN)
    }
}

fn bit(down: u64) -> u64 {
    u32::try_from(down)
        .ok()
        .and_then(|down| 1_u64.checked_shl(down))
        .unwrap_or(0)
}

/// What a home has taken, by the word of who deposited it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Taken {
    /// The home.
    #[n(0)]
    pub node: NodeId,
    /// Numbers of parcels that it has said OK to.
    #[n(1)]
    pub numbers: Window,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::codec;

    #[test]
    fn a_window_remembers_the_last_64_numbers() {
        let mut window = Window::default();
        assert!(!window.contains(0) && !window.contains(1));
        for number in [1, 3, 2, 3, WINDOW_LEN] {
            window.insert(number);
        }
        assert!(
            [1, 2, 3, WINDOW_LEN]
                .iter()
                .all(|number| window.contains(*number))
        );
        assert!(!window.contains(4) && !window.contains(65));
        window.insert(WINDOW_LEN + 1);
        assert!(window.contains(2) && !window.contains(1));
        assert!(window.has_forgotten(1) && !window.has_forgotten(2));
        window.insert(1);
        assert!(!window.contains(1), "too old to be remembered");
    }

    #[test]
    fn far_jumps_neither_panic_nor_leave_anything_behind() {
        let mut window = Window::default();
        for number in [5, u64::MAX, 0, 7, u64::MAX - 63, u64::MAX - 64] {
            window.insert(number);
        }
        assert!(window.contains(u64::MAX) && window.contains(u64::MAX - 63));
        assert!(!window.contains(5) && !window.contains(u64::MAX - 64));
    }

    #[test]
    fn the_wire_form_is_frozen() {
        let mut numbers = Window::default();
        numbers.insert(1);
        numbers.insert(3);
        let taken = Taken {
            node: NodeId([4; 32]),
            numbers,
        };
        let expected = "a2005820".to_owned() + &"04".repeat(32) + "01a200030105";
        assert_eq!(hex::encode(codec::encode(&taken)), expected);
    }
}
