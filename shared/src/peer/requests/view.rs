//! What a page draws of requests, mine and others'.

use alloc::string::String;

use crate::base::id::PersonaId;
use crate::base::time::Timestamp;
use crate::peer::view::Obstacle;

/// Somebody who asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Who; draws the avatar.
    pub persona: PersonaId,
    /// The name they gave themselves.
    pub name: String,
    /// Their first words, if they said any.
    pub words: Option<String>,
    /// When it came.
    pub since: Timestamp,
}

/// My public address, ready to be shown: the page puts its own address and `#/i/` before `code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicView {
    /// base64url, no padding.
    pub code: String,
    /// Work that is asked for, in bits; 0: closed.
    pub work_bits: u8,
    /// Homes of mine that have confirmed it since the page started.
    pub confirmed: u32,
    /// Homes of mine that are there and of a version that lets in nobody who has no invite.
    pub older: u32,
    /// Homes I have.
    pub homes: u32,
}

/// How far my asking has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskState {
    /// The work that is asked for is being done.
    Works,
    /// None of their supernodes has it yet, and why.
    OnItsWay(Obstacle),
    /// A supernode of theirs has it; it waits for them.
    Waits,
}
