//! What two pages say to each other to get and keep a channel.

use super::{Attempt, PROBE, Phase, STALE};
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{DeviceId, EnvelopeId, NodeId, PersonaId};
use crate::base::limits::PEER_LINKS_MAX;
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::mailbox::parcel::Body;
use crate::mailbox::wire::Envelope;
use crate::peer::allowance::{ATTEMPT_COST, SIGNALS};
use crate::peer::io::{Outgoing, Target};
use crate::peer::{Cx, Peer};
use crate::signalling::wire::{RtcSignal, Signal};
use alloc::vec::Vec;

impl Peer {
    /// A signal came, sealed or over an open channel.
    pub(in crate::peer) fn take_signal(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        device: DeviceId,
        signal: Signal,
        over_channel: bool,
    ) {
        let starts = self.starts(&device);
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        if !contact.signals.take(SIGNALS, cx.now, 1) {
            return;
        }
        let was_heard = contact.heard.is_some();
        contact.heard = Some(cx.now);
        if !was_heard {
            cx.changed_chat(contact.conversation);
        }
        match signal {
            Signal::Knock if over_channel => self.answer_over_channel(cx, persona),
            Signal::Here if over_channel => {
                if let Phase::Open {
                    rtt_ms,
                    answer_due,
                    asked,
                    ..
                } = &mut contact.channel.phase
                {
                    *answer_due = None;
                    let ms = u32::try_from(cx.now.since(*asked).as_millis()).unwrap_or(u32::MAX);
                    if rtt_ms.replace(ms) != Some(ms) {
                        cx.changed_chat(contact.conversation);
                    }
                }
            }
            Signal::Knock | Signal::Here => match &contact.channel.phase {
                // They have lost the channel, or their knock was late: ask the channel itself.
                Phase::Open { .. } => self.probe_channel(cx, persona, PROBE),
                Phase::Trying(attempt) if cx.now.since(attempt.since) < STALE => {}
                Phase::Trying(_) => {
                    self.drop_channel(cx, persona);
                    self.take_signal(cx, persona, device, signal, over_channel);
                }
                Phase::Closed if starts => self.start_attempt(cx, persona, device),
                Phase::Closed if signal == Signal::Knock => {
                    self.send_signal(cx, persona, Signal::Here);
                }
                Phase::Closed => {}
            },
            Signal::Step { attempt, signal } => {
                self.take_step(cx, persona, device, attempt, signal)
            }
            Signal::Bye => {
                contact.heard = None;
                self.leave_channel(cx, persona);
            }
        }
    }

    pub(super) fn take_step(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        device: DeviceId,
        number: u64,
        signal: RtcSignal,
    ) {
        if !signal.fits() {
            return;
        }
        let starts = self.starts(&device);
        let busy = self.channels.len() >= PEER_LINKS_MAX;
        let Some(contact) = self.contacts.get(&persona) else {
            return;
        };
        let current = contact
            .channel
            .attempt()
            .filter(|attempt| attempt.number == number && attempt.device == device);
        if let Some(attempt) = current {
            cx.out.send(attempt.link, Outgoing::Signal(signal));
        } else if matches!(signal, RtcSignal::Offer(_)) && !starts && self.may_link() {
            let replaces = contact.channel.attempt().is_some();
            if (busy && !replaces) || !self.may_attempt(cx.now, persona) {
                return;
            }
            self.drop_channel(cx, persona);
            let link = self.dial_page(cx, persona, device, number, true);
            cx.out.send(link, Outgoing::Signal(signal));
        }
    }

    pub(super) fn start_attempt(&mut self, cx: &mut Cx<'_>, persona: PersonaId, device: DeviceId) {
        if self.may_link()
            && self.channels.len() < PEER_LINKS_MAX
            && self.may_attempt(cx.now, persona)
        {
            let number = u64::from_le_bytes(bytes(cx.random));
            self.dial_page(cx, persona, device, number, false);
        }
    }

    fn may_attempt(&mut self, now: Timestamp, persona: PersonaId) -> bool {
        self.contacts
            .get_mut(&persona)
            .is_some_and(|contact| contact.signals.take(SIGNALS, now, ATTEMPT_COST))
    }

    pub(super) fn dial_page(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        device: DeviceId,
        number: u64,
        polite: bool,
    ) -> LinkId {
        let link = cx.new_link();
        let ice = self.ice(&persona);
        self.channels.insert(link, persona);
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.phase = Phase::Trying(Attempt {
                link,
                number,
                device,
                since: cx.now,
                hidden: ice.relay_only,
            });
        }
        cx.out.dial(link, Target::Page { polite, ice });
        link
    }

    /// A channel being negotiated wants something told.
    pub(in crate::peer) fn local_signal(
        &mut self,
        cx: &mut Cx<'_>,
        link: LinkId,
        signal: RtcSignal,
    ) {
        let Some(&persona) = self.channels.get(&link) else {
            return;
        };
        let Some(contact) = self.contacts.get(&persona) else {
            return;
        };
        let Some(attempt) = contact
            .channel
            .attempt()
            .filter(|attempt| attempt.link == link)
        else {
            return;
        };
        if signal.fits() {
            let step = Signal::Step {
                attempt: attempt.number,
                signal,
            };
            self.send_signal(cx, persona, step);
        }
    }

    /// Sends a signal to all homes of a contact, or over the channel when no home is reachable.
    pub(super) fn send_signal(&mut self, cx: &mut Cx<'_>, persona: PersonaId, signal: Signal) {
        let Some(contact) = self.contacts.get(&persona) else {
            return;
        };
        let homes = &contact.record.homes;
        let reachable = homes.iter().any(|home| self.lines.is_reachable(&home.node));
        let body = Body::Signal(signal);
        if !reachable && let Some(link) = contact.channel.open() {
            return cx.out.send(link, Outgoing::Message(codec::encode(&body)));
        }
        let id = EnvelopeId(bytes(cx.random));
        if let Some(sealed) = self.seal_for(cx, persona, (id, None, cx.now), body) {
            self.send_live(cx, &persona, id, &sealed, &[]);
        }
    }

    /// Deposits a live envelope at all homes of a contact but these.
    pub(super) fn send_live(
        &mut self,
        cx: &mut Cx<'_>,
        persona: &PersonaId,
        id: EnvelopeId,
        bytes: &[u8],
        skipped: &[NodeId],
    ) {
        let Some(contact) = self.contacts.get(persona) else {
            return;
        };
        let (homes, capability) = (contact.record.homes.clone(), contact.record.capability);
        for home in homes.iter().filter(|home| !skipped.contains(&home.node)) {
            let envelope = Envelope {
                to: *persona,
                capability,
                id,
                keep_seconds: 0,
                bytes: bytes.to_vec(),
            };
            self.lines.deposit_live(cx, home, envelope);
        }
    }

    /// The page is closing: open channels are told.
    pub(in crate::peer) fn say_bye(&mut self, cx: &mut Cx<'_>) {
        let open: Vec<_> = self
            .contacts
            .values()
            .filter_map(|contact| contact.channel.open())
            .collect();
        for link in open {
            cx.out.send(
                link,
                Outgoing::Message(codec::encode(&Body::Signal(Signal::Bye))),
            );
        }
    }

    pub(super) fn starts(&self, device: &DeviceId) -> bool {
        self.account
            .as_ref()
            .is_some_and(|account| account.device.id() < *device)
    }
}
