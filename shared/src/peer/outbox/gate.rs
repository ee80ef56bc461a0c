//! Work that homes ask for with a first contact. Each asks for its own: what was done for one is shown at
//! all, and weaker work never takes the place of stronger.

use super::attempt::Attempt;
use crate::base::hash::sha256;
use crate::base::id::{EnvelopeId, NodeId};
use crate::base::limits::HOMES_MAX;
use crate::gates::Gates;
use crate::gates::work::{Puzzle, Task, WORK_BITS_MAX, Work};
use crate::mailbox::capability::Lane;
use crate::mailbox::wire::DepositCode;
use crate::peer::{Cx, Peer};

/// Puzzles that are solved for one entry: one for each home, each harder than the last.
const WORKS_MAX: u8 = HOMES_MAX as u8;

/// What follows when a home asks for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It was done while the entry was on its way there: the entry goes again.
    Enough,
    /// It is being done.
    Working,
    /// More is asked for than is done, or what was done is not taken.
    Closed,
}

impl Peer {
    /// A home says what it asks for with an entry; that the entry is refused is said next.
    pub(in crate::peer) fn note_asked(&mut self, node: NodeId, id: &EnvelopeId, gates: Gates) {
        let out = self.outbox.values_mut().find(|out| out.record.id == *id);
        if let Some(attempt) = out.and_then(|out| out.attempts.get_mut(&node)) {
            attempt.asked_bits = gates.work_bits;
            attempt.asked_invite = gates.invite;
        }
    }

    /// A home has not taken an entry, since it asks for work.
    pub(super) fn work_for_entry(&mut self, cx: &mut Cx<'_>, order: u64, node: &NodeId) -> Gate {
        let Some(out) = self.outbox.get_mut(&order) else {
            return Gate::Closed;
        };
        let Some(attempt) = out.attempts.get_mut(node) else {
            return Gate::Closed;
        };
        let (to, id) = (out.record.to, out.record.id);
        let bits = attempt.asked_bits;
        // Work of an earlier day may be worth nothing any more.
        if out.work.is_some_and(|(_, work)| !work.is_of(cx.now)) {
            out.work = None;
            attempt.shown_bits = 0;
        }
        let done = out.work.map_or(0, |(bits, _)| bits);
        let contact = self.contacts.get(&to);
        let lane = contact.and_then(|contact| contact.record.capability.serial.lane());
        let shut = lane == Some(Lane::Public) && attempt.asked_invite;
        let stranger = lane.is_some_and(Lane::is_of_strangers) && !shut;
        if !stranger || bits == 0 || bits > WORK_BITS_MAX || attempt.shown_bits >= bits {
            return Gate::Closed;
        }
        if done >= bits {
            attempt.in_flight = false;
            return Gate::Enough;
        }
        if out.works >= WORKS_MAX {
            return Gate::Closed;
        }
        let Some(task) = self.task_of_entry(order) else {
            return Gate::Closed;
        };
        self.toil_for_entry(cx, (order, id), Puzzle::new(task, bits, cx.now));
        Gate::Working
    }

    /// What is worked on before an entry is taken, as it is now.
    fn task_of_entry(&self, order: u64) -> Option<Task> {
        let out = self.outbox.get(&order)?;
        let contact = self.contacts.get(&out.record.to)?;
        let to = out.record.to;
        Some(match contact.record.capability.serial.lane() {
            Some(Lane::Public) => Task::Asking(to, sha256(&[out.envelope.as_ref()?])),
            _ => Task::FirstContact(to, out.record.id),
        })
    }

    /// Work of so many bits is done, unless the entry has changed meanwhile.
    pub(in crate::peer) fn worked_for_entry(
        &mut self,
        cx: &Cx<'_>,
        (order, id): (u64, EnvelopeId),
        bits: u8,
        work: Work,
    ) {
        let task = self.task_of_entry(order);
        let fits = task.is_some_and(|task| work.verify(&task, bits, cx.now).is_ok());
        let out = self.outbox.get_mut(&order);
        let Some(out) = out.filter(|out| out.record.id == id) else {
            return;
        };
        out.works += 1;
        if fits && out.work.is_none_or(|(before, _)| before < bits) {
            out.work = Some((bits, work));
        }
        let satisfied = |attempt: &Attempt| {
            attempt.answer == Some(DepositCode::GateRequired) && attempt.asked_bits <= bits
        };
        out.attempts.retain(|_, attempt| !satisfied(attempt));
    }
}
