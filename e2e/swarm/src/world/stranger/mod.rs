//! A stranger: a program that knows people's public keys and speaks the protocol, and has no right to
//! anything.

mod ask;

use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::id::{EnvelopeId, MessageId, NodeId, PersonaId, SealKey};
use shared::base::random::bytes;
use shared::base::time::Timestamp;
use shared::gates::work::Work;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::identity::secret::{DeviceSecret, PersonaSecret};
use shared::invite::Invite;
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::parcel::{Body, Parcel, Receipt};
use shared::mailbox::seal::seal;
use shared::mailbox::wire::Envelope;
use shared::session::client::{Claim, ClientSession, Role};
use shared::session::wire::ClientFrame;

use super::{Event, World};
use crate::chance::Chance;
use crate::fields::Fields;
use crate::net::pipe::Item;
use crate::net::{End, SOCKET_PATIENCE};

/// What a stranger is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Deposits with capabilities of its own making.
    Deposit,
    /// Claims somebody's mailbox, with their list and a device that is not on it.
    Claim,
    /// Has somebody's capability for somebody else, and speaks in their name by a device of its own.
    Impersonate,
    /// Leaves junk as a first contact, with an invite, perhaps one that was taken back.
    Junk,
    /// Claims a mailbox for a persona of its own, and shows nothing of what is asked for.
    Register,
    /// Asks by people's public addresses, mostly without the work that is asked for.
    Ask,
}

/// See the module.
pub struct Stranger {
    aim: Aim,
    persona: PersonaSecret,
    device: DeviceSecret,
    chance: Chance,
    session: Option<(LinkId, ClientSession, usize)>,
    requests: u32,
    /// Work that was done once.
    worked: Option<Work>,
}

/// What can be learned of somebody by being their contact.
struct Known {
    persona: PersonaId,
    devices: Vec<u8>,
    inbox: SealKey,
    capability: Capability,
}

impl World {
    /// A stranger who tries something every few seconds.
    pub fn add_stranger(&mut self, aim: Aim) -> usize {
        let number = self.strangers.len();
        let mut chance = Chance::new(self.seed, number as u64 | 3 << 32);
        self.strangers.push(Stranger {
            aim,
            persona: PersonaSecret::random(&mut chance),
            device: DeviceSecret::from_seed(bytes(&mut chance)),
            chance,
            session: None,
            requests: 0,
            worked: None,
        });
        self.post(std::time::Duration::from_secs(5), Event::Mischief(number));
        number
    }

    pub(super) fn mischief(&mut self, stranger: usize) {
        let it = &mut self.strangers[stranger];
        let pause = it.chance.about(std::time::Duration::from_secs(20));
        self.post(pause, Event::Mischief(stranger));
        let it = &mut self.strangers[stranger];
        match &it.session {
            None => self.stranger_dials(stranger),
            Some((link, session, _)) if session.is_ready() => {
                let link = *link;
                match it.aim {
                    Aim::Deposit | Aim::Impersonate => self.stranger_deposits(stranger, link),
                    Aim::Junk => self.stranger_leaves_junk(stranger, link),
                    Aim::Ask => self.stranger_asks(stranger, link),
                    Aim::Claim | Aim::Register => {}
                }
            }
            Some(_) => {}
        }
    }

    fn stranger_dials(&mut self, stranger: usize) {
        let me = End::Stranger(stranger);
        let it = &mut self.strangers[stranger];
        let (node, victim) = (
            it.chance.below(self.nodes.len()),
            it.chance.below(self.people.len()),
        );
        if !self.nodes[node].up || !self.net.partitions.reaches(me, End::Node(node)) {
            return;
        }
        let (key, _): (NodeId, _) = self.supernode(node);
        let (here, there) = (self.new_link(), self.new_link());
        let role = match self.strangers[stranger].aim {
            Aim::Claim | Aim::Register => Role::Home,
            Aim::Deposit | Aim::Impersonate | Aim::Junk | Aim::Ask => Role::Courier,
        };
        let session = ClientSession::new(self.now, key, role, Vec::new());
        self.strangers[stranger].session = Some((here, session, victim));
        self.net
            .join(SOCKET_PATIENCE, (me, here), (End::Node(node), there));
        self.put(me, here, Item::Opened);
    }

    pub(super) fn stranger_hears(&mut self, stranger: usize, link: LinkId, item: Item) {
        let victim = match &self.strangers[stranger].session {
            Some((open, _, victim)) if *open == link => *victim,
            _ => return,
        };
        let Item::Message(frame) = item else {
            if item == Item::Closed {
                self.strangers[stranger].session = None;
            }
            return;
        };
        let known = match self.strangers[stranger].aim {
            Aim::Register => self.strangers[stranger].own(),
            _ => self.known(victim, victim),
        };
        let it = &mut self.strangers[stranger];
        let Some((_, session, _)) = &mut it.session else {
            return;
        };
        let claim = known.as_ref().map(|known| Claim {
            persona: known.persona,
            devices: &known.devices,
            device: &it.device,
            capability_secret: [7; 32],
        });
        let mut send = Vec::new();
        let outcome = session.receive(self.now, &frame, claim.as_ref(), &mut it.chance, &mut send);
        if it.aim == Aim::Claim && session.is_ready() {
            let text = "a mailbox is given to a device that is not on its owner's list";
            self.checks.broken(text.into());
        }
        for frame in send {
            self.put(End::Stranger(stranger), link, Item::Message(frame));
        }
        if outcome.is_err() {
            self.strangers[stranger].session = None;
            self.close(End::Stranger(stranger), link, false);
        }
    }

    fn stranger_deposits(&mut self, stranger: usize, link: LinkId) {
        // Whoever waits for a confirmation is told one, if there is somebody.
        let waits = self.checks.ledger.missing().next();
        let pair = waits.map(|(_, it)| (it.said.from, it.said.to));
        let it = &mut self.strangers[stranger];
        let (victim, friend) = match pair {
            Some(pair) => pair,
            None => {
                let victim = it.chance.below(self.people.len());
                let friends = &self.people[victim].friends;
                match friends.get(it.chance.below(friends.len())) {
                    Some(friend) => (victim, *friend),
                    None => return,
                }
            }
        };
        let Some(known) = self.known(friend, victim) else {
            return;
        };
        let Some(in_name_of) = self.people[friend].persona else {
            return;
        };
        let missing = self.checks.ledger.missing();
        let theirs = missing.filter(|(_, it)| it.said.from == victim && it.said.to == friend);
        let delivered: Vec<MessageId> = theirs.map(|(id, _)| *id).take(64).collect();
        let it = &mut self.strangers[stranger];
        it.requests += 1;
        let id = EnvelopeId(bytes(&mut it.chance));
        let forged = it.aim == Aim::Deposit;
        let capability = if forged {
            let secret = bytes(&mut it.chance);
            Capability::issue(&secret, &known.persona, Lane::Contact, None, &mut it.chance)
        } else {
            known.capability
        };
        let parcel = Parcel {
            to: known.persona,
            envelope: id,
            from: in_name_of,
            device: it.device.id(),
            at: Timestamp(self.now.0),
            body: Body::Receipt(Receipt {
                delivered,
                ..Receipt::default()
            }),
            number: None,
            taken: Vec::new(),
        };
        let signed = parcel.sign(it.device.sign());
        let to = known.persona;
        let Ok(sealed) = seal(&signed, &to, &id, &[known.inbox], &mut it.chance) else {
            return;
        };
        let envelope = Envelope {
            to,
            capability,
            id,
            keep_seconds: if it.chance.happens(500) { 3600 } else { 0 },
            bytes: sealed,
        };
        let request = it.requests;
        if forged {
            self.checks.rights.forged(id);
        }
        let frame = encode(&ClientFrame::Deposit { request, envelope });
        self.put(End::Stranger(stranger), link, Item::Message(frame));
    }

    fn stranger_leaves_junk(&mut self, stranger: usize, link: LinkId) {
        let it = &mut self.strangers[stranger];
        let old = self.taken_back.get(it.chance.below(self.taken_back.len()));
        let person = &self.people[it.chance.below(self.people.len())];
        let code = match old.filter(|_| it.chance.happens(500)) {
            Some((_, code)) => Some(code.clone()),
            None => person.peer.invite().map(|invite| invite.code),
        };
        let Some(invite) = code.and_then(|code| Invite::read(&code, self.now).ok()) else {
            return;
        };
        for _ in 0..=it.chance.below(4) {
            it.requests += 1;
            let envelope = Envelope {
                to: invite.persona,
                capability: invite.capability,
                id: EnvelopeId(bytes(&mut it.chance)),
                keep_seconds: 3600,
                bytes: bytes::<400>(&mut it.chance).to_vec(),
            };
            let request = it.requests;
            let frame = encode(&ClientFrame::Deposit { request, envelope });
            let junk = Item::Message(frame);
            if let Some((at, wire)) = self.net.send(self.now, End::Stranger(stranger), link, junk) {
                self.heap.post(at, Event::Look(wire));
            }
        }
    }

    /// What `holder` knows of `of`, from their disk; of themselves, without a capability that works.
    fn known(&self, holder: usize, of: usize) -> Option<Known> {
        let disk = &self.people[holder].disk.kept;
        let persona = self.people[of].persona?;
        if holder == of {
            let account = Fields::of(disk.get(b"a".as_slice())?)?;
            return Some(Known {
                persona,
                devices: account.bytes(3)?,
                inbox: SealKey([0; 32]),
                capability: Capability::from_bytes(&[0; 24])?,
            });
        }
        let key = [b"c".as_slice(), persona.as_bytes()].concat();
        let contact = Fields::of(disk.get(&key)?)?;
        Some(Known {
            persona,
            devices: contact.bytes(5)?,
            inbox: SealKey::from_slice(&contact.bytes(2)?).ok()?,
            capability: contact.get(3)?,
        })
    }
}

impl Stranger {
    /// A persona of its own, with one device.
    fn own(&self) -> Option<Known> {
        let list = DeviceList {
            persona: self.persona.id(),
            version: 1,
            previous: None,
            at: Timestamp(0),
            devices: vec![DeviceEntry {
                device: self.device.id(),
                seal: self.device.seal().public(),
                since: Timestamp(0),
            }],
        };
        Some(Known {
            persona: self.persona.id(),
            devices: VerifiedDeviceList::sign(&list, self.persona.sign())
                .ok()?
                .carried()
                .to_vec(),
            inbox: SealKey([0; 32]),
            capability: Capability::from_bytes(&[0; 24])?,
        })
    }
}
