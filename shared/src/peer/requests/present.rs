//! Who waits to be let in, to be drawn; and how far my own asking has come.

use alloc::vec::Vec;

use crate::base::codec;
use crate::base::limits::ENVELOPE_BYTES_MAX;
use crate::identity::name::clean_name;
use crate::mailbox::parcel::Body;
use crate::peer::Peer;
use crate::peer::contact::Contact;
use crate::peer::outbox::Opener;
use crate::peer::records::OutWhat;
use crate::peer::view::{AskState, RequestView};

use super::{hello_of, words_of};

impl Peer {
    /// Requests that wait for me, the oldest first: none moves while it is decided about, because another comes.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestView> {
        let waiting = self
            .requests
            .waiting()
            .filter_map(|(persona, known, asked)| {
                let Some(Body::Hello { card, words, .. }) = hello_of(asked) else {
                    return None;
                };
                let words = words.and_then(|words| words_of(&words));
                Some(RequestView {
                    persona: *persona,
                    name: clean_name(&card.name).ok()?,
                    words: words.map(|content| content.text),
                    since: known.since,
                })
            });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by_key(|request| request.since);
        waiting
    }

    /// People who were declined or blocked, and may not ask.
    #[must_use]
    pub fn requests_refused(&self) -> u32 {
        let known = self.requests.known.values();
        let refused = known.filter(|record| record.asked.is_none());
        u32::try_from(refused.count()).unwrap_or(u32::MAX)
    }

    /// How far my asking has come, by somebody's public address, until they answer.
    pub(in crate::peer) fn ask_state(&self, contact: &Contact) -> Option<AskState> {
        let asks = contact.asks_in_public() && contact.unheard().is_none();
        let hello = self.opener_to(&contact.record.persona, Opener::Hello);
        let order = hello.filter(|_| asks)?;
        let out = self.outbox.get(&order)?;
        if !out.record.done.is_empty() {
            return Some(AskState::Waits);
        }
        Some(match self.toils_for(order) {
            true => AskState::Works,
            false => AskState::OnItsWay(self.obstacle_of(contact, out)),
        })
    }

    /// Whether they see words of mine with my request.
    pub(in crate::peer) fn asks_with_words(&self, contact: &Contact) -> bool {
        let hello = self.opener_to(&contact.record.persona, Opener::Hello);
        let hello = hello.filter(|_| contact.asks_in_public());
        let out = hello.and_then(|order| self.outbox.get(&order));
        let Some(OutWhat::Body(body)) = out.map(|out| &out.record.what) else {
            return false;
        };
        let hello = codec::decode(body, ENVELOPE_BYTES_MAX);
        matches!(hello, Ok(Body::Hello { words: Some(_), .. }))
    }
}
