//! Taking back my invites: nobody gets in by them any more, at no home and not with me.

use alloc::vec::Vec;

use super::command::CommandError;
use super::io::Outcome;
use super::{Cx, Peer};
use crate::base::id::NodeId;
use crate::mailbox::capability::CapabilitySerial;
use crate::session::client::{Role, revoke_frame};
use crate::session::wire::VERSION_MIN;

/// Invites that are remembered as taken back while they would still be good.
pub const TAKEN_BACK_MAX: usize = 256;

impl Peer {
    /// Takes back every invite of mine that may still be good, and makes another.
    pub(super) fn take_back_invites(&mut self, cx: &mut Cx<'_>) -> Result<Outcome, CommandError> {
        let Some(account) = &mut self.account else {
            return Err(CommandError::NoPersona);
        };
        let good = |serials: &[CapabilitySerial]| {
            let good = serials.iter().filter(|serial| !serial.is_over(cx.now));
            good.count()
        };
        let (known, new) = (good(&account.taken_back), good(&account.earlier) + 1);
        if known + new > TAKEN_BACK_MAX {
            return Err(CommandError::TooManyTakenBack);
        }
        account.replace_invite(cx);
        account.taken_back.append(&mut account.earlier);
        let homes: Vec<_> = account.homes.iter().map(|home| home.node).collect();
        self.account_changed(cx);
        for node in homes {
            self.tell_taken_back(cx, node);
        }
        Ok(Outcome::Done)
    }

    /// Tells a home what was taken back, of invites and of contacts. It is told each time it is reached,
    /// since it may not have been there at the time.
    pub(super) fn tell_taken_back(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        let Some(account) = &self.account else { return };
        let all = account.taken_back.iter().chain(self.blocks.revoked());
        let all: Vec<_> = all.copied().collect();
        if all.is_empty() {
            return;
        }
        let frame = || revoke_frame(all);
        self.lines.send(cx, (node, Role::Home), VERSION_MIN, frame);
    }
}
