//! What people do over a day. They look at their page now and then, at times begin a conversation, answer
//! what they are told, and close the page again: conversations are bursts (A.-L. Barabási, *The origin
//! of bursts and heavy tails in human dynamics*, Nature 435, 2005), and a page is closed most of the day.
//!
//! Someone who is spoken to while their page is closed at times looks within a minute or two, as those
//! do whose telephone rings.

use std::time::Duration;

use shared::base::id::MessageId;
use shared::base::time::Timestamp;
use shared::peer::command::Command;
use shared::peer::io::Input;

use super::meter::Meter;
use super::rhythm::Rhythm;
use crate::chance::Chance;
use crate::faults::Crash;
use crate::world::{Event, World};

/// Times a day that somebody looks at their page of their own accord.
const LOOKS_A_DAY: u32 = 10;
/// Thousandths of these in which they begin a conversation.
const BEGINS: u32 = 400;
/// A page stays open about so long, and longer when there is something to say.
const VISIT: Duration = Duration::from_secs(180);
/// After the last word in a conversation it stays open for so long.
const LINGERING: Duration = Duration::from_secs(60);
/// Before somebody speaks or answers.
const THINKING: Duration = Duration::from_secs(12);
/// Between two things that are said one after the other.
const TYPING: Duration = Duration::from_secs(5);
/// Thousandths of what is heard that are answered.
const ANSWERS: u32 = 600;
/// What comes within this time after something that was heard belongs to it.
const BURST: Duration = Duration::from_secs(20);
/// Thousandths of those spoken to behind a closed page who come, at the liveliest hour.
const COMES: u32 = 400;
/// So long it takes them.
const COMING: Duration = Duration::from_secs(60);
/// Mean length of what is said, in characters, and the longest.
const LENGTH: (u64, usize) = (40, 2000);
/// A closed page has this long to say good-bye.
const LEAVING: Duration = Duration::from_millis(200);

/// Something in somebody's day.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// They look at their page, of their own accord or because they were spoken to.
    Look(usize, bool),
    /// They say something to a friend, and so many things after it.
    Speak(usize, usize, usize),
    /// They close the page, unless there was something meanwhile.
    Leave(usize),
    /// The page is gone.
    Gone(usize, u32),
}

/// How somebody's day is going.
#[derive(Debug, Clone, Default)]
struct Habit {
    opened: Timestamp,
    stays: Timestamp,
    /// Whom they have heard lately, until when what comes belongs to it.
    hears: Vec<(usize, Timestamp)>,
    /// They were spoken to, and may come.
    rings: Timestamp,
}

/// See the module.
pub struct Day {
    /// What it costs.
    pub meter: Meter,
    /// Messages that arrived, how long each took since it was said or, if later, since its recipient's
    /// page was opened, in milliseconds; and whether that page was open when it was said.
    pub waits: Vec<(u32, bool)>,
    /// Messages said.
    pub said: u64,
    /// Pages opened.
    pub opened: u64,
    rhythm: Rhythm,
    begins: Timestamp,
    ends: Timestamp,
    habits: Vec<Habit>,
    chance: Chance,
    /// Bytes of the heap that are in use.
    pub heap: Option<fn() -> u64>,
}

impl Day {
    /// For people who have not begun to live.
    #[must_use]
    pub fn new(seed: u64, people: usize, heap: Option<fn() -> u64>) -> Self {
        Self {
            meter: Meter::default(),
            waits: Vec::new(),
            said: 0,
            opened: 0,
            rhythm: Rhythm::of(Duration::ZERO),
            begins: Timestamp(0),
            ends: Timestamp(0),
            habits: vec![Habit::default(); people],
            chance: Chance::new(seed, u64::from_be_bytes(*b"everyday")),
            heap,
        }
    }
}

impl World {
    /// People live for `span`, from now on.
    pub fn begin_day(&mut self, span: Duration) {
        let Some(day) = &mut self.day else { return };
        (day.begins, day.ends) = (self.now, self.now.after(span));
        day.rhythm = Rhythm::of(span);
        day.meter.running = true;
        let looks: Vec<_> = (0..day.habits.len())
            .map(|person| (person, day.next_look(self.now)))
            .collect();
        for (person, pause) in looks {
            self.post(pause, Event::Day(Step::Look(person, true)));
        }
    }

    pub(crate) fn live(&mut self, step: Step) {
        match step {
            Step::Look(person, own) => self.look_at_page(person, own),
            Step::Speak(person, friend, more) => self.speak(person, friend, more),
            Step::Leave(person) => self.leave(person),
            Step::Gone(person, life) => {
                if self.people[person].life == life {
                    let crash = Crash {
                        written: true,
                        silent: false,
                    };
                    self.close_page(person, crash);
                }
            }
        }
    }

    fn look_at_page(&mut self, person: usize, own: bool) {
        let Some(day) = &mut self.day else { return };
        if self.now >= day.ends {
            return;
        }
        let next = day.next_look(self.now);
        let visit = LINGERING + day.chance.about(VISIT);
        let begins = own && day.chance.happens(BEGINS);
        let pause = Duration::from_secs(2) + day.chance.about(THINKING);
        let burst = day.chance.below(3);
        let friends = self.people[person].friends.len();
        // Some friends are nearer than others.
        let friend = day.chance.below(friends).min(day.chance.below(friends));
        let closed = !self.people[person].awake;
        if closed {
            day.opened += 1;
            day.habits[person].opened = self.now;
        }
        self.stay(person, self.now.after(visit));
        if closed {
            self.open_page(person);
            self.post(visit, Event::Day(Step::Leave(person)));
        }
        if own {
            self.post(next, Event::Day(Step::Look(person, true)));
        }
        if let Some(friend) = self.people[person].friends.get(friend).filter(|_| begins) {
            let step = Step::Speak(person, *friend, burst);
            self.post(pause, Event::Day(step));
        }
    }

    fn stay(&mut self, person: usize, until: Timestamp) {
        if let Some(day) = &mut self.day {
            let habit = &mut day.habits[person];
            habit.stays = habit.stays.max(until);
        }
    }

    fn leave(&mut self, person: usize) {
        let Some(day) = &self.day else { return };
        let stays = day.habits[person].stays;
        if !self.people[person].awake {
            return;
        }
        if self.now < stays {
            return self.post_at(stays, Event::Day(Step::Leave(person)));
        }
        self.person_input(person, Input::Closing);
        let life = self.people[person].life;
        self.post(LEAVING, Event::Day(Step::Gone(person, life)));
    }

    fn speak(&mut self, person: usize, friend: usize, more: usize) {
        let now = self.now;
        let open = self.people[person].awake;
        let Some(day) = self.day.as_mut().filter(|day| now < day.ends && open) else {
            return;
        };
        let mean = Duration::from_secs(LENGTH.0);
        let length = usize::try_from(day.chance.about(mean).as_secs()).unwrap_or(0);
        let pause = Duration::from_secs(1) + day.chance.about(TYPING);
        self.read(person, friend);
        if self.say(person, friend, &"x".repeat(length.clamp(1, LENGTH.1))) {
            if let Some(day) = &mut self.day {
                day.said += 1;
            }
            self.ring(friend);
        }
        self.stay(person, now.after(LINGERING));
        if more > 0 {
            let step = Step::Speak(person, friend, more - 1);
            self.post(pause, Event::Day(step));
        }
    }

    /// The friend's telephone rings, if their page is closed.
    fn ring(&mut self, friend: usize) {
        let now = self.now;
        let closed = !self.people[friend].awake;
        let Some(day) = self.day.as_mut().filter(|_| closed) else {
            return;
        };
        if day.habits[friend].rings > now {
            return;
        }
        let comes = COMES * day.rhythm.liveliness(now.since(day.begins)) / 1000;
        let pause = Duration::from_secs(5) + day.chance.about(COMING);
        day.habits[friend].rings = now.after(COMING * 2);
        if day.chance.happens(comes) {
            self.post(pause, Event::Day(Step::Look(friend, false)));
        }
    }

    /// The chat with a friend is on the screen.
    fn read(&mut self, person: usize, friend: usize) {
        let Some(chat) = self.chat(person, friend) else {
            return;
        };
        let open = self.people[person].peer.open_chat();
        if open.is_none_or(|open| open.id != chat) {
            let _ = self.command(person, Command::OpenChat(chat));
        }
        let _ = self.command(person, Command::Watch(chat, true));
    }

    /// A page was told of a message.
    pub(crate) fn hears(&mut self, person: usize, message: MessageId) {
        let Some(said) = self.checks.ledger.said(&message) else {
            return;
        };
        let (from, at, now) = (said.from, said.at, self.now);
        let Some(day) = self.day.as_mut() else { return };
        let habit = &mut day.habits[person];
        if day.meter.running {
            let wait = now.since(at.max(habit.opened)).as_millis();
            let there = habit.opened <= at;
            day.waits
                .push((u32::try_from(wait).unwrap_or(u32::MAX), there));
        }
        if now >= day.ends {
            return;
        }
        habit.hears.retain(|(_, until)| *until > now);
        if habit.hears.iter().any(|(friend, _)| *friend == from) {
            return;
        }
        habit.hears.push((from, now.after(BURST)));
        if day.chance.happens(ANSWERS) {
            let pause = Duration::from_secs(2) + day.chance.about(THINKING);
            let burst = day.chance.below(3);
            let step = Step::Speak(person, from, burst);
            self.post(pause, Event::Day(step));
            self.stay(person, now.after(pause + LINGERING));
        }
    }
}

impl Day {
    /// Bytes of the heap that are in use, if that is to be measured.
    #[must_use]
    pub fn heap_of(day: &Option<Box<Self>>) -> Option<u64> {
        let day = day.as_ref().filter(|day| day.meter.running)?;
        day.heap.map(|heap| heap())
    }

    /// A page is gone; so much of the heap was in use before.
    pub fn note_freed(&mut self, used: Option<u64>) {
        if let (Some(used), Some(heap)) = (used, self.heap) {
            self.meter.freed(used.saturating_sub(heap()));
        }
    }

    fn next_look(&mut self, now: Timestamp) -> Duration {
        let passed = now.since(self.begins);
        self.rhythm.next(passed, LOOKS_A_DAY, &mut self.chance)
    }
}
