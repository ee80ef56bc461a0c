//! The page under test, and the browser that performs what it wants: batches are kept in order, effects
//! follow theirs; a crash leaves what was kept.

use std::collections::VecDeque;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use e2e_swarm::check::ratchet::Ratchet;
use e2e_swarm::disk::Records;
use shared::base::codec::decode;
use shared::base::effects::{Batch, Effect, LinkId};
use shared::base::id::{ConversationId, MessageId, PersonaId};
use shared::base::limits::{CHANNEL_BYTES_MAX, FRAME_BYTES_MAX};
use shared::base::time::Timestamp;
use shared::invite::Invite;
use shared::mailbox::parcel::Body;
use shared::peer::Peer;
use shared::peer::command::Command;
use shared::peer::io::{Input, Job, Notice, Outcome, Outgoing, PeerEffects, Target};

use super::check;
use super::foe::Victim;
use super::node::Node;
use crate::chance::Bytes;
use crate::prepared::prepared;

/// Ticks at one moment until the page must rest.
const TICKS_MAX: usize = 40;

type Act = Effect<Outgoing, Target, Job, Notice>;

/// See the module.
pub struct Stage {
    pub now: Timestamp,
    pub peer: Peer,
    pub random: Bytes,
    pub disk: Records,
    waiting: VecDeque<(Batch, Vec<Act>)>,
    /// Links that the page named and that have not ended; whether to a supernode.
    pub links: BTreeMap<LinkId, bool>,
    open: BTreeSet<LinkId>,
    named: u64,
    pub jobs: Vec<Job>,
    pub node: Node,
    /// What foes have said in earnest.
    pub texts: Vec<(PersonaId, String)>,
    pub victim: Victim,
    /// Whom the page's owner has let in, or asked.
    pub let_in: BTreeSet<PersonaId>,
    /// A message of somebody came through.
    pub went_far: bool,
    ratchet: Ratchet,
    trace: DefaultHasher,
}

impl Stage {
    pub fn new() -> Option<Self> {
        let world = prepared();
        let disk = world.people[0].clone();
        let peer = load(&disk);
        let invite = Invite::read(&world.invites[0], world.now).ok()?;
        Some(Self {
            now: world.now,
            peer,
            random: Bytes::of(11),
            disk,
            waiting: VecDeque::new(),
            links: BTreeMap::new(),
            open: BTreeSet::new(),
            named: 0,
            jobs: Vec::new(),
            node: Node::new(world.node_seed),
            texts: Vec::new(),
            victim: Victim {
                id: world.personas[0],
                invite,
                now: world.now,
                messages: Vec::new(),
                key_packages: Vec::new(),
            },
            let_in: BTreeSet::new(),
            went_far: false,
            ratchet: Ratchet::default(),
            trace: DefaultHasher::new(),
        })
    }

    pub fn trace(&self) -> u64 {
        self.trace.finish()
    }

    pub fn start(&mut self) {
        self.handle(Input::Start {
            supernodes: prepared().supernodes.clone(),
            webrtc: true,
        });
    }

    /// An input that is no command.
    pub fn handle(&mut self, input: Input) {
        let mut out = PeerEffects::default();
        let done = self
            .peer
            .handle(self.now, &mut self.random, input, &mut out);
        assert_eq!(done, Ok(Outcome::Done), "only commands have an outcome");
        self.accept(out);
    }

    pub fn command(&mut self, command: Command) {
        let mut out = PeerEffects::default();
        let lets_in = match &command {
            Command::AcceptRequest(persona) => Some(*persona),
            Command::AcceptInvite { code } | Command::Ask { code, .. } => {
                let invite = Invite::read(code, self.now);
                invite.ok().map(|invite| invite.persona)
            }
            _ => None,
        };
        let input = Input::Command(command);
        let done = self
            .peer
            .handle(self.now, &mut self.random, input, &mut out);
        match done {
            Ok(Outcome::Message(id)) => self.victim.messages.push(id),
            Ok(_) => self.let_in.extend(lets_in),
            Err(error) => assert!(out.is_empty(), "refused and changed something: {error}"),
        }
        self.accept(out);
    }

    fn accept(&mut self, out: PeerEffects) {
        for change in &out.store.changes {
            let known = change
                .key
                .first()
                .is_some_and(|prefix| b"abchkmoqr".contains(prefix));
            assert!(known, "a key that nobody reads");
        }
        let blocked = self.peer.blocked();
        for act in &out.then {
            if let Effect::Notify(Notice::Incoming { conversation, .. }) = act {
                let unheard = blocked.iter().all(|it| it.conversation != *conversation);
                assert!(unheard, "announces what somebody blocked has said");
            }
        }
        let always = self.peer.me().is_some_and(|me| me.always_relay);
        for act in &out.then {
            match act {
                Effect::Dial(link, target) => {
                    if let Target::Page { ice, .. } = target {
                        assert!(!always || ice.relay_only, "shows an address");
                    }
                    assert!(link.0 > self.named, "a link is named twice");
                    self.named = link.0;
                    let to_node = matches!(target, Target::Supernode { .. });
                    self.links.insert(*link, to_node);
                }
                Effect::HangUp(link) => {
                    assert!(self.links.remove(link).is_some(), "hangs up on nobody");
                    self.open.remove(link);
                }
                Effect::Send(link, what) => {
                    let to_node = self.links.get(link);
                    assert!(to_node.is_some(), "sends on a link that is no more");
                    let is_signal = matches!(what, Outgoing::Signal(_) | Outgoing::Ice(_));
                    if let Outgoing::Ice(ice) = what {
                        assert!(!always || ice.relay_only, "shows an address");
                    }
                    assert!(
                        is_signal || self.open.contains(link),
                        "sends on a link that is not open"
                    );
                    assert!(!(is_signal && to_node == Some(&true)));
                }
                Effect::Job(_) | Effect::Notify(_) => {}
            }
        }
        if !out.store.is_empty() {
            self.waiting.push_back((out.store, out.then));
        } else if let Some((_, last)) = self.waiting.back_mut() {
            last.extend(out.then);
        } else {
            out.then.into_iter().for_each(|act| self.perform(act));
        }
    }

    /// Keeps the next batch; `false` when there is none.
    pub fn commit(&mut self) -> bool {
        let Some((batch, then)) = self.waiting.pop_front() else {
            return false;
        };
        self.ratchet.kept(0, &self.disk, &batch);
        for change in batch.changes {
            match change.value {
                Some(value) => self.disk.insert(change.key, value),
                None => self.disk.remove(&change.key),
            };
        }
        then.into_iter().for_each(|act| self.perform(act));
        true
    }

    fn perform(&mut self, act: Act) {
        match act {
            Effect::Send(link, Outgoing::Message(bytes)) => {
                (link, &bytes).hash(&mut self.trace);
                match self.links.get(&link) {
                    Some(true) => {
                        assert!(bytes.len() <= FRAME_BYTES_MAX);
                        check::is_blind(&bytes);
                        check::is_to_a_contact(&self.disk, &bytes);
                        self.node.hears(link, &bytes);
                        let published = std::mem::take(&mut self.node.packages);
                        self.victim.key_packages.extend(published);
                    }
                    Some(false) => self.says_on_channel(&bytes),
                    None => {}
                }
            }
            Effect::Job(job) => self.jobs.push(job),
            Effect::Notify(Notice::Incoming {
                conversation,
                message,
                text,
                ..
            }) => {
                self.went_far = true;
                self.announced(conversation, message, &text);
            }
            Effect::Notify(_) | Effect::Send(..) | Effect::Dial(..) | Effect::HangUp(_) => {}
        }
    }

    fn says_on_channel(&self, bytes: &[u8]) {
        assert!(bytes.len() <= CHANNEL_BYTES_MAX);
        match decode::<Body>(bytes, CHANNEL_BYTES_MAX) {
            Ok(Body::Message { bytes, .. }) => {
                let kept = self.ratchet.sends(0, &self.disk, &bytes);
                assert_eq!(kept, Ok(()), "a ciphertext leaves before it is kept");
            }
            Ok(_) => {}
            Err(error) => panic!("says what nobody reads: {error}"),
        }
    }

    fn announced(&self, chat: ConversationId, id: MessageId, text: &str) {
        assert!(
            check::has_message(&self.disk, &id),
            "announced and not kept"
        );
        let chats = self.peer.chats();
        let Some(chat) = chats.iter().find(|it| it.id == chat) else {
            panic!("announced in no chat");
        };
        let said = self.texts.iter().any(|(who, said)| {
            *who == chat.persona && said.chars().take(50).eq(text.chars().take(50))
        });
        assert!(
            said || text.is_empty(),
            "announced what {} never said: {text:?}",
            chat.name
        );
    }

    pub fn up(&mut self, link: LinkId) {
        if self.links.contains_key(&link) && self.open.insert(link) {
            self.handle(Input::LinkUp {
                link,
                binding: Vec::new(),
                relayed: false,
            });
        }
    }

    pub fn down(&mut self, link: LinkId) {
        if self.links.remove(&link).is_some() {
            self.open.remove(&link);
            self.handle(Input::LinkDown { link });
        }
    }

    /// A message comes on a link; one that is not open brings none.
    pub fn receive(&mut self, link: LinkId, bytes: Vec<u8>) {
        if self.open.contains(&link) {
            self.handle(Input::Received { link, bytes });
        }
    }

    /// The nth link to a supernode, or to a page.
    pub fn link(&self, to_node: bool, which: u8) -> Option<LinkId> {
        let links = self.links.iter().filter(|(_, to)| **to == to_node);
        let links: Vec<LinkId> = links.map(|(link, _)| *link).collect();
        links
            .get(usize::from(which).checked_rem(links.len())?)
            .copied()
    }

    /// Deadlines that have come.
    pub fn tick(&mut self) {
        for _ in 0..TICKS_MAX {
            let due = self.peer.next_deadline().filter(|(at, _)| *at <= self.now);
            if due.is_none() {
                return;
            }
            self.handle(Input::Tick);
        }
        panic!("does not come to rest: {:?}", self.peer.next_deadline());
    }

    /// The page is gone at once and opened again; what was under way may be kept.
    pub fn crash(&mut self, written: bool) {
        if written && let Some((batch, _)) = self.waiting.pop_front() {
            self.waiting.clear();
            self.waiting.push_front((batch, Vec::new()));
            self.commit();
        }
        self.waiting.clear();
        self.jobs.clear();
        self.links.clear();
        self.open.clear();
        self.node.lines.clear();
        self.named = 0;
        self.peer = load(&self.disk);
        self.start();
    }

    /// Everything is kept: a page that is opened now shows the same.
    pub fn end(&mut self) {
        while self.commit() {}
        check::same(&self.peer, &load(&self.disk));
    }
}

fn load(disk: &Records) -> Peer {
    let eager = disk
        .iter()
        .filter(|(key, _)| key.first() != Some(&Peer::LAZY_PREFIX));
    let eager = eager.map(|(key, value)| (key.clone(), value.clone()));
    match Peer::load(eager.collect()) {
        Ok(peer) => peer,
        Err(error) => panic!("what was kept cannot be read: {error}"),
    }
}
