//! A supernode in the world: the real relay, and a disk.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::codec::{decode, encode};
use shared::base::effects::{Effect, LinkId};
use shared::base::id::NodeId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::random::{Random, bytes};
use shared::base::sign::SigningKey;
use shared::base::time::{Timestamp, millis};
use shared::mailbox::server::record::{BODY_PREFIX, Key};
use shared::mailbox::wire::DepositCode;
use shared::peer::io::Input as PeerInput;
use shared::relay::{Input, Job, Relay, RelayEffects, RelayLimits};
use shared::session::route::Route;
use shared::session::wire::NodeFrame;

use super::{Event, LATENCY, World};

pub struct Node {
    pub seed: [u8; 32],
    pub limits: RelayLimits,
    pub relay: Relay,
    pub disk: BTreeMap<Vec<u8>, Vec<u8>>,
    pub up: bool,
    /// It takes everything and hands over nothing that it keeps.
    pub withholds: bool,
    /// It says that it has taken what it has refused.
    pub feigns: bool,
    /// It says that so many are there, and hands over nothing.
    pub says_present: Option<u32>,
    /// Its answers to deposits take so much longer.
    pub answers_after: Duration,
    /// Its clock is this far ahead.
    pub clock_ahead: Duration,
    /// It relays, and credentials for that are good for so long.
    #[cfg(feature = "turn")]
    pub relays_for: Option<Duration>,
}

impl Node {
    /// When it wants a tick, by the world's clock.
    pub fn deadline(&self) -> Option<Timestamp> {
        let (at, _) = self.relay.next_deadline()?;
        Some(Timestamp(at.0.saturating_sub(millis(self.clock_ahead))))
    }
}

impl World {
    pub fn add_node(&mut self) -> usize {
        self.add_node_with(RelayLimits::default())
    }

    pub fn add_node_with(&mut self, limits: RelayLimits) -> usize {
        let seed = bytes(&mut self.random);
        let disk = BTreeMap::new();
        self.nodes.push(Node {
            seed,
            limits,
            relay: start(seed, limits, &disk),
            #[cfg(feature = "turn")]
            relays_for: None,
            disk,
            up: true,
            withholds: false,
            feigns: false,
            says_present: None,
            answers_after: Duration::ZERO,
            clock_ahead: Duration::ZERO,
        });
        self.nodes.len() - 1
    }

    pub fn supernode(&self, node: usize) -> (NodeId, Vec<Route>) {
        let key = NodeId(SigningKey::from_seed(self.nodes[node].seed).public());
        (
            key,
            vec![Route::parse(&format!("ws://node{node}/ws")).unwrap()],
        )
    }

    /// The process is gone at once; what is on its disk stays.
    pub fn kill_node(&mut self, node: usize) {
        self.nodes[node].up = false;
        let cut: Vec<_> = self
            .sockets
            .iter()
            .filter(|(_, (of, _))| *of == node)
            .map(|(key, _)| *key)
            .collect();
        for (person, link) in cut {
            self.sockets.remove(&(person, link));
            self.post(
                LATENCY,
                Event::ToPerson(person, PeerInput::LinkDown { link }),
            );
        }
    }

    /// The disk is lost, the key is not.
    pub fn lose_disk(&mut self, node: usize) {
        self.kill_node(node);
        self.nodes[node].disk.clear();
        self.start_node(node);
    }

    pub fn start_node(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        it.relay = start(it.seed, it.limits, &it.disk);
        it.up = true;
        #[cfg(feature = "turn")]
        self.offer_turn(node);
    }

    /// A page dials a route.
    pub(super) fn dial_node(&mut self, person: usize, link: LinkId, route: &Route) {
        let node: usize = route.host().trim_start_matches("node").parse().unwrap();
        if !self.nodes[node].up {
            self.post(
                LATENCY,
                Event::ToPerson(person, PeerInput::LinkDown { link }),
            );
            return;
        }
        let there = self.new_node_link();
        self.sockets.insert((person, link), (node, there));
        self.post(
            LATENCY,
            Event::ToPerson(
                person,
                PeerInput::LinkUp {
                    link,
                    binding: Vec::new(),
                    relayed: false,
                },
            ),
        );
        self.post(
            LATENCY,
            Event::ToNode(
                node,
                Input::Opened {
                    link: there,
                    source: person as u64,
                    binding: Vec::new(),
                },
            ),
        );
    }

    pub(super) fn node_input(&mut self, node: usize, input: Input) {
        if !self.nodes[node].up {
            return;
        }
        let mut out = RelayEffects::default();
        let it = &mut self.nodes[node];
        it.relay.handle(
            self.now.after(it.clock_ahead),
            &mut self.random as &mut dyn Random,
            input,
            &mut out,
        );
        for change in out.store.changes {
            match change.value {
                Some(value) => it.disk.insert(change.key, value),
                None => it.disk.remove(&change.key),
            };
        }
        for effect in out.then {
            self.perform_node(node, effect);
        }
    }

    fn perform_node(
        &mut self,
        node: usize,
        effect: Effect<
            shared::relay::Outgoing,
            core::convert::Infallible,
            Job,
            shared::relay::Notice,
        >,
    ) {
        let person_of = |world: &Self, link: LinkId| {
            world
                .sockets
                .iter()
                .find(|(_, at)| **at == (node, link))
                .map(|(key, _)| *key)
        };
        match effect {
            Effect::Send(link, what) => {
                let mut bytes = what.into_bytes();
                if self.nodes[node].withholds && is_kept(&bytes) {
                    return;
                }
                if let Some(handed) = self.nodes[node].says_present {
                    match decode(&bytes, FRAME_BYTES_MAX) {
                        Ok(NodeFrame::Deliver { .. }) => return,
                        Ok(NodeFrame::Deposited { mut receipts }) => {
                            receipts.iter_mut().for_each(|it| it.handed = handed);
                            bytes = encode(&NodeFrame::Deposited { receipts });
                        }
                        _ => {}
                    }
                }
                if self.nodes[node].feigns
                    && let Ok(NodeFrame::Deposited { mut receipts }) =
                        decode(&bytes, FRAME_BYTES_MAX)
                {
                    let all = receipts.iter_mut();
                    all.for_each(|it| it.code = DepositCode::Ok);
                    bytes = encode(&NodeFrame::Deposited { receipts });
                }
                let slow = match decode(&bytes, FRAME_BYTES_MAX) {
                    Ok(NodeFrame::Deposited { .. }) => self.nodes[node].answers_after,
                    _ => Duration::ZERO,
                };
                if let Some((person, there)) = person_of(self, link) {
                    let input = PeerInput::Received { link: there, bytes };
                    self.post(LATENCY + slow, Event::ToPerson(person, input));
                }
            }
            Effect::HangUp(link) => {
                if let Some((person, there)) = person_of(self, link) {
                    self.sockets.remove(&(person, there));
                    self.post(
                        LATENCY,
                        Event::ToPerson(person, PeerInput::LinkDown { link: there }),
                    );
                }
            }
            Effect::Job(Job::Read(window)) => {
                let key = |sequence| Key::Body(window.mailbox, sequence).to_bytes();
                let found = self.nodes[node]
                    .disk
                    .range(key(window.first)..=key(window.last));
                let bodies = found
                    .map(|(key, value)| {
                        (
                            u64::from_be_bytes(key[key.len() - 8..].try_into().unwrap()),
                            value.clone(),
                        )
                    })
                    .collect();
                self.post(
                    Duration::ZERO,
                    Event::ToNode(
                        node,
                        Input::Loaded {
                            window,
                            bodies: Ok(bodies),
                        },
                    ),
                );
            }
            Effect::Notify(_) => {}
            Effect::Dial(_, never) => match never {},
        }
    }
}

/// Whether a frame delivers something that was kept.
fn is_kept(frame: &[u8]) -> bool {
    matches!(
        decode(frame, FRAME_BYTES_MAX),
        Ok(NodeFrame::Deliver { deliveries }) if deliveries.iter().any(|it| it.sequence > 0)
    )
}

fn start(seed: [u8; 32], limits: RelayLimits, disk: &BTreeMap<Vec<u8>, Vec<u8>>) -> Relay {
    let records = disk
        .iter()
        .filter(|(key, _)| key[0] != BODY_PREFIX)
        .map(|(key, value)| (key.clone(), value.clone()));
    let (relay, bad) = Relay::new(limits, SigningKey::from_seed(seed), records);
    assert!(bad.is_empty());
    relay
}
