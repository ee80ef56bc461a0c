//! Whom a follower believes to lead, by the heartbeats it hears.

use super::wire::{Heartbeat, Id};

/// What a heartbeat means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Nothing: it is this process's own, or of somebody who is not the one to lead.
    Nothing,
    /// Somebody leads as before, or is about to.
    Alive,
    /// Somebody else leads now.
    Leader(Id),
}

/// Who leads, and who is about to.
pub struct Succession {
    /// This process.
    name: Id,
    /// This process is about to lead.
    pub candidate: bool,
    /// Where in the stream the last leader took over.
    takeover: u64,
    leader: Option<Id>,
}

impl Succession {
    /// Nobody leads yet, as far as the process so named knows.
    pub fn new(name: Id) -> Self {
        Self {
            name,
            candidate: false,
            takeover: 0,
            leader: None,
        }
    }

    /// Takes a heartbeat.
    pub fn hear(&mut self, heartbeat: Heartbeat) -> Heard {
        let Heartbeat { leader, takeover } = heartbeat;
        if takeover == 0 {
            let other = leader != self.name && !(self.candidate && self.name < leader);
            self.candidate &= !other;
            return if other { Heard::Alive } else { Heard::Nothing };
        }
        // A leader that does not know yet that it is over.
        if takeover < self.takeover {
            return Heard::Nothing;
        }
        self.candidate = false;
        self.takeover = takeover;
        if self.leader.replace(leader) == Some(leader) {
            Heard::Alive
        } else {
            Heard::Leader(leader)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Id = [5; 16];

    fn heartbeat(leader: u8, takeover: u64) -> Heartbeat {
        Heartbeat {
            leader: [leader; 16],
            takeover,
        }
    }

    #[test]
    fn a_leader_that_was_overtaken_is_not_followed_again() {
        let mut succession = Succession::new(ME);
        assert_eq!(succession.hear(heartbeat(1, 10)), Heard::Leader([1; 16]));
        assert_eq!(succession.hear(heartbeat(1, 10)), Heard::Alive);
        assert_eq!(succession.hear(heartbeat(2, 20)), Heard::Leader([2; 16]));
        assert_eq!(succession.hear(heartbeat(1, 10)), Heard::Nothing);
        assert_eq!(succession.hear(heartbeat(2, 20)), Heard::Alive);
    }

    #[test]
    fn of_two_candidates_the_one_with_the_smaller_name_goes_on() {
        let mut succession = Succession::new(ME);
        succession.candidate = true;
        assert_eq!(succession.hear(heartbeat(5, 0)), Heard::Nothing);
        assert_eq!(succession.hear(heartbeat(9, 0)), Heard::Nothing);
        assert!(succession.candidate);
        assert_eq!(succession.hear(heartbeat(1, 0)), Heard::Alive);
        assert!(!succession.candidate);
        assert_eq!(succession.hear(heartbeat(9, 0)), Heard::Alive);
    }
}
