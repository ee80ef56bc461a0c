//! My public address: a link without any right in it and without an end, by which anybody may ask. Whether
//! they may, and for how much work, each of my homes is told, and checks.

use alloc::vec::Vec;

use crate::base::id::NodeId;
use crate::gates::work::WORK_BITS_MAX;
use crate::invite::Invite;
use crate::mailbox::capability::Capability;
use crate::mailbox::wire::DepositCode;
use crate::peer::command::CommandError;
use crate::peer::io::Outcome;
use crate::peer::records::HomeRecord;
use crate::peer::view::{Changed, PublicView};
use crate::peer::{Cx, Peer};
use crate::session::client::{Role, open_frame};
use crate::session::wire::VERSION_OPEN;

/// Least work that may be asked for, in bits: less is no brake for anybody.
pub const PUBLIC_BITS_MIN: u8 = 16;
/// Most work that may be asked for, in bits: about a minute of a phone.
pub const PUBLIC_BITS_MAX: u8 = WORK_BITS_MAX;

impl Peer {
    /// Work by which anybody may ask, in bits; 0: nobody may.
    pub(super) fn public_bits(&self) -> u8 {
        let account = self.account.as_ref();
        account.and_then(|account| account.public_bits).unwrap_or(0)
    }

    /// Lets anybody ask who works so much, in bits; 0: nobody.
    pub(in crate::peer) fn set_public(
        &mut self,
        cx: &mut Cx<'_>,
        work_bits: u8,
    ) -> Result<Outcome, CommandError> {
        if work_bits != 0 && !(PUBLIC_BITS_MIN..=PUBLIC_BITS_MAX).contains(&work_bits) {
            return Err(CommandError::BadWork);
        }
        let Some(account) = &mut self.account else {
            return Err(CommandError::NoPersona);
        };
        if account.public_bits.unwrap_or(0) == work_bits {
            return Ok(Outcome::Done);
        }
        account.public_bits = Some(work_bits);
        self.account_changed(cx);
        cx.changed(Changed::Requests);
        let homes: Vec<_> = self.my_homes().collect();
        for node in homes {
            self.tell_public(cx, node);
        }
        Ok(Outcome::Done)
    }

    /// Tells a home who may ask. It is told each time it is reached, since it may not have been there when
    /// I decided, or have lost it.
    pub(in crate::peer) fn tell_public(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        let account = self.account.as_ref();
        let Some(bits) = account.and_then(|account| account.public_bits) else {
            return;
        };
        let frame = || open_frame(bits);
        if !self.lines.send(cx, (node, Role::Home), VERSION_OPEN, frame) {
            cx.changed(Changed::Requests);
        }
    }

    /// A home says what it has done.
    pub(in crate::peer) fn take_opened(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        code: DepositCode,
        work_bits: u8,
    ) {
        // After a failure it ends the session, and is told again in the next.
        if code != DepositCode::Ok {
            return;
        }
        let known = self
            .known_homes
            .get_or_insert_with(node, HomeRecord::default);
        if known.is_some_and(|known| known.public_bits.replace(work_bits) != Some(work_bits)) {
            self.keep_home(cx, &node);
            cx.changed(Changed::Requests);
        }
    }

    /// My public address; `None` while I have never opened it, or have no home.
    #[must_use]
    pub fn public_address(&self) -> Option<PublicView> {
        let account = self.account.as_ref()?;
        let work_bits = account.public_bits?;
        let address = Invite {
            capability: Capability::PUBLIC,
            ..account.invite()?
        };
        let is_older = |home: &NodeId| self.lines.is_older(home, VERSION_OPEN);
        let said = |home: &NodeId| self.known_homes.get(home)?.public_bits;
        let confirmed = |home: &NodeId| said(home) == Some(work_bits) && !is_older(home);
        let confirmed = self.my_homes().filter(confirmed);
        let older = self.my_homes().filter(is_older);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Some(PublicView {
            code: address.to_code(),
            work_bits,
            confirmed: count(confirmed.count()),
            older: count(older.count()),
            homes: count(account.homes.len()),
        })
    }
}
