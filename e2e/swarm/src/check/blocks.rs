//! Whoever is blocked delivers nothing and hears nothing: once a block is on a person's disk, nothing new
//! of the blocked contact gets there, and nothing leaves for them.

use std::collections::BTreeMap;

use shared::base::codec;
use shared::base::effects::{Batch, Change};
use shared::base::id::PersonaId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::peer::records::BLOCK;
use shared::session::wire::ClientFrame;

/// How far a block has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// It is on the disk. What was decided before it, in the same transaction, may still leave.
    Kept,
    /// Nothing leaves any more.
    InForce,
    /// They were let in again.
    Over,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Blocks {
    blocks: BTreeMap<(usize, PersonaId), Block>,
}

impl Blocks {
    /// How many people have been blocked by somebody.
    #[must_use]
    pub fn count(&self) -> usize {
        self.blocks.len()
    }

    /// Whether this person blocks that one.
    #[must_use]
    pub fn holds(&self, person: usize, other: &PersonaId) -> bool {
        let block = self.blocks.get(&(person, *other));
        matches!(block, Some(Block::Kept | Block::InForce))
    }

    /// Whether this person blocks that one, or did.
    #[must_use]
    pub fn knows(&self, person: usize, other: &PersonaId) -> bool {
        self.blocks.contains_key(&(person, *other))
    }

    /// Whether what somebody said to this person need not arrive. Once they are let in again it does, unless
    /// its author was told that it was `refused`.
    #[must_use]
    pub fn excuses(&self, to: usize, from: &PersonaId, refused: bool) -> bool {
        match self.blocks.get(&(to, *from)) {
            None => false,
            Some(Block::Kept | Block::InForce) => true,
            Some(Block::Over) => refused,
        }
    }

    /// A transaction of a person is kept; `author` says of whom a change brings something new.
    ///
    /// # Errors
    /// Of somebody they have blocked.
    pub fn kept(
        &mut self,
        person: usize,
        batch: &Batch,
        author: impl Fn(&Change) -> Option<PersonaId>,
    ) -> Result<(), String> {
        for change in &batch.changes {
            if let Some((&BLOCK, persona)) = change.key.split_first() {
                let persona = PersonaId::from_slice(persona).map_err(|error| error.to_string())?;
                let block = match change.value {
                    Some(_) => Block::Kept,
                    None => Block::Over,
                };
                self.blocks.insert((person, persona), block);
            } else if author(change).is_some_and(|author| self.holds(person, &author)) {
                return Err(format!(
                    "person {person} has a message of somebody who is blocked"
                ));
            }
        }
        Ok(())
    }

    /// What followed from the transactions of a person that are kept has left, or never will.
    pub fn left(&mut self, person: usize) {
        let theirs = self
            .blocks
            .iter_mut()
            .filter(|((of, _), _)| *of == person)
            .map(|(_, block)| block);
        for block in theirs.filter(|block| **block == Block::Kept) {
            *block = Block::InForce;
        }
    }

    /// Bytes of a person leave for this contact's page, or for a supernode.
    ///
    /// # Errors
    /// They are for somebody who is blocked.
    pub fn sends(&self, person: usize, to: Option<PersonaId>, bytes: &[u8]) -> Result<(), String> {
        let in_force = |other| self.blocks.get(&(person, other)).copied() == Some(Block::InForce);
        let mut of_person = self.blocks.keys().filter(|(of, _)| *of == person);
        if of_person.next().is_none() {
            return Ok(());
        }
        let to = to.or_else(|| match codec::decode(bytes, FRAME_BYTES_MAX) {
            Ok(ClientFrame::Deposit { envelope, .. }) => Some(envelope.to),
            _ => None,
        });
        match to.is_some_and(in_force) {
            true => Err(format!(
                "person {person} says something to somebody who is blocked"
            )),
            false => Ok(()),
        }
    }
}
