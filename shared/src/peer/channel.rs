//! Data channels to contacts: whom to link to, and the life of one link.
//!
//! Both pages *knock* when they come up. The side with the smaller device key starts every attempt
//! (and is the impolite one of perfect negotiation); the other answers a knock with *here*, which
//! makes the first one start. A channel counts only once it is open; when it is lost both knock
//! again, a few times with growing pauses, and then wait for the other's knock.

use alloc::vec::Vec;
use core::time::Duration;

use super::io::{Outgoing, Target};
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{DeviceId, EnvelopeId, PersonaId};
use crate::base::limits::PEER_LINKS_MAX;
use crate::base::random::bytes;
use crate::base::time::Timestamp;
use crate::mailbox::parcel::Body;
use crate::mailbox::wire::Envelope;
use crate::signalling::wire::{RtcSignal, Signal};

/// Pauses between knocks; after the last one it is their turn.
const KNOCKS: [Duration; 4] =
    [Duration::from_millis(1500), Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(45)];
/// An open channel that is doubted must answer within this time.
const PROBE: Duration = Duration::from_secs(2);
/// An open channel is asked for its round trip, and whether it lives, this often.
const CHECK: Duration = Duration::from_secs(20);

/// The channel to one contact.
#[derive(Debug, Default)]
pub struct Channel {
    pub(super) phase: Phase,
    knock_due: Option<Timestamp>,
    knocks: usize,
}

/// Where a channel stands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// None.
    #[default]
    Closed,
    /// Being negotiated.
    Trying(Attempt),
    /// Open.
    Open {
        attempt: Attempt,
        relayed: bool,
        rtt_ms: Option<u32>,
        /// When the answer to a probe is due.
        answer_due: Option<Timestamp>,
        /// When it was last asked.
        asked: Timestamp,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub link: LinkId,
    number: u64,
    device: DeviceId,
}

impl Channel {
    /// The link, when it is open.
    pub fn open(&self) -> Option<LinkId> {
        match &self.phase {
            Phase::Open { attempt, .. } => Some(attempt.link),
            Phase::Closed | Phase::Trying(_) => None,
        }
    }

    /// The device at the other end.
    pub fn device(&self) -> Option<DeviceId> {
        self.attempt().map(|attempt| attempt.device)
    }

    fn attempt(&self) -> Option<&Attempt> {
        match &self.phase {
            Phase::Closed => None,
            Phase::Trying(attempt) | Phase::Open { attempt, .. } => Some(attempt),
        }
    }

    /// When it wants attention.
    pub fn deadline(&self) -> Option<Timestamp> {
        let check = match &self.phase {
            Phase::Open { answer_due: Some(due), .. } => Some(*due),
            Phase::Open { asked, .. } => Some(asked.after(CHECK)),
            Phase::Closed | Phase::Trying(_) => None,
        };
        check.into_iter().chain(self.knock_due).min()
    }
}

impl Peer {
    /// My mailbox is open: tell the contacts spoken to last.
    pub(super) fn knock_all(&mut self, cx: &mut Cx<'_>) {
        if !self.webrtc {
            return;
        }
        let mut recent: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.is_ready() && contact.channel.attempt().is_none())
            .map(|contact| (contact.record.active, contact.record.persona))
            .collect();
        recent.sort_unstable_by(|a, b| b.cmp(a));
        for (_, persona) in recent.into_iter().take(PEER_LINKS_MAX) {
            self.knock(cx, persona);
        }
    }

    /// Knocks now, and again later while nobody answers.
    pub(super) fn knock(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.knocks = 0;
            contact.channel.knock_due = Some(cx.now);
        }
        self.tick_channel(cx, persona);
    }

    /// A signal came, sealed or over an open channel.
    pub(super) fn take_signal(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        device: DeviceId,
        signal: Signal,
        over_channel: bool,
    ) {
        let starts = self.starts(&device);
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        let was_heard = contact.heard.is_some();
        contact.heard = Some(cx.now);
        if !was_heard {
            cx.changed_chat(contact.conversation);
        }
        match signal {
            Signal::Knock if over_channel => self.answer_over_channel(cx, persona),
            Signal::Here if over_channel => {
                if let Phase::Open { rtt_ms, answer_due, asked, .. } = &mut contact.channel.phase {
                    *answer_due = None;
                    let ms = u32::try_from(cx.now.since(*asked).as_millis()).unwrap_or(u32::MAX);
                    if rtt_ms.replace(ms) != Some(ms) {
                        cx.changed_chat(contact.conversation);
                    }
                }
            }
            Signal::Knock | Signal::Here => match contact.channel.phase {
                // They have lost the channel, or their knock was late: ask the channel itself.
                Phase::Open { .. } => self.probe_channel(cx, persona, PROBE),
                Phase::Trying(_) => {}
                Phase::Closed if starts => self.start_attempt(cx, persona, device),
                Phase::Closed if signal == Signal::Knock => self.send_signal(cx, persona, Signal::Here),
                Phase::Closed => {}
            },
            Signal::Step { attempt, signal } => self.take_step(cx, persona, device, attempt, signal),
            Signal::Bye => {
                contact.heard = None;
                self.drop_channel(cx, persona);
                if let Some(contact) = self.contacts.get_mut(&persona) {
                    contact.channel.knock_due = None;
                }
            }
        }
    }

    fn take_step(&mut self, cx: &mut Cx<'_>, persona: PersonaId, device: DeviceId, number: u64, signal: RtcSignal) {
        if !signal.fits() {
            return;
        }
        let starts = self.starts(&device);
        let busy = self.channels.len() >= PEER_LINKS_MAX;
        let Some(contact) = self.contacts.get(&persona) else { return };
        let current = contact.channel.attempt().filter(|attempt| attempt.number == number && attempt.device == device);
        if let Some(attempt) = current {
            cx.out.send(attempt.link, Outgoing::Signal(signal));
        } else if matches!(signal, RtcSignal::Offer(_)) && !starts && self.webrtc {
            let replaces = contact.channel.attempt().is_some();
            if busy && !replaces {
                return;
            }
            self.drop_channel(cx, persona);
            let link = self.dial_page(cx, persona, device, number, true);
            cx.out.send(link, Outgoing::Signal(signal));
        }
    }

    fn start_attempt(&mut self, cx: &mut Cx<'_>, persona: PersonaId, device: DeviceId) {
        if self.webrtc && self.channels.len() < PEER_LINKS_MAX {
            let number = u64::from_le_bytes(bytes(cx.random));
            self.dial_page(cx, persona, device, number, false);
        }
    }

    fn dial_page(
        &mut self,
        cx: &mut Cx<'_>,
        persona: PersonaId,
        device: DeviceId,
        number: u64,
        polite: bool,
    ) -> LinkId {
        let link = cx.new_link();
        self.channels.insert(link, persona);
        if let Some(contact) = self.contacts.get_mut(&persona) {
            contact.channel.phase = Phase::Trying(Attempt { link, number, device });
        }
        cx.out.dial(link, Target::Page { polite, relay_only: false });
        link
    }

    /// A channel being negotiated wants something told.
    pub(super) fn local_signal(&mut self, cx: &mut Cx<'_>, link: LinkId, signal: RtcSignal) {
        let Some(&persona) = self.channels.get(&link) else { return };
        let Some(contact) = self.contacts.get(&persona) else { return };
        let Some(attempt) = contact.channel.attempt().filter(|attempt| attempt.link == link) else { return };
        if signal.fits() {
            let step = Signal::Step { attempt: attempt.number, signal };
            self.send_signal(cx, persona, step);
        }
    }

    /// A channel is open.
    pub(super) fn channel_up(&mut self, cx: &mut Cx<'_>, link: LinkId, relayed: bool) {
        let Some(&persona) = self.channels.get(&link) else { return };
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        let Phase::Trying(attempt) = &contact.channel.phase else { return };
        contact.channel.phase = Phase::Open {
            attempt: attempt.clone(),
            relayed,
            rtt_ms: None,
            answer_due: None,
            asked: cx.now,
        };
        contact.channel.knock_due = None;
        contact.heard = Some(cx.now);
        // Whatever was told over an earlier channel may have been lost with it.
        contact.receipt.read_up_to = contact.record.read_by_me;
        cx.changed_chat(contact.conversation);
        self.pump = true;
        self.probe_channel(cx, persona, CHECK);
    }

    /// The selected pair of a channel changed.
    pub(super) fn channel_path(&mut self, cx: &mut Cx<'_>, link: LinkId, now_relayed: bool) {
        let Some(persona) = self.channels.get(&link) else { return };
        let Some(contact) = self.contacts.get_mut(persona) else { return };
        if let Phase::Open { relayed, .. } = &mut contact.channel.phase
            && *relayed != now_relayed
        {
            *relayed = now_relayed;
            cx.changed_chat(contact.conversation);
        }
    }

    /// A channel failed or closed.
    pub(super) fn channel_down(&mut self, cx: &mut Cx<'_>, link: LinkId) {
        let Some(persona) = self.channels.remove(&link) else { return };
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        if contact.channel.attempt().is_none_or(|attempt| attempt.link != link) {
            return;
        }
        let was_open = contact.channel.open().is_some();
        contact.channel.phase = Phase::Closed;
        cx.changed_chat(contact.conversation);
        self.pump = true;
        if was_open {
            contact.heard = None;
            self.knock(cx, persona);
        } else if contact.channel.knock_due.is_none() && contact.channel.knocks < KNOCKS.len() {
            let pause = KNOCKS.get(contact.channel.knocks).copied().unwrap_or_default();
            contact.channel.knock_due = Some(cx.now.after(pause));
        }
    }

    fn drop_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        if let Some(attempt) = contact.channel.attempt() {
            let link = attempt.link;
            self.channels.remove(&link);
            cx.out.hang_up(link);
            contact.channel.phase = Phase::Closed;
            cx.changed_chat(contact.conversation);
            self.pump = true;
        }
    }

    /// Asks an open channel for an answer within `limit`.
    fn probe_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId, limit: Duration) {
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        if let Phase::Open { attempt, answer_due, asked, .. } = &mut contact.channel.phase {
            let due = cx.now.after(limit);
            *answer_due = Some(answer_due.map_or(due, |earlier| earlier.min(due)));
            *asked = cx.now;
            let link = attempt.link;
            cx.out.send(link, Outgoing::Message(codec::encode(&Body::Signal(Signal::Knock))));
        }
    }

    fn answer_over_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        if let Some(link) = self.contacts.get(&persona).and_then(|contact| contact.channel.open()) {
            cx.out.send(link, Outgoing::Message(codec::encode(&Body::Signal(Signal::Here))));
        }
    }

    /// The network changed: every open channel is asked whether it lives.
    pub(super) fn probe_channels(&mut self, cx: &mut Cx<'_>) {
        let open: Vec<_> = self.channels.values().copied().collect();
        for persona in open {
            self.probe_channel(cx, persona, CHECK);
        }
    }

    /// Time has passed.
    pub(super) fn tick_channels(&mut self, cx: &mut Cx<'_>) {
        let due: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.channel.deadline().is_some_and(|deadline| deadline <= cx.now))
            .map(|contact| contact.record.persona)
            .collect();
        for persona in due {
            self.tick_channel(cx, persona);
        }
    }

    fn tick_channel(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else { return };
        match &contact.channel.phase {
            Phase::Open { answer_due: Some(due), .. } if *due <= cx.now => {
                self.drop_channel(cx, persona);
                self.knock(cx, persona);
            }
            Phase::Open { answer_due: None, asked, .. } if asked.after(CHECK) <= cx.now => {
                self.probe_channel(cx, persona, CHECK);
            }
            Phase::Open { .. } => contact.channel.knock_due = None,
            Phase::Closed | Phase::Trying(_) => {
                if contact.channel.knock_due.is_some_and(|due| due <= cx.now) {
                    let trying = contact.channel.attempt().is_some();
                    contact.channel.knock_due =
                        KNOCKS.get(contact.channel.knocks).map(|pause| cx.now.after(*pause));
                    contact.channel.knocks = contact.channel.knocks.saturating_add(1);
                    if !trying && self.webrtc && contact.is_ready() {
                        self.send_signal(cx, persona, Signal::Knock);
                    }
                }
            }
        }
    }

    /// Sends a live envelope to all homes of a contact, or over the channel when no home is reachable.
    pub(super) fn send_signal(&mut self, cx: &mut Cx<'_>, persona: PersonaId, signal: Signal) {
        let Some(contact) = self.contacts.get(&persona) else { return };
        let homes = contact.record.homes.clone();
        let capability = contact.record.capability;
        let reachable = homes.iter().any(|home| self.lines.is_reachable(&home.node));
        let body = Body::Signal(signal);
        if !reachable && let Some(link) = contact.channel.open() {
            cx.out.send(link, Outgoing::Message(codec::encode(&body)));
            return;
        }
        let id = EnvelopeId(bytes(cx.random));
        let Some(sealed) = self.seal_for(cx, persona, id, body) else { return };
        for home in homes {
            let envelope = Envelope { to: persona, capability, id, keep_seconds: 0, bytes: sealed.clone() };
            self.lines.deposit_live(cx, &home, persona, envelope);
        }
    }

    /// The page is closing: open channels are told.
    pub(super) fn say_bye(&mut self, cx: &mut Cx<'_>) {
        let open: Vec<_> = self.contacts.values().filter_map(|contact| contact.channel.open()).collect();
        for link in open {
            cx.out.send(link, Outgoing::Message(codec::encode(&Body::Signal(Signal::Bye))));
        }
    }

    fn starts(&self, device: &DeviceId) -> bool {
        self.account.as_ref().is_some_and(|account| account.device.id() < *device)
    }
}
