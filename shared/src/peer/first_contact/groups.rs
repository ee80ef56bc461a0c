//! What is kept of a first contact, and which of the groups with a contact is spoken in.
//!
//! A group is *held* from when it is made or joined, and what others say there opens. One of them is
//! *spoken in*: the last that was agreed on. Whoever has the greater key *leads*: when hellos cross, the
//! group of the leader's hello is spoken in, and later the other follows to wherever the leader is heard.
//! A group in which something could not be read is left for another one, best for one that the other was
//! seen in. So both end in one group that both hold, by whatever way they came to it.
//!
//! Functions that take a group out return it: its keys are to be forgotten.

use alloc::vec::Vec;

use minicbor::bytes::ByteVec;

use crate::base::id::{ConversationId, Hash, MessageId};
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
use crate::peer::records::{ContactRecord, Failure, Spare};

/// Groups held with one contact besides the one that is spoken in. Crossed hellos leave one; who comes
/// back by an invite leaves one more each time.
pub const SPARE_GROUPS_MAX: usize = 3;
/// Key packages remembered as answered, of one contact. A hello is sealed anew for another home or by
/// another invite a few times; each attempt after one that was lost has another.
pub const ANSWERS_MAX: usize = 8;
/// Messages of a contact that are known again when they come encrypted anew: as many as one receipt may
/// leave unconfirmed.
pub const CAME_IN_MAX: usize = 256;
/// Bytes of an id by which a message is known again. Only its author can make two alike.
const TAG_LEN: usize = 8;

/// How an accept lets me in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// They have taken the welcome of a hello of mine.
    Mine,
    /// By the welcome it carries.
    Theirs(ConversationId),
}

impl ContactRecord {
    /// My hello, with this key package, is under way.
    pub fn ask(&mut self, key_package: Option<Vec<u8>>) {
        self.unheard = None;
        if let Some(key_package) = key_package {
            self.offered = Some(key_package.into());
        }
    }

    /// My hello carries the welcome into this group.
    pub fn greet_in(&mut self, now: Timestamp, group: ConversationId) {
        self.group = Some(group);
        self.shared = false;
        self.greeting = Some(group);
        self.since = now;
    }

    /// My hello has come to nothing.
    pub fn lose(&mut self, why: Failure) {
        self.unheard = Some(why);
    }

    /// Forgets my hello and its key package. Its group is held: somebody may have joined it all the same. With
    /// somebody I have met it goes on to be spoken in.
    pub fn forget_hello(&mut self, now: Timestamp) -> (Option<ConversationId>, Option<ByteVec>) {
        let left = self.greeting.take();
        let asked = self.card_at == Timestamp(0);
        let left = left.filter(|group| self.group == Some(*group) && asked);
        let gone = left.and_then(|group| {
            self.group = None;
            self.shared = false;
            self.hold(now, group, false)
        });
        (gone, self.offered.take())
    }

    /// A hello with this key package was answered, by a way into this group. It is `shared` if they made it.
    pub fn answer(
        &mut self,
        now: Timestamp,
        package: Hash,
        group: ConversationId,
        shared: bool,
    ) -> Option<ConversationId> {
        if self.answers.len() >= ANSWERS_MAX {
            self.answers.remove(0);
        }
        self.answers.push(package);
        self.unheard = None;
        self.speak_in(now, group, shared)
    }

    /// Whether a hello with this key package was answered.
    pub fn has_answered(&self, package: &Hash) -> bool {
        self.answers.contains(package) || self.answered.as_ref() == Some(package)
    }

    /// My hello was answered; the group is spoken in, or only held. Also returns the key package that is
    /// used up, or never to be used.
    pub fn accept(
        &mut self,
        now: Timestamp,
        joined: Joined,
        speaks: bool,
    ) -> (Vec<ConversationId>, Option<ByteVec>) {
        let mut gone = Vec::new();
        match (joined, self.greeting.take()) {
            (Joined::Mine, greeting) => {
                // Of which hello, an accept does not say.
                let group = greeting.or(self.spare.last().map(|spare| spare.group));
                if let Some(group) = group.filter(|_| speaks) {
                    gone.extend(self.speak_in(now, group, false));
                }
            }
            (Joined::Theirs(group), greeting) => {
                if speaks {
                    gone.extend(self.speak_in(now, group, true));
                } else {
                    gone.extend(self.hold(now, group, true));
                }
                // They could not join it, or they would not have made another.
                let unused = greeting.filter(|greeting| *greeting != group);
                if let Some(unused) = unused {
                    self.drop_group(unused);
                    gone.push(unused);
                }
            }
        }
        self.unheard = None;
        (gone, self.offered.take())
    }

    /// Whether what is said in `group` can be opened.
    pub fn holds(&self, group: ConversationId) -> bool {
        self.group == Some(group) || self.spare_at(group).is_some()
    }

    /// They hold `group`: they were heard there, or have read what was said there. With `follow`, it is
    /// spoken in from now on. Whether anything has changed.
    pub fn seen_in(&mut self, now: Timestamp, group: ConversationId, follow: bool) -> bool {
        if self.group == Some(group) {
            return !core::mem::replace(&mut self.shared, true);
        }
        let Some(at) = self.spare_at(group) else {
            return false;
        };
        let spare = self.spare.remove(at);
        self.spare.push(Spare {
            shared: true,
            ..spare
        });
        if follow {
            self.speak_in(now, group, true);
        }
        true
    }

    /// They could not read what was said in `group`. If it is not sure that they hold it, another one is
    /// spoken in; that they did once is believed one time. Whether anything has changed.
    pub fn unread_in(&mut self, now: Timestamp, group: ConversationId) -> bool {
        if self.group != Some(group) {
            return false;
        }
        if core::mem::take(&mut self.shared) {
            return true;
        }
        let sure = self.spare.iter().rposition(|spare| spare.shared);
        let Some(at) = sure.or(self.spare.len().checked_sub(1)) else {
            return false;
        };
        let other = self.spare.remove(at);
        (self.group, self.shared) = (Some(other.group), other.shared);
        self.spare.insert(
            0,
            Spare {
                group,
                since: now,
                shared: false,
            },
        );
        true
    }

    /// Takes out groups that were left so long ago that nothing said there can be under way.
    pub fn drop_old_groups(&mut self, now: Timestamp) -> Vec<ConversationId> {
        let is_old = |spare: &&Spare| {
            now.since(spare.since) > KEEP_TTL_MAX && self.greeting != Some(spare.group)
        };
        let old: Vec<_> = self.spare.iter().filter(is_old).collect();
        let old: Vec<_> = old.into_iter().map(|spare| spare.group).collect();
        self.spare.retain(|spare| !old.contains(&spare.group));
        old
    }

    /// Whether a message of theirs comes for the first time.
    pub fn first_time(&mut self, message: &MessageId) -> bool {
        let tag = message.0.get(..TAG_LEN).unwrap_or_default();
        if self.came_in.chunks(TAG_LEN).any(|known| known == tag) {
            return false;
        }
        if self.came_in.len() >= CAME_IN_MAX * TAG_LEN {
            self.came_in.drain(..TAG_LEN);
        }
        self.came_in.extend_from_slice(tag);
        true
    }

    fn spare_at(&self, group: ConversationId) -> Option<usize> {
        self.spare.iter().position(|spare| spare.group == group)
    }

    fn speak_in(
        &mut self,
        now: Timestamp,
        group: ConversationId,
        shared: bool,
    ) -> Option<ConversationId> {
        let was_shared = core::mem::replace(&mut self.shared, shared);
        if self.group == Some(group) {
            return None;
        }
        if let Some(at) = self.spare_at(group) {
            self.spare.remove(at);
        }
        self.since = now;
        let before = self.group.replace(group)?;
        self.hold(now, before, was_shared)
    }

    /// Holds a group besides; the one that is least likely to be of use gives way.
    fn hold(
        &mut self,
        now: Timestamp,
        group: ConversationId,
        shared: bool,
    ) -> Option<ConversationId> {
        if self.holds(group) {
            return None;
        }
        let gone = (self.spare.len() >= SPARE_GROUPS_MAX).then(|| self.spare.remove(0).group);
        self.spare.push(Spare {
            group,
            since: now,
            shared,
        });
        gone
    }

    fn drop_group(&mut self, group: ConversationId) {
        self.spare.retain(|spare| spare.group != group);
        if self.group == Some(group) {
            let next = self.spare.pop();
            self.group = next.map(|spare| spare.group);
            self.shared = next.is_some_and(|spare| spare.shared);
        }
    }
}
