//! The browsers' part in making a channel: which way it goes, if any.

use shared::base::effects::LinkId;
use shared::peer::ice::Ice;
use shared::peer::io::Input;

use super::{Event, LATENCY, World};

impl World {
    /// Whether a channel between two links would go through a relay; `None` if there would be none.
    pub(super) fn way(&self, one: (usize, LinkId), other: (usize, LinkId)) -> Option<bool> {
        let hides = |end| self.ices.get(&end).is_some_and(|ice| ice.relay_only);
        let round = [one, other].map(|end| self.ices.get(&end).is_some_and(|it| self.relays(it)));
        if self.channels_work && !hides(one) && !hides(other) {
            return Some(false);
        }
        // A side that hides needs a relay itself; else one of them does.
        let reach = [one, other].into_iter().zip(round);
        let lacks = |(end, round): ((usize, LinkId), bool)| hides(end) && !round;
        (!reach.clone().any(lacks) && round.contains(&true)).then_some(true)
    }

    /// An open channel goes another way if it may.
    pub(super) fn change_ice(&mut self, person: usize, link: LinkId, ice: Ice) {
        self.ices.insert((person, link), ice);
        let Some(&other) = self.channels.get(&(person, link)) else {
            return;
        };
        let Some(relayed) = self.way((person, link), other) else {
            return;
        };
        for (who, link) in [(person, link), other] {
            let changed = Input::PathChanged { link, relayed };
            self.post(LATENCY, Event::ToPerson(who, changed));
        }
    }

    #[cfg(not(feature = "turn"))]
    fn relays(&self, _: &Ice) -> bool {
        false
    }
}

#[cfg(feature = "turn")]
mod turn {
    use std::time::Duration;

    use shared::base::sign::SigningKey;
    use shared::base::time::Timestamp;
    use shared::peer::ice::Ice;
    use shared::relay::TurnOffer;
    use shared::turn::{Credentials, secret};

    use crate::world::{Who, World};

    impl World {
        /// A supernode that relays, with credentials that are good for `life`.
        pub fn add_relaying_node(&mut self, life: Duration) -> usize {
            let node = self.add_node();
            self.nodes[node].relays_for = Some(life);
            self.offer_turn(node);
            node
        }

        fn credentials(&self, node: usize) -> Credentials {
            let key = SigningKey::from_seed(self.nodes[node].seed);
            Credentials::none().with_secret(&secret(&key))
        }

        /// The relay of a node that has started offers what it should.
        pub fn offer_turn(&mut self, node: usize) {
            let offer = self.nodes[node].relays_for.map(|life| {
                let key = SigningKey::from_seed(self.nodes[node].seed);
                let urls = vec![format!("turn:192.0.2.{node}:3478?transport=udp")];
                TurnOffer::new(urls, self.credentials(node), &key, life)
            });
            self.nodes[node].relay.set_turn(offer);
        }

        /// Whether a person's channels could all be made anew through a relay.
        pub fn relays_now(&self, who: Who) -> bool {
            let mut mine = self.channels.keys().filter(|(person, _)| *person == who.0);
            mine.all(|key| self.relays(&self.ices[key]))
        }

        /// Whether one of the servers would relay: its node is up, and made the credential, which has not
        /// ended.
        pub(super) fn relays(&self, ice: &Ice) -> bool {
            ice.servers.iter().any(|server| {
                let host = server.urls[0].split(':').nth(1).unwrap();
                let node: usize = host.rsplit('.').next().unwrap().parse().unwrap();
                let (expiry, name) = server.username.split_once(':').unwrap();
                let until = Timestamp(expiry.parse::<u64>().unwrap() * 1000);
                let issued = self.credentials(node).issue(name, until).unwrap();
                self.nodes[node].up && until > self.now && issued.password == server.password
            })
        }
    }
}
