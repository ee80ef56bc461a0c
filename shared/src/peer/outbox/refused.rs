//! A home says no. What can never be taken there fails when no other home has it, and a person is told; what a
//! contact is owed in any case waits for another way to them.

use super::Out;
use super::attempt::Attempt;
use super::gate::Gate;
use crate::base::codec;
use crate::base::id::NodeId;
use crate::base::limits::ENVELOPE_BYTES_MAX;
use crate::mailbox::parcel::Body;
use crate::mailbox::wire::DepositCode;
use crate::peer::records::{Failure, OutWhat};
use crate::peer::{Cx, Peer};

impl Out {
    /// Whether it is owed when they let me in again: what has arrived, and who I am now. Of each, the outbox
    /// holds few.
    fn is_owed(&self) -> bool {
        let OutWhat::Body(body) = &self.record.what else {
            return false;
        };
        matches!(
            codec::decode(body, ENVELOPE_BYTES_MAX),
            Ok(Body::Receipt(_) | Body::Card(_))
        )
    }
}

impl Peer {
    /// One of the contact's `homes` has not taken an entry.
    pub(super) fn take_refusal(
        &mut self,
        cx: &mut Cx<'_>,
        (node, homes): (NodeId, &[NodeId]),
        order: u64,
        code: DepositCode,
    ) {
        let code = match code {
            DepositCode::GateRequired => match self.work_for_entry(cx, order, &node) {
                Gate::Enough => return self.pump = true,
                Gate::Working => DepositCode::GateRequired,
                Gate::Closed => DepositCode::NoCapability,
            },
            code => code,
        };
        let Some(out) = self.outbox.get_mut(&order) else {
            return;
        };
        let Some(attempt) = out.attempts.get_or_insert_with(node, Attempt::default) else {
            return;
        };
        attempt.refused(cx.now, code);
        let (is_over, no_right) = (attempt.is_final(), attempt.has_no_right());
        let (to, kept) = (out.record.to, !out.record.done.is_empty());
        // One home that takes whatever comes does not hide that the others take nothing.
        let lacks_homes = !out.is_safe(homes);
        let is_final = |home: &NodeId| out.attempts.get(home).is_some_and(Attempt::is_final);
        // What waited for it to be there waits no longer where it will never be.
        self.pump |= out.opener.is_some() && is_over;
        let is_body = matches!(out.record.what, OutWhat::Body(_));
        if is_body && kept && out.may_leave(homes) {
            self.remove_entry(cx, order);
        } else if !kept && homes.iter().all(is_final) {
            let failure = match code {
                DepositCode::TooLarge => Failure::TooLarge,
                _ => Failure::Refused,
            };
            if failure == Failure::TooLarge || !out.is_owed() {
                self.fail_entry(cx, order, failure);
            }
        }
        if let Some(contact) = self.contacts.get_mut(&to) {
            cx.changed_chat(contact.conversation);
            if no_right && lacks_homes && !contact.record.refused {
                contact.record.refused = true;
                cx.dirty(to);
            }
        }
    }
}
