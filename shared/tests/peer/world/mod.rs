//! A small world for stories: people with disks, supernodes with disks, links between them, and
//! virtual time. One event at a time, in order; the same seed gives the same story.

mod ice;
mod node;
mod person;
pub mod seeded;
pub mod turncoat;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use shared::base::effects::LinkId;
use shared::base::time::Timestamp;
use shared::peer::ice::Ice;
use shared::peer::io::{Input, Outgoing};
use shared::peer::view::{MessageState, Path, Why};
use shared::signalling::wire::RtcSignal;

pub use node::Node;
pub use person::{Person, Who};
use seeded::Seeded;

/// How long something takes from one end of a link to the other.
const LATENCY: Duration = Duration::from_millis(5);

/// So many seconds.
pub fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Something on its way.
pub enum Event {
    ToPerson(usize, Input),
    ToNode(usize, shared::relay::Input),
}

pub struct World {
    pub now: Timestamp,
    pub random: Seeded,
    pub people: Vec<Person>,
    pub nodes: Vec<Node>,
    events: VecDeque<(Timestamp, Event)>,
    /// A person's link → node and its link there.
    pub sockets: BTreeMap<(usize, LinkId), (usize, LinkId)>,
    /// A person's link → the other person and their link; both ways.
    pub channels: BTreeMap<(usize, LinkId), (usize, LinkId)>,
    /// Whether pages can reach each other.
    pub channels_work: bool,
    /// How a person's channels are to be made.
    pub ices: BTreeMap<(usize, LinkId), Ice>,
    next_node_link: u64,
    /// Everything that reached a page, in order.
    pub heard: Vec<(usize, LinkId, Vec<u8>)>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            now: Timestamp(1_800_000_000_000),
            random: Seeded::new(seed),
            people: Vec::new(),
            nodes: Vec::new(),
            events: VecDeque::new(),
            sockets: BTreeMap::new(),
            channels: BTreeMap::new(),
            channels_work: true,
            ices: BTreeMap::new(),
            next_node_link: 0,
            heard: Vec::new(),
        }
    }

    /// People at one supernode who do not know each other.
    pub fn of<const N: usize>(seed: u64, names: [&str; N]) -> (Self, [Who; N]) {
        let mut world = Self::new(seed);
        let home = world.add_node();
        let people = names.map(|name| world.add_person(name, &[home]));
        (world, people)
    }

    /// Ann and Ben, at one supernode, in contact, each with the other's chat open.
    pub fn friends(seed: u64) -> (Self, Who, Who) {
        let (mut world, [ann, ben]) = Self::of(seed, ["Ann", "Ben"]);
        world.connect(ben, ann);
        (world, ann, ben)
    }

    /// Ann and Ben, each at a home of their own, without channels and not in contact.
    pub fn apart(seed: u64) -> (Self, (Who, usize), (Who, usize)) {
        let mut world = Self::new(seed);
        let (of_ann, of_ben) = (world.add_node(), world.add_node());
        let (ann, ben) = (
            world.add_person("Ann", &[of_ann]),
            world.add_person("Ben", &[of_ben]),
        );
        world.channels_work = false;
        (world, (ann, of_ann), (ben, of_ben))
    }

    /// `guest` accepts `host`'s invite; both open the chat.
    pub fn connect(&mut self, guest: Who, host: Who) {
        let code = self.person(host).invite();
        self.accept(guest, &code);
        self.run_for(Duration::from_secs(3));
        for (one, other) in [(guest, host), (host, guest)] {
            let name = self.person(other).name.clone();
            self.open(one, &name);
        }
        self.run_for(Duration::from_secs(1));
    }

    pub fn person(&self, who: Who) -> &Person {
        &self.people[who.0]
    }

    pub fn post(&mut self, after: Duration, event: Event) {
        let at = self.now.after(after);
        let place = self.events.partition_point(|(other, _)| *other <= at);
        self.events.insert(place, (at, event));
    }

    /// Runs everything that happens within `span`, deadlines included.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now.after(span);
        let mut steps = 0_u32;
        loop {
            steps += 1;
            assert!(
                steps < 200_000,
                "the world does not come to rest: {:?}",
                self.deadlines()
            );
            let event = self.events.front().map(|(at, _)| *at);
            let deadline = self.deadlines().into_iter().min();
            let Some(next) = event
                .into_iter()
                .chain(deadline.map(|(at, _)| at))
                .min()
                .filter(|at| *at <= end)
            else {
                break;
            };
            self.now = self.now.max(next);
            if event == Some(next) {
                let (_, event) = self.events.pop_front().unwrap();
                self.perform(event);
            } else if let Some((_, source)) = deadline {
                match source {
                    Source::Person(person) => self.perform(Event::ToPerson(person, Input::Tick)),
                    Source::Node(node) => {
                        self.perform(Event::ToNode(node, shared::relay::Input::Tick))
                    }
                }
            }
        }
        self.now = end;
    }

    fn deadlines(&self) -> Vec<(Timestamp, Source)> {
        let people = self
            .people
            .iter()
            .enumerate()
            .filter(|(_, person)| person.awake);
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| node.up);
        people
            .filter_map(|(i, person)| Some((person.deadline()?, Source::Person(i))))
            .chain(nodes.filter_map(|(i, node)| Some((node.deadline()?, Source::Node(i)))))
            .collect()
    }

    fn perform(&mut self, event: Event) {
        match event {
            Event::ToPerson(person, input) => {
                if let Input::Received { link, bytes } = &input {
                    self.heard.push((person, *link, bytes.clone()));
                }
                self.person_input(person, input);
            }
            Event::ToNode(node, input) => self.node_input(node, input),
        }
    }

    /// What a person's page sends on a link.
    pub(crate) fn carry(&mut self, person: usize, link: LinkId, what: Outgoing) {
        match what {
            Outgoing::Message(bytes) => {
                if let Some(&(node, there)) = self.sockets.get(&(person, link)) {
                    self.post(
                        LATENCY,
                        Event::ToNode(node, shared::relay::Input::Received { link: there, bytes }),
                    );
                } else if let Some(&(other, there)) = self.channels.get(&(person, link)) {
                    self.post(
                        LATENCY,
                        Event::ToPerson(other, Input::Received { link: there, bytes }),
                    );
                }
            }
            Outgoing::Signal(signal) => self.negotiate(person, link, signal),
            Outgoing::Ice(ice) => self.change_ice(person, link, ice),
        }
    }

    /// Plays the browsers' part: an offer names its maker, an answer joins the two links.
    fn negotiate(&mut self, person: usize, link: LinkId, signal: RtcSignal) {
        let parse = |text: &str| {
            let (who, link) = text.split_once('/').unwrap();
            (who.parse::<usize>().unwrap(), LinkId(link.parse().unwrap()))
        };
        match signal {
            RtcSignal::Offer(maker) => {
                self.people[person].offers.insert(link, parse(&maker));
                self.step(person, link, RtcSignal::Answer);
            }
            RtcSignal::Answer(maker) if self.way((person, link), parse(&maker)).is_some() => {
                let other = parse(&maker);
                let relayed = self.way((person, link), other) == Some(true);
                self.channels.insert((person, link), other);
                self.channels.insert(other, (person, link));
                for (who, link) in [(person, link), other] {
                    let up = Input::LinkUp {
                        link,
                        binding: Vec::new(),
                        relayed,
                    };
                    self.post(LATENCY, Event::ToPerson(who, up));
                }
            }
            RtcSignal::Answer(_) => self.post(
                Duration::from_secs(15),
                Event::ToPerson(person, Input::LinkDown { link }),
            ),
            RtcSignal::Candidate { .. } => {}
        }
    }

    /// A person's browser has a step of the negotiation for the other side, which names its maker.
    fn step(&mut self, person: usize, link: LinkId, step: impl FnOnce(String) -> RtcSignal) {
        let signal = step(format!("{person}/{}", link.0));
        self.post(
            LATENCY,
            Event::ToPerson(person, Input::Signal { link, signal }),
        );
    }

    pub(crate) fn new_node_link(&mut self) -> LinkId {
        self.next_node_link += 1;
        LinkId(self.next_node_link)
    }

    /// Ends a channel for both.
    pub fn cut_channel(&mut self, person: usize, link: LinkId) {
        if let Some((other, there)) = self.channels.remove(&(person, link)) {
            self.channels.remove(&(other, there));
            self.post(
                LATENCY,
                Event::ToPerson(other, Input::LinkDown { link: there }),
            );
        }
    }

    pub fn states(&self, who: Who) -> Vec<MessageState> {
        let chat = self.person(who).peer.open_chat().unwrap();
        chat.messages
            .iter()
            .filter(|message| message.mine)
            .map(|message| message.state)
            .collect()
    }

    /// Why messages of theirs in the open chat have not gone, for each that says so.
    pub fn whys(&self, who: Who) -> Vec<Why> {
        let chat = self.person(who).peer.open_chat().unwrap();
        chat.messages
            .iter()
            .filter_map(|message| message.why)
            .collect()
    }

    pub fn path(&self, who: Who) -> Path {
        self.person(who).peer.open_chat().unwrap().connection.path
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Debug)]
enum Source {
    Person(usize),
    Node(usize),
}
