//! Networks that do not reach each other.

use std::collections::{BTreeMap, BTreeSet};

use super::End;

/// Some ends, cut off from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Who is on the inner side.
    pub inside: BTreeSet<End>,
    /// Whether what they send still gets out.
    pub out_works: bool,
    /// Whether what is sent to them still gets in.
    pub in_works: bool,
}

/// All partitions there are now, by a number each.
#[derive(Debug, Default)]
pub struct Partitions {
    active: BTreeMap<u64, Partition>,
    next: u64,
}

impl Partitions {
    /// A new one begins.
    pub fn add(&mut self, partition: Partition) -> u64 {
        self.next += 1;
        self.active.insert(self.next, partition);
        self.next
    }

    /// One is over.
    pub fn remove(&mut self, number: u64) {
        self.active.remove(&number);
    }

    /// All are over.
    pub fn clear(&mut self) {
        self.active.clear();
    }

    /// Whether what `from` sends reaches `to`.
    #[must_use]
    pub fn reaches(&self, from: End, to: End) -> bool {
        self.active.values().all(|partition| {
            match (
                partition.inside.contains(&from),
                partition.inside.contains(&to),
            ) {
                (true, false) => partition.out_works,
                (false, true) => partition.in_works,
                (true, true) | (false, false) => true,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_way_partition_lets_one_way_through_and_those_inside_reach_each_other() {
        let [ann, ben, node] = [End::Person(0), End::Person(1), End::Node(0)];
        let mut partitions = Partitions::default();
        let number = partitions.add(Partition {
            inside: [ann, ben].into(),
            out_works: true,
            in_works: false,
        });
        assert!(partitions.reaches(ann, node));
        assert!(!partitions.reaches(node, ann));
        assert!(partitions.reaches(ann, ben));
        partitions.remove(number);
        assert!(partitions.reaches(node, ann));
    }
}
