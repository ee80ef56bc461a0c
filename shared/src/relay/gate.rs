//! Who may come in: what a claim of a new persona must show, and what is said to those who do not.

use super::{Relay, RelayEffects, answer};
use crate::base::effects::LinkId;
use crate::base::id::{EnvelopeId, NodeId, PersonaId};
use crate::base::limits::KEEP_TTL_MAX;
use crate::base::time::Timestamp;
use crate::gates::token::TokenSerial;
use crate::gates::work::Task;
use crate::gates::{Gates, Pass};
use crate::planted::{Fault, is_planted};
use crate::session::server::Refused;
use crate::session::wire::{NodeFrame, Refusal};

impl Relay {
    /// Longest life of an envelope here, in seconds, when it is less than the protocol's.
    pub(super) fn keep_seconds(&self) -> Option<u32> {
        let keep = self.limits.mailboxes.keep;
        let seconds = u32::try_from(keep.as_secs()).ok()?;
        (keep < KEEP_TTL_MAX).then_some(seconds)
    }

    /// Checks what was shown for registering `persona`. Returns the operator's invite it was done with.
    ///
    /// # Errors
    /// What is asked for.
    pub(super) fn verify_registration(
        &self,
        now: Timestamp,
        persona: &PersonaId,
        pass: &Pass,
    ) -> Result<Option<TokenSerial>, Gates> {
        let asked = self.limits.registration;
        let task = Task::Registration(NodeId(self.key.public()), *persona);
        let worked = |bits| {
            pass.work
                .is_some_and(|work| work.verify(&task, bits, now).is_ok())
        };
        if is_planted(Fault::IgnoreGate) {
            return Ok(None);
        }
        if asked.work_bits > 0 && !worked(asked.work_bits) {
            return Err(asked);
        }
        if !asked.invite {
            return Ok(None);
        }
        let token = pass
            .token
            .and_then(|token| token.verify(&self.key, now).ok());
        match token.filter(|serial| !self.mailboxes.is_used(serial)) {
            Some(serial) => Ok(Some(serial)),
            None => Err(asked),
        }
    }

    /// Says what is asked of whoever registers, and ends the session.
    pub(super) fn refuse_registration(
        &mut self,
        link: LinkId,
        asked: Gates,
        out: &mut RelayEffects,
    ) {
        let text = alloc::format!("gate required: {asked}");
        let code = if self.say_gates(link, asked, None, out) {
            Refusal::GateRequired
        } else {
            Refusal::NoRoom
        };
        self.refuse(link, Refused::new(code, &text), out);
    }

    /// Says what is asked for; `false` to a client that does not know of gates.
    pub(super) fn say_gates(
        &self,
        link: LinkId,
        gates: Gates,
        envelope: Option<EnvelopeId>,
        out: &mut RelayEffects,
    ) -> bool {
        let knows = self
            .links
            .get(&link)
            .is_some_and(|link| link.session.knows_gates());
        if knows {
            answer::send(link, &NodeFrame::Gates { gates, envelope }, out);
        }
        knows
    }
}
