//! The supernode's half of one session: who may say what, when.
//!
//! | state      | hello     | deposit   | claim              | ack, revoke | ping |
//! |------------|-----------|-----------|--------------------|-------------|------|
//! | challenged | → ready   | bad frame | bad frame          | bad frame   | bad frame |
//! | ready      | bad frame | passed on | → claimed          | not claimed | pong |
//! | claimed    | bad frame | passed on | same mailbox again | passed on   | pong |
//!
//! Nothing is believed before it is verified: a claim leaves here as a [`VerifiedClaim`] or not at all.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::rate::{Rate, TokenBucket};
pub use super::refused::Refused;
use super::transcript::Transcript;
use super::wire::{
    ClientFrame, NodeFrame, Refusal, VERSION, VERSION_GATES, VERSION_MIN, VERSION_OPEN,
    VERSION_TURN,
};
use crate::base::clock::SetBack;
use crate::base::codec::{CodecError, decode};
use crate::base::id::{DeviceId, NodeId, Nonce, PersonaId, Signature};
use crate::base::limits::{
    CLAIM_COST, FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT, PACKAGES_COST, REVOKED_MAX, SESSION_TIMEOUT,
};
use crate::base::random::{Random, bytes};
use crate::base::sign::{Purpose, SigningKey, verify_signature};
use crate::base::time::Timestamp;
use crate::gates::Pass;
use crate::gates::work::WORK_BITS_MAX;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::capability::{Capability, CapabilitySerial, SECRET_LEN};
use crate::mailbox::server::Published;
use crate::mailbox::wire::Envelope;
use crate::planted::{Fault, is_planted};

/// Proof that a claim was checked: the list is its persona's, the device is on it, and the device
/// signed this connection's transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedClaim {
    devices: VerifiedDeviceList,
    device: DeviceId,
    secret: [u8; SECRET_LEN],
}

impl VerifiedClaim {
    /// The device list.
    #[must_use]
    pub fn devices(&self) -> &VerifiedDeviceList {
        &self.devices
    }

    /// The mailbox.
    #[must_use]
    pub fn persona(&self) -> PersonaId {
        self.devices.persona()
    }

    /// The device that claims.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The secret for checking capabilities.
    #[must_use]
    pub fn secret(&self) -> &[u8; SECRET_LEN] {
        &self.secret
    }
}

/// What a frame asks of the rest of the supernode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Only an answer.
    Answer(NodeFrame),
    /// Receive a mailbox.
    Claim(VerifiedClaim),
    /// Leave an envelope.
    Deposit {
        /// Comes back in the receipt.
        request: u32,
        /// The envelope.
        envelope: Envelope,
    },
    /// Kept envelopes up to this sequence number are committed by the device.
    Ack(u64),
    /// Take capabilities back.
    Revoke(Vec<CapabilitySerial>),
    /// Keep key packages, or say what is there.
    Publish(Published),
    /// Hand out a key package.
    Fetch(PersonaId, Capability),
    /// Offer STUN and TURN servers.
    Turn,
    /// Let anybody ask for first contact who works so much, or, by 0, nobody.
    Open(u8),
    /// Nothing; it was for the session alone.
    Noted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// With the carrier's channel binding.
    Challenged(Vec<u8>),
    Ready(Transcript),
    Claimed(Transcript, PersonaId, DeviceId),
}

/// One session, from its first byte to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSession {
    nonce: Nonce,
    state: State,
    bucket: TokenBucket,
    heard_at: Timestamp,
    shown: Option<Box<Pass>>,
}

impl ServerSession {
    /// Opens a session on a carrier with `binding`; the frame is to be sent first.
    #[must_use]
    pub fn open(
        now: Timestamp,
        node: &SigningKey,
        rate: Rate,
        binding: Vec<u8>,
        random: &mut dyn Random,
    ) -> (Self, NodeFrame) {
        let nonce = Nonce(bytes(random));
        let challenge = NodeFrame::Challenge {
            version_min: VERSION_MIN,
            version_max: VERSION,
            node: NodeId(node.public()),
            nonce,
        };
        (
            Self {
                nonce,
                state: State::Challenged(binding),
                bucket: TokenBucket::full(rate, now),
                heard_at: now,
                shown: None,
            },
            challenge,
        )
    }

    /// When the session ends unless something is heard.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        self.heard_at
            .after(if matches!(self.state, State::Challenged(_)) {
                HANDSHAKE_TIMEOUT
            } else {
                SESSION_TIMEOUT
            })
    }

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        back.past(&mut self.heard_at);
    }

    /// The claimed mailbox and the device it was claimed as.
    #[must_use]
    pub fn claimed(&self) -> Option<(PersonaId, DeviceId)> {
        match &self.state {
            State::Claimed(_, persona, device) => Some((*persona, *device)),
            State::Challenged(_) | State::Ready(_) => None,
        }
    }

    /// The version that is spoken; 0 before that is known.
    #[must_use]
    pub fn version(&self) -> u32 {
        match &self.state {
            State::Ready(transcript) | State::Claimed(transcript, ..) => transcript.version,
            State::Challenged(_) => 0,
        }
    }

    /// Whether the client knows of gates.
    #[must_use]
    pub fn knows_gates(&self) -> bool {
        self.version() >= VERSION_GATES
    }

    /// What was shown for the request at hand.
    pub fn take_shown(&mut self) -> Pass {
        self.shown.take().map(|pass| *pass).unwrap_or_default()
    }

    /// Takes one frame.
    ///
    /// # Errors
    /// [`Refused`]: the session is over.
    pub fn handle(
        &mut self,
        now: Timestamp,
        node: &SigningKey,
        rate: Rate,
        frame: &[u8],
    ) -> Result<Request, Refused> {
        self.pay(rate, now, 1)?;
        let frame: ClientFrame = decode(frame, FRAME_BYTES_MAX).map_err(|error| match error {
            CodecError::TooLong { .. } => Refused::new(Refusal::TooLarge, "the frame is too large"),
            CodecError::Malformed | CodecError::Trailing => {
                Refused::new(Refusal::BadFrame, "not a frame")
            }
        })?;
        if let State::Challenged(binding) = &mut self.state {
            let ClientFrame::Hello { version, nonce } = frame else {
                return Err(Refused::new(Refusal::BadFrame, "hello comes first"));
            };
            let binding = core::mem::take(binding);
            self.heard_at = now;
            return self.handle_hello(now, node, version, nonce, binding);
        }
        self.heard_at = now;
        match frame {
            ClientFrame::Hello { .. } => Err(Refused::new(Refusal::BadFrame, "hello comes once")),
            ClientFrame::Ping { token } => Ok(Request::Answer(NodeFrame::Pong { token })),
            ClientFrame::Deposit { request, envelope } => {
                Ok(Request::Deposit { request, envelope })
            }
            ClientFrame::Claim {
                devices,
                device,
                signature,
                capability_secret,
            } => {
                self.pay(rate, now, CLAIM_COST)?;
                self.handle_claim(&devices, device, &signature, &capability_secret)
            }
            ClientFrame::Turn {} if self.version() < VERSION_TURN => Err(Refused::new(
                Refusal::BadFrame,
                "not in this version of the protocol",
            )),
            ClientFrame::Open { work_bits }
                if self.version() < VERSION_OPEN || work_bits > WORK_BITS_MAX =>
            {
                Err(Refused::new(
                    Refusal::BadFrame,
                    "not in this version of the protocol, or too much work",
                ))
            }
            ClientFrame::Ack { .. }
            | ClientFrame::Revoke { .. }
            | ClientFrame::Turn {}
            | ClientFrame::Open { .. }
                if self.claimed().is_none() =>
            {
                Ok(Request::Answer(
                    Refused::new(Refusal::NotClaimed, "claim the mailbox first").into_frame(),
                ))
            }
            ClientFrame::Turn {} => Ok(Request::Turn),
            ClientFrame::Open { work_bits } => Ok(Request::Open(work_bits)),
            ClientFrame::Ack { up_to } => Ok(Request::Ack(up_to)),
            ClientFrame::Revoke { serials } if serials.len() > REVOKED_MAX => {
                Err(Refused::new(Refusal::TooLarge, "too many serials"))
            }
            ClientFrame::Revoke { serials } => Ok(Request::Revoke(serials)),
            ClientFrame::Show { .. } | ClientFrame::Publish { .. } | ClientFrame::Fetch { .. }
                if !self.knows_gates() =>
            {
                Err(Refused::new(
                    Refusal::BadFrame,
                    "not in this version of the protocol",
                ))
            }
            ClientFrame::Show { pass } => {
                self.shown = Some(Box::new(pass));
                Ok(Request::Noted)
            }
            ClientFrame::Publish { .. } if self.claimed().is_none() => Ok(Request::Answer(
                Refused::new(Refusal::NotClaimed, "claim the mailbox first").into_frame(),
            )),
            ClientFrame::Publish {
                packages,
                last_resort,
            } => {
                self.pay(rate, now, PACKAGES_COST)?;
                let published = Published::verify(packages, last_resort)
                    .ok_or_else(|| Refused::new(Refusal::TooLarge, "too many key packages"))?;
                Ok(Request::Publish(published))
            }
            ClientFrame::Fetch {
                mailbox,
                capability,
            } => {
                self.pay(rate, now, PACKAGES_COST)?;
                Ok(Request::Fetch(mailbox, capability))
            }
        }
    }

    fn pay(&mut self, rate: Rate, now: Timestamp, frames: u32) -> Result<(), Refused> {
        self.bucket
            .take(rate, now, frames)
            .map_err(|wait| Refused::slow_down("too many frames", wait))
    }

    fn handle_hello(
        &mut self,
        now: Timestamp,
        node: &SigningKey,
        version: u32,
        client_nonce: Nonce,
        binding: Vec<u8>,
    ) -> Result<Request, Refused> {
        if !(VERSION_MIN..=VERSION).contains(&version) {
            return Err(Refused::new(Refusal::Version, "no common version"));
        }
        let transcript = Transcript {
            version,
            node: NodeId(node.public()),
            node_nonce: self.nonce,
            client_nonce,
            binding,
        };
        let signature = node.sign(Purpose::SessionNode, &transcript.for_node());
        self.state = State::Ready(transcript);
        Ok(Request::Answer(NodeFrame::Welcome {
            signature,
            time: now,
        }))
    }

    fn handle_claim(
        &mut self,
        devices: &[u8],
        device: DeviceId,
        signature: &Signature,
        secret: &[u8],
    ) -> Result<Request, Refused> {
        let bad = |text| Refused::new(Refusal::BadProof, text);
        let transcript = match &self.state {
            State::Ready(transcript) | State::Claimed(transcript, _, _) => transcript.clone(),
            State::Challenged(_) => {
                return Err(Refused::new(Refusal::BadFrame, "hello comes first"));
            }
        };
        let secret: [u8; SECRET_LEN] = secret
            .try_into()
            .map_err(|_| bad("the capability secret has a wrong length"))?;
        let devices =
            VerifiedDeviceList::verify(devices).map_err(|_| bad("the device list is not valid"))?;
        let persona = devices.persona();
        if devices.device(&device).is_none() && !is_planted(Fault::ClaimByAnyDevice) {
            return Err(bad("the device is not on the list"));
        }
        verify_signature(
            &device.0,
            Purpose::SessionDevice,
            &transcript.for_device(&persona, &device),
            signature,
        )
        .map_err(|_| bad("the device's signature does not fit this connection"))?;
        if self
            .claimed()
            .is_some_and(|claimed| claimed != (persona, device))
        {
            return Err(Refused::new(
                Refusal::BadFrame,
                "one session claims one mailbox",
            ));
        }
        self.state = State::Claimed(transcript, persona, device);
        Ok(Request::Claim(VerifiedClaim {
            devices,
            device,
            secret,
        }))
    }
}
