//! How good an end's way to the network is: how long it takes, and how much gets lost.
//!
//! On links that are ordered and reliable a loss is a delay: what was lost is sent again after a timeout
//! that doubles (RFC 6298 §5), and what was sent after it waits. Datagrams, such as the checks by which
//! two pages look for a way (RFC 8445 §6), are lost, come twice, or overtake each other.

use std::time::Duration;

use crate::chance::Chance;

/// By what somebody is on the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// Fast and even.
    #[default]
    Cable,
    /// Mostly fast; others are on the air.
    Wireless,
    /// Slow to wake, stalls at times.
    Mobile,
    /// Far away, but even.
    Satellite,
}

/// See the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quality {
    /// By what.
    pub access: Access,
    /// Packets that get lost, of a thousand.
    pub loss: u32,
    /// Datagrams that come twice, of a thousand.
    pub twice: u32,
    /// Added to each datagram, at most: with this much, they overtake each other.
    pub disorder: Duration,
}

/// First timeout after which what was lost is sent again.
const RESEND: Duration = Duration::from_millis(300);
/// The timeout is doubled at most so often.
const DOUBLED_MAX: u32 = 6;

impl Quality {
    /// Bad, in one of the ways there are.
    pub fn draw(chance: &mut Chance) -> Self {
        let accesses = [
            Access::Cable,
            Access::Wireless,
            Access::Mobile,
            Access::Satellite,
        ];
        Self {
            access: accesses[chance.below(accesses.len())],
            loss: [0, 10, 50, 200][chance.below(4)],
            twice: [0, 30][chance.below(2)],
            disorder: Duration::from_millis([0, 200][chance.below(2)]),
        }
    }

    /// What this end adds to the way of something.
    pub fn delay(&self, chance: &mut Chance) -> Duration {
        let ms = Duration::from_millis;
        match self.access {
            Access::Cable => chance.about(ms(2)),
            Access::Wireless if chance.happens(20) => chance.about(ms(150)),
            Access::Wireless => chance.about(ms(6)),
            Access::Mobile if chance.happens(10) => ms(400) + chance.about(ms(900)),
            Access::Mobile => ms(30) + chance.about(ms(20)),
            Access::Satellite => ms(270) + chance.about(ms(8)),
        }
    }

    /// How much later something comes on a reliable link because it got lost on the way.
    pub fn resent(&self, chance: &mut Chance) -> Duration {
        let mut late = Duration::ZERO;
        let mut doubled = 0;
        while self.loss > 0 && chance.happens(self.loss.min(900)) {
            late += RESEND * (1 << doubled);
            doubled = (doubled + 1).min(DOUBLED_MAX);
        }
        late
    }

    /// How much later each copy of a datagram comes; none if it got lost.
    pub fn copies(&self, chance: &mut Chance) -> Vec<Duration> {
        if self.loss > 0 && chance.happens(self.loss) {
            return Vec::new();
        }
        let twice = self.twice > 0 && chance.happens(self.twice);
        (0..=usize::from(twice))
            .map(|_| match self.disorder {
                Duration::ZERO => Duration::ZERO,
                most => chance.between(Duration::ZERO, most),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: Quality = Quality {
        access: Access::Mobile,
        loss: 200,
        twice: 100,
        disorder: Duration::from_millis(200),
    };

    #[test]
    fn datagrams_are_lost_come_twice_and_overtake_each_other() {
        let mut chance = Chance::new(1, 1);
        let drawn: Vec<_> = (0..1000).map(|_| BAD.copies(&mut chance)).collect();
        let counts = [0, 1, 2].map(|n| drawn.iter().filter(|it| it.len() == n).count());
        assert!((150..250).contains(&counts[0]), "{counts:?}");
        assert!((40..130).contains(&counts[2]), "{counts:?}");
        assert!(!drawn.concat().is_sorted());
        let good = Quality::default();
        assert!((0..1000).all(|_| good.copies(&mut chance) == [Duration::ZERO]));
    }

    #[test]
    fn on_a_reliable_link_what_is_lost_comes_later() {
        let mut chance = Chance::new(2, 1);
        let late: Vec<_> = (0..1000).map(|_| BAD.resent(&mut chance)).collect();
        let lost = late.iter().filter(|it| **it > Duration::ZERO).count();
        assert!((150..250).contains(&lost), "{lost}");
        assert!(late.contains(&(RESEND * 3)), "lost twice");
        assert_eq!(Quality::default().resent(&mut chance), Duration::ZERO);
    }
}
