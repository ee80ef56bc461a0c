//! Key packages: mine, kept full at my homes; and one of somebody whose invite I have, so that what I say
//! can be read at once when they come.
//!
//! A hello that is to go to a stranger first asks a home of theirs for a key package. With one, this side
//! makes the group, and the hello carries the welcome into it. Without one, or when no answer comes in
//! time, the hello goes as it is, and they make the group.

use alloc::vec::Vec;
use core::time::Duration;

use super::{Cx, Peer};
use crate::base::codec;
use crate::base::id::{ConversationId, NodeId, PersonaId};
use crate::base::limits::{ENVELOPE_BYTES_MAX, PACKAGES_MAX};
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::conversation::mls::Member;
use crate::conversation::mls::limits::KEY_PACKAGES_AT_HOMES_MAX;
use crate::identity::list::VerifiedDeviceList;
use crate::mailbox::parcel::Body;
use crate::peer::records::{HomeRecord, OutWhat, out_key};
use crate::session::client::{Role, fetch_frame, publish_frame};
use crate::session::wire::VERSION_GATES;

/// With so few left, a home gets new ones.
const LOW: u32 = 2;
/// Older ones are replaced; they are good for three times as long.
const RENEWAL: Duration = Duration::from_secs(28 * 24 * 3600);
/// A home has this long to answer with a key package.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a hello waits for a key package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It does not, or no longer.
    None,
    /// It wants one, and has not asked yet.
    Unasked,
    /// It has asked, and waits until then.
    Asked(Timestamp),
}

impl Peer {
    /// Asks a home what it has of my key packages.
    pub(super) fn ask_for_packages(&mut self, cx: &mut Cx<'_>, node: NodeId) {
        self.published.remove(&node);
        let frame = || publish_frame(Vec::new(), None);
        self.lines
            .send(cx, (node, Role::Home), VERSION_GATES, frame);
    }

    /// Asks all homes, since one may have handed some out.
    pub(super) fn look_after_packages(&mut self, cx: &mut Cx<'_>) {
        let homes = self.account.as_ref().map(|account| &account.homes);
        let homes: Vec<_> = homes.into_iter().flatten().map(|home| home.node).collect();
        for node in homes {
            self.ask_for_packages(cx, node);
        }
    }

    /// A home says what it has.
    pub(super) fn refill_packages(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        left: u32,
        last_resort: bool,
    ) {
        if let Some(published) = self.published.remove(&node) {
            // The answer to that, and no reason to publish more. A home without room has kept nothing.
            if let Some(mls) = self.mls.as_mut().filter(|_| left == 0 && !last_resort) {
                for package in published {
                    let _ = mls.forget_key_package(&package);
                }
            }
            return;
        }
        let Some(known) = self
            .known_homes
            .get_or_insert_with(node, HomeRecord::default)
        else {
            return;
        };
        let old = known
            .packages_at
            .is_none_or(|at| cx.now.since(at) >= RENEWAL);
        if left > LOW && last_resort && !old {
            return;
        }
        let Some(mls) = self.mls.as_mut() else { return };
        if mls.key_package_count() + PACKAGES_MAX >= KEY_PACKAGES_AT_HOMES_MAX {
            return;
        }
        // With too many that wait to be used, a home keeps what it has.
        let Ok(last_resort) = mls.key_package(cx.random, cx.now, true) else {
            return;
        };
        let packages: Vec<_> = (0..PACKAGES_MAX)
            .map_while(|_| mls.key_package(cx.random, cx.now, false).ok())
            .collect();
        known.packages_at = Some(cx.now);
        self.keep_home(cx, &node);
        let all = packages.iter().chain([&last_resort]).cloned().collect();
        let frame = || publish_frame(packages, Some(last_resort));
        let to = (node, Role::Home);
        if self.lines.send(cx, to, VERSION_GATES, frame) {
            self.published.insert(node, all);
        }
    }

    /// Whether an entry waits for a key package; asks for one when it has not.
    pub(super) fn waits_for_package(&mut self, cx: &mut Cx<'_>, order: u64) -> bool {
        let Some(out) = self.outbox.get_mut(&order) else {
            return false;
        };
        match out.wish {
            Wish::None => return false,
            Wish::Asked(until) if cx.now < until => return true,
            Wish::Asked(_) => {
                out.wish = Wish::None;
                return false;
            }
            // One question at a time: many at once would be a flood to a supernode.
            Wish::Unasked if self.asking.is_some_and(|until| cx.now < until) => return true,
            Wish::Unasked => {}
        }
        let Some(contact) = self.contacts.get(&out.record.to) else {
            return false;
        };
        // We hold a group already, and they answer with another one.
        if contact.is_ready() {
            out.wish = Wish::None;
            return false;
        }
        let (to, capability) = (contact.record.persona, contact.record.capability);
        let homes = contact.record.homes.clone();
        for home in &homes {
            self.lines.want(cx, home, Role::Courier);
        }
        let frame = || fetch_frame(to, capability);
        let ready = homes
            .iter()
            .find(|home| self.lines.is_ready(&home.node, Role::Courier));
        let Some(home) = ready else { return true };
        let asked = self
            .lines
            .send(cx, (home.node, Role::Courier), VERSION_GATES, frame);
        let until = cx.now.after(PATIENCE);
        self.asking = asked.then_some(until);
        if let Some(out) = self.outbox.get_mut(&order) {
            out.wish = if asked {
                Wish::Asked(until)
            } else {
                Wish::None
            };
        }
        asked
    }

    /// A key package of somebody has come, or none.
    pub(super) fn take_package(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        found: Option<(Vec<u8>, Vec<u8>)>,
    ) {
        // Whoever else waited to ask may, even when the hello that asked is no more.
        self.asking = None;
        self.pump = true;
        let asked = self
            .outbox
            .iter()
            .find(|(_, out)| out.record.to == persona && matches!(out.wish, Wish::Asked(_)));
        let Some(order) = asked.map(|(order, _)| *order) else {
            return;
        };
        if let Some((devices, package)) = found {
            self.welcome_them(cx, order, &devices, &package);
        }
        if let Some(out) = self.outbox.get_mut(&order) {
            out.wish = Wish::None;
        }
    }

    /// Makes the group, and lets the hello carry the welcome; without a sound package, changes nothing.
    fn welcome_them(
        &mut self,
        cx: &mut Cx<'_>,
        order: u64,
        devices: &[u8],
        package: &[u8],
    ) -> Option<()> {
        let out = self.outbox.get_mut(&order)?;
        let contact = self.contacts.get_mut(&out.record.to)?;
        let list = VerifiedDeviceList::verify(devices).ok()?;
        let persona = contact.record.persona;
        if list.persona() != persona || contact.is_ready() {
            return None;
        }
        let OutWhat::Body(body) = &mut out.record.what else {
            return None;
        };
        let Ok(Body::Hello {
            card,
            key_package,
            invite,
            words,
            ..
        }) = codec::decode(body, ENVELOPE_BYTES_MAX)
        else {
            return None;
        };
        let group = ConversationId(bytes(cx.random));
        let accepts =
            |member: &Member| member.persona == persona && list.device(&member.device).is_some();
        let mls = self.mls.as_mut()?;
        let (welcome, _) = mls
            .create(cx.random, cx.now, group, package, &accepts)
            .ok()?;
        *body = codec::encode(&Body::Hello {
            card,
            key_package,
            invite,
            welcome: Some(welcome.into()),
            words,
        });
        cx.out.store.put(out_key(order), codec::encode(&out.record));
        contact.record.greet_in(cx.now, group);
        contact.record.devices = list.carried().to_vec();
        contact.devices = Some(list);
        cx.dirty(persona);
        cx.changed_chat(contact.conversation);
        Some(())
    }
}
