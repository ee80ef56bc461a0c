//! What each of the two does with what comes.

use super::{Body, Entry, Pair, Side, Welcome, number, stranger, withdraw};
use crate::base::hash::sha256;
use crate::base::id::{ConversationId, MessageId};
use crate::base::time::Timestamp;
use crate::peer::first_contact::groups::Joined;
use crate::peer::first_contact::phase::{Effect, Input, Phase};

impl Pair {
    pub(super) fn take(&mut self, who: usize, body: Body, at: u64) {
        match body {
            Body::Hello(package, welcome) => self.take_hello(who, package, welcome, at),
            Body::Accept(welcome) => self.take_accept(who, welcome, at),
            Body::Word(message, group, copy) => self.take_word(who, message, group, copy),
            Body::Receipt(message, read, copy) => {
                let first = self.sides[who].came.insert(copy);
                if read {
                    self.note_shared(who, message);
                    self.sides[who].waiting.remove(&message);
                    self.sides[who].outbox.retain(
                        |entry| !matches!(entry.body, Body::Word(known, ..) if known == message),
                    );
                } else if first && let Some(group) = self.said_in(who, message) {
                    let now = Timestamp(self.now);
                    let record = self.sides[who].record.as_mut().unwrap();
                    record.unread_in(now, group);
                    let repeats = self.sides[who].repeats.entry(message).or_default();
                    *repeats = repeats.saturating_add(1);
                    self.say_word_again(who, message);
                }
            }
        }
    }

    /// Where it was said; not when it has been said anew and has not left since: what comes is about an
    /// earlier copy then.
    fn said_in(&self, who: usize, message: MessageId) -> Option<ConversationId> {
        let said = |entry: &Entry| match entry.body {
            Body::Word(it, group, _) if it == message && !entry.done.is_empty() => Some(group),
            _ => None,
        };
        self.sides[who].outbox.iter().find_map(said)
    }

    fn note_shared(&mut self, who: usize, message: MessageId) {
        if let Some(group) = self.said_in(who, message) {
            let now = Timestamp(self.now);
            let record = self.sides[who].record.as_mut().unwrap();
            record.seen_in(now, group, false);
        }
    }

    fn take_hello(&mut self, who: usize, package: u64, welcome: Option<Welcome>, at: u64) {
        let hash = sha256(&[&package.to_be_bytes()]);
        let now = Timestamp(self.now);
        let record = self.sides[who].record.as_ref();
        let repeat = record.is_some_and(|record| record.has_answered(&hash));
        let input = if repeat { Input::Repeat } else { Input::Hello };
        let (next, effects) = self.phase(who).next(input);
        let is_old = record.is_some_and(|record| record.card_at.0 >= at);
        if !effects.contains(&Effect::Answer) || is_old {
            return;
        }
        let joined = welcome.filter(|(group, mine)| {
            let side = &mut self.sides[who];
            side.packages.remove(mine).is_some() && side.groups.insert(*group)
        });
        let (group, welcome) = match joined {
            Some((group, _)) => (group, None),
            None => {
                let group = self.new_group();
                self.sides[who].groups.insert(group);
                (group, Some((group, package)))
            }
        };
        let side = &mut self.sides[who];
        let record = side.record.get_or_insert_with(stranger);
        record.card_at = Timestamp(at);
        let gone = record.answer(now, hash, group, welcome.is_none());
        forget(side, gone);
        if effects.contains(&Effect::Withdraw) {
            withdraw(side);
        }
        assert_eq!(self.phase(who), next);
        self.say_again(who);
        self.put(who, Body::Accept(welcome));
    }

    fn take_accept(&mut self, who: usize, welcome: Option<Welcome>, at: u64) {
        let phase = self.phase(who);
        let (next, effects) = phase.next(Input::Accept);
        let now = Timestamp(self.now);
        let side = &mut self.sides[who];
        let Some(record) = side.record.as_mut() else {
            return;
        };
        let is_old = record.card_at.0 >= at && phase != Phase::Crossed;
        if !effects.contains(&Effect::Join) || is_old {
            return;
        }
        let joined = match welcome {
            None if record.greeting.is_none() && record.spare.is_empty() => return,
            None => Joined::Mine,
            Some((group, mine)) => {
                if side.packages.remove(&mine).is_none() || !side.groups.insert(group) {
                    return;
                }
                Joined::Theirs(group)
            }
        };
        record.card_at = record.card_at.max(Timestamp(at));
        let spoke = record.group;
        let (gone, offered) = record.accept(now, joined, phase != Phase::Crossed || side.leads);
        let elsewhere = spoke.is_some() && spoke != record.group;
        side.packages.remove(&number(offered.as_ref()));
        forget(side, gone);
        if effects.contains(&Effect::Withdraw) {
            withdraw(side);
        }
        assert_eq!(self.phase(who), next);
        if elsewhere {
            self.say_again(who);
        }
    }

    fn take_word(&mut self, who: usize, message: MessageId, group: ConversationId, copy: u64) {
        let (now, side) = (Timestamp(self.now), &mut self.sides[who]);
        // A home keeps order, and nothing goes there before what introduces its sender.
        let record = side.record.as_mut().expect("nobody speaks unintroduced");
        let read = record.holds(group);
        if read {
            assert!(side.groups.contains(&group), "held is held");
            record.seen_in(now, group, !side.leads);
            if record.first_time(&message) {
                side.shown.push(message);
            }
        }
        let first = side.came.insert(copy);
        if read || first {
            let copy = self.id();
            self.put(who, Body::Receipt(message, read, copy));
        }
    }
}

pub(super) fn forget(side: &mut Side, gone: impl IntoIterator<Item = ConversationId>) {
    for group in gone {
        side.groups.remove(&group);
    }
}
