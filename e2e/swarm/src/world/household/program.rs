//! One program of a household: it dials, crashes, comes back, and keeps before it acknowledges.

use std::time::Duration;

use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::id::{EnvelopeId, NodeId};
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::Pass;
use shared::gates::work::{Puzzle, Task};
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::client::{Claim, ClientSession, Event as SessionEvent, Role, ack_frame};
use shared::session::wire::ClientFrame;

use super::{DEVICES, GOODBYE, REMOVED, WRITER};
use crate::chance::Chance;
use crate::net::pipe::Item;
use crate::net::{End, SOCKET_PATIENCE};
use crate::world::{Event, World};

/// Between two things that a program does, on average.
const PAUSE: Duration = Duration::from_secs(12);
/// A device's transaction.
const WRITING: Duration = Duration::from_millis(30);
/// Envelopes that a household ever gets.
const LETTERS_MAX: usize = 400;
/// Numbers tried for a gate: enough for the few bits that a simulated supernode asks for.
const TRIES: u32 = 1 << 20;

/// A device has kept these.
#[derive(Debug)]
pub struct Step {
    link: LinkId,
    up_to: u64,
    ids: Vec<EnvelopeId>,
}

/// See the module.
pub(super) struct Program {
    session: Option<(LinkId, ClientSession)>,
    asleep_until: Timestamp,
    chance: Chance,
    requests: u32,
}

impl Program {
    pub fn new(seed: u64, number: u64) -> Self {
        Self {
            session: None,
            asleep_until: Timestamp(0),
            chance: Chance::new(seed, number | 5 << 32),
            requests: 0,
        }
    }

    pub fn wakes(&mut self, now: Timestamp) {
        self.asleep_until = now;
    }
}

impl World {
    /// A program does something, and will again.
    pub(in crate::world) fn program(&mut self, household: usize, which: usize) {
        let me = End::Program(household, which);
        let it = &mut self.households[household];
        let here = &mut it.programs[which];
        let pause = here.chance.about(PAUSE);
        self.heap
            .post(self.now.after(pause), Event::Program(household, which));
        if here.asleep_until > self.now || (which == 2 && !it.changed) {
            return;
        }
        let Some((link, session)) = &mut here.session else {
            return self.program_dials(household, which);
        };
        let link = *link;
        // The calm has come: nobody goes any more.
        if self.stormy && here.chance.happens(120) {
            let silent = here.chance.happens(400);
            here.asleep_until = self.now.after(here.chance.about(Duration::from_secs(60)));
            here.session = None;
            return self.close(me, link, silent);
        }
        let mut send = Vec::new();
        let ready = session.is_ready();
        let alive = session.tick(self.now, &mut send).is_ok();
        for frame in send {
            self.put(me, link, Item::Message(frame));
        }
        if !alive {
            self.households[household].programs[which].session = None;
            self.close(me, link, false);
        } else if ready && which == WRITER && self.stormy {
            self.write_letter(household, link);
        }
    }

    fn program_dials(&mut self, household: usize, which: usize) {
        let me = End::Program(household, which);
        let node = self.households[household].node;
        let there = End::Node(node);
        let reached =
            self.net.partitions.reaches(me, there) && self.net.partitions.reaches(there, me);
        if !self.nodes[node].up || !reached {
            return;
        }
        let key = NodeId(SigningKey::from_seed(self.nodes[node].key).public());
        let bits = self.nodes[node].limits.registration.work_bits;
        let (here, their) = (self.new_link(), self.new_link());
        let it = &mut self.households[household];
        let task = Task::Registration(key, it.persona.id());
        let pass = (bits > 0).then(|| Pass {
            token: None,
            work: Puzzle::new(task, bits, self.now).solve(0, TRIES),
        });
        let role = match which {
            WRITER => Role::Courier,
            _ => Role::Home,
        };
        let session = ClientSession::new(self.now, key, role, Vec::new()).showing(pass);
        it.programs[which].session = Some((here, session));
        self.net.join(SOCKET_PATIENCE, (me, here), (there, their));
        self.put(me, here, Item::Opened);
    }

    fn write_letter(&mut self, household: usize, link: LinkId) {
        let it = &mut self.households[household];
        if it.letters.len() >= LETTERS_MAX {
            return;
        }
        let unanswered = it.letters.iter().filter(|(_, letter)| !letter.accepted);
        let id = match unanswered.map(|(id, _)| *id).next() {
            // What was not answered is left again, as whoever sends does.
            Some(id) => id,
            None => it.new_letter(self.now),
        };
        let letter = &it.letters[&id];
        let envelope = Envelope {
            to: it.persona.id(),
            capability: it.capability,
            id,
            keep_seconds: letter.keep_seconds,
            bytes: letter.bytes.clone(),
        };
        let writer = &mut it.programs[WRITER];
        writer.requests += 1;
        let request = writer.requests;
        let frame = encode(&ClientFrame::Deposit { request, envelope });
        self.put(End::Program(household, WRITER), link, Item::Message(frame));
    }

    /// Something arrives at a program.
    pub(in crate::world) fn program_hears(
        &mut self,
        (household, which): (usize, usize),
        link: LinkId,
        item: Item,
    ) {
        let it = &mut self.households[household];
        let here = &mut it.programs[which];
        let Some((_, session)) = here.session.as_mut().filter(|(open, _)| *open == link) else {
            return;
        };
        let frame = match item {
            Item::Message(frame) => frame,
            Item::Closed => return here.session = None,
            Item::Opened => return,
        };
        // The one that was taken off tries the list it was on, and the one it is not on.
        let list = match which {
            REMOVED => usize::from(it.changed && here.chance.happens(300)),
            _ => usize::from(it.changed),
        };
        let claim = it.devices.get(which).map(|device| Claim {
            persona: it.persona.id(),
            devices: it.lists[list].carried(),
            device,
            capability_secret: it.persona.capability_secret(),
        });
        let mut send = Vec::new();
        let heard = session.receive(
            self.now,
            &frame,
            claim.as_ref(),
            &mut here.chance,
            &mut send,
        );
        for frame in send {
            self.put(End::Program(household, which), link, Item::Message(frame));
        }
        match heard {
            Ok(Some(SessionEvent::Ready)) if which < DEVICES => {
                self.program_claimed(household, which);
            }
            Ok(Some(SessionEvent::Receipts(receipts))) => {
                for receipt in receipts {
                    let letters = &mut self.households[household].letters;
                    if let Some(letter) = letters.get_mut(&receipt.id) {
                        letter.accepted |= receipt.code == DepositCode::Ok;
                    }
                }
            }
            Ok(Some(SessionEvent::Deliveries(deliveries))) => {
                self.program_receives((household, which), link, deliveries);
            }
            Ok(_) => {}
            Err(_) => {
                self.households[household].programs[which].session = None;
                self.close(End::Program(household, which), link, false);
            }
        }
    }

    fn program_claimed(&mut self, household: usize, which: usize) {
        let it = &mut self.households[household];
        if which != REMOVED && it.changed {
            it.enforced.get_or_insert(self.now);
        } else if which == REMOVED && it.enforced.is_some() {
            let text = "a mailbox is given to a device that was taken off the list";
            self.checks.broken(text.into());
        }
    }

    fn program_receives(
        &mut self,
        (household, which): (usize, usize),
        link: LinkId,
        deliveries: Vec<Delivery>,
    ) {
        let it = &self.households[household];
        let up_to = deliveries.iter().map(|it| it.sequence).max().unwrap_or(0);
        for delivery in &deliveries {
            let letter = it.letters.get(&delivery.id);
            let Some(letter) = letter.filter(|letter| letter.bytes == delivery.bytes) else {
                let text = "a device is handed what nobody has written to it";
                return self.checks.broken(text.into());
            };
            let late = it.enforced.is_some_and(|at| letter.at > at.after(GOODBYE));
            if which == REMOVED && late {
                let text = "a device that was taken off the list goes on being handed mail";
                return self.checks.broken(text.into());
            }
        }
        let ids = deliveries.iter().map(|it| it.id).collect();
        let step = Step { link, up_to, ids };
        self.post(WRITING, Event::Stored(household, which, step));
    }

    /// A device's transaction is over: now it acknowledges, unless it has crashed meanwhile.
    pub(in crate::world) fn program_stored(&mut self, household: usize, which: usize, step: Step) {
        let it = &mut self.households[household];
        let here = &it.programs[which].session;
        if here.as_ref().is_some_and(|(link, _)| *link == step.link) {
            it.has[which].extend(step.ids);
            let frame = ack_frame(step.up_to);
            self.put(
                End::Program(household, which),
                step.link,
                Item::Message(frame),
            );
        }
    }
}
