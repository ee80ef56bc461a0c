//! A person: the real peer behind a disk, in a page that can be closed, crash and be suspended.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use shared::base::effects::{Effect, LinkId};
use shared::base::id::{NodeId, PersonaId};
use shared::base::time::Timestamp;
use shared::peer::Peer;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::{Input, Job, Notice, Outcome, Outgoing, PeerEffects, Target};
use shared::session::route::Route;

use super::era::Era;
use super::ice::Ways;
use super::{Event, World};
use crate::chance::Chance;
use crate::disk::Disk;
use crate::faults::Crash;
use crate::faults::contact::Malice;
use crate::growth::day::Day;
use crate::growth::meter::Watch;
use crate::net::End;
use crate::net::nat::Nat;

/// An effect of a page.
pub type Act = Effect<Outgoing, Target, Job, Notice>;

/// One transaction of a browser's database.
const PACE: Duration = Duration::from_millis(4);
/// A refused transaction is tried again after this long, as the page does.
const RETRY: Duration = Duration::from_secs(10);

/// See the module.
pub struct Person {
    /// What others read.
    pub name: String,
    /// The core, as long as the page is open.
    pub peer: Peer,
    /// What it keeps.
    pub disk: Disk<Act>,
    /// The page is open.
    pub awake: bool,
    /// The computer sleeps; what comes waits.
    pub suspended: bool,
    waiting: VecDeque<Input>,
    /// Counts pages.
    pub life: u32,
    /// Their clock minus the true one, in milliseconds.
    pub skew: i64,
    /// What they are behind.
    pub nat: Nat,
    /// What they do to their contacts.
    pub malice: Malice,
    /// Their browser has data channels.
    pub webrtc: bool,
    /// The page dies in a transaction, after so many others.
    pub doom: Option<(u32, Crash)>,
    /// How new its program is.
    pub era: Era,
    /// Data channels that are being negotiated.
    pub dialling: BTreeSet<LinkId>,
    /// Which ways data channels go.
    pub ways: Ways,
    /// Who they are, when they have said a name.
    pub persona: Option<PersonaId>,
    /// Their public address, once they have opened it: it stands on a poster.
    pub address: String,
    /// Their friends, by number.
    pub friends: Vec<usize>,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Inputs taken.
    pub inputs: u64,
    /// Supernodes in their `kith.json`.
    pub supernodes: Vec<(NodeId, Vec<Route>)>,
    chance: Chance,
    /// The true time at which the timer ends, and what the clock should show then.
    armed: Option<(Timestamp, Timestamp)>,
}

impl Person {
    fn new(name: &str, supernodes: Vec<(NodeId, Vec<Route>)>, chance: Chance) -> Self {
        Self {
            name: name.into(),
            peer: Peer::default(),
            disk: Disk::new(PACE),
            awake: false,
            suspended: false,
            waiting: VecDeque::new(),
            life: 0,
            skew: 0,
            nat: Nat::OPEN,
            malice: Malice::default(),
            webrtc: true,
            doom: None,
            era: Era::Now,
            dialling: BTreeSet::new(),
            ways: Ways::default(),
            persona: None,
            address: String::new(),
            friends: Vec::new(),
            sent_bytes: 0,
            inputs: 0,
            supernodes,
            chance,
            armed: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn with_disk(persona: PersonaId, disk: Disk<Act>) -> Self {
        Self {
            disk,
            persona: Some(persona),
            ..Self::new("", Vec::new(), Chance::new(0, 0))
        }
    }

    pub(super) fn is_in(&self, life: u32) -> bool {
        self.awake && self.life == life
    }

    /// What their clock shows at `now`.
    #[must_use]
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_add_signed(self.skew))
    }
}

impl World {
    /// A person on their first visit, with these supernodes in `kith.json`.
    ///
    /// # Errors
    /// What the core says against the name.
    pub fn add_person(&mut self, name: &str, nodes: &[usize]) -> Result<usize, CommandError> {
        let number = self.people.len();
        let supernodes = nodes.iter().map(|node| self.supernode(*node)).collect();
        let chance = Chance::new(self.seed, number as u64 | 1 << 32);
        self.people.push(Person::new(name, supernodes, chance));
        self.open_page(number);
        self.command(number, Command::CreatePersona { name: name.into() })?;
        let me = self.people[number].peer.me();
        self.people[number].persona = me.map(|me| me.persona);
        Ok(number)
    }

    /// Opens the page: everything comes from the disk.
    pub fn open_page(&mut self, person: usize) {
        let it = &mut self.people[person];
        if it.awake {
            return;
        }
        let kept = it.disk.kept.iter();
        let eager = kept.filter(|(key, _)| key.first() != Some(&Peer::LAZY_PREFIX));
        let kept = eager.map(|(k, v)| (k.clone(), v.clone())).collect();
        let watch = Watch::start(&self.day);
        match Peer::load(kept) {
            Ok(peer) => it.peer = peer,
            Err(error) => self.checks.broken(format!("person {person}: {error}")),
        }
        watch.stop(&mut self.day, |meter| &mut meter.loads);
        self.checks.opened(person, &self.people[person]);
        let it = &mut self.people[person];
        (it.awake, it.suspended, it.armed) = (true, false, None);
        it.life += 1;
        let start = Input::Start {
            supernodes: it.supernodes.clone(),
            webrtc: it.webrtc,
        };
        self.person_input(person, start);
    }

    /// The page is gone at once. Its links end, with or without a word; its memory is lost.
    pub fn close_page(&mut self, person: usize, crash: Crash) {
        let it = &mut self.people[person];
        if !it.awake {
            return;
        }
        if crash.written {
            self.checks.kept(
                &self.people,
                person,
                self.people[person].disk.under_way(),
                self.now,
            );
            self.checks.blocks.left(person);
        }
        let it = &mut self.people[person];
        it.disk.crash(crash.written);
        (it.awake, it.suspended, it.doom) = (false, false, None);
        it.waiting.clear();
        it.dialling.clear();
        it.ways = Ways::default();
        let used = Day::heap_of(&self.day);
        it.peer = Peer::default();
        if let Some(day) = &mut self.day {
            day.note_freed(used);
        }
        for link in self.net.links(End::Person(person)) {
            self.close(End::Person(person), link, crash.silent);
        }
    }

    /// A suspended computer goes on; what came meanwhile comes now.
    pub fn resume(&mut self, person: usize) {
        let it = &mut self.people[person];
        if !std::mem::take(&mut it.suspended) {
            return;
        }
        let waiting = std::mem::take(&mut it.waiting);
        self.person_input(person, Input::Visible(true));
        for input in waiting {
            self.person_input(person, input);
        }
        if self.people[person].disk.under_way().is_some() {
            self.person_kept(person);
        }
    }

    /// A person asks for something.
    ///
    /// # Errors
    /// What the core answers. Then nothing may have changed.
    pub fn command(&mut self, person: usize, command: Command) -> Result<Outcome, CommandError> {
        let mut out = PeerEffects::default();
        let outcome = self.handle(person, Input::Command(command), &mut out);
        if outcome.is_err() && !out.is_empty() {
            let text = format!("person {person}: a refused command has changed something");
            self.checks.broken(text);
        }
        match &outcome {
            Ok(Outcome::Message(id)) => self.checks.ledger.note_id(*id),
            Ok(Outcome::Chat(_)) => self.checks.ledger.note_first_words(&out.store),
            _ => {}
        }
        self.accept(person, out);
        outcome
    }

    pub(crate) fn person_input(&mut self, person: usize, input: Input) {
        if self.people[person].suspended {
            self.people[person].waiting.push_back(input);
            return;
        }
        let mut speaker = None;
        if let Input::Received { link, bytes } = &input {
            self.trace.note(self.now, 1, person as u64, bytes);
            let from = self.net.other(End::Person(person), *link);
            let relayed = self.is_relayed((person, *link));
            self.checks
                .person_hears(from.map(|from| from.0), relayed, bytes);
            speaker = from.and_then(|(from, _)| from.person());
            if speaker.is_some() {
                self.people[person].malice.hears(bytes);
            }
        } else {
            self.trace.note(self.now, 2, person as u64, &[]);
        }
        let mut out = PeerEffects::default();
        // Only commands are refused.
        let _ = self.handle(person, input, &mut out);
        if let Some(speaker) = speaker {
            self.checks
                .person_was_told(&self.people, person, speaker, &out.store);
        }
        self.accept(person, out);
    }

    fn handle(
        &mut self,
        person: usize,
        input: Input,
        out: &mut PeerEffects,
    ) -> Result<Outcome, CommandError> {
        let it = &mut self.people[person];
        it.inputs += 1;
        let now = it.clock(self.now);
        let watch = Watch::start(&self.day);
        let outcome = it.peer.handle(now, &mut it.chance, input, out);
        watch.stop(&mut self.day, |meter| &mut meter.peers);
        outcome
    }

    fn accept(&mut self, person: usize, out: PeerEffects) {
        let it = &mut self.people[person];
        let at_once = if out.store.is_empty() {
            it.disk.follow(out.then)
        } else {
            it.disk.push(out.store, out.then);
            Vec::new()
        };
        self.checks.person_bounded(person, &self.people[person]);
        for act in at_once {
            self.perform_person(person, act);
        }
        self.write(person);
        self.arm(person);
    }

    fn write(&mut self, person: usize) {
        let it = &mut self.people[person];
        if !it.disk.begin() {
            return;
        }
        match &mut it.doom {
            Some((0, crash)) => {
                let crash = *crash;
                return self.close_page(person, crash);
            }
            Some((others, _)) => *others -= 1,
            None => {}
        }
        let (life, mean) = (it.life, it.disk.pace);
        let span = Duration::from_millis(1) + it.chance.about(mean);
        self.post(span, Event::PersonKept(person, life));
    }

    pub(super) fn person_kept(&mut self, person: usize) {
        let it = &mut self.people[person];
        if it.suspended {
            return;
        }
        if it.disk.full {
            let life = it.life;
            return self.post(RETRY, Event::PersonKept(person, life));
        }
        let batch = self.people[person].disk.under_way();
        self.checks.kept(&self.people, person, batch, self.now);
        for act in self.people[person].disk.commit() {
            self.perform_person(person, act);
        }
        self.checks.blocks.left(person);
        self.write(person);
    }

    /// Sets the timer for the core's next deadline, unless one that is early enough is set.
    pub(crate) fn arm(&mut self, person: usize) {
        let it = &mut self.people[person];
        let Some((deadline, _)) = it.peer.next_deadline().filter(|_| it.awake) else {
            return;
        };
        let at = Timestamp(deadline.0.saturating_add_signed(-it.skew)).max(self.now);
        if it.armed.is_some_and(|(armed, _)| armed <= at) {
            return;
        }
        it.armed = Some((at, deadline));
        let life = it.life;
        self.post_at(at, Event::PersonWake(person, life, at));
    }

    pub(super) fn person_wake(&mut self, person: usize, at: Timestamp) {
        let it = &mut self.people[person];
        let Some((_, shows)) = it.armed.filter(|(armed, _)| *armed == at) else {
            return;
        };
        it.armed = None;
        if it.suspended {
            return;
        }
        let now = it.clock(self.now);
        let due = it.peer.next_deadline();
        if let Some((_, why)) = due.filter(|(deadline, _)| *deadline <= now) {
            self.checks.ticks(self.now, End::Person(person), why);
            self.person_input(person, Input::Tick);
        } else if now < shows {
            // The clock was set back meanwhile.
            self.person_input(person, Input::Tick);
        }
        self.arm(person);
    }
}
