//! The client's half of a session.
//!
//! | state | may come | then |
//! |---|---|---|
//! | Waiting | Challenge | Greeted |
//! | Greeted | Welcome | Ready, or Claiming when it is for a mailbox |
//! | Claiming | Claimed, Gates, Pong | Ready |
//! | Ready | Deposited, Deliver, Gates, Pong | Ready |
//!
//! `Refused` may come at any time. Anything else ends the session.

use alloc::vec::Vec;
use core::time::Duration;

use super::frames::claim_frame;
pub use super::frames::{
    Claim, ack_frame, deposit_frame, fetch_frame, open_frame, publish_frame, revoke_frame,
    show_frame, turn_frame,
};
use super::offer::Offer;
use super::transcript::Transcript;
use super::wire::{
    ClientFrame, DepositReceipt, NodeFrame, Refusal, VERSION, VERSION_GATES, VERSION_MIN,
};
use crate::base::clock::SetBack;
use crate::base::codec;
use crate::base::id::{EnvelopeId, NodeId, Nonce, PersonaId};
use crate::base::limits::{
    FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT, KEEP_TTL_MAX, KEEPALIVE, SESSION_TIMEOUT,
};
use crate::base::random::{Random, bytes};
use crate::base::sign::{Purpose, verify_signature};
use crate::base::time::Timestamp;
use crate::gates::{Gates, Pass};
use crate::mailbox::capability::CapabilitySerial;
use crate::mailbox::wire::{Delivery, DepositCode};

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Receiving my own mailbox.
    Home,
    /// Depositing for others, without saying who I am.
    Courier,
}

/// What came of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The supernode has proved its key (and, for a home, given the mailbox).
    Ready,
    /// Answers to deposits.
    Receipts(Vec<DepositReceipt>),
    /// Envelopes for the claimed mailbox.
    Deliveries(Vec<Delivery>),
    /// Round-trip time, in milliseconds.
    RoundTrip(u32),
    /// Something more must be shown; the refusal itself follows.
    Gates {
        /// What is asked for.
        gates: Gates,
        /// Of the first contact in this envelope; none: of whoever registers.
        envelope: Option<EnvelopeId>,
    },
    /// Key packages of mine that are left.
    Packages {
        /// For one use.
        left: u32,
        /// Whether there is one of last resort.
        last_resort: bool,
    },
    /// A key package of somebody, if there is one and I may have it; with their device list.
    Package {
        /// Whose.
        mailbox: PersonaId,
        /// Device list as carried, and key package.
        found: Option<(Vec<u8>, Vec<u8>)>,
    },
    /// What a home has done about capabilities that were taken back.
    Revoked {
        /// `Ok`: it has committed them.
        code: DepositCode,
        /// Which.
        serials: Vec<CapabilitySerial>,
    },
    /// STUN and TURN servers of a home.
    Turn(Offer),
    /// What a home has done about who may ask for first contact (`Ok`: it has committed it), and for how
    /// much work; 0: nobody without an invite.
    Opened(DepositCode, u8),
    /// Refused; the session goes on unless the carrier closes.
    Refused {
        /// Why.
        code: Refusal,
        /// Come back after this many milliseconds.
        retry_after_ms: u64,
    },
}

/// Why the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Not a frame, or not one that may come now.
    #[error("the supernode does not keep to the protocol")]
    Protocol,
    /// It has another key than it should.
    #[error("the supernode has another key than it should")]
    WrongKey,
    /// No common version.
    #[error("the supernode speaks only other versions of the protocol")]
    Version,
    /// It did not answer in time.
    #[error("the supernode did not answer in time")]
    Timeout,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Waiting,
    Greeted(Transcript),
    Claiming,
    Ready,
}

/// One session, from the moment its carrier is open.
#[derive(Debug)]
pub struct ClientSession {
    node: NodeId,
    role: Role,
    binding: Vec<u8>,
    state: State,
    heard: Timestamp,
    opened: Timestamp,
    ping: Option<(u32, Timestamp)>,
    pings: u32,
    pass: Option<Pass>,
    version: u32,
    keep: Duration,
}

impl ClientSession {
    /// A session with the supernode that should have key `node`, on a carrier with `binding`.
    #[must_use]
    pub fn new(now: Timestamp, node: NodeId, role: Role, binding: Vec<u8>) -> Self {
        Self {
            node,
            role,
            binding,
            state: State::Waiting,
            heard: now,
            opened: now,
            ping: None,
            pings: 0,
            pass: None,
            version: 0,
            keep: KEEP_TTL_MAX,
        }
    }

    /// Shows this with the claim.
    #[must_use]
    pub fn showing(mut self, pass: Option<Pass>) -> Self {
        self.pass = pass;
        self
    }

    /// The version that is spoken; 0 before that is known.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Longest life of an envelope in the claimed mailbox.
    #[must_use]
    pub fn keep(&self) -> Duration {
        self.keep
    }

    /// Whether deposits (and, for a home, deliveries) flow.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// Whether the supernode has proved its key.
    #[must_use]
    pub fn has_proof(&self) -> bool {
        matches!(self.state, State::Claiming | State::Ready)
    }

    /// Takes one carrier message; frames to send go to `send`.
    ///
    /// # Errors
    /// [`SessionError`]: the carrier is to be closed.
    pub fn receive(
        &mut self,
        now: Timestamp,
        message: &[u8],
        claim: Option<&Claim<'_>>,
        random: &mut dyn Random,
        send: &mut Vec<Vec<u8>>,
    ) -> Result<Option<Event>, SessionError> {
        let frame: NodeFrame =
            codec::decode(message, FRAME_BYTES_MAX).map_err(|_| SessionError::Protocol)?;
        self.heard = now;
        if matches!(&frame, NodeFrame::Refused { code, .. } if *code == Refusal::Version) {
            return Err(SessionError::Version);
        }
        match (&self.state, frame) {
            (
                _,
                NodeFrame::Refused {
                    code,
                    retry_after_ms,
                    ..
                },
            ) => Ok(Some(Event::Refused {
                code,
                retry_after_ms,
            })),
            (
                State::Waiting,
                NodeFrame::Challenge {
                    version_min,
                    version_max,
                    node,
                    nonce,
                },
            ) => {
                if node != self.node {
                    return Err(SessionError::WrongKey);
                }
                let version = VERSION.min(version_max);
                if version < VERSION_MIN || version < version_min {
                    return Err(SessionError::Version);
                }
                let client_nonce = Nonce(bytes(random));
                send.push(codec::encode(&ClientFrame::Hello {
                    version,
                    nonce: client_nonce,
                }));
                self.version = version;
                self.state = State::Greeted(Transcript {
                    version,
                    node,
                    node_nonce: nonce,
                    client_nonce,
                    binding: core::mem::take(&mut self.binding),
                });
                Ok(None)
            }
            (State::Greeted(transcript), NodeFrame::Welcome { signature, .. }) => {
                verify_signature(
                    &self.node.0,
                    Purpose::SessionNode,
                    &transcript.for_node(),
                    &signature,
                )
                .map_err(|_| SessionError::WrongKey)?;
                let event = match (self.role, claim) {
                    (Role::Home, Some(claim)) => {
                        let knows = transcript.version >= VERSION_GATES;
                        send.extend(self.pass.take().filter(|_| knows).map(show_frame));
                        send.push(codec::encode(&claim_frame(transcript, claim)));
                        self.state = State::Claiming;
                        None
                    }
                    (Role::Home, None) => return Err(SessionError::Protocol),
                    (Role::Courier, _) => {
                        self.state = State::Ready;
                        Some(Event::Ready)
                    }
                };
                self.send_ping(now, send);
                Ok(event)
            }
            (State::Claiming, NodeFrame::Claimed { keep_seconds, .. }) => {
                let keep = keep_seconds.map(|seconds| Duration::from_secs(seconds.into()));
                self.keep = keep.unwrap_or(KEEP_TTL_MAX).min(KEEP_TTL_MAX);
                self.state = State::Ready;
                Ok(Some(Event::Ready))
            }
            (State::Claiming | State::Ready, NodeFrame::Pong { token }) => match self.ping.take() {
                Some((sent, at)) if sent == token => Ok(Some(Event::RoundTrip(
                    u32::try_from(now.since(at).as_millis()).unwrap_or(u32::MAX),
                ))),
                other => {
                    self.ping = other;
                    Ok(None)
                }
            },
            (State::Claiming | State::Ready, NodeFrame::Gates { gates, envelope }) => {
                Ok(Some(Event::Gates { gates, envelope }))
            }
            (State::Ready, NodeFrame::Packages { left, last_resort }) => {
                Ok(Some(Event::Packages { left, last_resort }))
            }
            (
                State::Ready,
                NodeFrame::Package {
                    mailbox,
                    devices,
                    package,
                    ..
                },
            ) => Ok(Some(Event::Package {
                mailbox,
                found: devices
                    .zip(package)
                    .map(|(devices, package)| (devices.into(), package.into())),
            })),
            (State::Ready, NodeFrame::Opened { code, work_bits }) => {
                Ok(Some(Event::Opened(code, work_bits)))
            }
            (State::Ready, NodeFrame::Revoked { code, serials }) => {
                Ok(Some(Event::Revoked { code, serials }))
            }
            (
                State::Ready,
                NodeFrame::Turn {
                    urls,
                    username,
                    password,
                    life_seconds,
                },
            ) => Ok(Some(Event::Turn(Offer::read(
                urls,
                username,
                password,
                life_seconds,
            )))),
            (State::Ready, NodeFrame::Deposited { receipts }) => {
                Ok(Some(Event::Receipts(receipts)))
            }
            (State::Ready, NodeFrame::Deliver { deliveries }) if self.role == Role::Home => {
                Ok(Some(Event::Deliveries(deliveries)))
            }
            _ => Err(SessionError::Protocol),
        }
    }

    /// Keeps the session alive: pings after [`KEEPALIVE`] of silence.
    ///
    /// # Errors
    /// [`SessionError::Timeout`] when nothing came for [`SESSION_TIMEOUT`], or the handshake took
    /// longer than [`HANDSHAKE_TIMEOUT`].
    pub fn tick(&mut self, now: Timestamp, send: &mut Vec<Vec<u8>>) -> Result<(), SessionError> {
        if now < self.deadline() {
            return Ok(());
        }
        let ready = self.is_ready();
        if !ready || now.since(self.heard) >= SESSION_TIMEOUT {
            return Err(SessionError::Timeout);
        }
        self.send_ping(now, send);
        Ok(())
    }

    /// When [`Self::tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        if !self.is_ready() {
            self.opened.after(HANDSHAKE_TIMEOUT)
        } else if self.ping.is_some_and(|(_, at)| at >= self.heard) {
            self.heard.after(SESSION_TIMEOUT)
        } else {
            self.heard.after(KEEPALIVE)
        }
    }

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        back.past(&mut self.heard);
        back.past(&mut self.opened);
        self.ping.iter_mut().for_each(|(_, at)| back.past(at));
    }

    /// Asks at once whether the other end is still there, as after a change of network.
    pub fn probe(&mut self, now: Timestamp, send: &mut Vec<Vec<u8>>) {
        if self.is_ready() {
            self.send_ping(now, send);
        }
    }

    fn send_ping(&mut self, now: Timestamp, send: &mut Vec<Vec<u8>>) {
        self.pings = self.pings.wrapping_add(1);
        self.ping = Some((self.pings, now));
        send.push(codec::encode(&ClientFrame::Ping { token: self.pings }));
    }
}
