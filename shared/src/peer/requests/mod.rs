//! Requests: first contacts by people who have no invite, through the [public address](public). They wait
//! here until a person accepts, declines or blocks them. Until then nothing goes out to whoever asked:
//! no answer, no receipt, no knock, no channel. They are no contact yet.
//!
//! | who asks | no request of theirs | one waits | declined | blocked |
//! |---|---|---|---|---|
//! | by the public address | kept, if there is room | kept instead, with the words of the first | dropped for [`DECLINED_FOR`] | dropped |
//! | by an invite | let in | let in | let in | dropped |
//!
//! Whoever is a contact already is let in by either. Not here: what is done when somebody is let in, which
//! is [`first_contact`](super::first_contact).

mod decide;
mod present;
mod public;
#[cfg(test)]
mod tests;
pub mod view;

pub use public::{PUBLIC_BITS_MAX, PUBLIC_BITS_MIN};

use alloc::vec::Vec;
use core::time::Duration;

use super::io::Notice;
use super::records::{AskedRecord, RequestRecord, request_key};
use super::view::Changed;
use super::{Cx, LoadError, Peer};
use crate::base::clock::SetBack;
use crate::base::codec;
use crate::base::id::{DeviceId, PersonaId};
use crate::base::limits::{ENVELOPE_BYTES_MAX, KEEP_TTL_MAX};
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::conversation::content::{Content, KIND_TEXT};
use crate::conversation::mls::Member;
use crate::identity::list::VerifiedDeviceList;
use crate::identity::name::clean_name;
use crate::invite::homes_are_sound;
use crate::mailbox::parcel::Body;
use crate::planted::{Fault, is_planted};

/// Requests that wait to be decided about. A flood of them, each with its work, fills this and nothing else.
pub const REQUESTS_HELD_MAX: usize = 64;
/// First words that come with a request, in bytes of UTF-8: a long paragraph, read before anybody is let in.
pub const REQUEST_WORDS_BYTES_MAX: usize = 1024;
/// A request waits as long as its hello would have waited at a home.
pub const REQUEST_TTL: Duration = KEEP_TTL_MAX;
/// Whoever was declined may ask again after this long. Another persona is made in a moment: this is against
/// insistence, not against floods.
pub const DECLINED_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// Declined people who are remembered; with more, the one declined first may ask again.
pub const DECLINED_MAX: usize = 256;
/// Blocked people who are remembered, besides those.
pub const STRANGERS_BLOCKED_MAX: usize = 1024;

/// People who asked.
#[derive(Default)]
pub struct Requests {
    known: SortedMap<PersonaId, RequestRecord>,
}

impl Requests {
    /// Takes a record that was kept.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(&mut self, persona: &[u8], value: &[u8]) -> Result<(), LoadError> {
        let persona = PersonaId::from_slice(persona).map_err(|_| LoadError)?;
        let record = codec::decode(value, super::RECORD_BYTES_MAX).map_err(|_| LoadError)?;
        self.known.insert(persona, record);
        Ok(())
    }

    /// Whether whatever this stranger sends is dropped.
    pub fn blocks(&self, persona: &PersonaId) -> bool {
        self.known.get(persona).is_some_and(|known| known.blocked)
    }

    /// See [`clock`](super::clock).
    pub fn set_back(&mut self, back: &SetBack) {
        let known = self.known.values_mut();
        known.for_each(|known| back.past(&mut known.since));
    }

    fn waiting(&self) -> impl Iterator<Item = (&PersonaId, &RequestRecord, &AskedRecord)> {
        let known = self.known.iter();
        known.filter_map(|(persona, record)| Some((persona, record, record.asked.as_ref()?)))
    }

    fn blocked(&self) -> usize {
        let known = self.known.values();
        known.filter(|known| known.blocked).count()
    }

    fn declined(&self) -> impl Iterator<Item = (&PersonaId, &RequestRecord)> {
        let known = self.known.iter();
        known.filter(|(_, record)| record.asked.is_none() && !record.blocked)
    }
}

/// What the first words of a request say, if they are such.
pub fn words_of(bytes: &[u8]) -> Option<Content> {
    let content = Content::read(bytes).ok()?;
    let fits = content.kind == KIND_TEXT
        && content.data.is_empty()
        && !content.text.trim().is_empty()
        && content.text.len() <= REQUEST_WORDS_BYTES_MAX;
    fits.then_some(content)
}

impl Peer {
    /// Keeps a hello by the public address until I decide. Whether it was one to look at.
    pub(super) fn take_request(
        &mut self,
        cx: &mut Cx<'_>,
        (from, device, at): (PersonaId, DeviceId, Timestamp),
        hello: &Body,
    ) -> bool {
        // A home that takes requests all the same, or took them before I closed the address.
        if self.public_bits() == 0 {
            return false;
        }
        let Body::Hello {
            card,
            key_package,
            words,
            ..
        } = hello
        else {
            return false;
        };
        self.drop_old_requests(cx);
        let known = self.requests.known.get(&from);
        let waits = known.and_then(|known| known.asked.as_ref());
        let newer = waits.is_some_and(|before| before.at < at);
        let full = self.requests.waiting().count() >= REQUESTS_HELD_MAX;
        if !newer && (known.is_some() || full) {
            return true;
        }
        let list = VerifiedDeviceList::verify(&card.devices).ok();
        let theirs = list
            .is_some_and(|list| list.persona() == from && list.device(&device).is_some())
            && homes_are_sound(&card.homes)
            && words.iter().all(|words| words_of(words).is_some())
            && self.is_key_package_of(cx.now, key_package, from, device);
        let Some(name) = clean_name(&card.name).ok().filter(|_| theirs) else {
            return false;
        };
        let before = self.requests.known.get(&from);
        let shown = before.and_then(|before| hello_of(before.asked.as_ref()?));
        let asked = AskedRecord {
            device,
            at,
            hello: match shown {
                Some(shown) => codec::encode(&as_shown(hello, shown)),
                None => codec::encode(hello),
            },
        };
        let record = RequestRecord {
            since: before.map_or(cx.now, |before| before.since),
            asked: Some(asked),
            blocked: false,
        };
        self.keep_request(cx, from, record);
        if !newer {
            cx.out.notify(Notice::Request { name });
        }
        if is_planted(Fault::LetInUnasked) {
            let _ = self.accept_request(cx, from);
        }
        true
    }

    /// Whether they can be answered by it, once they are let in.
    fn is_key_package_of(
        &self,
        now: Timestamp,
        key_package: &[u8],
        persona: PersonaId,
        device: DeviceId,
    ) -> bool {
        let member = Member { persona, device };
        let mls = self.mls.as_ref();
        mls.is_some_and(|mls| mls.member_of(now, key_package) == Ok(member))
    }

    fn keep_request(&mut self, cx: &mut Cx<'_>, persona: PersonaId, record: RequestRecord) {
        let value = codec::encode(&record);
        cx.out.store.put(request_key(&persona), value);
        self.requests.known.insert(persona, record);
        cx.changed(Changed::Requests);
    }

    /// Whatever was kept of this persona's asking is of no use any more.
    pub(super) fn forget_request(&mut self, cx: &mut Cx<'_>, persona: &PersonaId) {
        if self.requests.known.remove(persona).is_some() {
            cx.out.store.delete(request_key(persona));
            cx.changed(Changed::Requests);
        }
    }

    /// Requests that nobody decided about in time, and people who were declined long ago.
    pub(super) fn drop_old_requests(&mut self, cx: &mut Cx<'_>) {
        let old = self.requests.known.iter().filter(|(_, record)| {
            let span = match record.asked {
                Some(_) => REQUEST_TTL,
                None => DECLINED_FOR,
            };
            !record.blocked && cx.now.since(record.since) >= span
        });
        let old: Vec<_> = old.map(|(persona, _)| *persona).collect();
        for persona in old {
            self.forget_request(cx, &persona);
        }
    }
}

/// A newer hello by somebody who has asked anew, which can be answered where the older one cannot any more. Who
/// reads the name and the words does not find others under their finger.
fn as_shown(newer: &Body, shown: Body) -> Body {
    let mut body = newer.clone();
    if let (
        Body::Hello { card, words, .. },
        Body::Hello {
            card: card_shown,
            words: words_shown,
            ..
        },
    ) = (&mut body, shown)
    {
        card.name = card_shown.name;
        *words = words_shown;
    }
    body
}

/// Reads a hello that was kept.
fn hello_of(asked: &AskedRecord) -> Option<Body> {
    codec::decode(&asked.hello, ENVELOPE_BYTES_MAX).ok()
}
