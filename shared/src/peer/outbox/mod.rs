//! What is to reach contacts, and its way there: over an open channel, or deposited at their homes.
//!
//! A message stays in the outbox until its delivery is confirmed; anything else until enough homes
//! have it. Entries are sealed once and keep their envelope id, so a repeat is dropped on arrival.

mod again;
mod attempt;
mod gate;
mod life;
mod openers;
mod progress;
mod pump;
mod refused;
mod replies;
mod why;

use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{EnvelopeId, NodeId, PersonaId};
use crate::base::limits::REQUEST_BYTES_MAX;
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::gates::work::Work;
use crate::mailbox::parcel::{Body, Parcel};
use crate::mailbox::seal;
use crate::peer::contact::Contact;
use crate::peer::packages::Wish;
use crate::peer::records::{Failure, OutRecord, OutWhat, StoredState, out_key};
use crate::peer::{Cx, Peer};

use alloc::vec::Vec;
use attempt::Attempt;
use core::time::Duration;

pub use openers::Opener;

/// What was told over a channel and is not confirmed within this time is deposited as well.
const CONFIRM: Duration = Duration::from_secs(4);
/// A message that has not gone this long after it was written says why.
const WHY_AFTER: Duration = Duration::from_secs(3);

/// What parcel and seal add to a message, at most, for a stranger.
const SEALING_BYTES: usize = 1024;
/// How often a message is said again because it could not be read.
const REPEATS_MAX: u8 = 3;

/// One entry, with what is known of it right now.
pub struct Out {
    /// As kept.
    pub record: OutRecord,
    envelope: Option<Vec<u8>>,
    attempts: SortedMap<NodeId, Attempt>,
    told: Option<Told>,
    /// Work that is shown with it, and its bits.
    work: Option<(u8, Work)>,
    /// What it is, when it introduces me.
    pub opener: Option<Opener>,
    /// Whether it waits for a key package first.
    pub wish: Wish,
    /// How often work was done for it.
    pub works: u8,
    /// Since when it has waited. Unlike when it was written, this follows a clock that is set back.
    since: Timestamp,
    /// Whether what keeps it here is shown.
    explained: bool,
}

/// A message was told over a channel.
#[derive(Clone, Copy)]
struct Told {
    link: LinkId,
    at: Timestamp,
    /// No confirmation came in time: it is deposited as well.
    doubted: bool,
}

impl Out {
    /// An entry that has not gone anywhere yet.
    pub fn new(record: OutRecord) -> Self {
        let (opener, wish) = openers::opener_of(&record);
        Self {
            opener,
            wish,
            since: record.since.unwrap_or(record.at),
            record,
            envelope: None,
            attempts: SortedMap::new(),
            told: None,
            work: None,
            works: 0,
            explained: false,
        }
    }

    /// How far it has come, when it is a message.
    pub fn state(&self) -> Option<StoredState> {
        match &self.record.what {
            OutWhat::Body(_) => None,
            OutWhat::Message { record, .. } => record.mine,
        }
    }

    /// Whether anybody can have it, as it is now.
    fn has_left(&self) -> bool {
        let under_way = self.attempts.values().any(|attempt| attempt.in_flight);
        self.told.is_some() || under_way || !self.record.done.is_empty()
    }

    /// Whether it must wait until I am let in: the lane of strangers takes small envelopes only, and who is
    /// asked in public is left nothing but my asking.
    fn must_be_let_in(&self, contact: &Contact) -> bool {
        let asks = contact.asks_in_public() && self.opener.is_none();
        asks || (contact.is_stranger_to() && self.is_large_for_a_stranger())
    }

    fn is_large_for_a_stranger(&self) -> bool {
        match &self.record.what {
            OutWhat::Message {
                sealed: Some(sealed),
                ..
            } => sealed.len().saturating_add(SEALING_BYTES) > REQUEST_BYTES_MAX,
            _ => false,
        }
    }

    /// It goes nowhere for now: nothing of what was tried counts.
    pub fn rest(&mut self) {
        self.told = None;
        self.attempts = SortedMap::new();
        self.seal_anew();
    }

    /// Its envelope is made anew, and work that was done for that one is worth nothing.
    fn seal_anew(&mut self) {
        self.envelope = None;
        self.work = None;
    }

    fn deadline(&self) -> Option<Timestamp> {
        if self.state() == Some(StoredState::Failed) {
            return None;
        }
        let confirm = self
            .told
            .filter(|told| !told.doubted)
            .map(|told| told.at.after(CONFIRM));
        let explain = (self.state() == Some(StoredState::Queued) && !self.explained)
            .then(|| self.since.after(WHY_AFTER));
        let retries = self
            .attempts
            .values()
            .filter_map(|attempt| attempt.retry_at);
        let wish = match self.wish {
            Wish::Asked(until) => Some(until),
            Wish::None | Wish::Unasked => None,
        };
        core::iter::once(self.expires())
            .chain(confirm)
            .chain(explain)
            .chain(retries)
            .chain(wish)
            .min()
    }
}

impl Peer {
    /// Puts something into the outbox, as said `at` that time.
    pub(in crate::peer) fn enqueue(
        &mut self,
        cx: &mut Cx<'_>,
        to: PersonaId,
        (id, at): (EnvelopeId, Timestamp),
        what: OutWhat,
    ) {
        self.out_order += 1;
        let record = OutRecord {
            to,
            id,
            at,
            what,
            done: Vec::new(),
            repeats: 0,
            number: None,
            expires: None,
            since: (at != cx.now).then_some(cx.now),
            was_sent: false,
        };
        cx.out
            .store
            .put(out_key(self.out_order), codec::encode(&record));
        self.outbox.insert(self.out_order, Out::new(record));
        self.pump = true;
    }

    /// Signs and seals a body for a contact, as said `at` that time; one that is to be kept has a `number`.
    pub(in crate::peer) fn seal_for(
        &self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        (envelope, number, at): (EnvelopeId, Option<u64>, Timestamp),
        body: Body,
    ) -> Option<Vec<u8>> {
        let account = self.account.as_ref()?;
        let contact = self.contacts.get(&persona)?;
        let keys = match &body {
            // As anybody's first contact: their devices may be others by now.
            Body::Hello { .. } => Vec::from([contact.record.inbox]),
            _ => contact.seal_keys(),
        };
        let parcel = Parcel {
            to: persona,
            envelope,
            from: account.persona.id(),
            device: account.device.id(),
            at,
            body,
            number,
            taken: match number {
                Some(_) => contact.record.taken.clone(),
                None => Vec::new(),
            },
        };
        seal::seal(
            &parcel.sign(account.device.sign()),
            &persona,
            &envelope,
            &keys,
            cx.random,
        )
        .ok()
    }

    pub(in crate::peer) fn remove_entry(&mut self, cx: &mut Cx<'_>, order: u64) {
        self.outbox.remove(&order);
        cx.out.store.delete(out_key(order));
    }

    /// Gives up: a message shows it with the reason and can be tried again, anything else is dropped.
    pub(in crate::peer) fn fail_entry(&mut self, cx: &mut Cx<'_>, order: u64, why: Failure) {
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        if let OutWhat::Message { record, .. } = &mut out.record.what {
            record.failure = Some(why);
            out.record.was_sent |=
                why == Failure::Refused && record.mine == Some(StoredState::Sent);
            self.set_state(cx, order, StoredState::Failed);
        } else {
            let (to, opener) = (out.record.to, out.opener);
            self.remove_entry(cx, order);
            if opener == Some(Opener::Hello) {
                self.lose_hello(cx, to, why);
            }
        }
    }

    /// Whatever waited too long has failed; what was told and not confirmed goes another way.
    pub(in crate::peer) fn tick_outbox(&mut self, cx: &mut Cx<'_>) {
        let old: Vec<u64> = self
            .outbox
            .iter()
            .filter(|(_, out)| cx.now >= out.expires())
            .filter(|(_, out)| out.state() != Some(StoredState::Failed))
            .map(|(order, _)| *order)
            .collect();
        for order in old {
            self.fail_entry(cx, order, Failure::Expired);
        }
        self.explain_outbox(cx);
        for out in self.outbox.values_mut() {
            for attempt in out.attempts.values_mut() {
                attempt.note_time(cx.now);
            }
        }
        if self
            .outbox
            .values()
            .any(|out| out.deadline().is_some_and(|deadline| deadline <= cx.now))
        {
            self.pump = true;
        }
    }

    /// When [`Self::tick_outbox`] is due.
    pub(in crate::peer) fn outbox_deadline(&self) -> Option<Timestamp> {
        self.outbox.values().filter_map(Out::deadline).min()
    }
}
