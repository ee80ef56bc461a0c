//! What arrives goes to whom it is for.

use shared::base::effects::LinkId;
use shared::peer::io::Input as PeerInput;
use shared::relay::Input as RelayInput;

use super::household::PROGRAMS;
use super::{Event, World};
use crate::net::pipe::Item;
use crate::net::{Arrival, End};

impl World {
    /// A link's name on the side of a supernode or stranger; each is used once.
    pub(super) fn new_link(&mut self) -> LinkId {
        self.next_node_link += 1;
        LinkId(self.next_node_link)
    }

    /// Puts something on a link; a link that is gone swallows it.
    pub(crate) fn put(&mut self, end: End, link: LinkId, item: Item) {
        if let Some((at, wire)) = self.net.send(self.now, end, link, item) {
            self.post_at(at, Event::Look(wire));
        }
    }

    /// An end closes a link, or is gone from it without a word.
    pub(crate) fn close(&mut self, end: End, link: LinkId, vanishes: bool) {
        if let Some((at, wire)) = self.net.close(self.now, end, link, vanishes) {
            self.post_at(at, Event::Look(wire));
        }
    }

    /// The way is free again: what was stuck moves.
    pub(crate) fn look_at_all(&mut self) {
        for wire in self.net.all() {
            self.post_at(self.now, Event::Look(wire));
        }
    }

    pub(super) fn look(&mut self, wire: u64) {
        let (arrivals, again) = self.net.look(self.now, wire);
        if let Some(at) = again {
            self.post_at(at, Event::Look(wire));
        }
        for arrival in arrivals {
            self.arrive(arrival);
        }
    }

    fn arrive(&mut self, Arrival { end, link, item }: Arrival) {
        match end {
            End::Person(person) => {
                let life = self.people[person].life;
                let input = match item {
                    Item::Opened => PeerInput::LinkUp {
                        link,
                        binding: Vec::new(),
                        relayed: self.is_relayed((person, link)),
                    },
                    Item::Message(bytes) => PeerInput::Received { link, bytes },
                    Item::Closed => PeerInput::LinkDown { link },
                };
                self.post_at(self.now, Event::Person(person, life, input));
            }
            End::Node(node) => {
                let life = self.nodes[node].life;
                let input = match item {
                    Item::Opened => RelayInput::Opened {
                        link,
                        source: self.source_of(node, link),
                        binding: Vec::new(),
                    },
                    Item::Message(bytes) => RelayInput::Received { link, bytes },
                    Item::Closed => RelayInput::Closed { link },
                };
                self.post_at(self.now, Event::Node(node, life, input));
            }
            End::Stranger(stranger) => self.stranger_hears(stranger, link, item),
            End::Program(household, which) => self.program_hears((household, which), link, item),
        }
    }

    fn source_of(&self, node: usize, link: LinkId) -> u64 {
        match self.net.other(End::Node(node), link) {
            Some((End::Person(person), _)) => person as u64,
            Some((End::Node(n) | End::Stranger(n), _)) => n as u64 | 1 << 40,
            Some((End::Program(n, which), _)) => (n * PROGRAMS + which) as u64 | 1 << 41,
            None => u64::MAX,
        }
    }
}
