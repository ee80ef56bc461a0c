//! The supernode under test, its links, and the driver that performs what it wants.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use shared::base::codec::{decode, encode};
use shared::base::effects::LinkId;
use shared::base::id::{DeviceId, NodeId, Nonce, PersonaId};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::token::Token;
use shared::gates::work::{Puzzle, Task};
use shared::gates::{Gates, Pass};
use shared::mailbox::capability::CapabilitySerial;
use shared::mailbox::server::{MailboxLimits, Window};
use shared::mailbox::wire::Envelope;
use shared::relay::{Input, Relay, RelayLimits};
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, VERSION};

use super::asking;
use super::check::Model;
use super::disk::Disk;
use super::people::{self, ClaimPlan, Person};
use crate::chance::Bytes;

/// Links at a time.
pub const LINKS_MAX: usize = 4;
/// Ticks at one moment until the supernode must rest.
const TICKS_MAX: usize = 20;
/// After this time a supernode may forget a mailbox.
const FORGETTING: Duration = Duration::from_secs(100 * 86_400);

/// A connection, as its client knows it.
#[derive(Default)]
pub struct Line {
    pub(super) link: Option<LinkId>,
    pub(super) node_nonce: Option<Nonce>,
    pub(super) version: u32,
    pub(super) last_said: Vec<u8>,
    pub(super) claims: Option<(PersonaId, DeviceId)>,
    pub(super) claimed: bool,
    pub(super) shown: Pass,
    pub(super) requests: u32,
    pub(super) last_sequence: u64,
}

/// See the module.
pub struct Stage {
    pub now: Timestamp,
    pub beginning: Timestamp,
    pub people: &'static [Person],
    pub(super) key: SigningKey,
    pub(super) relay: Relay,
    pub(super) limits: RelayLimits,
    pub(super) random: Bytes,
    pub(super) disk: Disk,
    pub(super) jobs: Vec<Window>,
    pub(super) lines: [Line; LINKS_MAX],
    pub(super) by_link: BTreeMap<LinkId, usize>,
    pub(super) next_link: u64,
    pub(super) packages: u32,
    pub(super) model: Model,
    pub(super) trace: DefaultHasher,
    pub(super) waited: Duration,
    /// Mailboxes that the last batch registered.
    pub(super) fresh: BTreeSet<PersonaId>,
}

fn limits(kind: u8) -> RelayLimits {
    let mailboxes = MailboxLimits {
        mailboxes: 2 + usize::from(kind & 1),
        bytes: 200_000,
        mailbox_envelopes: 4,
        mailbox_bytes: 100_000,
        requests: 2,
        request_work_bits: if kind & 2 == 0 { 0 } else { 3 },
        ..MailboxLimits::default()
    };
    RelayLimits {
        mailboxes,
        connections_per_source: 2,
        registration: Gates {
            invite: kind & 4 != 0,
            work_bits: if kind & 8 == 0 { 0 } else { 2 },
        },
        ..RelayLimits::default()
    }
}

impl Stage {
    pub fn new(kind: u8) -> Self {
        let beginning = people::BEGINNING;
        let limits = limits(kind);
        let key = people::node_key();
        let (relay, _) = Relay::new(limits, key.clone(), []);
        Self {
            now: beginning,
            beginning,
            people: people::everybody(),
            key,
            relay,
            limits,
            random: Bytes::of(7),
            disk: Disk::default(),
            jobs: Vec::new(),
            lines: Default::default(),
            by_link: BTreeMap::new(),
            next_link: 0,
            packages: 0,
            model: Model::default(),
            trace: DefaultHasher::new(),
            waited: Duration::ZERO,
            fresh: BTreeSet::new(),
        }
    }

    pub fn node_key(&self) -> SigningKey {
        self.key.clone()
    }

    pub fn node_id(&self) -> NodeId {
        NodeId(self.node_key().public())
    }

    pub fn went_far(&self) -> bool {
        self.model.went_far
    }

    pub fn trace(&self) -> u64 {
        self.trace.finish()
    }

    pub fn last_said(&self, line: usize) -> Vec<u8> {
        self.lines[line].last_said.clone()
    }

    pub fn open(&mut self, line: usize, source: u64) {
        self.close(line);
        self.next_link += 1;
        let link = LinkId(self.next_link);
        self.by_link.insert(link, line);
        self.lines[line] = Line {
            link: Some(link),
            ..Line::default()
        };
        self.handle(Input::Opened {
            link,
            source,
            binding: Vec::new(),
        });
    }

    pub fn close(&mut self, line: usize) {
        if let Some(link) = self.lines[line].link.take() {
            self.by_link.remove(&link);
            self.handle(Input::Closed { link });
        }
    }

    pub fn say(&mut self, line: usize, frame: &ClientFrame) {
        self.say_bytes(line, encode(frame));
    }

    pub fn say_bytes(&mut self, line: usize, bytes: Vec<u8>) {
        if asking::is_asking(&bytes) {
            // The model reads from the disk who may.
            self.commit_all();
        }
        let Some(link) = self.lines[line].link else {
            return;
        };
        self.overhear(line, &bytes);
        self.lines[line].last_said.clone_from(&bytes);
        self.handle(Input::Received { link, bytes });
    }

    /// The model hears what the supernode hears.
    fn overhear(&mut self, line: usize, bytes: &[u8]) {
        let it = &mut self.lines[line];
        match decode::<ClientFrame>(bytes, FRAME_BYTES_MAX) {
            Ok(ClientFrame::Hello { version, .. }) if it.version == 0 => it.version = version,
            Ok(ClientFrame::Deposit { request, envelope }) => {
                let shown = it.shown.work;
                let work_bits = self.limits.mailboxes.request_work_bits;
                let place = (line, request);
                self.model.deposits(
                    place,
                    &envelope,
                    (shown, work_bits),
                    (self.now, &self.disk.kept),
                );
            }
            Ok(ClientFrame::Show { pass }) => it.shown = pass,
            Ok(ClientFrame::Publish {
                packages,
                last_resort,
            }) => {
                if let Some((owner, _)) = it.claims.filter(|_| it.claimed) {
                    let last = last_resort.as_ref();
                    self.model.publishes(owner, &packages, last);
                }
            }
            _ => {}
        }
    }

    fn transcript(&self, line: usize) -> Option<Transcript> {
        let it = &self.lines[line];
        Some(Transcript {
            version: it.version,
            node: self.node_id(),
            node_nonce: it.node_nonce?,
            client_nonce: Nonce([3; 32]),
            binding: Vec::new(),
        })
    }

    pub fn claim(&mut self, line: usize, person: usize, plan: ClaimPlan) {
        let Some(transcript) = self.transcript(line) else {
            return;
        };
        let who = &self.people[person];
        let frame = who.claim(&transcript, plan);
        if !plan.forged && !plan.replayed && who.is_listed(plan.list, plan.device) {
            let (id, device) = (who.id, who.device(plan.device));
            let secret = who.secret(plan.secret);
            self.lines[line].claims.get_or_insert((id, device));
            self.model.claims(id, secret);
        }
        self.say(line, &frame);
    }

    /// Somebody connects, shows what is asked for, and claims their mailbox.
    pub fn arrive(&mut self, line: usize, person: usize) {
        self.open(line, 100 + person as u64);
        self.commit_all();
        let hello = ClientFrame::Hello {
            version: VERSION,
            nonce: Nonce([3; 32]),
        };
        self.say(line, &hello);
        let id = self.people[person].id;
        let until = self.now.after(Duration::from_secs(86_400));
        let random = &mut Bytes::of(10 + person as u64);
        let task = Task::Registration(self.node_id(), id);
        let pass = Pass {
            token: Some(Token::issue(&self.key, until, random)),
            work: Puzzle::new(task, 2, self.now).solve(0, 64),
        };
        self.show(line, pass);
        self.claim(line, person, ClaimPlan::GOOD);
        self.commit_all();
    }

    pub fn deposit(&mut self, line: usize, envelope: Envelope) {
        let it = &mut self.lines[line];
        it.requests += 1;
        let request = it.requests;
        self.say(line, &ClientFrame::Deposit { request, envelope });
    }

    pub fn show(&mut self, line: usize, pass: Pass) {
        self.say(line, &ClientFrame::Show { pass });
    }

    pub fn revoke(&mut self, line: usize, serials: Vec<CapabilitySerial>) {
        let it = &self.lines[line];
        let owner = it.claims.filter(|_| it.claimed).map(|(persona, _)| persona);
        self.say(
            line,
            &ClientFrame::Revoke {
                serials: serials.clone(),
            },
        );
        let (Some(owner), true) = (owner, self.lines[line].link.is_some()) else {
            return;
        };
        self.commit_all();
        if self.lines[line].link.is_some() {
            let kept = self
                .model
                .revoked((&self.disk.kept, self.now), &owner, &serials);
            assert!(kept, "what was taken back is not noted");
        }
    }

    pub fn publish(&mut self, line: usize, count: u8, len: usize, last_resort: bool) {
        let mut package = |mark: u8| {
            self.packages += 1;
            let mut bytes = vec![mark; len];
            bytes[..4].copy_from_slice(&self.packages.to_be_bytes());
            bytes
        };
        let packages: Vec<Vec<u8>> = (0..count).map(|_| package(0)).collect();
        let last = last_resort.then(|| package(1));
        let frame = ClientFrame::Publish {
            packages: packages.into_iter().map(Into::into).collect(),
            last_resort: last.map(Into::into),
        };
        self.say(line, &frame);
    }

    pub fn pass_time(&mut self, step: Duration) {
        self.now = self.now.after(step);
        self.waited += step;
        if self.waited > FORGETTING {
            self.waited = Duration::ZERO;
            self.model.much_time_passed();
        }
        let due = |relay: &Relay, now| relay.next_deadline().is_some_and(|(at, _)| at <= now);
        for _ in 0..TICKS_MAX {
            if !due(&self.relay, self.now) {
                return;
            }
            self.handle(Input::Tick);
        }
        panic!("does not come to rest: {:?}", self.relay.next_deadline());
    }

    pub fn answer_job(&mut self, which: u8, fails: bool) {
        if self.jobs.is_empty() {
            return;
        }
        let window = self.jobs.remove(usize::from(which) % self.jobs.len());
        let bodies = if fails && which.is_multiple_of(4) {
            Err(())
        } else {
            self.disk.bodies(&window)
        };
        self.handle(Input::Loaded { window, bodies });
    }
}
