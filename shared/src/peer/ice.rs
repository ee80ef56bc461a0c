//! Which STUN and TURN servers data channels are made with, and when they may go through relays only.
//!
//! Each home is asked for its servers when its line opens, and again when half of the credential's life is
//! over. What it says goes along with the next attempt at a channel, and to those that are there. A relay that a
//! channel goes through already asks for no new credential while it is used.
//!
//! My address is hidden from everybody if the person wants it so, and then there are channels only while a
//! home relays; and from a stranger who came by an invite of mine until I write to them, if a home relays.
//!
//! Not here: ICE itself, which is the browser's.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::command::CommandError;
use super::io::{Outcome, Outgoing};
use super::{Cx, Peer};
use crate::base::clock::SetBack;
use crate::base::effects::LinkId;
use crate::base::id::{NodeId, PersonaId};
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::session::client::{Role, turn_frame};
use crate::session::offer::Offer;
use crate::session::wire::VERSION_TURN;

/// Homes whose servers are used at a time: any one may die, and each more makes gathering slower.
const SERVERS_MAX: usize = 2;
/// Shortest pause between two questions to one home.
const ASK_PAUSE_MIN: Duration = Duration::from_secs(2);

/// How a data channel is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ice {
    /// With these.
    pub servers: Vec<IceServer>,
    /// By relayed candidates only, so that the other side learns no address of mine.
    pub relay_only: bool,
}

/// STUN and TURN servers of one home (W3C WebRTC 1.0 §4.2.4).
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    /// URLs.
    pub urls: Vec<String>,
    /// Name.
    pub username: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IceServer({} URLs)", self.urls.len())
    }
}

/// What homes offer.
#[derive(Default)]
pub struct Servers(SortedMap<NodeId, Offered>);

struct Offered {
    offer: Offer,
    until: Timestamp,
    ask_at: Timestamp,
}

impl Servers {
    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        for it in self.0.values_mut() {
            back.due(&mut it.until);
            back.due(&mut it.ask_at);
        }
    }

    /// When a home is to be asked again, or an offer ends.
    pub fn deadline(&self) -> Option<Timestamp> {
        let times = |it: &Offered| it.ask_at.min(it.until);
        self.0.values().map(times).min()
    }
}

impl Peer {
    /// A home's line is open: ask what it offers.
    pub(super) fn ask_for_servers(&mut self, cx: &mut Cx<'_>, node: NodeId) -> bool {
        self.lines
            .send(cx, (node, Role::Home), VERSION_TURN, turn_frame)
    }

    pub(super) fn take_offer(&mut self, cx: &mut Cx<'_>, node: NodeId, offer: Offer) {
        let lacked = self.lacks_relay();
        if offer.urls.is_empty() {
            self.servers.0.remove(&node);
        } else {
            let offered = Offered {
                until: cx.now.after(offer.life),
                ask_at: cx.now.after((offer.life / 2).max(ASK_PAUSE_MIN)),
                offer,
            };
            self.servers.0.insert(node, offered);
        }
        self.tell_servers(cx);
        self.everything_changed(cx);
        if lacked && self.may_link() {
            self.knock_at_recent(cx);
        }
    }

    /// Asks again in time, and lets go of what has ended.
    pub(super) fn tick_servers(&mut self, cx: &mut Cx<'_>) {
        let due = |it: &Offered| it.ask_at.min(it.until) <= cx.now;
        let offered = self.servers.0.iter().filter(|(_, it)| due(it));
        let nodes: Vec<_> = offered.map(|(node, it)| (*node, it.until)).collect();
        for (node, until) in nodes {
            let asked = self.ask_for_servers(cx, node);
            if until <= cx.now {
                self.servers.0.remove(&node);
                self.everything_changed(cx);
            } else if let Some(it) = self.servers.0.get_mut(&node) {
                // A line that opens later asks by itself.
                let pause = (it.offer.life / 8).max(ASK_PAUSE_MIN);
                it.ask_at = if asked { cx.now.after(pause) } else { until };
            }
        }
    }

    /// Whether this home relays.
    pub(super) fn relays(&self, node: &NodeId) -> bool {
        let offered = self.servers.0.get(node);
        offered.is_some_and(|it| it.until > self.now && it.offer.relays())
    }

    /// Whether a home relays.
    pub(super) fn has_relay(&self) -> bool {
        self.my_homes().any(|node| self.relays(&node))
    }

    fn always_relays(&self) -> bool {
        let account = self.account.as_ref();
        account.is_some_and(|account| account.always_relay)
    }

    /// Whether channels are possible at all: there is a way for them that the person allows.
    pub(super) fn may_link(&self) -> bool {
        self.webrtc && (!self.always_relays() || self.has_relay())
    }

    /// Channels wait for a relay, since none may go without.
    pub(super) fn lacks_relay(&self) -> bool {
        self.always_relays() && !self.has_relay()
    }

    /// Whether they are not to learn an address of mine.
    pub(super) fn hides_from(&self, persona: &PersonaId) -> bool {
        let contact = self.contacts.get(persona);
        self.always_relays()
            || self.has_relay() && contact.is_some_and(|contact| contact.record.stranger)
    }

    /// How a channel to them is to be made.
    pub(super) fn ice(&self, persona: &PersonaId) -> Ice {
        let offered = self.my_homes().filter_map(|node| self.servers.0.get(&node));
        let servers = offered
            .filter(|it| it.until > self.now)
            .take(SERVERS_MAX)
            .map(|it| IceServer {
                urls: it.offer.urls.clone(),
                username: it.offer.username.clone(),
                password: it.offer.password.clone(),
            });
        Ice {
            servers: servers.collect(),
            relay_only: self.hides_from(persona),
        }
    }

    /// Channels that are there or on their way get what is offered now.
    fn tell_servers(&mut self, cx: &mut Cx<'_>) {
        let links: Vec<_> = self
            .channels
            .iter()
            .map(|(link, it)| (*link, *it))
            .collect();
        for (link, persona) in links {
            self.tell_ice(cx, link, &persona);
        }
    }

    /// A channel that hides my address goes on to do so even if the relay is withdrawn; and one that did not
    /// has nothing to hide any more.
    fn tell_ice(&mut self, cx: &mut Cx<'_>, link: LinkId, persona: &PersonaId) {
        let mut ice = self.ice(persona);
        let always = self.always_relays();
        let Some(contact) = self.contacts.get_mut(persona) else {
            return;
        };
        let may_hide = always || contact.record.stranger;
        ice.relay_only = contact.channel.hides(may_hide);
        cx.changed_chat(contact.conversation);
        cx.out.send(link, Outgoing::Ice(ice));
    }

    /// I have chosen to be in contact with them: they may learn my address, unless nobody may.
    pub(super) fn befriend(&mut self, cx: &mut Cx<'_>, persona: PersonaId) {
        let Some(contact) = self.contacts.get_mut(&persona) else {
            return;
        };
        if !core::mem::take(&mut contact.record.stranger) {
            return;
        }
        let link = contact.channel.link();
        cx.dirty(persona);
        if let Some(link) = link {
            self.tell_ice(cx, link, &persona);
        }
    }

    /// Hides my address from everybody, or from strangers only. Channels are made anew.
    pub(super) fn set_always_relay(
        &mut self,
        cx: &mut Cx<'_>,
        on: bool,
    ) -> Result<Outcome, CommandError> {
        let account = self.account.as_mut().ok_or(CommandError::NoPersona)?;
        if core::mem::replace(&mut account.always_relay, on) == on {
            return Ok(Outcome::Done);
        }
        self.account_changed(cx);
        let linked: Vec<_> = self.channels.values().copied().collect();
        for persona in linked {
            self.drop_channel(cx, persona);
        }
        self.knock_at_recent(cx);
        self.everything_changed(cx);
        Ok(Outcome::Done)
    }
}
