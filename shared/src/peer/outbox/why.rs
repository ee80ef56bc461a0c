//! Why a message of mine is still here, in a form that can be put into words.

use super::{Out, WHY_AFTER};
use crate::base::id::NodeId;
use crate::mailbox::wire::DepositCode;
use crate::peer::contact::Contact;
use crate::peer::records::{Failure, OutWhat, StoredState};
use crate::peer::view::{Obstacle, Why};
use crate::peer::{Cx, Peer};

use alloc::vec::Vec;

impl Out {
    /// Homes of `homes` that have it.
    pub fn copies(&self, homes: &[NodeId]) -> usize {
        let kept = |home: &&NodeId| self.record.done.contains(home);
        homes.iter().filter(kept).count()
    }
}

impl Peer {
    /// Messages that have waited long enough to say why.
    pub(super) fn explain_outbox(&mut self, cx: &mut Cx<'_>) {
        for out in self.outbox.values_mut() {
            let due = out.state() == Some(StoredState::Queued)
                && !out.explained
                && cx.now.since(out.since) >= WHY_AFTER;
            if !due {
                continue;
            }
            out.explained = true;
            if let Some(contact) = self.contacts.get(&out.record.to) {
                cx.changed_chat(contact.conversation);
            }
        }
    }

    /// Why an entry has not gone, or has been given up; `None` while it is on its way.
    pub(in crate::peer) fn why(&self, contact: &Contact, out: &Out) -> Option<Why> {
        let OutWhat::Message { record, sealed } = &out.record.what else {
            return None;
        };
        let homes: Vec<NodeId> = contact.record.homes.iter().map(|home| home.node).collect();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let why = |obstacle| {
            Some(Why {
                obstacle,
                copies: count(out.copies(&homes)),
                homes: count(homes.len()),
                kept: out.life(),
            })
        };
        match record.mine {
            Some(StoredState::Failed) => why(match record.failure {
                Some(Failure::Expired) => Obstacle::Expired,
                Some(Failure::Refused) => Obstacle::Refused,
                Some(Failure::TooLarge) => Obstacle::TooLarge,
                Some(Failure::Unreadable) | None => Obstacle::Unreadable,
            }),
            Some(StoredState::Queued) if self.is_blocked(&out.record.to) => why(Obstacle::Blocked),
            Some(StoredState::Queued) if out.explained => {
                if sealed.is_none() || out.must_be_let_in(contact) {
                    return why(Obstacle::NotAnswered);
                }
                why(self.obstacle_of(contact, out))
            }
            _ => None,
        }
    }

    /// What keeps an entry from the homes that lack it.
    pub(in crate::peer) fn obstacle_of(&self, contact: &Contact, out: &Out) -> Obstacle {
        let homes = contact.record.homes.iter().map(|home| home.node);
        let missing = || homes.clone().filter(|home| !out.record.done.contains(home));
        let said = missing().filter_map(|home| {
            let answer = out.attempts.get(&home)?.answer?;
            self.lines.is_reachable(&home).then_some(answer)
        });
        said.map(obstacle).min().unwrap_or_else(|| {
            if missing().any(|home| self.lines.is_reachable(&home)) {
                Obstacle::OnItsWay
            } else {
                Obstacle::Unreachable
            }
        })
    }
}

fn obstacle(code: DepositCode) -> Obstacle {
    match code {
        DepositCode::Full => Obstacle::MailboxFull,
        DepositCode::NoRoom => Obstacle::NoRoom,
        DepositCode::NoMailbox => Obstacle::NoMailbox,
        DepositCode::NoCapability
        | DepositCode::CapabilityExpired
        | DepositCode::CapabilityRevoked => Obstacle::Refused,
        DepositCode::TooLarge => Obstacle::TooLarge,
        DepositCode::GateRequired => Obstacle::OnItsWay,
        DepositCode::Ok | DepositCode::Storage | DepositCode::SlowDown => Obstacle::Busy,
    }
}
