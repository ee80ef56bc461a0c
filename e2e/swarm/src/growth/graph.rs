//! Who knows whom: a small world (D. Watts, S. Strogatz, *Collective dynamics of "small-world"
//! networks*, Nature 393, 1998). People stand in a ring and know their neighbors; some of these
//! acquaintances are with somebody anywhere instead.

use std::collections::BTreeSet;

use crate::chance::Chance;

/// Friendships, each as (guest, host): the guest accepts the host's invite. In order of guests.
///
/// Everybody has `degree` friends on average, or knows all others if there are fewer; `rewired_per_mille`
/// of the friendships are with somebody drawn from all.
#[must_use]
pub fn small_world(
    people: usize,
    degree: usize,
    rewired_per_mille: u32,
    chance: &mut Chance,
) -> Vec<(usize, usize)> {
    let steps = (degree / 2).min(people.saturating_sub(1) / 2);
    let pair = |one: usize, other: usize| (one.min(other), one.max(other));
    let mut known = BTreeSet::new();
    for guest in 0..people {
        for step in 1..=steps {
            known.insert(pair(guest, (guest + step) % people));
        }
    }
    let mut edges = Vec::with_capacity(known.len());
    for guest in 0..people {
        for step in 1..=steps {
            let neighbor = (guest + step) % people;
            let stranger = chance.below(people);
            let rewired = chance.happens(rewired_per_mille)
                && stranger != guest
                && !known.contains(&pair(guest, stranger));
            if rewired {
                known.remove(&pair(guest, neighbor));
                known.insert(pair(guest, stranger));
                edges.push((guest, stranger));
            } else {
                edges.push((guest, neighbor));
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn friends(people: usize, edges: &[(usize, usize)]) -> Vec<BTreeSet<usize>> {
        let mut friends = vec![BTreeSet::new(); people];
        for (one, other) in edges {
            assert!(friends[*one].insert(*other), "known twice");
            assert!(friends[*other].insert(*one));
        }
        friends
    }

    /// Mean share of a person's friends who know each other.
    fn clustering(friends: &[BTreeSet<usize>]) -> f64 {
        let of = |mine: &BTreeSet<usize>| {
            let pairs = mine.len() * (mine.len() - 1) / 2;
            let known = mine
                .iter()
                .map(|one| friends[*one].intersection(mine).count())
                .sum::<usize>();
            known as f64 / 2.0 / pairs as f64
        };
        friends.iter().map(of).sum::<f64>() / friends.len() as f64
    }

    /// Mean steps from the first person to all others.
    fn distance(friends: &[BTreeSet<usize>]) -> f64 {
        let mut steps = vec![usize::MAX; friends.len()];
        let mut next = VecDeque::from([0]);
        steps[0] = 0;
        while let Some(one) = next.pop_front() {
            for other in &friends[one] {
                if steps[*other] == usize::MAX {
                    steps[*other] = steps[one] + 1;
                    next.push_back(*other);
                }
            }
        }
        steps.iter().sum::<usize>() as f64 / friends.len() as f64
    }

    #[test]
    fn friends_know_each_other_and_yet_everybody_is_near() {
        let world = |rewired| {
            let edges = small_world(1000, 8, rewired, &mut Chance::new(1, 1));
            assert_eq!(edges.len(), 4000);
            friends(1000, &edges)
        };
        let (ring, small) = (world(0), world(100));
        assert!(distance(&ring) > 50.0 && distance(&small) < 7.0);
        assert!(clustering(&small) > 0.6 * clustering(&ring));
    }

    #[test]
    fn few_people_all_know_each_other() {
        let edges = small_world(5, 8, 100, &mut Chance::new(1, 1));
        assert!(friends(5, &edges).iter().all(|them| them.len() == 4));
    }
}
