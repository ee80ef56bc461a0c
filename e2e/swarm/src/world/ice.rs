//! The way of a data channel: straight if the NATs allow it and both pages do, else through the relay of a
//! supernode that gave a page a credential for it.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::effects::LinkId;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::peer::ice::Ice;
use shared::peer::io::Input;
use shared::relay::TurnOffer;
use shared::turn::{Credentials, secret};

use super::{Event, World};
use crate::net::End;
use crate::net::nat::reach_each_other;

/// For how long a supernode's credentials are good.
const LIFE: Duration = Duration::from_secs(12 * 3600);
/// When a page gives up a channel whose relay has died.
const BROKEN: Duration = Duration::from_secs(15);

/// How the bytes of a channel travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From page to page.
    Straight,
    /// Through the relay of this supernode.
    Round(usize),
}

/// Of one page.
#[derive(Debug, Default)]
pub struct Ways {
    /// How each channel is to be made.
    pub ices: BTreeMap<LinkId, Ice>,
    /// Those that go through a supernode's relay, and whose.
    pub round: BTreeMap<LinkId, usize>,
}

impl Ways {
    /// A channel is no more.
    pub fn forget(&mut self, link: LinkId) {
        self.ices.remove(&link);
        self.round.remove(&link);
    }
}

/// One page's end of a channel.
pub type Side = (usize, LinkId);

impl World {
    fn credentials(&self, node: usize) -> Credentials {
        let key = SigningKey::from_seed(self.nodes[node].key);
        Credentials::none().with_secret(&secret(&key))
    }

    /// A supernode relays from now on.
    pub fn relay_packets(&mut self, node: usize) {
        self.nodes[node].relays = true;
        self.offer_turn(node);
    }

    /// The core of a supernode that has started offers its relay, if it has one.
    pub(super) fn offer_turn(&mut self, node: usize) {
        let key = SigningKey::from_seed(self.nodes[node].key);
        let urls = vec![format!("turn:node{node}:3478?transport=udp")];
        let offer = TurnOffer::new(urls, self.credentials(node), &key, LIFE);
        let it = &mut self.nodes[node];
        let offer = it.relays.then_some(offer);
        it.relay.set_turn(offer);
    }

    /// The first relay that takes what this page has for it.
    fn relay_of(&self, (person, link): Side) -> Option<usize> {
        let ice = self.people[person].ways.ices.get(&link)?;
        let takes = |server: &shared::peer::ice::IceServer| {
            let host = server.urls.first()?.split(':').nth(1)?;
            let node: usize = host.strip_prefix("node")?.parse().ok()?;
            let (expiry, name) = server.username.split_once(':')?;
            let until = Timestamp(expiry.parse::<u64>().ok()?.checked_mul(1000)?);
            let known = self.credentials(node).issue(name, until)?;
            let it = self.nodes.get(node)?;
            let good = it.up && until > it.clock(self.now) && known.password == server.password;
            (good && self.reaches(End::Person(person), End::Node(node))).then_some(node)
        };
        ice.servers.iter().find_map(takes)
    }

    fn reaches(&self, one: End, other: End) -> bool {
        let partitions = &self.net.partitions;
        partitions.reaches(one, other) && partitions.reaches(other, one)
    }

    /// How a channel between two pages goes, if there can be one.
    pub(super) fn way(&self, sides: [Side; 2]) -> Option<Way> {
        let hides = |(person, link): Side| {
            let ice = self.people[person].ways.ices.get(&link);
            ice.is_some_and(|ice| ice.relay_only)
        };
        let [one, other] = sides;
        let nats = sides.map(|(person, _)| self.people[person].nat);
        let ends = sides.map(|(person, _)| End::Person(person));
        let straight = reach_each_other(nats[0], nats[1]) && self.reaches(ends[0], ends[1]);
        if straight && !hides(one) && !hides(other) {
            return Some(Way::Straight);
        }
        let relays = sides.map(|side| self.relay_of(side));
        let exposed = |(side, relay): (Side, Option<usize>)| hides(side) && relay.is_none();
        if sides.into_iter().zip(relays).any(exposed) {
            return None;
        }
        let reached = |node: &usize| ends.iter().all(|end| self.reaches(*end, End::Node(*node)));
        relays.into_iter().flatten().find(reached).map(Way::Round)
    }

    /// A page changes how its channel is made; an open one goes another way if that is better.
    pub(super) fn change_ice(&mut self, person: usize, link: LinkId, ice: Ice) {
        let it = &mut self.people[person];
        it.ways.ices.insert(link, ice);
        let Some((End::Person(other), there)) = self.net.other(End::Person(person), link) else {
            return;
        };
        let sides = [(person, link), (other, there)];
        if self.is_relayed((person, link)) && self.way(sides) == Some(Way::Straight) {
            for (person, link) in sides {
                self.people[person].ways.round.remove(&link);
                let life = self.people[person].life;
                let changed = Input::PathChanged {
                    link,
                    relayed: false,
                };
                self.post(
                    Duration::from_millis(200),
                    Event::Person(person, life, changed),
                );
            }
        }
    }

    /// Whether a channel goes through a relay.
    pub(super) fn is_relayed(&self, (person, link): Side) -> bool {
        self.people[person].ways.round.contains_key(&link)
    }

    /// A supernode has died: what it relayed comes no more, which pages notice after a while.
    pub(super) fn break_relayed(&mut self, node: usize) {
        for person in 0..self.people.len() {
            let it = &mut self.people[person];
            let life = it.life;
            let broken: Vec<_> = it
                .ways
                .round
                .iter()
                .filter(|(_, by)| **by == node)
                .collect();
            let broken: Vec<_> = broken.into_iter().map(|(link, _)| *link).collect();
            for link in broken {
                self.people[person].ways.round.remove(&link);
                self.close(End::Person(person), link, true);
                let down = Input::LinkDown { link };
                self.post(BROKEN, Event::Person(person, life, down));
            }
        }
    }
}
