//! What there is in a town besides people who mean well and supernodes with room.

use std::fmt;
use std::str::FromStr;

use shared::gates::Gates;
use shared::relay::RelayLimits;

/// See the module. As text: the names, with commas between them, or `nothing`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mix {
    /// One supernode and one person are hostile, and strangers try their luck; people take back invites.
    pub enemies: bool,
    /// Two of three supernodes ask for work of whoever registers and of first contacts.
    pub gates: bool,
    /// Mailboxes and supernodes are so small that they get full.
    pub tight: bool,
    /// A persona has several devices.
    pub household: bool,
    /// Some programs are old, and some are ahead of their time.
    pub eras: bool,
    /// People block friends, and let some of them in again.
    pub blocks: bool,
    /// People without an invite ask by public addresses, which are opened and closed.
    pub public: bool,
}

/// Work that a simulated supernode asks for, in bits: 64 tries.
const WORK_BITS: u8 = 6;
/// Envelopes that a tight mailbox keeps.
const TIGHT_ENVELOPES: u64 = 8;
/// Bytes that a tight mailbox keeps: less than so many long messages.
const TIGHT_BYTES: u64 = 64 * 1024;
/// First contacts that a tight mailbox keeps.
const TIGHT_REQUESTS: u64 = 3;
/// Bytes that a tight supernode keeps: a few mailboxes full.
const TIGHT_NODE_BYTES: u64 = 160 * 1024;

impl Mix {
    /// Every combination comes in its turn.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let bit = |n: u32| seed >> n & 1 == 1;
        Self {
            enemies: bit(0),
            gates: bit(1),
            tight: bit(2),
            household: bit(3),
            eras: bit(4),
            blocks: bit(5),
            public: bit(6),
        }
    }

    /// What a supernode takes and asks for.
    #[must_use]
    pub fn limits(&self, node: usize) -> RelayLimits {
        let mut limits = RelayLimits::default();
        if self.gates && !node.is_multiple_of(3) {
            limits.registration = Gates {
                invite: false,
                work_bits: WORK_BITS,
            };
            limits.mailboxes.request_work_bits = WORK_BITS;
        }
        if self.tight && node % 3 != 1 {
            limits.mailboxes.mailbox_envelopes = TIGHT_ENVELOPES;
            limits.mailboxes.mailbox_bytes = TIGHT_BYTES;
            limits.mailboxes.requests = TIGHT_REQUESTS;
            limits.mailboxes.bytes = TIGHT_NODE_BYTES;
        }
        limits
    }

    fn named(&mut self) -> [(&'static str, &mut bool); 7] {
        [
            ("enemies", &mut self.enemies),
            ("gates", &mut self.gates),
            ("tight", &mut self.tight),
            ("household", &mut self.household),
            ("eras", &mut self.eras),
            ("blocks", &mut self.blocks),
            ("public", &mut self.public),
        ]
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut copy = *self;
        let there = copy.named().into_iter().filter(|(_, on)| **on);
        let names: Vec<_> = there.map(|(name, _)| name).collect();
        match names.is_empty() {
            true => f.write_str("nothing"),
            false => f.write_str(&names.join(",")),
        }
    }
}

/// There is nothing of this name.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Mix::default();
        let names = all.named().map(|(name, _)| name).join(", ");
        write!(f, "{} is none of {names}, nothing", self.0)
    }
}

impl std::error::Error for Unknown {}

impl FromStr for Mix {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let mut mix = Self::default();
        for word in text.split(',').filter(|word| *word != "nothing") {
            let mut named = mix.named().into_iter();
            let found = named.find(|(name, _)| *name == word);
            *found.ok_or_else(|| Unknown(word.into()))?.1 = true;
        }
        Ok(mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_read_as_it_is_written() {
        for seed in 0..128 {
            let mix = Mix::of(seed);
            assert_eq!(mix.to_string().parse(), Ok(mix));
        }
        assert_eq!("nothing".parse(), Ok(Mix::default()));
        assert!("enemies,friends".parse::<Mix>().is_err());
    }
}
