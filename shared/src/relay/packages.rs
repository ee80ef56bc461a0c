//! Key packages: kept for their owner, handed out to whoever may write.

use super::answer::{send, send_or};
use super::{Job, Relay, RelayEffects};
use crate::base::effects::LinkId;
use crate::base::id::PersonaId;
use crate::base::time::Timestamp;
use crate::mailbox::capability::Capability;
use crate::mailbox::server::{Published, Window};
use crate::mailbox::wire::DepositCode;
use crate::session::wire::NodeFrame;

use alloc::vec::Vec;

impl Relay {
    pub(super) fn handle_publish(
        &mut self,
        id: LinkId,
        mailbox: &PersonaId,
        published: Published,
        out: &mut RelayEffects,
    ) {
        let (left, last_resort) = self.mailboxes.publish(mailbox, published, &mut out.store);
        let failed = NodeFrame::Packages {
            left: 0,
            last_resort: false,
        };
        send_or(id, &NodeFrame::Packages { left, last_resort }, &failed, out);
    }

    pub(super) fn handle_fetch(
        &mut self,
        now: Timestamp,
        id: LinkId,
        mailbox: PersonaId,
        capability: &Capability,
        out: &mut RelayEffects,
    ) {
        let granted = self.mailboxes.grant_package(now, id, &mailbox, capability);
        match granted {
            Ok(Some(window)) => out.job(Job::Read(window)),
            Ok(None) => {
                let devices = self.mailboxes.devices(&mailbox);
                let frame = NodeFrame::Package {
                    mailbox,
                    code: DepositCode::Ok,
                    devices: devices.map(Into::into),
                    package: None,
                };
                send(id, &frame, out);
            }
            Err(code) => send(id, &none(mailbox, code), out),
        }
    }

    /// A key package was read: it goes out when its removal is committed.
    pub(super) fn handle_package(
        &mut self,
        window: &Window,
        bodies: Vec<(u64, Vec<u8>)>,
        out: &mut RelayEffects,
    ) {
        let failed = none(window.mailbox, DepositCode::Storage);
        let devices = self.mailboxes.package_goes(window, &mut out.store);
        if !self.links.contains_key(&window.link) {
            return;
        }
        let Some(devices) = devices else {
            return send(window.link, &failed, out);
        };
        let package = bodies.into_iter().next().map(|(_, bytes)| bytes.into());
        let frame = NodeFrame::Package {
            mailbox: window.mailbox,
            code: DepositCode::Ok,
            devices: Some(devices.into()),
            package,
        };
        send_or(window.link, &frame, &failed, out);
    }
}

fn none(mailbox: PersonaId, code: DepositCode) -> NodeFrame {
    NodeFrame::Package {
        mailbox,
        code,
        devices: None,
        package: None,
    }
}
