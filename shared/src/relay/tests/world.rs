//! One relay with a store and connections, all in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::base::codec::{decode, encode};
use crate::base::effects::{Effect, LinkId};
use crate::base::id::{NodeId, Nonce};
use crate::base::limits::FRAME_BYTES_MAX;
use crate::base::random::Random;
use crate::base::sign::{Purpose, SigningKey, verify_signature};
use crate::base::time::Timestamp;
use crate::mailbox::server::record::{BODY_PREFIX, Key};
use crate::mailbox::wire::{Delivery, DepositCode, Envelope};
use crate::relay::{Input, Job, Relay, RelayEffects, RelayLimits};
use crate::session::transcript::Transcript;
use crate::session::wire::{ClientFrame, DepositReceipt, NodeFrame, Refusal, VERSION};

use super::people::Person;

/// When every story begins.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

pub fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// Random bytes that count.
pub struct Counter(pub u64);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 += 1;
            let word = self.0.to_be_bytes();
            chunk.copy_from_slice(&word[8 - chunk.len()..]);
        }
    }
}

/// What a client knows of its connection.
#[derive(Clone)]
pub struct Client {
    pub link: LinkId,
    pub transcript: Transcript,
}

pub struct World {
    pub relay: Relay,
    pub now: Timestamp,
    pub store: BTreeMap<Vec<u8>, Vec<u8>>,
    pub hung_up: BTreeSet<LinkId>,
    /// The next commit fails.
    pub commit_fails: bool,
    /// Reads from the store fail.
    pub reads_fail: bool,
    pub reads: usize,
    /// While it is `Some`, what was read waits there.
    pub slow_reads: Option<Vec<Input>>,
    limits: RelayLimits,
    random: Counter,
    inboxes: BTreeMap<LinkId, VecDeque<NodeFrame>>,
    next_link: u64,
}

impl World {
    pub fn new() -> Self {
        Self::with(RelayLimits::default())
    }

    pub fn with(limits: RelayLimits) -> Self {
        let (relay, _) = Relay::new(limits, SigningKey::from_seed([99; 32]), []);
        Self {
            relay,
            now: START,
            store: BTreeMap::new(),
            hung_up: BTreeSet::new(),
            commit_fails: false,
            reads_fail: false,
            reads: 0,
            slow_reads: None,
            limits,
            random: Counter(0),
            inboxes: BTreeMap::new(),
            next_link: 0,
        }
    }

    /// Another supernode, at the same time.
    pub fn other_node() -> Self {
        let mut world = Self::new();
        world.relay = Relay::new(world.limits, SigningKey::from_seed([98; 32]), []).0;
        world
    }

    /// The process ends and starts again: links are gone, the store is not.
    pub fn restart(&mut self) {
        let (relay, bad) = Relay::new(self.limits, SigningKey::from_seed([99; 32]), self.index());
        assert_eq!(bad, []);
        self.relay = relay;
        self.inboxes.clear();
    }

    /// All stored records but the sealed bytes.
    pub fn index(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let index = self.store.iter().filter(|(key, _)| key[0] != BODY_PREFIX);
        index
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// How many envelopes' bytes are stored.
    pub fn stored_bodies(&self) -> usize {
        self.store
            .keys()
            .filter(|key| key[0] == BODY_PREFIX)
            .count()
    }

    pub fn handle(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut effects = RelayEffects::default();
            self.relay
                .handle(self.now, &mut self.random, input, &mut effects);
            if self.commit_fails && !effects.store.is_empty() {
                self.commit_fails = false;
                self.fail(effects);
                continue;
            }
            for change in effects.store.changes {
                match change.value {
                    Some(value) => drop(self.store.insert(change.key, value)),
                    None => drop(self.store.remove(&change.key)),
                }
            }
            for effect in effects.then {
                match effect {
                    Effect::Send(link, frame) => self.receive(link, &frame.into_bytes()),
                    Effect::HangUp(link) => drop(self.hung_up.insert(link)),
                    Effect::Job(Job::Read(window)) => {
                        self.reads += 1;
                        let first = Key::Body(window.mailbox, window.first).to_bytes();
                        let last = Key::Body(window.mailbox, window.last).to_bytes();
                        let found =
                            self.store.range(first..=last).map(
                                |(key, bytes)| match Key::from_bytes(key) {
                                    Some(Key::Body(_, sequence)) => (sequence, bytes.clone()),
                                    other => panic!("{other:?} among bodies"),
                                },
                            );
                        let bodies = if self.reads_fail {
                            Err(())
                        } else {
                            Ok(found.collect())
                        };
                        let loaded = Input::Loaded { window, bodies };
                        match &mut self.slow_reads {
                            Some(slow) => slow.push(loaded),
                            None => inputs.push_back(loaded),
                        }
                    }
                    Effect::Notify(_) => {}
                    Effect::Dial(_, never) => match never {},
                }
            }
        }
    }

    /// Reads come back, in order, and are slow no more.
    pub fn reads_come_back(&mut self) {
        for loaded in self.slow_reads.take().unwrap_or_default() {
            self.handle(loaded);
        }
    }

    /// What the driver does when a commit fails.
    fn fail(&mut self, effects: RelayEffects) {
        for effect in effects.then {
            match effect {
                Effect::Send(link, frame) => frame
                    .instead()
                    .into_iter()
                    .for_each(|instead| self.receive(link, &instead.into_bytes())),
                Effect::HangUp(link) => drop(self.hung_up.insert(link)),
                _ => {}
            }
        }
        let mut effects = RelayEffects::default();
        let bad = self.relay.reload(self.index(), &mut effects);
        assert_eq!(bad, []);
        for effect in effects.then {
            match effect {
                Effect::Send(link, frame) => self.receive(link, &frame.into_bytes()),
                Effect::HangUp(link) => drop(self.hung_up.insert(link)),
                _ => {}
            }
        }
    }

    fn receive(&mut self, link: LinkId, bytes: &[u8]) {
        let frame = decode(bytes, FRAME_BYTES_MAX).unwrap();
        self.inboxes.entry(link).or_default().push_back(frame);
    }

    /// Moves the time, with ticks when the relay wants them.
    pub fn run_for(&mut self, duration: Duration) {
        let end = self.now.after(duration);
        while let Some((at, _)) = self.relay.next_deadline().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.handle(Input::Tick);
        }
        self.now = end;
    }

    pub fn open_from(&mut self, source: u64) -> LinkId {
        let link = LinkId(self.next_link);
        self.next_link += 1;
        self.handle(Input::Opened {
            link,
            source,
            binding: Vec::new(),
        });
        link
    }

    /// Connects from an address of its own and reads the challenge.
    pub fn connect(&mut self) -> Client {
        let link = self.open_from(1_000 + self.next_link);
        let NodeFrame::Challenge { node, nonce, .. } = self.next(link) else {
            panic!("no challenge")
        };
        let client_nonce = Nonce([7; 32]);
        let transcript = Transcript {
            version: VERSION,
            node,
            node_nonce: nonce,
            client_nonce,
            binding: Vec::new(),
        };
        Client { link, transcript }
    }

    /// Connects and shakes hands.
    pub fn ready(&mut self) -> Client {
        self.ready_with(VERSION)
    }

    /// The same, speaking this version of the protocol.
    pub fn ready_with(&mut self, version: u32) -> Client {
        let mut client = self.connect();
        client.transcript.version = version;
        self.say(
            &client,
            &ClientFrame::Hello {
                version,
                nonce: client.transcript.client_nonce,
            },
        );
        let NodeFrame::Welcome { signature, time } = self.next(client.link) else {
            panic!("no welcome")
        };
        assert_eq!(time, self.now);
        let NodeId(node) = client.transcript.node;
        verify_signature(
            &node,
            Purpose::SessionNode,
            &client.transcript.for_node(),
            &signature,
        )
        .unwrap();
        client
    }

    /// Connects, shakes hands and claims.
    pub fn claimed(&mut self, person: &Person, device: u8) -> Client {
        let (client, _, _) = self.claimed_with(person, device);
        client
    }

    /// Also what was acknowledged and how much waits.
    pub fn claimed_with(&mut self, person: &Person, device: u8) -> (Client, u64, u64) {
        let client = self.ready();
        self.say(&client, &person.claim(&client.transcript, device));
        match self.next(client.link) {
            NodeFrame::Claimed { acked, waiting, .. } => (client, acked, waiting),
            other => panic!("{other:?} instead of claimed"),
        }
    }

    pub fn say(&mut self, client: &Client, frame: &ClientFrame) {
        self.say_bytes(client, encode(frame));
    }

    pub fn say_bytes(&mut self, client: &Client, bytes: Vec<u8>) {
        self.handle(Input::Received {
            link: client.link,
            bytes,
        });
    }

    /// The next frame sent on `link`.
    pub fn next(&mut self, link: LinkId) -> NodeFrame {
        self.inboxes
            .entry(link)
            .or_default()
            .pop_front()
            .expect("a frame")
    }

    pub fn is_silent(&self, client: &Client) -> bool {
        self.inboxes
            .get(&client.link)
            .is_none_or(VecDeque::is_empty)
    }

    pub fn deposit(&mut self, client: &Client, envelope: Envelope) -> DepositReceipt {
        self.say(
            client,
            &ClientFrame::Deposit {
                request: 5,
                envelope,
            },
        );
        match self.next(client.link) {
            NodeFrame::Deposited { receipts } => receipts[0],
            other => panic!("{other:?} instead of a receipt"),
        }
    }

    pub fn deposit_code(&mut self, client: &Client, envelope: Envelope) -> DepositCode {
        self.deposit(client, envelope).code
    }

    /// All that was delivered to `client` and not yet taken.
    pub fn take_deliveries(&mut self, client: &Client) -> Vec<Delivery> {
        let mut all = Vec::new();
        while let Some(frame) = self.inboxes.entry(client.link).or_default().pop_front() {
            match frame {
                NodeFrame::Deliver { deliveries } => all.extend(deliveries),
                other => panic!("{other:?} among deliveries"),
            }
        }
        all
    }

    /// Takes deliveries and acknowledges them until no more come.
    pub fn drain(&mut self, client: &Client) -> Vec<Delivery> {
        let mut all = Vec::new();
        loop {
            let some = self.take_deliveries(client);
            let Some(last) = some.last() else { return all };
            let up_to = last.sequence;
            all.extend(some);
            self.say(client, &ClientFrame::Ack { up_to });
        }
    }

    /// Why the session ended; it must have.
    pub fn ended(&mut self, client: &Client) -> (Refusal, u64) {
        assert!(self.hung_up.contains(&client.link), "the session goes on");
        match self.inboxes.entry(client.link).or_default().pop_back() {
            Some(NodeFrame::Refused {
                code,
                retry_after_ms,
                ..
            }) => (code, retry_after_ms),
            other => panic!("{other:?} instead of a reason"),
        }
    }
}
