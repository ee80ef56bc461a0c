//! What goes wrong, and how it is mended. Each fault knows its own end; [`World::heal`] ends all.

pub mod contact;
pub mod hostile;
pub mod weather;

use std::collections::BTreeSet;
use std::time::Duration;

use shared::peer::io::Input;
use shared::relay::Input as RelayInput;

use crate::net::End;
use crate::net::partition::Partition;
use crate::net::quality::Quality;
use crate::world::{Event, World};

/// How a page or process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// The transaction under way is on the disk, though nothing that should follow it was done.
    pub written: bool,
    /// Nobody is told: links stay half open.
    pub silent: bool,
}

/// How a disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskState {
    /// As usual.
    Well,
    /// A transaction takes so long.
    Slow(Duration),
    /// Every transaction fails.
    Full,
}

/// Something goes wrong, or is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A page is closed in the middle of its next transaction, at the latest after a while, and opened
    /// again after a pause.
    ClosePage(usize, Crash, Duration),
    /// A page is closed in the middle of a transaction, after so many others; and opened again after a
    /// pause, unless there are fewer.
    ClosePageAfter(usize, u32, Crash, Duration),
    /// The moment has come, if there was no transaction.
    ClosePageNow(usize, u32, Crash),
    /// A page is opened.
    OpenPage(usize),
    /// A computer sleeps for a while.
    Suspend(usize, Duration),
    /// A computer wakes up.
    Resume(usize),
    /// A person's clock goes wrong by so many milliseconds.
    Skew(usize, i64),
    /// A browser says that its network went and came.
    Flicker(usize),
    /// A supernode is killed in the middle of its next transaction and started after a pause.
    Kill(usize, Crash, Duration),
    /// The moment has come, if there was no transaction.
    KillNow(usize, u32, Crash),
    /// A supernode starts.
    Start(usize),
    /// A supernode's clock goes wrong.
    NodeSkew(usize, i64),
    /// A person's disk is well or not.
    Disk(usize, DiskState),
    /// A supernode's disk is well or not.
    NodeDisk(usize, DiskState),
    /// A supernode's disk has room or not; it knows before it is full.
    Room(usize, bool),
    /// All links of an end are reset.
    Reset(End),
    /// A partition begins and lasts for a while.
    Part(Partition, Duration),
    /// A partition comes and goes, so many times; each time it is there for so long, and then not.
    Flap(Partition, Duration, usize),
    /// A partition ends.
    Join(u64),
    /// An end's way to the network is good or bad.
    Access(End, Quality),
    /// Everything to and from an end takes longer; zero ends it.
    Drag(End, Duration),
}

/// A crash that waits for a transaction happens after this time anyway.
const DOOM: Duration = Duration::from_secs(5);
/// A disk that is well.
const WELL: Duration = Duration::from_millis(3);

impl World {
    /// A fault happens.
    pub fn suffer(&mut self, fault: Fault) {
        self.trace
            .note(self.now, 5, 0, format!("{fault:?}").as_bytes());
        match fault {
            Fault::ClosePage(person, crash, pause) => {
                let it = &mut self.people[person];
                it.doom = Some((0, crash));
                let life = it.life;
                self.post(DOOM, Event::Fault(Fault::ClosePageNow(person, life, crash)));
                self.post(DOOM + pause, Event::Fault(Fault::OpenPage(person)));
            }
            Fault::ClosePageAfter(person, others, crash, pause) => {
                self.people[person].doom = Some((others, crash));
                self.at(DOOM + pause, Fault::OpenPage(person));
            }
            Fault::ClosePageNow(person, life, crash) => {
                if self.people[person].life == life {
                    self.close_page(person, crash);
                }
            }
            Fault::OpenPage(person) => self.open_page(person),
            Fault::Suspend(person, span) => {
                self.people[person].suspended = self.people[person].awake;
                self.post(span, Event::Fault(Fault::Resume(person)));
            }
            Fault::Resume(person) => self.resume(person),
            Fault::Skew(person, skew) => {
                self.people[person].skew = skew;
                self.arm(person);
            }
            Fault::Flicker(person) => {
                let life = self.people[person].life;
                for (seconds, online) in [(0, false), (3, true)] {
                    let input = Input::NetworkChanged { online };
                    let span = Duration::from_secs(seconds);
                    self.post(span, Event::Person(person, life, input));
                }
            }
            Fault::Kill(node, crash, pause) => {
                let it = &mut self.nodes[node];
                it.doom = Some(crash);
                let life = it.life;
                self.post(DOOM, Event::Fault(Fault::KillNow(node, life, crash)));
                self.post(DOOM + pause, Event::Fault(Fault::Start(node)));
            }
            Fault::KillNow(node, life, crash) => {
                if self.nodes[node].life == life {
                    self.kill_node(node, crash);
                }
            }
            Fault::Start(node) => self.start_node(node),
            Fault::NodeSkew(node, skew) => {
                self.nodes[node].skew = skew;
                self.checks.devices.clock_set(node, self.now);
                self.arm_node(node);
            }
            Fault::Disk(person, state) => set(&mut self.people[person].disk, state),
            Fault::NodeDisk(node, state) => set(&mut self.nodes[node].disk, state),
            Fault::Room(node, room) => {
                let life = self.nodes[node].life;
                self.post(
                    Duration::ZERO,
                    Event::Node(node, life, RelayInput::Room(room)),
                );
            }
            Fault::Reset(end) => self.reset(end),
            Fault::Part(partition, span) => {
                let number = self.net.partitions.add(partition);
                self.post(span, Event::Fault(Fault::Join(number)));
            }
            Fault::Flap(partition, span, times) => {
                for n in 0..u32::try_from(times).unwrap_or(u32::MAX) {
                    let part = Fault::Part(partition.clone(), span);
                    self.at(span * 2 * n, part);
                }
            }
            Fault::Access(end, quality) => self.net.set_quality(end, quality),
            Fault::Join(number) => {
                self.net.partitions.remove(number);
                self.look_at_all();
            }
            Fault::Drag(end, drag) => {
                self.net.drag.insert(end, drag);
            }
        }
    }

    fn reset(&mut self, end: End) {
        for link in self.net.links(end) {
            self.close(end, link, false);
            match end {
                End::Person(person) => {
                    let life = self.people[person].life;
                    let down = Input::LinkDown { link };
                    self.post(Duration::ZERO, Event::Person(person, life, down));
                }
                End::Node(node) => {
                    let life = self.nodes[node].life;
                    let down = RelayInput::Closed { link };
                    self.post(Duration::ZERO, Event::Node(node, life, down));
                }
                End::Stranger(_) | End::Program(..) => {}
            }
        }
    }

    /// Everything works again, and everybody is there.
    pub fn heal(&mut self) {
        self.stormy = false;
        self.wake_households();
        self.net.partitions.clear();
        self.net.drag.clear();
        self.net.quality.clear();
        self.look_at_all();
        for node in 0..self.nodes.len() {
            set(&mut self.nodes[node].disk, DiskState::Well);
            (self.nodes[node].skew, self.nodes[node].doom) = (0, None);
            self.nodes[node].temper = hostile::Temper::default();
            self.checks.devices.clock_set(node, self.now);
            self.start_node(node);
            self.suffer(Fault::Room(node, true));
            self.arm_node(node);
        }
        for person in 0..self.people.len() {
            let it = &mut self.people[person];
            set(&mut it.disk, DiskState::Well);
            (it.skew, it.doom) = (0, None);
            it.malice = contact::Malice::default();
            self.open_page(person);
            self.resume(person);
            self.arm(person);
        }
    }

    /// Some ends, for a partition around a supernode, a person, or a good part of all.
    pub(crate) fn draw_some(&mut self) -> BTreeSet<End> {
        let (people, nodes) = (self.people.len(), self.nodes.len());
        match self.chance.below(3) {
            0 => [End::Node(self.chance.below(nodes))].into(),
            1 => [End::Person(self.chance.below(people))].into(),
            _ => (0..people)
                .map(End::Person)
                .chain((0..nodes).map(End::Node))
                .filter(|_| self.chance.happens(400))
                .collect(),
        }
    }
}

fn set<E>(disk: &mut crate::disk::Disk<E>, state: DiskState) {
    disk.full = state == DiskState::Full;
    disk.pace = match state {
        DiskState::Slow(pace) => pace,
        DiskState::Well | DiskState::Full => WELL,
    };
}
