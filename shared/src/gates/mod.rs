//! Gates: what somebody must show who has no right here yet.
//!
//! There are two doors. A persona that is new to a supernode *registers* by its first claim; a stranger
//! leaves a *first contact* in the requests lane of a mailbox. What is asked at each is a [`Gates`]: an
//! invite, work, or both. What is shown is a [`Pass`]. A client that meets a closed door is told what
//! would open it, gets it, and comes again.
//!
//! At a mailbox the invite is the capability in a link; at a supernode it is a [`Token`] from the
//! operator. Not here: what lies behind the door, which has limits of its own.
//!
//! [`Token`]: token::Token

pub mod token;
pub mod work;

use minicbor::{Decode, Encode};

use token::Token;
use work::Work;

/// What is asked for: all of it. Keys of kinds that are not known are skipped, so whoever asks for more
/// is asked again in vain, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Gates {
    /// An invite.
    #[n(0)]
    pub invite: bool,
    /// Work of so many bits; 0: none.
    #[n(1)]
    pub work_bits: u8,
}

impl Gates {
    /// Nothing is asked for.
    pub const OPEN: Self = Self {
        invite: false,
        work_bits: 0,
    };
}

impl core::fmt::Display for Gates {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.invite, self.work_bits) {
            (false, 0) => f.write_str("nothing"),
            (true, 0) => f.write_str("an invite"),
            (false, bits) => write!(f, "work of {bits} bits"),
            (true, bits) => write!(f, "an invite and work of {bits} bits"),
        }
    }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Pass {
    /// An operator's invite.
    #[n(0)]
    pub token: Option<Token>,
    /// Work that was done.
    #[n(1)]
    pub work: Option<Work>,
}
