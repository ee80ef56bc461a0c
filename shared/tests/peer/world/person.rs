//! A person in the world: the real peer, a disk, and a page that can be closed and opened.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::codec;
use shared::base::effects::{Effect, LinkId};
use shared::base::id::{ConversationId, NodeId};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::time::{Timestamp, millis};
use shared::peer::Peer;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::{Input, Job, Notice, Outcome, Outgoing, PeerEffects, Target};
use shared::session::route::Route;
use shared::session::wire::ClientFrame;
use shared::signalling::wire::RtcSignal;

use super::{Event, LATENCY, World};

/// Names a person in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who(pub usize);

pub struct Person {
    pub name: String,
    pub peer: Peer,
    pub disk: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The page is open.
    pub awake: bool,
    pub webrtc: bool,
    pub offers: BTreeMap<LinkId, (usize, LinkId)>,
    /// Links the page dialled, and what it sent.
    pub dialled: usize,
    pub sent: usize,
    /// The live envelopes among it, by their length.
    pub live: Vec<usize>,
    /// Texts announced as new.
    pub announced: Vec<String>,
    /// What else the page was told, but for changes.
    pub told: Vec<Notice>,
    /// Slices of work done.
    pub slices: u32,
    /// Their clock is this far ahead.
    pub clock_ahead: Duration,
    supernodes: Vec<(NodeId, Vec<Route>)>,
}

/// The length of the sealed bytes, if this deposits a live envelope.
fn live_length(what: &Outgoing) -> Option<usize> {
    let Outgoing::Message(bytes) = what else {
        return None;
    };
    match codec::decode(bytes, FRAME_BYTES_MAX) {
        Ok(ClientFrame::Deposit { envelope, .. }) if envelope.keep_seconds == 0 => {
            Some(envelope.bytes.len())
        }
        _ => None,
    }
}

impl Person {
    /// When the page wants a tick, by the world's clock.
    pub fn deadline(&self) -> Option<Timestamp> {
        let (at, _) = self.peer.next_deadline()?;
        Some(Timestamp(at.0.saturating_sub(millis(self.clock_ahead))))
    }

    pub fn invite(&self) -> String {
        self.peer.invite().unwrap().code
    }

    pub fn chat(&self, name: &str) -> ConversationId {
        self.peer
            .chats()
            .iter()
            .find(|chat| chat.name == name)
            .unwrap_or_else(|| panic!("no chat with {name}"))
            .id
    }

    /// The open chat, as "name: text".
    pub fn timeline(&self) -> Vec<String> {
        let chat = self.peer.open_chat().unwrap();
        let line = |message: &shared::peer::view::MessageView| {
            format!(
                "{}: {}",
                if message.mine { &self.name } else { &chat.name },
                message.text
            )
        };
        chat.messages.iter().map(line).collect()
    }
}

impl World {
    /// A person on their first visit, with these supernodes in `kith.json`.
    pub fn add_person(&mut self, name: &str, nodes: &[usize]) -> Who {
        let supernodes = nodes.iter().map(|node| self.supernode(*node)).collect();
        self.people.push(Person {
            name: name.into(),
            peer: Peer::load(Vec::new()).unwrap(),
            disk: BTreeMap::new(),
            awake: false,
            webrtc: true,
            offers: BTreeMap::new(),
            dialled: 0,
            sent: 0,
            live: Vec::new(),
            announced: Vec::new(),
            told: Vec::new(),
            slices: 0,
            clock_ahead: Duration::ZERO,
            supernodes,
        });
        let who = Who(self.people.len() - 1);
        self.wake(who);
        self.command(who, Command::CreatePersona { name: name.into() })
            .unwrap();
        self.run_for(Duration::from_secs(1));
        who
    }

    /// Opens the page: everything comes from the disk.
    pub fn wake(&mut self, who: Who) {
        let person = &mut self.people[who.0];
        let kept = person
            .disk
            .iter()
            .filter(|(key, _)| key[0] != Peer::LAZY_PREFIX);
        person.peer = Peer::load(
            kept.map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
        .unwrap();
        person.awake = true;
        let start = Input::Start {
            supernodes: person.supernodes.clone(),
            webrtc: person.webrtc,
        };
        self.person_input(who.0, start);
    }

    /// The page is gone at once: its links break, its memory is lost.
    pub fn sleep(&mut self, who: Who) {
        self.people[who.0].awake = false;
        let sockets: Vec<_> = self
            .sockets
            .keys()
            .filter(|(of, _)| *of == who.0)
            .copied()
            .collect();
        for key in sockets {
            if let Some((node, link)) = self.sockets.remove(&key) {
                self.post(
                    LATENCY,
                    Event::ToNode(node, shared::relay::Input::Closed { link }),
                );
            }
        }
        let channels: Vec<_> = self
            .channels
            .keys()
            .filter(|(of, _)| *of == who.0)
            .copied()
            .collect();
        for (person, link) in channels {
            self.cut_channel(person, link);
        }
    }

    pub fn reload(&mut self, who: Who) {
        self.sleep(who);
        self.wake(who);
    }

    /// Sets a person's clock. Timers do not look at it: the one that runs ends as if nothing had happened.
    pub fn set_clock(&mut self, who: Who, ahead: Duration) {
        let timer = self.people[who.0].deadline();
        self.people[who.0].clock_ahead = ahead;
        if let Some(timer) = timer {
            let tick = Event::ToPerson(who.0, Input::Tick);
            self.post(timer.since(self.now), tick);
        }
    }

    pub fn command(&mut self, who: Who, command: Command) -> Result<Outcome, CommandError> {
        let mut out = PeerEffects::default();
        let person = &mut self.people[who.0];
        let outcome = person.peer.handle(
            self.now.after(person.clock_ahead),
            &mut self.random,
            Input::Command(command),
            &mut out,
        );
        assert!(
            outcome.is_ok() || out.is_empty(),
            "a refused command has changed something"
        );
        self.perform_person(who.0, out);
        outcome
    }

    pub fn rename(&mut self, who: Who, name: &str) {
        let name = name.into();
        self.command(who, Command::Rename { name }).unwrap();
    }

    pub fn say(&mut self, who: Who, text: &str) {
        let conversation = self.person(who).peer.open_chat().unwrap().id;
        self.command(
            who,
            Command::Say {
                conversation,
                text: text.into(),
            },
        )
        .unwrap();
    }

    pub fn open(&mut self, who: Who, name: &str) {
        let chat = self.person(who).chat(name);
        self.command(who, Command::OpenChat(chat)).unwrap();
        self.run_for(LATENCY);
    }

    /// The open chat comes before the person's eyes, or leaves them.
    pub fn watch(&mut self, who: Who, seen: bool) {
        let chat = self.person(who).peer.open_chat().unwrap().id;
        self.command(who, Command::Watch(chat, seen)).unwrap();
    }

    pub fn accept(&mut self, who: Who, code: &str) {
        self.command(who, Command::AcceptInvite { code: code.into() })
            .unwrap();
    }

    pub(super) fn person_input(&mut self, person: usize, input: Input) {
        if !self.people[person].awake {
            return;
        }
        let mut out = PeerEffects::default();
        let it = &mut self.people[person];
        let now = self.now.after(it.clock_ahead);
        it.peer
            .handle(now, &mut self.random, input, &mut out)
            .unwrap();
        self.perform_person(person, out);
    }

    fn perform_person(&mut self, person: usize, out: PeerEffects) {
        let disk = &mut self.people[person].disk;
        for change in out.store.changes {
            match change.value {
                Some(value) => disk.insert(change.key, value),
                None => disk.remove(&change.key),
            };
        }
        for effect in out.then {
            let person_did = &mut self.people[person];
            match &effect {
                Effect::Send(_, what) => {
                    person_did.sent += 1;
                    person_did.live.extend(live_length(what));
                }
                Effect::Dial(..) => person_did.dialled += 1,
                _ => {}
            }
            match effect {
                Effect::Send(link, what) => self.carry(person, link, what),
                Effect::Dial(link, Target::Supernode { route }) => {
                    self.dial_node(person, link, &route)
                }
                Effect::Dial(link, Target::Page { polite, ice }) => {
                    self.ices.insert((person, link), ice);
                    if polite {
                        continue;
                    }
                    self.step(person, link, RtcSignal::Offer);
                }
                Effect::HangUp(link) => {
                    if let Some((node, there)) = self.sockets.remove(&(person, link)) {
                        self.post(
                            LATENCY,
                            Event::ToNode(node, shared::relay::Input::Closed { link: there }),
                        );
                    }
                    self.cut_channel(person, link);
                }
                Effect::Job(Job::ReadLast {
                    token,
                    from,
                    to,
                    limit,
                }) => {
                    let records = self.people[person]
                        .disk
                        .range(from..to)
                        .rev()
                        .take(limit)
                        .map(|(k, v)| (k.clone(), v.clone()));
                    let input = Input::Read {
                        token,
                        records: records.collect(),
                    };
                    self.post(Duration::ZERO, Event::ToPerson(person, input));
                }
                Effect::Job(Job::Work {
                    token,
                    puzzle,
                    from,
                    tries,
                }) => {
                    let found = puzzle.solve(from, tries);
                    self.people[person].slices += 1;
                    self.post(
                        LATENCY,
                        Event::ToPerson(person, Input::Worked { token, found }),
                    );
                }
                Effect::Notify(Notice::Incoming { text, .. }) => {
                    self.people[person].announced.push(text)
                }
                Effect::Notify(Notice::Changed(_)) => {}
                Effect::Notify(notice) => self.people[person].told.push(notice),
            }
        }
    }
}
