//! How often what goes wrong, drawn from the seed. What goes wrong at a certain moment is said to
//! [`World::at`] instead.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Crash, DiskState, Fault};
use crate::chance::Chance;
use crate::net::End;
use crate::net::partition::Partition;
use crate::net::quality::Quality;
use crate::world::{Event, World};

/// Whom a kind of fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// Each person.
    Person,
    /// Each supernode.
    Node,
    /// All together.
    All,
}

/// One kind of fault: its name, whom it befalls, how long it is from one to the next and how long each
/// lasts, on average in seconds, and how it is drawn.
struct Rule(&'static str, Whom, u64, u64, Draw);

/// Draws a fault for a subject, which lasts about so long.
type Draw = fn(&mut World, usize, Duration) -> Fault;

/// Everything goes wrong, far more often than in life.
const RULES: &[Rule] = &[
    Rule("page", Whom::Person, 400, 120, page),
    Rule("sleep", Whom::Person, 2100, 90, |world, person, span| {
        Fault::Suspend(person, world.chance.about(span))
    }),
    Rule("flicker", Whom::Person, 2100, 3, |_, person, _| {
        Fault::Flicker(person)
    }),
    Rule("skew", Whom::Person, 2100, 0, |world, person, _| {
        let scale = [2_000, 60_000, 3_600_000][world.chance.below(3)];
        Fault::Skew(person, around(&mut world.chance, scale))
    }),
    Rule("disk-full", Whom::Person, 3000, 60, |_, person, _| {
        Fault::Disk(person, DiskState::Full)
    }),
    Rule("disk-slow", Whom::Person, 3000, 60, |_, person, _| {
        Fault::Disk(person, DiskState::Slow(Duration::from_millis(800)))
    }),
    Rule("access", Whom::Person, 1500, 200, |world, person, _| {
        let quality = Quality::draw(&mut world.chance);
        Fault::Access(End::Person(person), quality)
    }),
    Rule("kill", Whom::Node, 500, 20, |world, node, span| {
        let crash = crash(&mut world.chance);
        Fault::Kill(node, crash, world.chance.about(span))
    }),
    Rule("node-disk-full", Whom::Node, 3000, 60, |_, node, _| {
        Fault::NodeDisk(node, DiskState::Full)
    }),
    Rule("node-disk-slow", Whom::Node, 3000, 60, |_, node, _| {
        Fault::NodeDisk(node, DiskState::Slow(Duration::from_millis(900)))
    }),
    Rule("node-room", Whom::Node, 3000, 60, |_, node, _| {
        Fault::Room(node, false)
    }),
    Rule("node-slow", Whom::Node, 3000, 60, |_, node, _| {
        Fault::Drag(End::Node(node), Duration::from_millis(1200))
    }),
    Rule("node-skew", Whom::Node, 3000, 0, |world, node, _| {
        Fault::NodeSkew(node, around(&mut world.chance, 600_000))
    }),
    Rule("reset", Whom::All, 240, 0, |world, _, _| {
        let (people, nodes) = (world.people.len(), world.nodes.len());
        Fault::Reset(match world.chance.below(2) {
            0 => End::Person(world.chance.below(people)),
            _ => End::Node(world.chance.below(nodes)),
        })
    }),
    Rule("part", Whom::All, 480, 30, |world, _, span| {
        Fault::Part(partition(world, false), world.chance.about(span))
    }),
    Rule("one-way", Whom::All, 480, 30, |world, _, span| {
        Fault::Part(partition(world, true), world.chance.about(span))
    }),
    Rule("flap", Whom::All, 900, 3, |world, _, span| {
        let one_way = world.chance.happens(500);
        let times = 3 + world.chance.below(12);
        Fault::Flap(partition(world, one_way), span, times)
    }),
];

/// Which kinds of faults there are. As text: their names, with commas between them; `storm`, all of
/// them; or `calm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather(u32);

impl Weather {
    /// Nothing goes wrong.
    pub const CALM: Self = Self(0);
    /// Everything does.
    pub const STORM: Self = Self((1 << RULES.len()) - 1);

    fn rules(self) -> impl Iterator<Item = &'static Rule> {
        let rules = RULES.iter().enumerate();
        rules.filter_map(move |(n, rule)| (self.0 >> n & 1 == 1).then_some(rule))
    }
}

impl fmt::Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.rules().map(|rule| rule.0).collect();
        match *self {
            Self::CALM => f.write_str("calm"),
            Self::STORM => f.write_str("storm"),
            _ => f.write_str(&names.join(",")),
        }
    }
}

/// There is no weather of this name.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = RULES.iter().map(|rule| rule.0).collect();
        write!(f, "{} is none of calm, storm, {}", self.0, names.join(", "))
    }
}

impl std::error::Error for Unknown {}

impl FromStr for Weather {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        match text {
            "calm" => return Ok(Self::CALM),
            "storm" => return Ok(Self::STORM),
            _ => {}
        }
        text.split(',').try_fold(Self::CALM, |weather, name| {
            let found = RULES.iter().position(|rule| rule.0 == name);
            let number = found.ok_or_else(|| Unknown(name.into()))?;
            Ok(Self(weather.0 | 1 << number))
        })
    }
}

impl World {
    /// `fault` happens after `span`.
    pub fn at(&mut self, span: Duration, fault: Fault) {
        self.post(span, Event::Fault(fault));
    }

    /// Draws all faults of the next `span`.
    pub fn forecast(&mut self, weather: Weather, span: Duration) {
        for Rule(_, whom, every, lasts, draw) in weather.rules() {
            let count = match whom {
                Whom::Person => self.people.len(),
                Whom::Node => self.nodes.len(),
                Whom::All => 1,
            };
            let (every, lasts) = (Duration::from_secs(*every), Duration::from_secs(*lasts));
            for subject in 0..count {
                let mut at = self.chance.about(every);
                while at < span {
                    let fault = draw(self, subject, lasts);
                    self.follow_up(&fault, at, lasts);
                    self.at(at, fault);
                    at += self.chance.about(every);
                }
            }
        }
    }

    /// What does not end by itself is ended.
    fn follow_up(&mut self, fault: &Fault, at: Duration, lasts: Duration) {
        let end = match fault {
            Fault::Disk(person, _) => Fault::Disk(*person, DiskState::Well),
            Fault::NodeDisk(node, _) => Fault::NodeDisk(*node, DiskState::Well),
            Fault::Room(node, false) => Fault::Room(*node, true),
            Fault::Drag(end, _) => Fault::Drag(*end, Duration::ZERO),
            Fault::Access(end, _) => Fault::Access(*end, Quality::default()),
            _ => return,
        };
        let span = self.chance.about(lasts);
        self.at(at + span, end);
    }
}

fn crash(chance: &mut Chance) -> Crash {
    Crash {
        written: chance.happens(500),
        silent: chance.happens(300),
    }
}

fn page(world: &mut World, person: usize, span: Duration) -> Fault {
    let chance = &mut world.chance;
    let pause = match chance.below(3) {
        0 => Duration::ZERO,
        1 => chance.about(span / 10),
        _ => chance.about(span * 3),
    };
    Fault::ClosePage(person, crash(chance), pause)
}

/// Some milliseconds, at most `scale`, forth or back.
fn around(chance: &mut Chance, scale: usize) -> i64 {
    chance.below(2 * scale) as i64 - scale as i64
}

fn partition(world: &mut World, one_way: bool) -> Partition {
    let inside = world.draw_some();
    let out = one_way && world.chance.happens(500);
    Partition {
        inside,
        out_works: out,
        in_works: one_way && !out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weather_is_read_as_it_is_written() {
        for weather in [Weather::CALM, Weather::STORM, Weather(5)] {
            assert_eq!(weather.to_string().parse(), Ok(weather));
        }
        assert_eq!(Weather(5).to_string(), "page,flicker");
        assert!("page,frogs".parse::<Weather>().is_err());
    }
}
