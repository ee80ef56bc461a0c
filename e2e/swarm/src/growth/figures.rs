//! What a day came to.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::Plan;
use super::meter::Kind;
use super::process::{Spent, resident_max};
use crate::world::World;

/// What was done up to a moment, by all people and by all supernodes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    people: Work,
    nodes: Work,
}

/// Work of peers or relays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Inputs taken.
    pub inputs: f64,
    /// Transactions.
    pub commits: f64,
    /// Records written or deleted in them.
    pub records: f64,
}

impl Work {
    fn each(self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            inputs: f(self.inputs),
            commits: f(self.commits),
            records: f(self.records),
        }
    }

    fn sum(parts: impl Iterator<Item = (u64, u64, u64)>) -> Self {
        parts.fold(Self::default(), |sum, (inputs, commits, records)| Self {
            inputs: sum.inputs + inputs as f64,
            commits: sum.commits + commits as f64,
            records: sum.records + records as f64,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            inputs: self.inputs - before.inputs,
            commits: self.commits - before.commits,
            records: self.records - before.records,
        }
    }
}

impl Counts {
    /// Those of a world, now.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let people = world.people.iter();
        let nodes = world.nodes.iter();
        Self {
            people: Work::sum(people.map(|it| (it.inputs, it.disk.commits, it.disk.changes))),
            nodes: Work::sum(nodes.map(|it| (it.inputs, it.disk.commits, it.disk.changes))),
        }
    }
}

/// See the module. Bytes are bytes, times are seconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Of the plan.
    pub seed: u64,
    /// How many people.
    pub people: usize,
    /// How many supernodes.
    pub supernodes: usize,
    /// Simulated hours.
    pub hours: f64,
    /// Messages said.
    pub said: u64,
    /// Messages that arrived within the time.
    pub delivered: u64,
    /// Pages opened.
    pub opened: u64,
    /// Bytes sent for each delivered message, by what they are for.
    pub bytes: BTreeMap<String, f64>,
    /// Of one person, in an hour.
    pub person: Work,
    /// Of one supernode, in an hour.
    pub supernode: Work,
    /// Of all supernodes, for each delivered message.
    pub supernodes_per_message: Work,
    /// Of all people, for each delivered message.
    pub people_per_message: Work,
    /// Delivery with both pages open: half were faster, 99 of 100 were.
    pub both_there: [f64; 2],
    /// The same from the opening of the recipient's page, of what was said before.
    pub after_opening: [f64; 2],
    /// Heap of an open page's core.
    pub page_heap: f64,
    /// Heap of a relay, for each person.
    pub relay_heap: f64,
    /// Heap of everything else in the simulator, for each person: mostly the disks.
    pub simulator_heap: f64,
    /// Keys and values on a person's disk.
    pub person_disk: f64,
    /// Keys and values on the disks of all supernodes, for each person.
    pub supernode_disk: f64,
    /// Time on the processor, and real time, until everybody knew each other.
    pub settling: [f64; 2],
    /// The same of one simulated hour.
    pub hour: [f64; 2],
    /// Thousandths of this in peers, in peers' loading, and in relays.
    pub shares: [f64; 3],
    /// Bytes that were resident at most, up to the end.
    pub resident_max: u64,
    /// Microseconds on the processor of one input of a peer, of one loading, and of one input of a relay.
    pub call_us: [f64; 3],
    /// Hash over all that happened.
    pub trace: String,
}

impl Figures {
    pub(super) fn of(
        plan: &Plan,
        mut world: World,
        [before, after]: [Counts; 2],
        [settled, lived]: [Spent; 2],
    ) -> Self {
        let Some(day) = world.day.take() else {
            return Self::default();
        };
        let people = plan.people.max(1) as f64;
        let nodes = world.nodes.len().max(1) as f64;
        let hours = plan.span.as_secs_f64() / 3600.0;
        let delivered = day.waits.len();
        let per_message = |value: f64| value / delivered.max(1) as f64;
        let done = Counts {
            people: after.people.since(before.people),
            nodes: after.nodes.since(before.nodes),
        };
        let bytes = Kind::ALL.map(|(kind, name)| {
            let sum = day.meter.bytes.get(&kind).copied().unwrap_or_default();
            (name.to_string(), per_message(sum as f64))
        });
        let calls = [day.meter.peers, day.meter.loads, day.meter.relays];
        let mut figures = Self {
            seed: plan.seed,
            people: plan.people,
            supernodes: world.nodes.len(),
            hours,
            said: day.said,
            delivered: delivered as u64,
            opened: day.opened,
            bytes: bytes.into(),
            person: done.people.each(|sum| sum / people / hours),
            supernode: done.nodes.each(|sum| sum / nodes / hours),
            supernodes_per_message: done.nodes.each(per_message),
            people_per_message: done.people.each(per_message),
            both_there: percentiles(&day.waits, true),
            after_opening: percentiles(&day.waits, false),
            page_heap: day.meter.freed.1 as f64 / day.meter.freed.0.max(1) as f64,
            settling: [settled.cpu, settled.real].map(|it| it.as_secs_f64()),
            hour: [lived.cpu, lived.real].map(|it| it.as_secs_f64() / hours),
            shares: calls.map(|it| it.real.as_secs_f64() / lived.real.as_secs_f64() * 1000.0),
            call_us: calls.map(|it| {
                let cpu = it.real.as_secs_f64() * lived.cpu_share();
                cpu * 1e6 / it.count.max(1) as f64
            }),
            resident_max: resident_max(),
            trace: world.trace.text(),
            ..Self::default()
        };
        let on_disks = |disks: &mut dyn Iterator<Item = u64>| disks.sum::<u64>() as f64 / people;
        figures.person_disk = on_disks(&mut world.people.iter().map(|it| it.disk.kept_bytes()));
        figures.supernode_disk = on_disks(&mut world.nodes.iter().map(|it| it.disk.kept_bytes()));
        if let Some(heap) = day.heap {
            for it in &mut world.people {
                it.peer = shared::peer::Peer::default();
            }
            let with = heap();
            let nodes = std::mem::take(&mut world.nodes);
            let disks: Vec<_> = nodes.into_iter().map(|node| node.disk).collect();
            figures.relay_heap = with.saturating_sub(heap()) as f64 / people;
            drop(disks);
            let (with, without) = (heap(), {
                drop(world);
                heap()
            });
            figures.simulator_heap = with.saturating_sub(without) as f64 / people;
        }
        figures
    }

    /// Bytes of all kinds for each delivered message.
    #[must_use]
    pub fn bytes_per_message(&self) -> f64 {
        self.bytes.values().sum()
    }
}

/// Seconds within which half, and 99 of 100, arrived, of those said to an open page or not.
fn percentiles(waits: &[(u32, bool)], there: bool) -> [f64; 2] {
    let chosen = waits.iter().filter(|wait| wait.1 == there);
    let mut sorted: Vec<u32> = chosen.map(|wait| wait.0).collect();
    sorted.sort_unstable();
    [500, 990].map(|per_mille| {
        let at = sorted.len().saturating_sub(1) * per_mille / 1000;
        sorted.get(at).map_or(0.0, |wait| f64::from(*wait) / 1000.0)
    })
}
