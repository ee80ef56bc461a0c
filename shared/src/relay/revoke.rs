//! What an owner says of who may write: capabilities that are taken back, and whether anybody may ask.

use alloc::vec::Vec;

use super::answer::{send, send_or};
use super::input::Notice;
use super::{Relay, RelayEffects};
use crate::base::effects::LinkId;
use crate::base::id::PersonaId;
use crate::base::time::Timestamp;
use crate::mailbox::capability::CapabilitySerial;
use crate::mailbox::wire::DepositCode;
use crate::session::server::Refused;
use crate::session::wire::{NodeFrame, Refusal, VERSION_REVOKED};

impl Relay {
    pub(super) fn handle_revoke(
        &mut self,
        now: Timestamp,
        id: LinkId,
        mailbox: &PersonaId,
        serials: Vec<CapabilitySerial>,
        out: &mut RelayEffects,
    ) {
        let revoked = self
            .mailboxes
            .revoke(now, mailbox, &serials, &mut out.store);
        if revoked.is_err() {
            out.notify(Notice::Refused(Refusal::NoRoom));
        }
        let version = self.links.get(&id).map(|link| link.session.version());
        let answer = |code, serials| NodeFrame::Revoked { code, serials };
        match revoked {
            Ok(()) if version >= Some(VERSION_REVOKED) => {
                let failed = answer(DepositCode::Storage, serials.clone());
                send_or(id, &answer(DepositCode::Ok, serials), &failed, out);
            }
            Err(_) if version >= Some(VERSION_REVOKED) => {
                send(id, &answer(DepositCode::NoRoom, serials), out);
            }
            // An older client hears of trouble only.
            Ok(()) => {}
            Err(_) => {
                let refused = Refused::new(Refusal::NoRoom, "too many capabilities taken back");
                send(id, &refused.into_frame(), out);
            }
        }
    }

    pub(super) fn handle_open(
        &mut self,
        id: LinkId,
        mailbox: &PersonaId,
        work_bits: u8,
        out: &mut RelayEffects,
    ) {
        self.mailboxes.open(mailbox, work_bits, &mut out.store);
        let answer = |code| NodeFrame::Opened { code, work_bits };
        let failed = answer(DepositCode::Storage);
        send_or(id, &answer(DepositCode::Ok), &failed, out);
    }
}
