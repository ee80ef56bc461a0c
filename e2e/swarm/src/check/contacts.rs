//! A contact speaks for nobody but itself: what it says over a channel leaves everything alone that is
//! between the page and others. Its own conversation it may spoil.

use shared::base::effects::Batch;
use shared::base::id::PersonaId;
use shared::peer::Peer;
use shared::peer::records::{contact_key, conversation_of_pair};

use crate::fields::Fields;
use crate::world::Person;

/// First bytes of keys: the account, contacts, what is on its way.
const ACCOUNT: u8 = b'a';
const CONTACT: u8 = b'c';
const OUTBOX: u8 = b'o';
/// Field of what is on its way: to whom.
const TO: u32 = 0;
/// Field of a message: how far it has come, and that it is on the other side's device.
const STATE: u32 = 3;
const DELIVERED: u8 = 2;
/// Fields of a contact that only somebody's word changes: name, keys, homes and rights, the group and its
/// clock, what is unread, and how far they have read. The others also change when something leaves.
const OF_THEIR_WORD: [u32; 13] = [1, 2, 3, 4, 5, 7, 9, 10, 11, 13, 14, 15, 26];

/// A page heard a contact on a channel, and wants this kept.
///
/// # Errors
/// It changes something between the page and others.
pub fn told(
    person: usize,
    it: &Person,
    speaker: Option<PersonaId>,
    batch: &Batch,
) -> Result<(), String> {
    let (Some(me), Some(speaker)) = (it.persona, speaker) else {
        return Ok(());
    };
    let chat = conversation_of_pair(&me, &speaker);
    for change in &batch.changes {
        let Some((prefix, rest)) = change.key.split_first() else {
            continue;
        };
        let before = it.disk.latest(&change.key);
        let after = change.value.as_deref();
        let foreign = match *prefix {
            ACCOUNT => before != after,
            CONTACT => change.key != contact_key(&speaker) && is_other(before, after),
            OUTBOX => after.is_none() && to(before).is_some_and(|to| to != speaker),
            Peer::LAZY_PREFIX if !rest.starts_with(chat.as_bytes()) => {
                state(before) != Some(DELIVERED) && matches!(state(after), None | Some(DELIVERED))
            }
            _ => false,
        };
        if foreign {
            return Err(format!(
                "person {person} lets a contact speak for another: {:?}",
                char::from(*prefix)
            ));
        }
    }
    Ok(())
}

fn is_other(before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
    let (Some(before), Some(after)) = (before.and_then(Fields::of), after.and_then(Fields::of))
    else {
        return true;
    };
    let mut fields = OF_THEIR_WORD.into_iter();
    fields.any(|field| before.raw(field) != after.raw(field))
}

fn to(record: Option<&[u8]>) -> Option<PersonaId> {
    Fields::of(record?)?.get(TO)
}

fn state(record: Option<&[u8]>) -> Option<u8> {
    Fields::of(record?)?.get(STATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Disk;
    use crate::world::person::Act;
    use std::time::Duration;

    /// A record with one field.
    fn record(field: u8, value: &[u8]) -> Vec<u8> {
        [&[0xa1, field], value].concat()
    }

    fn id(byte: u8) -> PersonaId {
        PersonaId([byte; 32])
    }

    #[test]
    fn a_contact_changes_its_own_and_no_other() {
        let mut disk: Disk<Act> = Disk::new(Duration::ZERO);
        let name = |text: &[u8]| record(1, text);
        for who in [1, 2] {
            disk.kept.insert(contact_key(&id(who)), name(b"\x61a"));
        }
        let me = Person::with_disk(id(9), disk);
        let mut batch = Batch::default();
        batch.put(contact_key(&id(1)), name(b"\x61b"));
        assert_eq!(told(0, &me, Some(id(1)), &batch), Ok(()));
        assert!(told(0, &me, Some(id(2)), &batch).is_err());
        let mut numbered = Batch::default();
        // The same name, and another field: how much was sent.
        numbered.put(contact_key(&id(1)), vec![0xa2, 1, 0x61, b'a', 20, 7]);
        assert_eq!(told(0, &me, Some(id(2)), &numbered), Ok(()));
        let mut message = Batch::default();
        let chat = conversation_of_pair(&id(9), &id(1));
        let key = [&[Peer::LAZY_PREFIX], chat.as_bytes(), &[0; 24]].concat();
        message.put(key, record(3, &[DELIVERED]));
        assert_eq!(told(0, &me, Some(id(1)), &message), Ok(()));
        assert!(told(0, &me, Some(id(2)), &message).is_err());
    }
}
