//! Each of a persona's devices gets what is in the mailbox: nothing is removed before all on the list
//! have acknowledged it, unless it has expired; nothing expired is handed over; and what a device has
//! acknowledged does not come again.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::base::effects::LinkId;
use shared::base::id::{DeviceId, PersonaId};
use shared::base::time::Timestamp;
use shared::mailbox::wire::Delivery;

use super::bounded;
use super::shelf::{Change, Shelf};

/// Between the decision to hand something over and the bytes leaving lies a transaction.
const PATIENCE: Duration = Duration::from_secs(15);

type Reader = (usize, PersonaId, DeviceId);

#[derive(Debug)]
struct Session {
    reader: Reader,
    /// The supernode has said that the mailbox is claimed.
    open: bool,
    /// Acknowledged for good before it began.
    floor: u64,
    /// The greatest number handed over.
    handed: u64,
    /// What was handed over and not acknowledged: numbers and bytes.
    ahead: BTreeMap<u64, u64>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Devices {
    sessions: BTreeMap<(usize, LinkId), Session>,
    /// What a device has said that it has.
    heard: BTreeMap<Reader, u64>,
    /// Of it, what no crash can take.
    settled: BTreeMap<Reader, u64>,
    /// Heard since the disk last came to rest.
    pending: Vec<(Reader, u64)>,
    /// The latest time that a supernode's clock has shown.
    clocks: BTreeMap<usize, Timestamp>,
    /// When a clock was last set back or forth, by the true time.
    set: BTreeMap<usize, Timestamp>,
}

impl Devices {
    /// The process is gone, and its links with it.
    pub fn died(&mut self, node: usize) {
        self.sessions.retain(|(of, _), _| *of != node);
        self.pending.retain(|((of, ..), _)| *of != node);
    }

    /// A supernode has ended a session, or been told of its end: it hears nothing more.
    pub fn ended(&mut self, node: usize, link: LinkId) {
        self.sessions.remove(&(node, link));
    }

    /// A clock is set.
    pub fn clock_set(&mut self, node: usize, now: Timestamp) {
        self.set.insert(node, now);
    }

    /// A supernode takes an input at this time of its clock.
    pub fn clock(&mut self, node: usize, clock: Timestamp) {
        let latest = self.clocks.entry(node).or_insert(clock);
        *latest = clock.max(*latest);
    }

    /// A device claims its mailbox.
    pub fn claims(&mut self, node: usize, link: LinkId, persona: PersonaId, device: DeviceId) {
        let reader = (node, persona, device);
        let session = Session {
            reader,
            open: false,
            floor: self.settled.get(&reader).copied().unwrap_or_default(),
            handed: 0,
            ahead: BTreeMap::new(),
        };
        self.sessions.entry((node, link)).or_insert(session);
    }

    /// A supernode gives a device its mailbox, and says how far it has read.
    ///
    /// # Errors
    /// It has forgotten what the device acknowledged.
    pub fn claimed(&mut self, node: usize, link: LinkId, acked: u64) -> Result<(), String> {
        let Some(session) = self.sessions.get_mut(&(node, link)) else {
            return Ok(());
        };
        session.open = true;
        if acked < session.floor {
            return Err(format!(
                "supernode {node} has forgotten that a device has read to {}: it says {acked}",
                session.floor
            ));
        }
        Ok(())
    }

    /// A device has committed everything up to a number.
    pub fn acknowledges(&mut self, node: usize, link: LinkId, up_to: u64) {
        let Some(session) = self.sessions.get(&(node, link)).filter(|it| it.open) else {
            return;
        };
        let heard = self.heard.entry(session.reader).or_default();
        *heard = up_to.max(*heard);
        // More than what was handed over counts for nothing.
        self.pending
            .push((session.reader, up_to.min(session.handed)));
    }

    /// Nothing is being written, and nothing waits: what was heard is kept.
    pub fn rests(&mut self, node: usize) {
        let settled = &mut self.settled;
        self.pending.retain(|(reader, up_to)| {
            if reader.0 == node {
                let known = settled.entry(*reader).or_default();
                *known = (*up_to).max(*known);
            }
            reader.0 != node
        });
    }

    /// A transaction was refused.
    pub fn refused(&mut self, node: usize) {
        self.pending.retain(|(reader, _)| reader.0 != node);
    }

    /// A transaction has changed this.
    ///
    /// # Errors
    /// Something is removed that not all devices have.
    pub fn kept(&self, node: usize, shelf: &Shelf, change: &Change) -> Result<(), String> {
        let Change::Removed(persona, sequence, header) = change else {
            return Ok(());
        };
        let expired = self
            .clocks
            .get(&node)
            .is_some_and(|at| header.expires <= *at);
        let Some(shelved) = shelf.of(persona).filter(|_| !expired) else {
            return Ok(());
        };
        let has = |device: &DeviceId| {
            let heard = self.heard.get(&(node, *persona, *device));
            heard.is_some_and(|up_to| up_to >= sequence)
        };
        if shelved.devices.iter().all(has) {
            return Ok(());
        }
        Err(format!(
            "supernode {node} removes an envelope that a device does not have"
        ))
    }

    /// A supernode hands over a kept envelope.
    ///
    /// # Errors
    /// The device has it, it has expired, or too much waits for the device's word.
    pub fn delivers(
        &mut self,
        (node, link): (usize, LinkId),
        (now, clock): (Timestamp, Timestamp),
        shelf: &Shelf,
        delivery: &Delivery,
    ) -> Result<(), String> {
        let Some(session) = self.sessions.get_mut(&(node, link)) else {
            return Ok(());
        };
        let sequence = delivery.sequence;
        session.handed = sequence.max(session.handed);
        if sequence > 0 && sequence <= session.floor {
            return Err(format!(
                "supernode {node} hands over again what the device has acknowledged"
            ));
        }
        let heard = self.heard.get(&session.reader).copied();
        session
            .ahead
            .retain(|number, _| heard.is_none_or(|heard| *number > heard));
        if sequence > 0 {
            let bytes = delivery.bytes.len() as u64;
            session.ahead.insert(sequence, bytes);
            bounded::ahead(node, session.ahead.len(), session.ahead.values().sum())?;
        }
        let header = shelf
            .of(&session.reader.1)
            .and_then(|shelved| shelved.headers.get(&sequence));
        let calm = self
            .set
            .get(&node)
            .is_none_or(|at| now.since(*at) > PATIENCE);
        if calm && header.is_some_and(|header| header.expires.after(PATIENCE) <= clock) {
            return Err(format!("supernode {node} hands over what has expired"));
        }
        Ok(())
    }
}
