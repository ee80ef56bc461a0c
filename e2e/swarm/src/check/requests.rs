//! Whoever asks by a public address waits outside: until its owner lets them in, the page keeps nothing of
//! theirs but the request, and sends them nothing; and where the address is closed, not even that is kept.

use std::collections::BTreeMap;

use shared::base::codec;
use shared::base::effects::{Batch, Change};
use shared::base::id::PersonaId;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::peer::records::{
    ACCOUNT, AccountRecord, CONTACT, RECORD_BYTES_MAX, REQUEST, RequestRecord,
};
use shared::peer::requests::REQUESTS_HELD_MAX;
use shared::session::wire::ClientFrame;

use crate::disk::Records;

/// Somebody who has asked somebody.
#[derive(Debug, Clone, Copy, Default)]
struct Asking {
    /// They have asked.
    asked: bool,
    /// The owner has let them in.
    let_in: bool,
    /// The owner has put it away, and may not be asked.
    refused: bool,
    /// The owner has seen it. Until it is 30 days old, asking again by the same address is no other request.
    heard: bool,
    /// It must still be heard: the address has been open all the while.
    owed: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Requests {
    /// By the owner and who asks.
    all: BTreeMap<(usize, PersonaId), Asking>,
}

impl Requests {
    /// Somebody asks this person, whose disk holds this.
    pub fn asks(&mut self, owner: usize, persona: PersonaId, disk: &Records) {
        let is_contact = || disk.contains_key(&[&[CONTACT], persona.as_bytes()].concat());
        let asking = self.all.entry((owner, persona)).or_insert_with(|| Asking {
            let_in: is_contact(),
            ..Asking::default()
        });
        asking.asked = true;
        let waits = !asking.let_in && !asking.refused && !asking.heard;
        asking.owed = waits && is_open(disk.get(ACCOUNT));
    }

    /// This person lets somebody in, or would if they asked.
    pub fn lets_in(&mut self, owner: usize, persona: PersonaId) {
        let asking = self.all.entry((owner, persona)).or_default();
        (asking.let_in, asking.refused, asking.owed) = (true, false, false);
    }

    /// This person puts somebody's request away.
    pub fn refuses(&mut self, owner: usize, persona: PersonaId) {
        let asking = self.all.entry((owner, persona)).or_default();
        (asking.let_in, asking.refused, asking.owed) = (false, true, false);
    }

    /// All whose requests this person has put away may ask again.
    pub fn forgives(&mut self, owner: usize) {
        let of_owner = self.all.iter_mut().filter(|((it, _), _)| *it == owner);
        of_owner.for_each(|(_, asking)| asking.refused = false);
    }

    /// How many have asked, and how many of them were let in.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let asked = || self.all.values().filter(|asking| asking.asked);
        (
            asked().count(),
            asked().filter(|asking| asking.let_in).count(),
        )
    }

    /// Who has asked whom, and must be heard.
    pub fn owed(&self) -> impl Iterator<Item = (usize, &PersonaId)> {
        let owed = self.all.iter().filter(|(_, asking)| asking.owed);
        owed.map(|((owner, persona), _)| (*owner, persona))
    }

    /// Whether somebody has asked this person who has not let them in.
    #[must_use]
    pub fn keeps_out(&self, owner: usize, persona: &PersonaId) -> bool {
        let asking = self.all.get(&(owner, *persona));
        asking.is_some_and(|asking| !asking.let_in)
    }

    /// A transaction of a person is kept, over what was there `before`; `author` says of whom a change brings
    /// something new.
    ///
    /// # Errors
    /// Somebody gets in whom the owner has not let in; or asks where nobody may.
    pub fn kept(
        &mut self,
        owner: usize,
        before: &Records,
        batch: &Batch,
        author: impl Fn(&Change) -> Option<PersonaId>,
    ) -> Result<(), String> {
        if !self.all.keys().any(|(it, _)| *it == owner) {
            return Ok(());
        }
        // A group of transactions: the account may change in the middle.
        let mut open = is_open(before.get(ACCOUNT));
        for change in &batch.changes {
            let whose = |prefix| match change.key.split_first() {
                Some((first, persona)) if *first == prefix => PersonaId::from_slice(persona).ok(),
                _ => None,
            };
            if author(change).is_some_and(|author| self.keeps_out(owner, &author)) {
                return Err(format!(
                    "person {owner} has a message of somebody whom they have not let in"
                ));
            }
            if change.value.is_none() {
                continue;
            }
            if change.key == ACCOUNT {
                open = is_open(change.value.as_ref());
                let of_owner = self.all.iter_mut().filter(|((it, _), _)| *it == owner);
                of_owner.for_each(|(_, asking)| asking.owed &= open);
            }
            if let Some(persona) = whose(CONTACT)
                && self.keeps_out(owner, &persona)
            {
                return Err(format!(
                    "person {owner} has a contact whom they have not let in"
                ));
            }
            if let Some(persona) = whose(REQUEST)
                && waits(change.value.as_ref())
            {
                if !open && !waits(before.get(&change.key)) {
                    return Err(format!(
                        "person {owner} has a request, and their address is closed"
                    ));
                }
                let asking = self.all.entry((owner, persona)).or_default();
                (asking.heard, asking.owed) = (true, false);
                self.bounded(owner, before, change)?;
            }
        }
        Ok(())
    }

    fn bounded(&self, owner: usize, before: &Records, change: &Change) -> Result<(), String> {
        let others = before.range(vec![REQUEST]..vec![REQUEST + 1]);
        let others = others.filter(|(key, value)| **key != change.key && waits(Some(value)));
        let count = 1 + others.count();
        match count > REQUESTS_HELD_MAX {
            true => Err(format!("person {owner} has {count} requests")),
            false => Ok(()),
        }
    }

    /// Bytes of a person leave for this one's page, or for a supernode.
    ///
    /// # Errors
    /// They are for somebody who has asked and was not let in.
    pub fn sends(&self, owner: usize, to: Option<PersonaId>, bytes: &[u8]) -> Result<(), String> {
        let mut of_owner = self.all.iter().filter(|((it, _), _)| *it == owner);
        if of_owner.all(|(_, asking)| asking.let_in) {
            return Ok(());
        }
        let to = to.or_else(|| match codec::decode(bytes, FRAME_BYTES_MAX) {
            Ok(ClientFrame::Deposit { envelope, .. }) => Some(envelope.to),
            Ok(ClientFrame::Fetch { mailbox, .. }) => Some(mailbox),
            _ => None,
        });
        match to.is_some_and(|to| self.keeps_out(owner, &to)) {
            true => Err(format!(
                "person {owner} says something to somebody whom they have not let in"
            )),
            false => Ok(()),
        }
    }
}

fn is_open(account: Option<&Vec<u8>>) -> bool {
    let account = account.and_then(|it| codec::decode::<AccountRecord>(it, RECORD_BYTES_MAX).ok());
    account.is_some_and(|account| account.public_bits.is_some_and(|bits| bits > 0))
}

/// Whether it is a request that nobody has decided about.
fn waits(record: Option<&Vec<u8>>) -> bool {
    let record = record.and_then(|it| codec::decode::<RequestRecord>(it, RECORD_BYTES_MAX).ok());
    record.is_some_and(|record| record.asked.is_some())
}
