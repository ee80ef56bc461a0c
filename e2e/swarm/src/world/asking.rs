//! Public addresses: who opens one, who asks by it, and what its owner decides.

use std::time::Duration;

use shared::base::id::PersonaId;
use shared::peer::command::{Command, CommandError};

use super::talk::PATIENCE;
use super::{Event, World};

/// How long it is from one look at who asks to the next, on average.
const LOOKS: Duration = Duration::from_secs(20);

/// What happens about public addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A person opens their address to whoever works so much, in bits; or closes it, by 0.
    Open(usize, u8),
    /// The first person asks the second by their address.
    Ask(usize, usize),
    /// A person looks at who asks, and will look again.
    Look(usize),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They become a contact.
    LetIn,
    /// Not now.
    Decline,
    /// Never.
    Block,
}

impl World {
    pub(super) fn asking(&mut self, step: Step) {
        let (Step::Open(who, _) | Step::Ask(who, _) | Step::Look(who)) = step;
        if !self.people[who].awake || self.people[who].suspended {
            return self.post(PATIENCE, Event::Asking(step));
        }
        match step {
            Step::Open(person, work_bits) => {
                let _ = self.open_to(person, work_bits);
            }
            Step::Ask(guest, host) => {
                // Refused only if there is no address yet.
                let _ = self.ask(guest, host, "may I?");
            }
            Step::Look(person) => {
                self.look_who_asks(person);
                let pause = self.chance.about(LOOKS);
                self.post(pause, Event::Asking(Step::Look(person)));
            }
        }
    }

    /// A person opens their public address, or closes it.
    ///
    /// # Errors
    /// What the core says against it.
    pub fn open_to(&mut self, person: usize, work_bits: u8) -> Result<(), CommandError> {
        self.command(person, Command::OpenTo { work_bits })?;
        let address = self.people[person].peer.public_address();
        self.people[person].address = address.map(|it| it.code).unwrap_or_default();
        Ok(())
    }

    /// `guest` asks by `host`'s public address, with some first words.
    ///
    /// # Errors
    /// What the core says against it.
    pub fn ask(&mut self, guest: usize, host: usize, words: &str) -> Result<(), CommandError> {
        let code = self.people[host].address.clone();
        let (Some(asks), Some(asked)) = (self.people[guest].persona, self.people[host].persona)
        else {
            return Err(CommandError::NoPersona);
        };
        let words = self.about_to_say(guest, host, words);
        // Whoever asks somebody lets them in if they ask too.
        self.checks.requests.lets_in(guest, asked);
        let done = self.command(guest, Command::Ask { code, words });
        self.checks.ledger.not_said();
        done?;
        let disk = &self.people[host].disk.kept;
        self.checks.requests.asks(host, asks, disk);
        self.note_friends(guest, host);
        Ok(())
    }

    /// A person decides about somebody's request; whether there was one.
    pub fn decide(&mut self, person: usize, of: PersonaId, decision: Decision) -> bool {
        let requests = &mut self.checks.requests;
        let command = match decision {
            Decision::LetIn => {
                requests.lets_in(person, of);
                Command::AcceptRequest(of)
            }
            Decision::Decline => {
                requests.refuses(person, of);
                Command::DeclineRequest(of)
            }
            Decision::Block => {
                requests.refuses(person, of);
                Command::BlockRequest(of)
            }
        };
        self.command(person, command).is_ok()
    }

    fn look_who_asks(&mut self, person: usize) {
        for request in self.people[person].peer.requests() {
            let decision = match self.chance.below(10) {
                0..6 => Decision::LetIn,
                6 | 7 => Decision::Decline,
                8 => Decision::Block,
                // They think about it.
                _ => continue,
            };
            self.decide(person, request.persona, decision);
        }
        let refused = self.people[person].peer.requests_refused();
        if refused > 0 && self.chance.happens(20) {
            self.checks.requests.forgives(person);
            // It is always taken.
            let _ = self.command(person, Command::LetAskAgain);
        }
    }
}
