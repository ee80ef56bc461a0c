//! What a person decides about a request.

use alloc::vec::Vec;

use crate::base::id::PersonaId;
use crate::base::limits::CONTACTS_MAX;
use crate::mailbox::parcel::Body;
use crate::peer::command::CommandError;
use crate::peer::first_contact::Way;
use crate::peer::io::Outcome;
use crate::peer::records::RequestRecord;
use crate::peer::{Cx, Peer};

use super::{DECLINED_MAX, STRANGERS_BLOCKED_MAX, hello_of, words_of};

impl Peer {
    /// Lets whoever asked in: their hello is answered now, and their first words begin the chat.
    pub(in crate::peer) fn accept_request(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
    ) -> Result<Outcome, CommandError> {
        let asked = self.requests.known.get(&persona);
        let Some(asked) = asked.and_then(|known| known.asked.clone()) else {
            return Err(CommandError::NoRequest);
        };
        if self.contacts.len() >= CONTACTS_MAX {
            return Err(CommandError::TooManyContacts);
        }
        let Some(Body::Hello {
            card,
            key_package,
            invite,
            words,
            ..
        }) = hello_of(&asked)
        else {
            return Err(CommandError::NoRequest);
        };
        let way = Way {
            key_package: &key_package,
            invite: &invite,
            welcome: None,
        };
        self.answer_hello(cx, (persona, asked.device, asked.at), card, &way);
        let Some(contact) = self.contacts.get_mut(&persona) else {
            // Its key package is too old by now: nobody can be answered by it.
            return Err(CommandError::NoRequest);
        };
        let conversation = contact.conversation;
        if let Some(content) = words.and_then(|words| words_of(&words)) {
            contact.receipt.delivered.push(content.id);
            self.keep_message(cx, persona, content);
        }
        self.pump = true;
        Ok(Outcome::Chat(conversation))
    }

    /// Puts a request away, for a while or, `for_good`, until I open an invite of theirs. They are told
    /// nothing.
    pub(in crate::peer) fn decline_request(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        for_good: bool,
    ) -> Result<Outcome, CommandError> {
        let waits = |known: &RequestRecord| known.asked.is_some();
        if !self.requests.known.get(&persona).is_some_and(waits) {
            return Err(CommandError::NoRequest);
        }
        if for_good && self.requests.blocked() >= STRANGERS_BLOCKED_MAX {
            return Err(CommandError::TooManyBlocked);
        }
        if !for_good && self.requests.declined().count() >= DECLINED_MAX {
            let declined = self.requests.declined();
            let first = declined.min_by_key(|(_, record)| record.since);
            if let Some(first) = first.map(|(persona, _)| *persona) {
                self.forget_request(cx, &first);
            }
        }
        let record = RequestRecord {
            since: cx.now,
            asked: None,
            blocked: for_good,
        };
        self.keep_request(cx, persona, record);
        Ok(Outcome::Done)
    }

    /// Whoever was declined or blocked may ask again.
    pub(in crate::peer) fn let_ask_again(
        &mut self,
        cx: &mut Cx<'_>,
    ) -> Result<Outcome, CommandError> {
        let known = self.requests.known.iter();
        let refused = known.filter(|(_, record)| record.asked.is_none());
        let refused: Vec<_> = refused.map(|(persona, _)| *persona).collect();
        for persona in refused {
            self.forget_request(cx, &persona);
        }
        Ok(Outcome::Done)
    }
}
