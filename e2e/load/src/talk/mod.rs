//! What a connection says and hears, in the protocol of the server under test.

pub mod iroh;
pub mod kith;
pub mod mqtt;
pub mod resp;

use anyhow::Result;

/// What became of bytes that came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// Messages for this client.
    pub delivered: u32,
    /// Messages of this client that the server has taken.
    pub answered: u32,
}

/// One client's half of a protocol, after its handshake.
pub trait Talk {
    /// Appends the `number`th message.
    fn say(&mut self, number: u64, out: &mut Vec<u8>);

    /// Appends what tells a server that this client is still there, where the server must be told.
    fn keep_alive(&mut self, _out: &mut Vec<u8>) {}

    /// Takes the whole frames at the start of `bytes`, appends what the protocol owes for them, and
    /// says how many bytes they took.
    ///
    /// # Errors
    /// When the server refuses something or does not keep to the protocol.
    fn hear(&mut self, bytes: &[u8], answer: &mut Vec<u8>) -> Result<(usize, Heard)>;
}
