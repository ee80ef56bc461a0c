//! When everything has been mended: has everything arrived, or is its author told that it has not?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use shared::base::codec;
use shared::base::id::MessageId;
use shared::peer::command::Command;
use shared::peer::records::{
    ContactRecord, OutRecord, OutWhat, RECORD_BYTES_MAX, StoredState, contact_key,
};
use shared::peer::view::{MessageState, Obstacle, Why};

use crate::check::Violation;
use crate::world::era::Era;
use crate::world::{Person, Said, World};

/// Everything has arrived within this time after everything was mended.
pub const CONVERGENCE: Duration = Duration::from_secs(15 * 60);
/// How often one looks.
const LOOK: Duration = Duration::from_secs(30);
/// Nothing waits longer than this once everything works.
const LAST_LOOK: Duration = Duration::from_secs(60);

/// To whom, their number, and what their author sees.
type Unconfirmed = (usize, u64, Option<(MessageState, Option<Why>)>);

impl World {
    /// Runs until everything has arrived, and then a little longer, since nothing may come twice; again, if
    /// something that was said meanwhile, in answer to what arrived late, is still on its way.
    ///
    /// # Errors
    /// A broken promise; that it takes longer than [`CONVERGENCE`] is one.
    pub fn converge(&mut self) -> Result<(), Violation> {
        let healed = self.now;
        while self.now < healed.after(CONVERGENCE) {
            self.reconcile();
            self.run_for(LOOK)?;
            if self.has_converged() {
                self.converged_after = Some(self.now.since(healed));
                self.run_for(LAST_LOOK)?;
                if self.has_converged() {
                    break;
                }
            }
        }
        self.verify_converged()
    }

    fn has_converged(&self) -> bool {
        let mut missing = self.checks.ledger.missing();
        missing.all(|(_, it)| self.is_kept_out(&it.said))
            && self.outboxes().is_empty()
            && self.verify_households().is_ok()
            && self.unheard().is_none()
    }

    /// Somebody who has asked somebody whose address is open, who has not heard it; nor has the first been told.
    fn unheard(&self) -> Option<(usize, usize)> {
        // An old program knows nothing of addresses.
        let knows = |owner: usize| self.people[owner].era != Era::Old;
        let mut owed = self
            .checks
            .requests
            .owed()
            .filter(|(owner, _)| knows(*owner));
        owed.find_map(|(owner, persona)| {
            let mut people = self.people.iter();
            let asker = people.position(|it| it.persona == Some(*persona))?;
            let key = contact_key(self.people[owner].persona.as_ref()?);
            let record = self.people[asker].disk.kept.get(&key)?;
            let record: ContactRecord = codec::decode(record, RECORD_BYTES_MAX).ok()?;
            record.unheard.is_none().then_some((asker, owner))
        })
    }

    /// Whether everything has arrived, or its author sees that it failed.
    ///
    /// # Errors
    /// What has not.
    pub fn verify_converged(&mut self) -> Result<(), Violation> {
        let at = self.now;
        let broken = |what| Violation { at, what };
        self.checks.ledger.in_order().map_err(broken)?;
        self.verify_households().map_err(broken)?;
        for (number, person) in self.people.iter().enumerate() {
            self.checks.opened(number, person);
        }
        if let Some(violation) = self.checks.take(at) {
            return Err(violation);
        }
        if let Some((asker, owner)) = self.unheard() {
            return Err(broken(format!(
                "person {asker} has asked person {owner}, who has not heard it"
            )));
        }
        let missing = self.checks.ledger.missing();
        let missing: Vec<_> = missing.map(|(id, it)| (*id, it.said.clone())).collect();
        let mut given_up: BTreeMap<usize, usize> = BTreeMap::new();
        for (id, said) in missing {
            let outcome = self.outcome_of(said.from, said.to, id)?;
            if self.is_excused(&said, outcome) {
                continue;
            }
            // That it was not fetched in time is the one reason to give up; and then it is said.
            let expired = |(state, why): (MessageState, Option<Why>)| {
                state == MessageState::Failed
                    && why.is_some_and(|why| why.obstacle == Obstacle::Expired)
            };
            if outcome.is_some_and(expired) {
                // It stays there, to be tried again if its author wants.
                *given_up.entry(said.from).or_default() += 1;
            } else {
                return Err(broken(format!(
                    "what person {} said to person {} {} s ago (their number {}) has not arrived: {outcome:?}",
                    said.from,
                    said.to,
                    at.since(said.at).as_secs(),
                    said.number
                )));
            }
        }
        // What was put there a moment ago has a little time to go.
        let waited = self.outboxes();
        self.run_for(LAST_LOOK)?;
        let still = self.outboxes();
        for (person, key) in still.intersection(&waited) {
            if let Some(left) = given_up.get_mut(person).filter(|left| **left > 0) {
                *left -= 1;
                continue;
            }
            let unconfirmed = self.unconfirmed(*person)?;
            return Err(broken(format!(
                "something still waits in the outbox of person {person} ({key:?}): {unconfirmed:?}"
            )));
        }
        Ok(())
    }

    /// Whether something said cannot arrive since its author was not let in.
    fn is_kept_out(&self, said: &Said) -> bool {
        let author = self.people[said.from].persona;
        let requests = &self.checks.requests;
        author.is_some_and(|author| requests.keeps_out(said.to, &author))
    }

    /// Whether something said has not arrived because of a block, or since its author was not let in.
    fn is_excused(&self, said: &Said, outcome: Option<(MessageState, Option<Why>)>) -> bool {
        if self.is_kept_out(said) {
            return true;
        }
        let blocks = &self.checks.blocks;
        let [from, to] = [said.from, said.to].map(|person| self.people[person].persona);
        let refused = outcome.is_some_and(|(state, why)| {
            state == MessageState::Failed
                && why.is_some_and(|why| why.obstacle == Obstacle::Refused)
        });
        from.is_some_and(|from| blocks.excuses(said.to, &from, refused))
            || to.is_some_and(|to| blocks.holds(said.from, &to))
    }

    /// Whether an entry of an outbox waits for nothing but the end of a block, to be let in, or for its author to
    /// try again.
    fn rests(&self, person: usize, entry: &[u8]) -> bool {
        let entry = codec::decode::<OutRecord>(entry, RECORD_BYTES_MAX);
        let (Ok(entry), Some(me)) = (entry, self.people[person].persona) else {
            return false;
        };
        let given_up = matches!(&entry.what, OutWhat::Message { record, .. }
            if record.mine == Some(StoredState::Failed));
        let other = self
            .people
            .iter()
            .position(|it| it.persona == Some(entry.to));
        let requests = &self.checks.requests;
        if other.is_some_and(|other| requests.keeps_out(other, &me)) {
            return true;
        }
        let blocks = &self.checks.blocks;
        let sides = [Some((person, entry.to)), other.map(|other| (other, me))];
        let mut sides = sides.into_iter().flatten();
        sides.any(|(one, of)| blocks.holds(one, &of) || (given_up && blocks.knows(one, &of)))
    }

    /// What waits to be sent, of all people.
    fn outboxes(&self) -> BTreeSet<(usize, Vec<u8>)> {
        let of = |(number, person): (usize, &Person)| {
            let waits = person.disk.kept.range(vec![b'o']..vec![b'p']);
            waits
                .filter(|(_, record)| !self.rests(number, record))
                .map(|(key, _)| (number, key.clone()))
                .collect::<Vec<_>>()
        };
        self.people.iter().enumerate().flat_map(of).collect()
    }

    /// What a person said that has arrived and of which they do not know it: to whom, which, and what
    /// they see.
    fn unconfirmed(&mut self, person: usize) -> Result<Vec<Unconfirmed>, Violation> {
        let entries = self.checks.ledger.entries();
        let said: Vec<_> = entries
            .filter(|(_, it)| it.said.from == person && it.kept)
            .map(|(id, it)| (*id, it.said.to, it.said.number))
            .collect();
        let mut found = Vec::new();
        for (id, to, number) in said {
            match self.outcome_of(person, to, id)? {
                Some((MessageState::Delivered | MessageState::Read, _)) => {}
                outcome => found.push((to, number, outcome)),
            }
        }
        Ok(found)
    }

    /// How far its author sees a message, and why not further.
    ///
    /// # Errors
    /// A promise broken while looking.
    pub fn outcome_of(
        &mut self,
        from: usize,
        to: usize,
        id: MessageId,
    ) -> Result<Option<(MessageState, Option<Why>)>, Violation> {
        let Some(chat) = self.chat(from, to) else {
            return Ok(None);
        };
        let _ = self.command(from, Command::CloseChat);
        let _ = self.command(from, Command::OpenChat(chat));
        loop {
            self.run_for(Duration::from_millis(50))?;
            let Some(open) = self.people[from].peer.open_chat() else {
                return Ok(None);
            };
            if let Some(message) = open.messages.iter().find(|it| it.id == id) {
                return Ok(Some((message.state, message.why)));
            }
            if !open.more_before {
                return Ok(None);
            }
            let _ = self.command(from, Command::LoadOlder(chat));
        }
    }
}
