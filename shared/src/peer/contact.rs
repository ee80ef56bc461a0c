//! One contact: what is kept of them, and what is known of them right now.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::allowance::Allowance;
use super::channel::Channel;
use super::first_contact::phase::Phase;
use super::records::{ContactRecord, Failure, LastRecord, MessageRecord, conversation_of_pair};
use super::view::Obstacle;
use crate::base::id::{ConversationId, MessageId, NodeId, PersonaId, SealKey};
use crate::base::limits::PARENTS_MAX;
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::identity::list::VerifiedDeviceList;
use crate::identity::name::clean_name;
use crate::invite::homes_are_sound;
use crate::mailbox::capability::{Capability, Lane};
use crate::mailbox::parcel::{Card, Receipt};

/// Characters of a message shown in the list of chats and in notices.
const EXCERPT_CHARS: usize = 120;

/// So far ahead of mine may somebody's clock be: a wrong time zone, and more.
const SKEW_MAX: Duration = Duration::from_secs(2 * 24 * 3600);

/// A contact.
pub struct Contact {
    /// As kept.
    pub record: ContactRecord,
    /// Their devices, checked; `None` before they have answered.
    pub devices: Option<VerifiedDeviceList>,
    /// Our conversation.
    pub conversation: ConversationId,
    /// The data channel to them.
    pub channel: Channel,
    /// What they are to be told of their messages.
    pub receipt: Receipt,
    /// Signals and attempts at channels that I still take from them.
    pub signals: Allowance,
    /// Messages on channels that I still take from them.
    pub channel_messages: Allowance,
    /// What waits for them has not been tried by the way that their last card names.
    pub way_changed: bool,
    /// When their page was last heard of.
    pub heard: Option<Timestamp>,
    /// How long each of their homes keeps an envelope, as it said last.
    pub granted: SortedMap<NodeId, Duration>,
}

/// Why a card is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCard {
    /// It is not newer than the one that is known.
    Old,
    /// It is not sound, or of somebody else.
    Unsound,
}

impl Contact {
    /// The contact of a record that was kept.
    pub fn load(mut record: ContactRecord, me: &PersonaId) -> Self {
        // As earlier versions kept it: they had one group, and remembered one answer.
        record.answers.extend(record.answered.take());
        if record.card_at == Timestamp(0) && record.greeting.is_none() {
            record.greeting = record.group;
        }
        Self {
            devices: VerifiedDeviceList::restore(&record.devices).ok(),
            conversation: conversation_of_pair(me, &record.persona),
            channel: Channel::default(),
            receipt: Receipt::default(),
            signals: Allowance::default(),
            channel_messages: Allowance::default(),
            way_changed: false,
            heard: None,
            granted: SortedMap::new(),
            record,
        }
    }

    /// Whether they have answered: their card is known, with a capability for me alone.
    pub fn has_answered(&self) -> bool {
        self.record.card_at > Timestamp(0)
    }

    /// Whether I ask by their public address and they have not let me in: I have no right to write.
    pub fn asks_in_public(&self) -> bool {
        self.record.capability == Capability::PUBLIC
    }

    /// Whether I write to them by an invite or a public address: they have given me no right of my own, or
    /// have taken it back.
    pub fn is_stranger_to(&self) -> bool {
        let lane = self.record.capability.serial.lane();
        !self.has_answered() || lane.is_none_or(Lane::is_of_strangers)
    }

    /// Whether there is a group, so that messages can be encrypted.
    pub fn is_ready(&self) -> bool {
        self.record.group.is_some()
    }

    /// Keys to which things for them are sealed.
    pub fn seal_keys(&self) -> Vec<SealKey> {
        match &self.devices {
            Some(list) if self.has_answered() => {
                list.list().devices.iter().map(|entry| entry.seal).collect()
            }
            _ => Vec::from([self.record.inbox]),
        }
    }

    /// How far first contact has come.
    pub fn phase(&self) -> Phase {
        Phase::of(Some(&self.record))
    }

    /// Why my hello has come to nothing, when it has.
    pub fn unheard(&self) -> Option<Obstacle> {
        match self.record.unheard {
            Some(why) if self.phase() == Phase::Unheard => Some(match why {
                Failure::Expired => Obstacle::Expired,
                _ => Obstacle::Refused,
            }),
            _ => None,
        }
    }

    /// Takes over a card of theirs that was sent at `at`: newer than the last one, sound, and with a
    /// device list that follows the one known.
    pub fn take_card(&mut self, card: Card, at: Timestamp, now: Timestamp) -> Result<(), BadCard> {
        let list = VerifiedDeviceList::verify(&card.devices).map_err(|_| BadCard::Unsound)?;
        self.take_verified_card(card, list, at, now)
    }

    /// Takes over a card whose device list is `list`, checked already.
    pub fn take_verified_card(
        &mut self,
        card: Card,
        list: VerifiedDeviceList,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), BadCard> {
        if list.persona() != self.record.persona || !homes_are_sound(&card.homes) {
            return Err(BadCard::Unsound);
        }
        if !self.is_later_card(at, now) {
            return Err(BadCard::Old);
        }
        let follows = self
            .devices
            .as_ref()
            .is_none_or(|known| list.verify_follows(known).is_ok());
        let name = clean_name(&card.name).ok().filter(|_| follows);
        let record = &mut self.record;
        record.name = name.ok_or(BadCard::Unsound)?;
        record.refused &= record.capability == card.capability;
        record.homes = card.homes;
        record.capability = card.capability;
        record.inbox = card.inbox;
        record.devices = card.devices;
        record.card_ceiling = record.card_ceiling.max(Some(record.card_at));
        record.card_ceiling = record.card_ceiling.filter(|ceiling| *ceiling > at);
        record.card_at = at;
        let latest = now.after(SKEW_MAX);
        record.card_doubt = (at > latest).then_some(latest);
        self.devices = Some(list);
        Ok(())
    }

    /// Whether a card that was sent at `at` is later than the last one. A persona's cards are in order even
    /// if its clock was far ahead for a while; one that has lost its order must not be kept out for ever, and
    /// a copy of an earlier card, come late, is never later: those from when the clock was ahead lie up to the
    /// ceiling, and are not believable.
    fn is_later_card(&self, at: Timestamp, now: Timestamp) -> bool {
        let record = &self.record;
        let is_believable = at <= now.after(SKEW_MAX);
        let comes_to_its_senses = |doubt: Timestamp| at > doubt && is_believable;
        let is_below = |ceiling: Timestamp| at < ceiling && is_believable;
        let passes = |ceiling: Timestamp| at > ceiling || is_below(ceiling);
        (at > record.card_at && record.card_ceiling.is_none_or(passes))
            || record.card_doubt.is_some_and(comes_to_its_senses)
    }

    /// A message is in the conversation now: moves clock, heads and last line.
    pub fn note_message(&mut self, now: Timestamp, message: &MessageRecord) {
        let record = &mut self.record;
        record.clock = record.clock.max(message.clock);
        record
            .heads
            .retain(|head| !message.parents.contains(head) && *head != message.id);
        if record.heads.len() >= PARENTS_MAX {
            record.heads.remove(0);
        }
        record.heads.push(message.id);
        record.active = now;
        let place = |last: &LastRecord| (last.clock, last.id);
        if record
            .last
            .as_ref()
            .is_none_or(|last| place(last) <= (message.clock, message.id))
        {
            record.last = Some(LastRecord {
                text: excerpt(&message.text),
                at: message.at,
                id: message.id,
                clock: message.clock,
                mine: message.mine,
            });
        }
    }

    /// All that they said has been on the screen.
    pub fn note_read(&mut self) {
        self.record.unread = 0;
        self.record.first_unread = None;
        self.record.read_by_me = self.record.clock;
        self.receipt.read_up_to = self.record.clock;
    }

    /// A message of theirs came that has not been on the screen.
    pub fn note_unread(&mut self, id: MessageId) {
        self.record.unread = self.record.unread.saturating_add(1);
        self.record.first_unread.get_or_insert(id);
    }
}

/// The beginning of a text, on one line.
pub fn excerpt(text: &str) -> String {
    let mut out = String::new();
    for (count, word) in text.split_whitespace().enumerate() {
        if count > 0 {
            out.push(' ');
        }
        out.push_str(word);
        if out.chars().count() > EXCERPT_CHARS {
            break;
        }
    }
    match out.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => out.get(..end).unwrap_or_default().to_string(),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::HOMES_MAX;
    use crate::base::random::Counter;
    use crate::identity::list::{DeviceEntry, DeviceList};
    use crate::identity::secret::{DeviceSecret, PersonaSecret};
    use crate::invite::Home;
    use crate::session::route::Route;

    /// Ben, known to me, and cards of his with that many homes.
    fn ben() -> (Contact, impl Fn(usize) -> Card) {
        let mut random = Counter(0);
        let persona = PersonaSecret::random(&mut random);
        let device = DeviceSecret::random(&mut random);
        let entry = DeviceEntry {
            device: device.id(),
            seal: device.seal().public(),
            since: Timestamp(1),
        };
        let list = DeviceList {
            persona: persona.id(),
            version: 1,
            previous: None,
            at: Timestamp(1),
            devices: Vec::from([entry]),
        };
        let devices = VerifiedDeviceList::sign(&list, persona.sign()).unwrap();
        let me = PersonaId([1; 32]);
        let capability = Capability::issue(&[2; 32], &me, Lane::Contact, None, &mut random);
        let inbox = persona.inbox().public();
        let record = ContactRecord::new(
            Timestamp(1),
            (persona.id(), "Ben".into()),
            (inbox, capability),
            Vec::new(),
            capability,
        );
        let home = |n: usize| Home {
            node: NodeId([u8::try_from(n).unwrap(); 32]),
            routes: Vec::from([Route::parse("wss://home.example/ws").unwrap()]),
        };
        let card = move |homes: usize| Card {
            devices: devices.carried().to_vec(),
            name: "Ben".into(),
            homes: (0..homes).map(home).collect(),
            capability,
            inbox,
        };
        (Contact::load(record, &me), card)
    }

    #[test]
    fn a_card_names_as_many_homes_as_a_persona_may_have_and_no_more() {
        let (mut contact, card) = ben();
        let now = Timestamp(9);
        let full = contact.take_card(card(HOMES_MAX), Timestamp(2), now);
        assert_eq!(full, Ok(()));
        for homes in [0, HOMES_MAX + 1] {
            let taken = contact.take_card(card(homes), Timestamp(3), now);
            assert_eq!(taken, Err(BadCard::Unsound));
        }
        assert_eq!(contact.record.homes.len(), HOMES_MAX);
    }

    #[test]
    fn a_card_of_a_clock_that_is_ahead_keeps_no_later_one_out() {
        let (mut contact, card) = ben();
        let now = Timestamp(5);
        let ahead = contact.take_card(card(1), Timestamp(u64::MAX / 2), now);
        assert_eq!(ahead, Ok(()));
        let (at, now) = (now.after(SKEW_MAX), now.after(SKEW_MAX * 2));
        let believable = contact.take_card(card(2), at, now);
        assert_eq!(believable, Err(BadCard::Old), "it may be a copy");
        let later = contact.take_card(card(2), Timestamp(at.0 + 1), now);
        assert_eq!(later, Ok(()));
        assert_eq!(contact.record.homes.len(), 2);
    }

    #[test]
    fn cards_of_a_clock_that_is_ahead_are_in_their_order_and_copies_are_old() {
        let (mut contact, card) = ben();
        let ahead = |n| Timestamp(u64::MAX / 2 + n);
        for (at, taken) in [
            (1, Ok(())),
            (3, Ok(())),
            (2, Err(BadCard::Old)),
            (4, Ok(())),
        ] {
            assert_eq!(contact.take_card(card(1), ahead(at), Timestamp(5)), taken);
        }
        // Mine was ahead as well when the last one came, and is not any more.
        let late = Timestamp(u64::MAX / 2);
        assert_eq!(contact.take_card(card(1), ahead(5), late), Ok(()));
        assert_eq!(contact.take_card(card(2), ahead(6), Timestamp(6)), Ok(()));
        assert_eq!(contact.record.homes.len(), 2);
    }

    #[test]
    fn cards_of_a_clock_that_was_ahead_are_old_once_its_owner_has_come_to_their_senses() {
        let (mut contact, card) = ben();
        let far = Timestamp(u64::MAX / 2);
        let now = Timestamp(5);
        for ahead in [far, Timestamp(far.0 + 1)] {
            assert_eq!(contact.take_card(card(1), ahead, now), Ok(()));
        }
        let now = now.after(SKEW_MAX * 3);
        assert_eq!(contact.take_card(card(2), now, now), Ok(()));
        for ahead in [far, Timestamp(far.0 + 1)] {
            assert_eq!(contact.take_card(card(1), ahead, now), Err(BadCard::Old));
        }
        // Theirs that are right go on, and so does a clock that is ahead again.
        let now = now.after(SKEW_MAX);
        assert_eq!(contact.take_card(card(3), now, now), Ok(()));
        for ahead in [far, Timestamp(far.0 + 1)] {
            assert_eq!(contact.take_card(card(1), ahead, now), Err(BadCard::Old));
        }
        let further = contact.take_card(card(2), Timestamp(far.0 + 2), now);
        assert_eq!(further, Ok(()));
        assert_eq!(contact.record.card_ceiling, None);
        // Not even the very last one counts when its time has come.
        let (mut contact, card) = ben();
        let ahead = Timestamp(0).after(SKEW_MAX * 9);
        assert_eq!(contact.take_card(card(1), ahead, Timestamp(5)), Ok(()));
        let sane = Timestamp(0).after(SKEW_MAX * 3);
        assert_eq!(contact.take_card(card(2), sane, sane), Ok(()));
        assert_eq!(contact.take_card(card(1), ahead, ahead), Err(BadCard::Old));
        assert_eq!(contact.record.homes.len(), 2);
    }

    #[test]
    fn an_old_copy_of_a_card_is_old_even_when_their_clock_is_ahead() {
        let (mut contact, card) = ben();
        let ahead = |seconds| Timestamp(0).after(SKEW_MAX / 2 + Duration::from_secs(seconds));
        let newer = contact.take_card(card(2), ahead(60), Timestamp(5));
        assert_eq!(newer, Ok(()));
        let older = contact.take_card(card(1), ahead(0), Timestamp(9));
        assert_eq!(older, Err(BadCard::Old));
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("  a\n b\tc "), "a b c");
        assert_eq!(excerpt(&"ä".repeat(500)).chars().count(), EXCERPT_CHARS);
    }
}
