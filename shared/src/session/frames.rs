//! What a client says, as frames.

use alloc::vec::Vec;

use super::transcript::Transcript;
use super::wire::ClientFrame;
use crate::base::codec;
use crate::base::id::PersonaId;
use crate::base::sign::Purpose;
use crate::gates::Pass;
use crate::identity::secret::DeviceSecret;
use crate::mailbox::capability::{Capability, CapabilitySerial};
use crate::mailbox::wire::Envelope;

/// What is needed to claim a mailbox.
pub struct Claim<'a> {
    /// Whose mailbox.
    pub persona: PersonaId,
    /// Signed device list as carried.
    pub devices: &'a [u8],
    /// This device.
    pub device: &'a DeviceSecret,
    /// Shared with homes only.
    pub capability_secret: [u8; 32],
}

/// A deposit as a frame.
#[must_use]
pub fn deposit_frame(request: u32, envelope: Envelope) -> Vec<u8> {
    codec::encode(&ClientFrame::Deposit { request, envelope })
}

/// What the next claim or deposit shows, as a frame.
#[must_use]
pub fn show_frame(pass: Pass) -> Vec<u8> {
    codec::encode(&ClientFrame::Show { pass })
}

/// Key packages of mine for a home, as a frame; none: asks what it has.
#[must_use]
pub fn publish_frame(packages: Vec<Vec<u8>>, last_resort: Option<Vec<u8>>) -> Vec<u8> {
    codec::encode(&ClientFrame::Publish {
        packages: packages.into_iter().map(Into::into).collect(),
        last_resort: last_resort.map(Into::into),
    })
}

/// A request for a key package, as a frame.
#[must_use]
pub fn fetch_frame(mailbox: PersonaId, capability: Capability) -> Vec<u8> {
    codec::encode(&ClientFrame::Fetch {
        mailbox,
        capability,
    })
}

/// Capabilities taken back, as a frame.
#[must_use]
pub fn revoke_frame(serials: Vec<CapabilitySerial>) -> Vec<u8> {
    codec::encode(&ClientFrame::Revoke { serials })
}

/// A question for STUN and TURN servers, as a frame.
#[must_use]
pub fn turn_frame() -> Vec<u8> {
    codec::encode(&ClientFrame::Turn {})
}

/// Whether anybody may ask for first contact, and by how much work, as a frame.
#[must_use]
pub fn open_frame(work_bits: u8) -> Vec<u8> {
    codec::encode(&ClientFrame::Open { work_bits })
}

/// An acknowledgement as a frame.
#[must_use]
pub fn ack_frame(up_to: u64) -> Vec<u8> {
    codec::encode(&ClientFrame::Ack { up_to })
}

/// Claims a mailbox in this session.
pub(super) fn claim_frame(transcript: &Transcript, claim: &Claim<'_>) -> ClientFrame {
    let device = claim.device.id();
    ClientFrame::Claim {
        devices: claim.devices.to_vec(),
        device,
        signature: claim.device.sign().sign(
            Purpose::SessionDevice,
            &transcript.for_device(&claim.persona, &device),
        ),
        capability_secret: claim.capability_secret.to_vec(),
    }
}
