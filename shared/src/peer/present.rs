//! The view: what the page draws, made from what is known.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Peer;
use super::channel::Phase;
use super::contact::Contact;
use super::outbox::Out;
use super::records::{OutWhat, StoredState};
use super::view::{
    ChatSummary, Connection, DeviceView, InviteView, LastLine, Me, MessageState, MessageView,
    Network, OpenChat, Path, SupernodeState, SupernodeView,
};

use crate::base::id::{MessageId, PersonaId};
use crate::conversation::content::KIND_TEXT;
use crate::identity::words::words_of_pair;
use crate::invite::Home;
use crate::session::client::Role;

impl Peer {
    /// Whether this device has a persona.
    #[must_use]
    pub fn has_persona(&self) -> bool {
        self.account.is_some()
    }

    /// The person at this device.
    #[must_use]
    pub fn me(&self) -> Option<Me> {
        let account = self.account.as_ref()?;
        let this = account.device.id();
        let mut devices: Vec<_> = account
            .devices
            .list()
            .devices
            .iter()
            .map(|entry| DeviceView {
                short: entry.device.short(),
                since: entry.since,
                this: entry.device == this,
            })
            .collect();
        devices.sort_by_key(|device| !device.this);
        Some(Me {
            persona: account.persona.id(),
            name: account.name.clone(),
            device: this.short(),
            devices,
            always_relay: account.always_relay,
        })
    }

    /// My invite, ready to be shown; `None` while no home is known.
    #[must_use]
    pub fn invite(&self) -> Option<InviteView> {
        let invite = self.account.as_ref()?.invite()?;
        Some(InviteView {
            code: invite.to_code(),
            expires: invite.expires(),
        })
    }

    /// The list of chats.
    #[must_use]
    pub fn chats(&self) -> Vec<ChatSummary> {
        let mut contacts: Vec<&Contact> = self.contacts.values().collect();
        contacts.sort_by_key(|contact| {
            let active = contact
                .record
                .last
                .as_ref()
                .map_or(contact.record.active, |last| {
                    last.at.max(contact.record.active)
                });
            (
                !contact.record.pinned,
                core::cmp::Reverse(active),
                contact.record.persona,
            )
        });
        contacts
            .into_iter()
            .map(|contact| ChatSummary {
                id: contact.conversation,
                persona: contact.record.persona,
                name: contact.record.name.clone(),
                last: contact.record.last.as_ref().map(|last| LastLine {
                    text: last.text.clone(),
                    at: last.at,
                    mine: last
                        .mine
                        .map(|state| state.shown(last.clock, contact.record.read_by_them)),
                }),
                unread: contact.record.unread,
                path: self.path(contact),
                pending: !contact.has_answered(),
                public: contact.asks_in_public(),
                unheard: contact.unheard().is_some(),
                pinned: contact.record.pinned,
                muted: contact.record.muted,
                blocked: self.is_blocked(&contact.record.persona),
            })
            .collect()
    }

    /// The chat that is open.
    #[must_use]
    pub fn open_chat(&self) -> Option<OpenChat> {
        let open = self.open.as_ref()?;
        let contact = self.contacts.get(&open.persona)?;
        let me = self.account.as_ref()?.persona.id();
        let mut waiting: Vec<_> = self.messages_for(&open.persona).collect();
        waiting.sort_unstable_by_key(|(id, _)| *id);
        let messages = open
            .messages
            .iter()
            .map(|record| MessageView {
                id: record.id,
                mine: record.mine.is_some(),
                at: record.at,
                text: record.text.clone(),
                unknown_kind: record.kind != KIND_TEXT,
                state: record.mine.map_or(MessageState::Read, |state| {
                    state.shown(record.clock, contact.record.read_by_them)
                }),
                why: waiting
                    .binary_search_by_key(&record.id, |(id, _)| *id)
                    .ok()
                    .and_then(|at| self.why(contact, waiting.get(at)?.1)),
            })
            .collect();
        Some(OpenChat {
            id: contact.conversation,
            persona: open.persona,
            name: contact.record.name.clone(),
            pending: !contact.has_answered(),
            public: contact.asks_in_public(),
            asks: self.ask_state(contact),
            asks_with_words: self.asks_with_words(contact),
            unheard: contact.unheard(),
            blocked: self.is_blocked(&contact.record.persona),
            messages,
            more_before: open.more_before,
            loading: !open.loaded,
            first_unread: open.first_unread,
            connection: self.connection(contact),
            words: words_of_pair(&me, &open.persona),
        })
    }

    /// Supernodes and links.
    #[must_use]
    pub fn network(&self) -> Network {
        let homes = self
            .account
            .as_ref()
            .map(|account| account.homes.as_slice())
            .unwrap_or_default();
        let channels = self
            .contacts
            .values()
            .filter(|contact| contact.channel.open().is_some())
            .count();
        let relays = homes.iter().filter(|home| self.relays(&home.node)).count();
        Network {
            homes: homes
                .iter()
                .map(|home| {
                    let (state, rtt_ms, since) = self.lines.describe(&home.node, Role::Home);
                    SupernodeView {
                        node: home.node,
                        name: name_of_home(home),
                        routes: self.lines.routes(home),
                        state,
                        rtt_ms,
                        since,
                        held_back: self.held_back(&home.node),
                        forgets_blocks: self.blocks.is_full(&home.node),
                        has_token: self.token_of(&home.node).is_some(),
                        relays: self.relays(&home.node),
                    }
                })
                .collect(),
            channels: u32::try_from(channels).unwrap_or(u32::MAX),
            relays: u32::try_from(relays).unwrap_or(u32::MAX),
        }
    }

    /// Messages of mine to a contact that are not delivered.
    fn messages_for(&self, to: &PersonaId) -> impl Iterator<Item = (MessageId, &Out)> {
        self.outbox
            .values()
            .filter_map(move |out| match &out.record.what {
                OutWhat::Message { record, .. } if out.record.to == *to => Some((record.id, out)),
                _ => None,
            })
    }

    fn path(&self, contact: &Contact) -> Path {
        match contact.channel.phase {
            _ if self.is_blocked(&contact.record.persona) => Path::Offline,
            Phase::Open { relayed: false, .. } => Path::Direct,
            Phase::Open { relayed: true, .. } => Path::Relayed,
            _ if contact
                .record
                .homes
                .iter()
                .any(|home| self.lines.is_reachable(&home.node)) =>
            {
                Path::Supernode
            }
            _ => Path::Offline,
        }
    }

    fn connection(&self, contact: &Contact) -> Connection {
        let nodes: Vec<_> = contact.record.homes.iter().map(|home| home.node).collect();
        let (mut waiting, mut at_supernode, mut copies) = (0, 0, nodes.len());
        for (_, out) in self.messages_for(&contact.record.persona) {
            match out.state() {
                Some(StoredState::Queued) => waiting += 1,
                Some(StoredState::Sent) => {
                    at_supernode += 1;
                    copies = copies.min(out.copies(&nodes));
                }
                _ => {}
            }
        }
        let reachable: Vec<&Home> = contact
            .record
            .homes
            .iter()
            .filter(|home| self.lines.is_reachable(&home.node))
            .collect();
        let path = self.path(contact);
        let channel_rtt = match contact.channel.phase {
            Phase::Open { rtt_ms, .. } => rtt_ms,
            _ => None,
        };
        let courier_rtt = reachable.iter().find_map(|home| {
            match self.lines.describe(&home.node, Role::Courier) {
                (SupernodeState::Connected, rtt, _) => rtt,
                _ => None,
            }
        });
        Connection {
            path,
            peer_online: contact.heard.is_some_and(|at| self.now.since(at) < HEARD)
                || contact.channel.open().is_some(),
            waiting,
            at_supernode,
            copies: u32::try_from(copies).unwrap_or(u32::MAX),
            homes_reachable: u32::try_from(reachable.len()).unwrap_or(u32::MAX),
            homes: u32::try_from(contact.record.homes.len()).unwrap_or(u32::MAX),
            via: reachable
                .first()
                .filter(|_| path == Path::Supernode)
                .map(|home| name_of_home(home)),
            rtt_ms: match path {
                Path::Direct | Path::Relayed => channel_rtt,
                Path::Supernode => courier_rtt,
                Path::Offline => None,
            },
            encrypted_since: contact.is_ready().then_some(contact.record.since),
            address_visible: contact.channel.open().is_some() && !contact.channel.is_hidden(),
            lacks_relay: contact.channel.open().is_none() && self.lacks_relay(),
            keep: contact.keep(),
        }
    }
}

/// A page that was not heard of for this long is not called open.
const HEARD: core::time::Duration = core::time::Duration::from_secs(90);

fn name_of_home(home: &Home) -> String {
    match home
        .routes
        .iter()
        .map(crate::session::route::Route::host)
        .find(|host| !host.is_empty())
    {
        Some(host) => host.to_string(),
        None => home.node.to_text().chars().take(8).collect(),
    }
}
