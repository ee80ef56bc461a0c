//! What a person does in a chat, and the part of it that is on the screen.

use alloc::string::String;
use alloc::vec::Vec;

use super::command::CommandError;
use super::io::{Job, Outcome};
use super::records::{MessageRecord, OutWhat, StoredState, message_key, message_range};
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::id::{ConversationId, EnvelopeId, MessageId, PersonaId};
use crate::base::limits::{CONTENT_BYTES_MAX, OPEN_MESSAGES_MAX, OUTBOX_MAX, TEXT_BYTES_MAX};
use crate::base::random::bytes;
use crate::conversation::content::{Content, KIND_TEXT};

/// Messages read from the store at a time.
const PAGE: usize = 60;

/// The open chat.
pub struct Open {
    /// With whom.
    pub persona: PersonaId,
    /// Loaded so far, in order.
    pub messages: Vec<MessageRecord>,
    /// How many of them may be there.
    pub room: usize,
    /// Older ones may exist.
    pub more_before: bool,
    /// A read is under way.
    pub reading: Option<u32>,
    /// The first read has come back.
    pub loaded: bool,
    /// First message that was unread when it was opened.
    pub first_unread: Option<MessageId>,
    /// Its end is before somebody's eyes.
    pub watched: bool,
}

impl Open {
    /// A message is in its place.
    pub fn insert(&mut self, record: MessageRecord) {
        let place = |record: &MessageRecord| (record.clock, record.id);
        match self.messages.binary_search_by_key(&place(&record), place) {
            Ok(at) => {
                if let Some(old) = self.messages.get_mut(at) {
                    *old = record;
                }
            }
            Err(at) => self.messages.insert(at, record),
        }
    }

    /// A message of theirs came: the oldest give way. Not while older ones are being read, or there would
    /// be a gap between.
    pub fn make_room(&mut self) {
        if self.reading.is_none() && self.messages.len() > self.room {
            self.messages.drain(..self.messages.len() - self.room);
            self.more_before = true;
        }
    }

    /// A message that is shown has changed.
    pub fn update(&mut self, record: &MessageRecord) {
        if let Some(shown) = self
            .messages
            .iter_mut()
            .rev()
            .find(|shown| shown.id == record.id)
        {
            shown.clone_from(record);
        }
    }
}

/// What of a record is encrypted.
pub fn content_of(record: &MessageRecord) -> Content {
    Content {
        id: record.id,
        at: record.at,
        clock: record.clock,
        parents: record.parents.clone(),
        kind: record.kind,
        text: record.text.clone(),
        data: record.data.clone(),
    }
}

impl Peer {
    pub(super) fn persona_of(
        &self,
        conversation: &ConversationId,
    ) -> Result<PersonaId, CommandError> {
        self.contacts
            .values()
            .find(|contact| contact.conversation == *conversation)
            .map(|contact| contact.record.persona)
            .ok_or(CommandError::NoConversation)
    }

    pub(super) fn open_conversation(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.persona == persona)
        {
            return Ok(Outcome::Chat(conversation));
        }
        let first_unread = self
            .contacts
            .get(&persona)
            .and_then(|contact| contact.record.first_unread);
        self.open = Some(Open {
            persona,
            messages: Vec::new(),
            room: OPEN_MESSAGES_MAX,
            more_before: false,
            reading: None,
            loaded: false,
            first_unread,
            watched: false,
        });
        let (from, to) = message_range(&conversation);
        self.read(cx, from, to);
        self.keep_courier(cx);
        cx.changed_chat(conversation);
        Ok(Outcome::Chat(conversation))
    }

    pub(super) fn load_older(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        let Some(open) = self.open.as_ref().filter(|open| open.persona == persona) else {
            return Err(CommandError::NoConversation);
        };
        if open.reading.is_some() || !open.more_before {
            return Ok(Outcome::Done);
        }
        let (from, end) = message_range(&conversation);
        let to = open.messages.first().map_or(end, |first| {
            message_key(&conversation, first.clock, &first.id)
        });
        if let Some(open) = &mut self.open {
            open.room = open.room.saturating_add(PAGE);
        }
        self.read(cx, from, to);
        Ok(Outcome::Done)
    }

    fn read(&mut self, cx: &mut Cx<'_>, from: Vec<u8>, to: Vec<u8>) {
        self.next_token = self.next_token.wrapping_add(1);
        if let Some(open) = &mut self.open {
            open.reading = Some(self.next_token);
        }
        cx.out.job(Job::ReadLast {
            token: self.next_token,
            from,
            to,
            limit: PAGE,
        });
    }

    pub(super) fn take_read(
        &mut self,
        cx: &mut Cx<'_>,
        token: u32,
        records: &[(Vec<u8>, Vec<u8>)],
    ) {
        let Some(open) = self
            .open
            .as_mut()
            .filter(|open| open.reading == Some(token))
        else {
            return;
        };
        open.reading = None;
        open.loaded = true;
        open.more_before = records.len() >= PAGE;
        for (_, value) in records {
            // What is newer in memory stays: it may have changed since the read was asked for.
            if let Ok(record) = codec::decode::<MessageRecord>(value, CONTENT_BYTES_MAX)
                && !open.messages.iter().any(|shown| shown.id == record.id)
            {
                open.insert(record);
            }
        }
        if let Some(contact) = self.contacts.get(&open.persona) {
            cx.changed_chat(contact.conversation);
        }
    }

    pub(super) fn say(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
        text: &str,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(CommandError::TextEmpty);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(CommandError::TextTooLong { len: text.len() });
        }
        if self.is_blocked(&persona) {
            return Err(CommandError::Blocked);
        }
        if self.outbox.len() >= OUTBOX_MAX {
            return Err(CommandError::OutboxFull);
        }
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return Err(CommandError::NoConversation);
        };
        let record = MessageRecord {
            id: MessageId(bytes(cx.random)),
            clock: contact.record.clock.saturating_add(1),
            at: cx.now,
            mine: Some(StoredState::Queued),
            parents: contact.record.heads.clone(),
            kind: KIND_TEXT,
            text: String::from(text),
            data: Vec::new(),
            failure: None,
        };
        contact.note_message(cx.now, &record);
        cx.dirty(persona);
        cx.changed_chat(conversation);
        self.befriend(cx, persona);
        cx.out.store.put(
            message_key(&conversation, record.clock, &record.id),
            codec::encode(&record),
        );
        let id = record.id;
        if let Some(open) = self.open.as_mut().filter(|open| open.persona == persona) {
            open.first_unread = None;
            open.insert(record.clone());
        }
        let envelope = EnvelopeId(bytes(cx.random));
        self.enqueue(
            cx,
            persona,
            (envelope, cx.now),
            OutWhat::Message {
                record,
                sealed: None,
            },
        );
        Ok(Outcome::Message(id))
    }

    pub(super) fn retry(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        let order = self
            .order_of(&persona, &message)
            .ok_or(CommandError::NoMessage)?;
        if self.is_blocked(&persona) {
            return Err(CommandError::Blocked);
        }
        self.revive_entry(cx, order);
        Ok(Outcome::Message(message))
    }

    pub(super) fn watch(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
        seen: bool,
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        if let Some(open) = self.open.as_mut().filter(|open| open.persona == persona) {
            open.watched = seen;
        }
        let Some(contact) = self.contacts.get_mut(&persona).filter(|_| seen) else {
            return Ok(Outcome::Done);
        };
        if contact.record.unread > 0 || contact.record.first_unread.is_some() {
            contact.note_read();
            cx.dirty(persona);
            cx.changed_chat(conversation);
            self.pump = true;
        }
        Ok(Outcome::Done)
    }

    pub(super) fn set_flag(
        &mut self,
        cx: &mut Cx<'_>,
        conversation: ConversationId,
        set: impl FnOnce(&mut super::records::ContactRecord),
    ) -> Result<Outcome, CommandError> {
        let persona = self.persona_of(&conversation)?;
        if let Some(contact) = self.contacts.get_mut(&persona) {
            set(&mut contact.record);
            cx.dirty(persona);
            cx.changed_chat(conversation);
        }
        Ok(Outcome::Done)
    }
}
