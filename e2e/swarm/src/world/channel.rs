//! Plays the browsers' part in a data channel: an offer names its maker, an answer joins the two,
//! if there is a way between them.

use std::time::Duration;

use shared::base::effects::LinkId;
use shared::peer::io::Input;
use shared::signalling::wire::RtcSignal;

use super::ice::{Side, Way};
use super::{Event, World};
use crate::net::pipe::Item;
use crate::net::{CHANNEL_PATIENCE, End};

/// Gathering and making a description.
const DESCRIBING: Duration = Duration::from_millis(20);
/// DTLS and SCTP.
const CONNECTING: Duration = Duration::from_millis(200);
/// Checks of one way, and the pause between them.
const CHECKS: u32 = 12;
const CHECK_PAUSE: Duration = Duration::from_millis(500);
/// When the page gives up.
const GIVING_UP: Duration = Duration::from_secs(15);

/// One page's half of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Half {
    person: usize,
    life: u32,
    link: LinkId,
}

/// Two halves that know of each other, and whether this is the last look at them.
#[derive(Debug, Clone, Copy)]
pub struct Rendezvous {
    halves: [Half; 2],
    last: bool,
}

impl Half {
    fn text(self) -> String {
        format!("{}/{}/{}", self.person, self.life, self.link.0)
    }

    fn side(self) -> Side {
        (self.person, self.link)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/').map(str::parse::<u64>);
        let mut next = || parts.next()?.ok();
        Some(Self {
            person: usize::try_from(next()?).ok()?,
            life: u32::try_from(next()?).ok()?,
            link: LinkId(next()?),
        })
    }
}

impl World {
    pub(super) fn dial_page(&mut self, person: usize, link: LinkId, polite: bool) {
        let it = &mut self.people[person];
        it.dialling.insert(link);
        if !polite {
            let half = Half {
                person,
                life: it.life,
                link,
            };
            self.describe(half, RtcSignal::Offer(half.text()));
        }
    }

    fn describe(&mut self, half: Half, signal: RtcSignal) {
        let input = Input::Signal {
            link: half.link,
            signal,
        };
        self.post(DESCRIBING, Event::Person(half.person, half.life, input));
    }

    /// A step of the other side, told to this page's half.
    pub(super) fn negotiate(&mut self, person: usize, link: LinkId, signal: RtcSignal) {
        let mine = Half {
            person,
            life: self.people[person].life,
            link,
        };
        let join = |theirs, last| {
            Event::Channel(Rendezvous {
                halves: [mine, theirs],
                last,
            })
        };
        match signal {
            RtcSignal::Offer(theirs) => {
                if let Some(theirs) = Half::parse(&theirs) {
                    self.describe(mine, RtcSignal::Answer(mine.text()));
                    self.post(GIVING_UP, join(theirs, true));
                }
            }
            RtcSignal::Answer(theirs) => {
                if let Some(theirs) = Half::parse(&theirs) {
                    self.check_ways([mine, theirs].map(Half::side), join(theirs, false));
                    self.post(GIVING_UP, join(theirs, true));
                }
            }
            RtcSignal::Candidate { .. } => {}
        }
    }

    /// Checks are datagrams (RFC 8445 §7): sent again until one has got through, and an answer to it.
    fn check_ways(&mut self, sides: [Side; 2], join: Event) {
        let Event::Channel(rendezvous) = join else {
            return;
        };
        let [here, other] = sides.map(|(person, _)| End::Person(person));
        // A relay's way to the other side is a server's, and good.
        let there = match self.way(sides) {
            Some(Way::Round(node)) => End::Node(node),
            _ => other,
        };
        for attempt in 0..CHECKS {
            let requests = self.net.datagram(here, there);
            let answers = self.net.datagram(there, here);
            let (Some(_), Some(answer)) = (requests.first(), answers.first()) else {
                continue;
            };
            // Each copy of a request is answered; what is there already is not made again.
            for request in &requests {
                let after = CONNECTING + CHECK_PAUSE * attempt + *request + *answer;
                self.post(after, Event::Channel(rendezvous));
            }
            return;
        }
    }

    fn waits(&self, half: Half) -> bool {
        let person = &self.people[half.person];
        person.is_in(half.life) && person.dialling.contains(&half.link)
    }

    pub(super) fn meet(&mut self, Rendezvous { halves, last }: Rendezvous) {
        let [one, other] = halves;
        let ends = halves.map(|half| End::Person(half.person));
        let both = self.waits(one) && self.waits(other);
        let way = (both && !last).then(|| self.way(halves.map(Half::side)));
        if let Some(way) = way.flatten() {
            for half in halves {
                let it = &mut self.people[half.person];
                it.dialling.remove(&half.link);
                if let Way::Round(node) = way {
                    it.ways.round.insert(half.link, node);
                }
            }
            let plugs = [(ends[0], one.link), (ends[1], other.link)];
            self.net.join(CHANNEL_PATIENCE, plugs[0], plugs[1]);
            self.put(plugs[0].0, plugs[0].1, Item::Opened);
            self.put(plugs[1].0, plugs[1].1, Item::Opened);
        } else if last {
            for half in halves {
                if !self.waits(half) {
                    continue;
                }
                self.people[half.person].dialling.remove(&half.link);
                let down = Input::LinkDown { link: half.link };
                self.post_at(self.now, Event::Person(half.person, half.life, down));
            }
        }
    }
}
