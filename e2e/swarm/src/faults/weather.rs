//! How often what goes wrong, drawn from the seed.

use std::time::Duration;

use super::{Crash, DiskState, Fault};
use crate::chance::Chance;
use crate::net::End;
use crate::net::partition::Partition;
use crate::world::{Event, World};

/// Mean times between faults of a kind: of one person, of one supernode, or of all. `None`: never.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// A page is closed or crashes.
    pub pages: Option<Duration>,
    /// A computer sleeps, its clock jumps, its network flickers.
    pub computers: Option<Duration>,
    /// A person's disk is full or slow.
    pub disks: Option<Duration>,
    /// A supernode is killed.
    pub kills: Option<Duration>,
    /// A supernode is slow, or its disk full or slow, or its clock wrong.
    pub boxes: Option<Duration>,
    /// Links are reset, networks part.
    pub networks: Option<Duration>,
}

impl Weather {
    /// Nothing goes wrong.
    pub const CALM: Self = Self {
        pages: None,
        computers: None,
        disks: None,
        kills: None,
        boxes: None,
        networks: None,
    };

    /// Everything goes wrong, far more often than in life.
    pub const STORM: Self = Self {
        pages: Some(Duration::from_secs(400)),
        computers: Some(Duration::from_secs(700)),
        disks: Some(Duration::from_secs(1500)),
        kills: Some(Duration::from_secs(500)),
        boxes: Some(Duration::from_secs(600)),
        networks: Some(Duration::from_secs(120)),
    };
}

/// One kind, for a subject.
type Draw = fn(&mut World, usize) -> Fault;

impl World {
    /// Draws all faults of the next `span`.
    pub fn forecast(&mut self, weather: &Weather, span: Duration) {
        let (people, nodes) = (self.people.len(), self.nodes.len());
        let kinds: [(Option<Duration>, usize, Draw); 6] = [
            (weather.pages, people, page),
            (weather.computers, people, computer),
            (weather.disks, people, disk),
            (weather.kills, nodes, kill),
            (weather.boxes, nodes, machine),
            (weather.networks, 1, network),
        ];
        for (mean, count, draw) in kinds {
            let Some(mean) = mean else { continue };
            for subject in 0..count {
                let mut at = self.chance.about(mean);
                while at < span {
                    let fault = draw(self, subject);
                    self.follow_up(&fault, at);
                    self.post(at, Event::Fault(fault));
                    at += self.chance.about(mean);
                }
            }
        }
    }

    /// What does not end by itself is ended.
    fn follow_up(&mut self, fault: &Fault, at: Duration) {
        let end = match fault {
            Fault::Disk(person, _) => Fault::Disk(*person, DiskState::Well),
            Fault::NodeDisk(node, _) => Fault::NodeDisk(*node, DiskState::Well),
            Fault::Room(node, false) => Fault::Room(*node, true),
            Fault::Drag(end, _) => Fault::Drag(*end, Duration::ZERO),
            _ => return,
        };
        let span = self.chance.about(Duration::from_secs(60));
        self.post(at + span, Event::Fault(end));
    }
}

fn crash(chance: &mut Chance) -> Crash {
    Crash {
        written: chance.happens(500),
        silent: chance.happens(300),
    }
}

fn page(world: &mut World, person: usize) -> Fault {
    let chance = &mut world.chance;
    let pause = match chance.below(3) {
        0 => Duration::ZERO,
        1 => chance.about(Duration::from_secs(10)),
        _ => chance.about(Duration::from_secs(400)),
    };
    Fault::ClosePage(person, crash(chance), pause)
}

fn computer(world: &mut World, person: usize) -> Fault {
    let chance = &mut world.chance;
    match chance.below(3) {
        0 => Fault::Suspend(person, chance.about(Duration::from_secs(90))),
        1 => Fault::Flicker(person),
        _ => {
            let scale = [2_000, 60_000, 3_600_000][chance.below(3)];
            Fault::Skew(person, chance.below(2 * scale) as i64 - scale as i64)
        }
    }
}

fn disk(world: &mut World, person: usize) -> Fault {
    let slow = Duration::from_millis(800);
    Fault::Disk(
        person,
        [DiskState::Full, DiskState::Slow(slow)][world.chance.below(2)],
    )
}

fn kill(world: &mut World, node: usize) -> Fault {
    let chance = &mut world.chance;
    let crash = crash(chance);
    Fault::Kill(node, crash, chance.about(Duration::from_secs(20)))
}

fn machine(world: &mut World, node: usize) -> Fault {
    let chance = &mut world.chance;
    match chance.below(5) {
        0 => Fault::NodeDisk(node, DiskState::Full),
        1 => Fault::NodeDisk(node, DiskState::Slow(Duration::from_millis(900))),
        2 => Fault::Room(node, false),
        3 => Fault::Drag(End::Node(node), Duration::from_millis(1200)),
        _ => Fault::NodeSkew(node, chance.below(1_200_000) as i64 - 600_000),
    }
}

fn network(world: &mut World, _: usize) -> Fault {
    let (people, nodes) = (world.people.len(), world.nodes.len());
    match world.chance.below(4) {
        0 => Fault::Reset(End::Person(world.chance.below(people))),
        1 => Fault::Reset(End::Node(world.chance.below(nodes))),
        _ => {
            let inside = world.draw_some();
            let chance = &mut world.chance;
            let way = chance.below(4);
            // Short ones, one after the other, are what flapping looks like.
            let mean = Duration::from_secs([2, 20, 90][chance.below(3)]);
            let partition = Partition {
                inside,
                out_works: way == 0,
                in_works: way == 1,
            };
            Fault::Part(partition, chance.about(mean))
        }
    }
}
