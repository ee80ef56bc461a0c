//! Every message that its author's disk has kept is on its recipient's disk exactly once, in the order
//! in which it was said, or its author is told that it failed. Nothing is there that nobody said.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::effects::{Batch, Change};
use shared::base::id::MessageId;
use shared::base::time::Timestamp;
use shared::peer::Peer;

use crate::fields::Fields;
use crate::world::Said;

/// Length of a message's key: prefix, conversation, clock, message.
const KEY_LEN: usize = 1 + 16 + 8 + 16;
/// Field of a message's record: how far it has come.
const STATE: u32 = 3;
/// It is on the other side's device.
const DELIVERED: u8 = 2;
/// An announcement holds so many characters of a text.
const EXCERPT: usize = 120;

/// The message that a record with this key holds.
fn id_of(key: &[u8]) -> Option<MessageId> {
    let is_message = key.first() == Some(&Peer::LAZY_PREFIX) && key.len() == KEY_LEN;
    let id = key.get(KEY_LEN - MessageId::LEN..).filter(|_| is_message)?;
    MessageId::from_slice(id).ok()
}

/// What became of something said.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was said.
    pub said: Said,
    /// Its author's disk has it.
    pub kept: bool,
    /// Where it is on its recipient's disk, and since when.
    pub arrived: Option<(Vec<u8>, Timestamp)>,
    announced: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: BTreeMap<MessageId, Entry>,
    about: Option<Said>,
    numbers: BTreeMap<(usize, usize), u64>,
}

impl Ledger {
    /// How much this person has said to that one.
    #[must_use]
    pub fn said_by(&self, from: usize, to: usize) -> u64 {
        self.numbers.get(&(from, to)).copied().unwrap_or_default()
    }

    /// A person is about to say this.
    pub fn about_to_say(&mut self, said: Said) {
        self.about = Some(said);
    }

    /// The core did not take it.
    pub fn not_said(&mut self) {
        self.about = None;
    }

    /// The core took it under this id.
    pub fn note_id(&mut self, id: MessageId) {
        if let Some(said) = self.about.take() {
            self.numbers.insert((said.from, said.to), said.number);
            let entry = Entry {
                said,
                kept: false,
                arrived: None,
                announced: false,
            };
            self.entries.insert(id, entry);
        }
    }

    /// The core took it as the first words of a request: they have no outcome of their own.
    pub fn note_first_words(&mut self, batch: &Batch) {
        let ids = batch.changes.iter().filter_map(|change| id_of(&change.key));
        let new = ids.rev().find(|id| !self.entries.contains_key(id));
        if let Some(id) = new {
            self.note_id(id);
        }
    }

    /// What was said under this id.
    #[must_use]
    pub fn said(&self, id: &MessageId) -> Option<&Said> {
        self.entries.get(id).map(|entry| &entry.said)
    }

    /// Everything said.
    pub fn entries(&self) -> impl Iterator<Item = (&MessageId, &Entry)> {
        self.entries.iter()
    }

    /// How long messages took from being said to being on their recipient's disk.
    #[must_use]
    pub fn latencies(&self) -> Vec<Duration> {
        let arrived = self
            .entries
            .values()
            .filter_map(|entry| Some(entry.arrived.as_ref()?.1.since(entry.said.at)));
        let mut all: Vec<_> = arrived.collect();
        all.sort_unstable();
        all
    }

    /// A transaction of a person is kept.
    ///
    /// # Errors
    /// Something is there that nobody said, or twice.
    pub fn kept(&mut self, person: usize, batch: &Batch, now: Timestamp) -> Result<(), String> {
        for change in &batch.changes {
            let Some(id) = id_of(&change.key).filter(|_| change.value.is_some()) else {
                continue;
            };
            let Some(entry) = self.entries.get_mut(&id) else {
                return Err(format!("person {person} has a message that nobody said"));
            };
            if person == entry.said.from {
                entry.kept = true;
                let record = change.value.as_deref().and_then(Fields::of);
                let state = record.and_then(|record| record.get::<u8>(STATE));
                if state == Some(DELIVERED) && entry.arrived.is_none() {
                    return Err(format!(
                        "person {person} sees as delivered what has not arrived"
                    ));
                }
            } else if person != entry.said.to {
                return Err(format!("person {person} has a message for another"));
            } else if !entry.kept {
                return Err(format!(
                    "person {person} has a message that its author's disk never kept"
                ));
            } else {
                match &entry.arrived {
                    Some((key, _)) if *key != change.key => {
                        return Err(format!("person {person} has a message twice"));
                    }
                    Some(_) => {}
                    None => entry.arrived = Some((change.key.clone(), now)),
                }
            }
        }
        Ok(())
    }

    /// Who said what this change brings to a person for the first time.
    #[must_use]
    pub fn arrives(&self, person: usize, change: &Change) -> Option<usize> {
        change.value.as_ref()?;
        let entry = self.entries.get(&id_of(&change.key)?)?;
        (entry.said.to == person && entry.arrived.is_none()).then_some(entry.said.from)
    }

    /// A person was told of a message.
    ///
    /// # Errors
    /// It is not what was said, was told before, or is not kept.
    pub fn announced(&mut self, person: usize, id: MessageId, text: &str) -> Result<(), String> {
        let entry = self.entries.get_mut(&id).filter(|it| it.said.to == person);
        let Some(entry) = entry else {
            return Err(format!("person {person} is told what nobody said to them"));
        };
        if !entry
            .said
            .text
            .chars()
            .take(EXCERPT - 1)
            .eq(text.chars().take(EXCERPT - 1))
        {
            return Err(format!(
                "person {person} is told something else than was said"
            ));
        }
        if entry.arrived.is_none() {
            return Err(format!(
                "person {person} is told of a message before it is kept"
            ));
        }
        if std::mem::replace(&mut entry.announced, true) {
            return Err(format!("person {person} is told of a message twice"));
        }
        Ok(())
    }

    /// A person says that these have been delivered to them.
    ///
    /// # Errors
    /// One of them is not on their disk.
    pub fn confirmed(&self, person: usize, delivered: &[MessageId]) -> Result<(), String> {
        let kept = |id: &MessageId| {
            self.entries
                .get(id)
                .is_some_and(|entry| entry.said.to == person && entry.arrived.is_some())
        };
        if delivered.iter().all(kept) {
            return Ok(());
        }
        Err(format!(
            "person {person} confirms a message that is not on their disk"
        ))
    }

    /// Whether what arrived stands in the order in which it was said.
    ///
    /// # Errors
    /// Two messages of one person to another have changed places.
    pub fn in_order(&self) -> Result<(), String> {
        let mut by_pair: BTreeMap<(usize, usize), BTreeMap<u64, &[u8]>> = BTreeMap::new();
        for entry in self.entries.values() {
            if let Some((key, _)) = &entry.arrived {
                let pair = by_pair.entry((entry.said.from, entry.said.to)).or_default();
                pair.insert(entry.said.number, key);
            }
        }
        for ((from, to), keys) in by_pair {
            if !keys.values().is_sorted() {
                return Err(format!(
                    "what person {from} said to person {to} is out of order"
                ));
            }
        }
        Ok(())
    }

    /// What was kept by its author and has not arrived.
    pub fn missing(&self) -> impl Iterator<Item = (&MessageId, &Entry)> {
        let missing = |entry: &Entry| entry.kept && entry.arrived.is_none();
        self.entries.iter().filter(move |(_, entry)| missing(entry))
    }
}
