//! What people do: become friends, and talk.

use std::time::Duration;

use shared::base::id::ConversationId;
use shared::base::time::Timestamp;
use shared::peer::command::{Command, CommandError};

use super::{Event, World};
use crate::check::blind::MARKER;

/// Whoever wants something while their page is closed tries again after this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Something a person said.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who.
    pub from: usize,
    /// To whom.
    pub to: usize,
    /// What; begins with a marker that must never be seen outside of the two pages.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Which of the things this person said to that one, from 1 on.
    pub number: u64,
}

impl World {
    /// `guest` accepts `host`'s invite.
    ///
    /// # Errors
    /// What the core says against it.
    pub fn befriend(&mut self, guest: usize, host: usize) -> Result<(), CommandError> {
        let invite = self.people[host].peer.invite();
        let code = invite.map(|invite| invite.code).unwrap_or_default();
        self.command(guest, Command::AcceptInvite { code })?;
        self.note_friends(guest, host);
        Ok(())
    }

    pub(super) fn note_friends(&mut self, one: usize, other: usize) {
        for (one, other) in [(one, other), (other, one)] {
            let friends = &mut self.people[one].friends;
            if !friends.contains(&other) {
                friends.push(other);
            }
        }
    }

    /// A person takes back all their invites; others may still have them.
    pub(super) fn take_back(&mut self, person: usize) {
        let it = &self.people[person];
        let Some(invite) = it.peer.invite().filter(|_| it.awake && !it.suspended) else {
            return;
        };
        if self.command(person, Command::TakeBackInvites).is_ok() {
            self.taken_back.push((person, invite.code));
        }
    }

    /// A person blocks their nth friend, or lets them in again, as soon as their page is open.
    pub fn block(&mut self, person: usize, friend: usize, on: bool) {
        let it = &self.people[person];
        if !it.awake || it.suspended {
            return self.post(PATIENCE, Event::Block(person, friend, on));
        }
        let friend = it.friends.get(friend).copied();
        let Some(chat) = friend.and_then(|friend| self.chat(person, friend)) else {
            return;
        };
        let command = match on {
            true => Command::Block(chat),
            false => Command::Unblock(chat),
        };
        // Who has not answered a first contact yet cannot be blocked.
        let _ = self.command(person, command);
    }

    /// The chat of two people, as the first of them knows it.
    #[must_use]
    pub fn chat(&self, person: usize, with: usize) -> Option<ConversationId> {
        let persona = self.people[with].persona?;
        let chats = self.people[person].peer.chats();
        let chat = chats.iter().find(|chat| chat.persona == persona)?;
        Some(chat.id)
    }

    /// A person says something; whether the core took it.
    pub fn say(&mut self, from: usize, to: usize, text: &str) -> bool {
        if !self.people[from].awake || self.people[from].suspended {
            return false;
        }
        let Some(conversation) = self.chat(from, to) else {
            return false;
        };
        let text = self.about_to_say(from, to, text);
        let taken = self.command(from, Command::Say { conversation, text });
        if taken.is_err() {
            self.checks.ledger.not_said();
        }
        taken.is_ok()
    }

    /// Notes that a person says something next; what it is in full.
    pub(super) fn about_to_say(&mut self, from: usize, to: usize, text: &str) -> String {
        let number = self.checks.ledger.said_by(from, to) + 1;
        let text = format!("{MARKER} {from} {to} {number} {text}");
        self.checks.ledger.about_to_say(Said {
            from,
            to,
            text: text.clone(),
            at: self.now,
            number,
        });
        text
    }

    pub(super) fn talk(&mut self, person: usize, friend: usize) {
        let Some(to) = self.people[person].friends.get(friend).copied() else {
            return;
        };
        // Mostly a line, at times some pages.
        let len = match self.chance.below(20) {
            0 => 3000 + self.chance.below(4000),
            _ => 4 + self.chance.below(120),
        };
        if self.say(person, to, &"x".repeat(len)) {
            // Talk breeds talk.
            if self.chance.happens(400) {
                let back = self.people[to].friends.iter().position(|it| *it == person);
                let pause = self.chance.about(Duration::from_secs(20));
                self.post(pause, Event::Talk(to, back.unwrap_or_default()));
            }
        }
    }
}
