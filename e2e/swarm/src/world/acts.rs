//! What a page wants done, done by its simulated browser.

use std::time::Duration;

use shared::base::effects::Effect;
use shared::peer::io::{Input, Job, Notice, Outgoing, Target};

use super::person::Act;
use super::{Event, World, era};
use crate::net::End;
use crate::net::pipe::Item;

/// A slice of work for a gate.
const WORKING: Duration = Duration::from_millis(100);

impl World {
    pub(super) fn perform_person(&mut self, person: usize, act: Act) {
        let me = End::Person(person);
        match act {
            Effect::Send(link, Outgoing::Message(bytes)) => {
                self.people[person].sent_bytes += bytes.len() as u64;
                let to = self.net.other(me, link);
                self.checks
                    .person_sends(&self.people, person, link, to.map(|to| to.0), &bytes);
                if let Some(day) = &mut self.day {
                    let it = &self.people[person];
                    day.meter.person_sends(it, to.map(|to| to.0), &bytes);
                }
                let bytes = era::said(self.people[person].era, bytes);
                let more = match to {
                    Some((End::Person(to), _)) => self.adds(person, to, &bytes),
                    _ => Vec::new(),
                };
                for bytes in [bytes].into_iter().chain(more) {
                    self.put(me, link, Item::Message(bytes));
                }
            }
            Effect::Send(link, Outgoing::Signal(signal)) => self.negotiate(person, link, signal),
            Effect::Dial(link, Target::Supernode { route }) => {
                self.dial_node(person, link, &route);
            }
            Effect::Send(link, Outgoing::Ice(ice)) => self.change_ice(person, link, ice),
            Effect::Dial(link, Target::Page { polite, ice }) => {
                self.people[person].ways.ices.insert(link, ice);
                self.dial_page(person, link, polite);
            }
            Effect::HangUp(link) => {
                let it = &mut self.people[person];
                it.dialling.remove(&link);
                it.ways.forget(link);
                self.close(me, link, false);
            }
            Effect::Job(Job::ReadLast {
                token,
                from,
                to,
                limit,
            }) => {
                let it = &self.people[person];
                let found = it.disk.kept.range(from..to).rev().take(limit);
                let records = found.map(|(k, v)| (k.clone(), v.clone())).collect();
                let input = Input::Read { token, records };
                let life = it.life;
                self.post(Duration::from_millis(2), Event::Person(person, life, input));
            }
            Effect::Job(Job::Work {
                token,
                puzzle,
                from,
                tries,
            }) => {
                let found = puzzle.solve(from, tries);
                let life = self.people[person].life;
                let worked = Input::Worked { token, found };
                self.post(WORKING, Event::Person(person, life, worked));
            }
            Effect::Notify(Notice::Incoming { message, text, .. }) => {
                self.checks.announced(person, message, &text);
                self.hears(person, message);
            }
            Effect::Notify(_) => {}
        }
    }
}
