//! The supernode at the other end of the page's lines: it has its own key, and says what it likes.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use shared::base::codec::{decode, encode};
use shared::base::effects::LinkId;
use shared::base::id::{EnvelopeId, NodeId, Nonce};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::{Purpose, SigningKey};
use shared::base::time::Timestamp;
use shared::gates::Gates;
use shared::mailbox::capability::CapabilitySerial;
use shared::mailbox::wire::DepositCode;
use shared::peer::requests::PUBLIC_BITS_MIN;
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, DepositReceipt, NodeFrame, Refusal, VERSION};

/// What it knows of one line.
#[derive(Default)]
pub struct Line {
    hello: Option<(u32, Nonce)>,
    /// Deposits that have no answer.
    requests: Vec<(u32, EnvelopeId)>,
    /// Somebody claimed a mailbox on it.
    pub claims: bool,
    /// What it has numbered so far.
    pub sequence: u64,
}

/// See the module.
pub struct Node {
    key: SigningKey,
    pub lines: BTreeMap<LinkId, Line>,
    /// Key packages that the page published.
    pub packages: Vec<Vec<u8>>,
}

const NONCE: Nonce = Nonce([5; 32]);

impl Node {
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            key: SigningKey::from_seed(seed),
            lines: BTreeMap::new(),
            packages: Vec::new(),
        }
    }

    fn id(&self) -> NodeId {
        NodeId(self.key.public())
    }

    /// The page says something.
    pub fn hears(&mut self, link: LinkId, bytes: &[u8]) {
        let frame = decode::<ClientFrame>(bytes, FRAME_BYTES_MAX);
        let line = self.lines.entry(link).or_default();
        match frame {
            Ok(ClientFrame::Hello { version, nonce }) => line.hello = Some((version, nonce)),
            Ok(ClientFrame::Deposit { request, envelope }) => {
                line.requests.push((request, envelope.id));
            }
            Ok(ClientFrame::Claim { .. }) => line.claims = true,
            Ok(ClientFrame::Publish {
                packages,
                last_resort,
            }) => {
                let all = packages.into_iter().chain(last_resort);
                self.packages.extend(all.map(Vec::from));
            }
            Ok(_) => {}
            Err(error) => panic!("the page says what is no frame: {error}"),
        }
    }

    /// What a good supernode says until a session is ready, if this is the time.
    pub fn handshake(&self, link: LinkId, now: Timestamp) -> Vec<Vec<u8>> {
        let challenge = NodeFrame::Challenge {
            version_min: 1,
            version_max: VERSION,
            node: self.id(),
            nonce: NONCE,
        };
        let line = self.lines.get(&link);
        match line.and_then(|line| line.hello.map(|hello| (hello, line.claims))) {
            None => vec![encode(&challenge)],
            Some((hello, false)) => vec![encode(&self.welcome(hello, now))],
            Some((_, true)) => vec![encode(&NodeFrame::Claimed {
                acked: 0,
                waiting: 0,
                keep_seconds: None,
            })],
        }
    }

    fn welcome(&self, (version, client_nonce): (u32, Nonce), now: Timestamp) -> NodeFrame {
        let transcript = Transcript {
            version,
            node: self.id(),
            node_nonce: NONCE,
            client_nonce,
            binding: Vec::new(),
        };
        let signature = self.key.sign(Purpose::SessionNode, &transcript.for_node());
        NodeFrame::Welcome {
            signature,
            time: now,
        }
    }

    /// Anything else that it may say.
    pub fn frame(
        &mut self,
        link: LinkId,
        input: &mut Unstructured<'_>,
    ) -> arbitrary::Result<NodeFrame> {
        let line = self.lines.entry(link).or_default();
        Ok(match input.int_in_range(0..=8)? {
            0..=2 => {
                let codes = [
                    DepositCode::Ok,
                    DepositCode::Full,
                    DepositCode::NoCapability,
                    DepositCode::CapabilityExpired,
                    DepositCode::CapabilityRevoked,
                    DepositCode::TooLarge,
                    DepositCode::Storage,
                    DepositCode::NoMailbox,
                    DepositCode::SlowDown,
                    DepositCode::GateRequired,
                ];
                let (request, id) = match line.requests.is_empty() || input.ratio(1, 8)? {
                    true => (input.int_in_range(0..=5)?, EnvelopeId([1; 16])),
                    false => {
                        let at = input.choose_index(line.requests.len())?;
                        line.requests.remove(at)
                    }
                };
                let receipt = DepositReceipt {
                    request,
                    id,
                    code: *input.choose(&codes)?,
                    handed: input.int_in_range(0..=1)?,
                    keep_seconds: *input.choose(&[None, Some(0), Some(3600), Some(u32::MAX)])?,
                };
                NodeFrame::Deposited {
                    receipts: vec![receipt],
                }
            }
            3 => match input.int_in_range(0..=4)? {
                4 => NodeFrame::Opened {
                    code: DepositCode::Ok,
                    work_bits: *input.choose(&[0, PUBLIC_BITS_MIN, u8::MAX])?,
                },
                token => NodeFrame::Pong { token },
            },
            4 => NodeFrame::Packages {
                left: input.int_in_range(0..=9)?,
                last_resort: input.arbitrary()?,
            },
            5 => NodeFrame::Gates {
                gates: Gates {
                    invite: input.arbitrary()?,
                    work_bits: input.int_in_range(0..=2)?,
                },
                envelope: {
                    let asked = line.requests.first().map(|(_, id)| *id);
                    let id = asked.unwrap_or(EnvelopeId([1; 16]));
                    input.arbitrary::<bool>()?.then_some(id)
                },
            },
            6 => {
                let codes = [DepositCode::Ok, DepositCode::NoRoom, DepositCode::Storage];
                NodeFrame::Revoked {
                    code: *input.choose(&codes)?,
                    serials: vec![CapabilitySerial([1; 8])],
                }
            }
            7 => NodeFrame::Turn {
                urls: match input.int_in_range(0..=2)? {
                    0 => Vec::new(),
                    1 => vec!["stun:192.0.2.1:3478".into()],
                    _ => vec!["turn:192.0.2.1:3478?transport=udp".into(), "?".into()],
                },
                username: "1800000000:ann".into(),
                password: "secret".into(),
                life_seconds: *input.choose(&[0, 1, 3600, u32::MAX])?,
            },
            _ => {
                let codes = [
                    Refusal::SlowDown,
                    Refusal::NoRoom,
                    Refusal::StaleDevices,
                    Refusal::Storage,
                    Refusal::GateRequired,
                    Refusal::Draining,
                    Refusal::NotClaimed,
                ];
                NodeFrame::Refused {
                    code: *input.choose(&codes)?,
                    text: "no".into(),
                    retry_after_ms: *input.choose(&[0, 1000, u64::MAX])?,
                }
            }
        })
    }
}
