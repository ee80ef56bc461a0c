//! What the frames of a session do to the mailboxes.

use super::answer::{deliver, delivery, send, send_or};
use super::input::{Bodies, Job, Notice};
use super::{Outgoing, Relay, RelayEffects};
use crate::base::effects::{Batch, LinkId};
use crate::base::time::Timestamp;
use crate::gates::Pass;
use crate::mailbox::capability::Lane;
use crate::mailbox::server::{ClaimError, Window};
use crate::mailbox::wire::{DepositCode, Envelope};
use crate::planted::{Fault, is_planted};
use crate::session::server::{Refused, Request, VerifiedClaim};
use crate::session::wire::{DepositReceipt, NodeFrame, Refusal};

impl Relay {
    pub(super) fn handle_received(
        &mut self,
        now: Timestamp,
        id: LinkId,
        bytes: &[u8],
        out: &mut RelayEffects,
    ) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let request = match link
            .session
            .handle(now, &self.key, self.limits.frames, bytes)
        {
            Ok(request) => request,
            Err(refused) => return self.refuse(id, refused, out),
        };
        let claimed = link.session.claimed();
        let shown = match &request {
            Request::Claim(_) | Request::Deposit { .. } => link.session.take_shown(),
            _ => Pass::default(),
        };
        match (request, claimed) {
            (Request::Answer(frame), _) => {
                if let NodeFrame::Refused { code, .. } = &frame {
                    out.notify(Notice::Refused(*code));
                }
                send(id, &frame, out);
            }
            (Request::Deposit { request, envelope }, _) => {
                self.handle_deposit(now, id, request, (envelope, shown), out)
            }
            (Request::Claim(claim), _) => self.handle_claim(now, id, &claim, &shown, out),
            (Request::Noted, _) => {}
            (Request::Publish(published), Some((mailbox, _))) => {
                self.handle_publish(id, &mailbox, published, out);
            }
            (Request::Fetch(mailbox, capability), _) => {
                self.handle_fetch(now, id, mailbox, &capability, out);
            }
            (Request::Ack(up_to), Some((mailbox, device))) => {
                self.mailboxes
                    .ack(now, &mailbox, device, up_to, &mut out.store);
                self.read_on(now, id, out);
            }
            (Request::Revoke(serials), Some((mailbox, _))) => {
                self.handle_revoke(now, id, &mailbox, serials, out);
            }
            (Request::Turn, Some((mailbox, _))) => self.handle_turn(now, id, &mailbox, out),
            (Request::Open(work_bits), Some((mailbox, _))) => {
                self.handle_open(id, &mailbox, work_bits, out);
            }
            // The session lets nobody do these who has not claimed.
            (
                Request::Ack(_)
                | Request::Revoke(_)
                | Request::Publish(_)
                | Request::Turn
                | Request::Open(_),
                None,
            ) => {}
        }
    }

    pub(super) fn handle_loaded(
        &mut self,
        now: Timestamp,
        window: &Window,
        bodies: Bodies,
        out: &mut RelayEffects,
    ) {
        let Ok(bodies) = bodies else {
            if self.links.contains_key(&window.link) {
                self.refuse(
                    window.link,
                    Refused::new(Refusal::Storage, "storage could not be read"),
                    out,
                );
            }
            return;
        };
        if window.is_package() {
            return self.handle_package(window, bodies, out);
        }
        let deliveries = self.mailboxes.loaded(now, window, bodies);
        if !deliveries.is_empty() {
            out.notify(Notice::Delivered(
                u32::try_from(deliveries.len()).unwrap_or(u32::MAX),
            ));
        }
        deliver(window.link, deliveries, out);
        self.read_on(now, window.link, out);
    }

    fn handle_claim(
        &mut self,
        now: Timestamp,
        id: LinkId,
        claim: &VerifiedClaim,
        shown: &Pass,
        out: &mut RelayEffects,
    ) {
        let persona = claim.persona();
        let mut token = None;
        if !self.mailboxes.is_registered(&persona) {
            match self.verify_registration(now, &persona, shown) {
                Ok(used) => token = used,
                Err(asked) => return self.refuse_registration(id, asked, out),
            }
        }
        let claimed = self.mailboxes.claim(
            now,
            id,
            claim.devices(),
            claim.device(),
            claim.secret(),
            &mut out.store,
        );
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(error) => {
                let code = match error {
                    ClaimError::Stale => Refusal::StaleDevices,
                    ClaimError::Forked => Refusal::BadProof,
                    ClaimError::NoRoom => Refusal::NoRoom,
                };
                return self.refuse(id, Refused::new(code, &alloc::format!("{error}")), out);
            }
        };
        if let Some(token) = token {
            self.mailboxes.use_token(&persona, token, &mut out.store);
        }
        for link in claimed.outdated {
            self.refuse(
                link,
                Refused::new(Refusal::StaleDevices, "the device was taken off the list"),
                out,
            );
        }
        for link in claimed.crowded_out {
            self.refuse(
                link,
                Refused::slow_down("too many sessions of one mailbox", 0),
                out,
            );
        }
        out.notify(Notice::Claimed);
        let failed =
            Refused::new(Refusal::Storage, "storage failed; nothing was kept").into_frame();
        send_or(
            id,
            &NodeFrame::Claimed {
                acked: claimed.acked,
                waiting: claimed.waiting,
                keep_seconds: self.keep_seconds(),
            },
            &failed,
            out,
        );
        self.read_on(now, id, out);
    }

    fn handle_deposit(
        &mut self,
        now: Timestamp,
        id: LinkId,
        request: u32,
        (envelope, shown): (Envelope, Pass),
        out: &mut RelayEffects,
    ) {
        let live = envelope.keep_seconds == 0;
        // Without bytes it asks whether somebody is there, and a knock waits for the answer.
        let asks = envelope.bytes.is_empty();
        let (envelope_id, to) = (envelope.id, envelope.to);
        let lane = envelope.capability.serial.lane();
        let mut answered =
            self.mailboxes
                .deposit(now, envelope, shown.work.as_ref(), &mut out.store);
        if is_planted(Fault::AcknowledgeUnkept) {
            out.store = Batch::default();
        }
        if answered == Err(DepositCode::GateRequired) {
            let asked = self.mailboxes.asked(&to, lane.unwrap_or(Lane::Invite));
            if !self.say_gates(id, asked, Some(envelope_id), out) {
                answered = Err(DepositCode::NoCapability);
            }
        }
        let (code, handed, keep_seconds) = match &answered {
            Ok(deposited) => (
                DepositCode::Ok,
                // Strangers are not told whether somebody is there.
                match lane.is_some_and(Lane::is_of_strangers) {
                    true => 0,
                    false => u32::try_from(deposited.to.len()).unwrap_or(u32::MAX),
                },
                deposited.keep_seconds,
            ),
            Err(code) => (*code, 0, None),
        };
        out.notify(if live {
            Notice::Live(code, handed)
        } else {
            Notice::Keep(code)
        });
        let receipt = DepositReceipt {
            request,
            id: envelope_id,
            code,
            handed,
            keep_seconds,
        };
        out.send(
            id,
            Outgoing::Receipt {
                receipt,
                // That nobody is there is waited for.
                patient: live && handed > 0 && !asks,
            },
        );
        let Ok(deposited) = answered else { return };
        if let Some((last, others)) = deposited.to.split_last() {
            out.notify(Notice::Delivered(handed));
            let frame = delivery(deposited.delivery);
            for link in others {
                out.send(*link, frame.clone());
            }
            out.send(*last, frame);
        }
    }

    fn read_on(&mut self, now: Timestamp, id: LinkId, out: &mut RelayEffects) {
        let claimed = self.links.get(&id).and_then(|link| link.session.claimed());
        if let Some(window) =
            claimed.and_then(|(mailbox, _)| self.mailboxes.next_window(now, id, &mailbox))
        {
            out.job(Job::Read(window));
        }
    }
}
