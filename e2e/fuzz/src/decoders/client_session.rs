//! The client's half of a session, with a supernode that says what it likes in any order, at times what
//! it should. It is ready only after the supernode has proved its key, and says only what is a frame.

use arbitrary::Unstructured;
use shared::base::codec::{decode, encode};
use shared::base::id::{NodeId, Nonce};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::{Purpose, SigningKey};
use shared::base::time::Timestamp;
use shared::identity::secret::DeviceSecret;
use shared::session::client::{Claim, ClientSession, Event, Role};
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, NodeFrame};

use crate::chance::Bytes;
use crate::edit::edited;
use crate::prepared::prepared;

/// Steps of one story.
const STEPS_MAX: usize = 32;

struct Node {
    key: SigningKey,
    nonce: Nonce,
    hello: Option<(u32, Nonce)>,
    proved: bool,
}

impl Node {
    fn challenge(&self, versions: (u32, u32)) -> NodeFrame {
        NodeFrame::Challenge {
            version_min: versions.0,
            version_max: versions.1,
            node: NodeId(self.key.public()),
            nonce: self.nonce,
        }
    }

    fn welcome(&self, now: Timestamp) -> Option<NodeFrame> {
        let (version, client_nonce) = self.hello?;
        let transcript = Transcript {
            version,
            node: NodeId(self.key.public()),
            node_nonce: self.nonce,
            client_nonce,
            binding: Vec::new(),
        };
        let signature = self.key.sign(Purpose::SessionNode, &transcript.for_node());
        Some(NodeFrame::Welcome {
            signature,
            time: now,
        })
    }
}

/// Whether the session became ready.
pub fn run(bytes: &[u8]) -> bool {
    let mut input = Unstructured::new(bytes);
    story(&mut input).unwrap_or(false)
}

fn story(input: &mut Unstructured<'_>) -> arbitrary::Result<bool> {
    let mut now = prepared().now;
    let mut node = Node {
        key: SigningKey::from_seed([4; 32]),
        nonce: Nonce([5; 32]),
        hello: None,
        proved: false,
    };
    let role = if input.arbitrary()? {
        Role::Home
    } else {
        Role::Courier
    };
    let device = DeviceSecret::from_seed([6; 32]);
    let claim = Claim {
        persona: prepared().personas[0],
        devices: b"as carried",
        device: &device,
        capability_secret: [7; 32],
    };
    let id = NodeId(node.key.public());
    let mut session = ClientSession::new(now, id, role, Vec::new());
    let random = &mut Bytes::of(3);
    for _ in 0..STEPS_MAX {
        if input.is_empty() {
            break;
        }
        let mut send = Vec::new();
        let ends = match input.int_in_range(0..=4)? {
            0 => {
                let step = std::time::Duration::from_millis(input.int_in_range(0..=70_000)?);
                now = now.after(step);
                session.tick(now, &mut send).is_err()
            }
            1 => {
                session.probe(now, &mut send);
                false
            }
            which => {
                let frame = match which {
                    2 => Some(
                        node.challenge((input.int_in_range(0..=3)?, input.int_in_range(0..=3)?)),
                    ),
                    3 => node.welcome(now),
                    _ => None,
                };
                let good = frame.as_ref().map(encode).unwrap_or_default();
                let bytes = edited(&good, input);
                node.proved |= which == 3 && bytes == good && node.hello.is_some();
                match session.receive(now, &bytes, Some(&claim), random, &mut send) {
                    Ok(Some(Event::Ready)) => {
                        assert!(session.is_ready());
                        assert!(node.proved, "ready without a proof");
                        false
                    }
                    Ok(_) => false,
                    Err(_) => true,
                }
            }
        };
        for bytes in send {
            match decode(&bytes, FRAME_BYTES_MAX) {
                Ok(ClientFrame::Hello { version, nonce }) => node.hello = Some((version, nonce)),
                Ok(ClientFrame::Claim { .. }) => {
                    assert!(node.proved && role == Role::Home, "claims too early");
                }
                Ok(_) => {}
                Err(error) => panic!("says what is no frame: {error}"),
            }
        }
        assert!(!session.is_ready() || session.deadline() >= now || ends || session.version() > 0);
        if ends {
            break;
        }
    }
    Ok(session.is_ready())
}
