//! When a connection is to be repaired by an ICE restart, and when it is to be given up.

use std::time::Duration;

use shared::base::time::Timestamp;

/// A channel that does not work after this long is given up.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(20);
/// `disconnected` often heals by itself; after this long it is helped.
pub const DISCONNECTED_GRACE: Duration = Duration::from_secs(2);
/// A connection that has been broken for this long is given up.
pub const BROKEN_MAX: Duration = Duration::from_secs(15);
/// One restart must be given time to work before the next.
pub const RESTART_EVERY: Duration = Duration::from_secs(5);

/// What ICE says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ice {
    /// Not there yet.
    Trying,
    /// A pair works.
    Connected,
    /// Checks have gone unanswered for a while.
    Disconnected,
    /// No pair works.
    Failed,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing before the moment of [`Health::next`].
    Wait,
    /// Restart ICE.
    Restart,
    /// Give the channel up.
    GiveUp,
}

/// One connection's health.
pub struct Health {
    dialled: Timestamp,
    works: bool,
    /// Since when there is trouble, and when to help first.
    trouble: Option<(Timestamp, Timestamp)>,
    restarted: Option<Timestamp>,
}

impl Health {
    /// A connection that was begun now.
    pub fn new(now: Timestamp) -> Self {
        Self {
            dialled: now,
            works: false,
            trouble: None,
            restarted: None,
        }
    }

    /// The channel works.
    pub fn works(&mut self) {
        self.works = true;
    }

    /// ICE changed its state.
    pub fn ice(&mut self, now: Timestamp, ice: Ice) -> Act {
        match ice {
            // A restart passes through `checking`; the trouble is over when a pair works again.
            Ice::Trying => {}
            Ice::Connected => self.trouble = None,
            Ice::Disconnected => {
                let help = now.after(DISCONNECTED_GRACE);
                self.trouble.get_or_insert((now, help));
            }
            Ice::Failed => {
                let since = self.trouble.map_or(now, |(since, _)| since);
                self.trouble = Some((since, now));
            }
        }
        self.check(now)
    }

    /// The device has another network, or one again.
    pub fn network_changed(&mut self, now: Timestamp) -> Act {
        if !self.works || self.next_restart().is_some_and(|next| now < next) {
            return self.check(now);
        }
        self.restarted = Some(now);
        Act::Restart
    }

    fn next_restart(&self) -> Option<Timestamp> {
        self.restarted.map(|at| at.after(RESTART_EVERY))
    }

    fn give_up_at(&self) -> Option<Timestamp> {
        let opening = (!self.works).then(|| self.dialled.after(OPEN_TIMEOUT));
        let broken = self.trouble.map(|(since, _)| since.after(BROKEN_MAX));
        [opening, broken].into_iter().flatten().min()
    }

    fn restart_at(&self) -> Option<Timestamp> {
        let (_, help) = self.trouble?;
        Some(self.next_restart().map_or(help, |next| next.max(help)))
    }

    /// What is to be done now.
    pub fn check(&mut self, now: Timestamp) -> Act {
        if self.give_up_at().is_some_and(|at| now >= at) {
            return Act::GiveUp;
        }
        if self.restart_at().is_some_and(|at| now >= at) {
            self.restarted = Some(now);
            return Act::Restart;
        }
        Act::Wait
    }

    /// When to check again.
    pub fn next(&self) -> Option<Timestamp> {
        [self.give_up_at(), self.restart_at()]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALLED: Timestamp = Timestamp(1_000_000);

    fn at(seconds: u64) -> Timestamp {
        DIALLED.after(Duration::from_secs(seconds))
    }

    fn working() -> Health {
        let mut health = Health::new(DIALLED);
        health.ice(at(1), Ice::Connected);
        health.works();
        health
    }

    #[test]
    fn a_channel_that_never_works_is_given_up() {
        let mut health = Health::new(DIALLED);
        health.ice(at(1), Ice::Connected);
        assert_eq!(health.next(), Some(at(20)));
        assert_eq!(health.check(at(19)), Act::Wait);
        assert_eq!(health.check(at(20)), Act::GiveUp);
    }

    #[test]
    fn a_short_disconnection_heals_by_itself() {
        let mut health = working();
        assert_eq!(health.ice(at(10), Ice::Disconnected), Act::Wait);
        assert_eq!(health.ice(at(11), Ice::Connected), Act::Wait);
        assert_eq!(health.next(), None);
    }

    #[test]
    fn a_longer_one_is_helped_again_and_again_and_then_given_up() {
        let mut health = working();
        health.ice(at(10), Ice::Disconnected);
        assert_eq!(health.next(), Some(at(12)));
        assert_eq!(health.check(at(12)), Act::Restart);
        assert_eq!(health.ice(at(12), Ice::Trying), Act::Wait);
        assert_eq!(health.check(at(16)), Act::Wait);
        assert_eq!(health.check(at(17)), Act::Restart);
        assert_eq!(health.check(at(22)), Act::Restart);
        assert_eq!(health.check(at(25)), Act::GiveUp);
    }

    #[test]
    fn a_failure_is_helped_at_once() {
        let mut health = working();
        assert_eq!(health.ice(at(10), Ice::Failed), Act::Restart);
        assert_eq!(
            health.ice(at(11), Ice::Failed),
            Act::Wait,
            "the restart has just begun"
        );
        assert_eq!(health.ice(at(12), Ice::Connected), Act::Wait);
        assert_eq!(health.next(), None);
    }

    #[test]
    fn another_network_restarts_a_working_channel_but_not_in_a_storm() {
        let mut health = working();
        assert_eq!(health.network_changed(at(30)), Act::Restart);
        assert_eq!(health.network_changed(at(31)), Act::Wait);
        assert_eq!(health.network_changed(at(35)), Act::Restart);
        let mut opening = Health::new(DIALLED);
        assert_eq!(opening.network_changed(at(1)), Act::Wait);
    }

    #[test]
    fn after_a_long_sleep_a_broken_channel_is_given_up_at_once() {
        let mut health = working();
        health.ice(at(10), Ice::Disconnected);
        assert_eq!(health.check(at(3600)), Act::GiveUp);
    }
}
