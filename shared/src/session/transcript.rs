//! What both sides of a session sign.

use alloc::vec::Vec;

use crate::base::id::{DeviceId, NodeId, Nonce, PersonaId};

/// Everything that makes a connection this one and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Protocol version in use.
    pub version: u32,
    /// The supernode's key: as it says, on its side; as the client expects, on the other.
    pub node: NodeId,
    /// The supernode's nonce.
    pub node_nonce: Nonce,
    /// The client's nonce.
    pub client_nonce: Nonce,
    /// Channel binding of the carrier; at most 255 bytes. Empty for WebSocket.
    pub binding: Vec<u8>,
}

impl Transcript {
    /// What the supernode signs ([`Purpose::SessionNode`](crate::base::sign::Purpose::SessionNode)):
    /// version (u32 BE) ‖ node (32) ‖ node nonce (32) ‖ client nonce (32) ‖ binding length (u8) ‖ binding.
    #[must_use]
    pub fn for_node(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(102 + self.binding.len());
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(self.node.as_bytes());
        out.extend_from_slice(self.node_nonce.as_bytes());
        out.extend_from_slice(self.client_nonce.as_bytes());
        out.push(u8::try_from(self.binding.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.binding);
        out
    }

    /// What a device signs ([`Purpose::SessionDevice`](crate::base::sign::Purpose::SessionDevice))
    /// to claim a mailbox: [`Self::for_node`] ‖ persona (32) ‖ device (32).
    #[must_use]
    pub fn for_device(&self, persona: &PersonaId, device: &DeviceId) -> Vec<u8> {
        let mut out = self.for_node();
        out.extend_from_slice(persona.as_bytes());
        out.extend_from_slice(device.as_bytes());
        out
    }
}
