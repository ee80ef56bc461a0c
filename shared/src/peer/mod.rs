//! A whole client: personas, contacts, conversations and the ways between them, behind one call.
//!
//! [`Peer::handle`] takes one [`io::Input`] and gives effects: at most one atomic batch to keep,
//! then what to send, dial, read and tell. It has no clock, no randomness and no I/O of its own.
//!
//! The way of one message: [`chat`] makes a record and puts it into the [`outbox`]; there it is
//! encrypted once (MLS), told over the open [`channel`] or sealed and deposited by courier
//! [`lines`] at the contact's homes. On the other side [`incoming`] opens and verifies it, decrypts,
//! keeps it, and answers with a receipt, which takes it out of the outbox.
//!
//! Not here: drawing, sockets, WebRTC itself, storage itself.

mod account;
mod allowance;
mod block;
mod channel;
mod chat;
mod clock;
pub mod command;
mod contact;
mod first_contact;
pub mod ice;
mod incoming;
pub mod io;
mod line_events;
mod lines;
mod outbox;
mod packages;
mod present;
pub mod records;
pub mod requests;
mod take_back;
mod tally;
mod toil;
pub mod view;
mod way;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use self::account::Account;
use self::allowance::Allowance;
use self::block::Blocks;
use self::channel::Asked;
use self::chat::Open;
use self::command::{Command, CommandError};
use self::contact::Contact;
use self::ice::Servers;
use self::io::{Input, Notice, Outcome, PeerEffects};
use self::lines::Lines;
use self::outbox::Out;
use self::records::RECORD_BYTES_MAX;
use self::requests::Requests;
use self::tally::Tally;
use self::toil::Toil;
use self::view::Changed;
use crate::base::clock::Clock;
use crate::base::codec;
use crate::base::effects::LinkId;
use crate::base::id::{ConversationId, EnvelopeId, NodeId, PersonaId};
use crate::base::random::Random;
use crate::base::sorted::{SortedMap, SortedSet};
use crate::base::time::Timestamp;
use crate::conversation::mls::{Change, Mls};
use crate::invite::Home;
use crate::planted::{Fault, is_planted};

/// Messages in one receipt.
const RECEIPT_MAX: usize = 256;

/// What was kept cannot be read: it is from a newer version, or damaged. Nothing is overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what this device keeps cannot be read by this version")]
pub struct LoadError;

/// A client.
#[derive(Default)]
pub struct Peer {
    account: Option<Account>,
    mls: Option<Mls>,
    contacts: SortedMap<PersonaId, Contact>,
    outbox: SortedMap<u64, Out>,
    out_order: u64,
    lines: Lines,
    channels: SortedMap<LinkId, PersonaId>,
    /// At whom I knock, by the envelopes that are about it.
    knocked: SortedMap<EnvelopeId, (PersonaId, Asked)>,
    supernodes: Vec<Home>,
    open: Option<Open>,
    seen_live: VecDeque<EnvelopeId>,
    live: Allowance,
    tally: Tally,
    known_homes: SortedMap<NodeId, records::HomeRecord>,
    toil: Toil,
    blocks: Blocks,
    requests: Requests,
    servers: Servers,
    /// A home was asked for a key package, and has until then.
    asking: Option<Timestamp>,
    /// Key packages that a home was given and has not answered for.
    published: SortedMap<NodeId, Vec<Vec<u8>>>,
    told_no_room: bool,
    webrtc: bool,
    has_mailbox: bool,
    pump: bool,
    next_link: u64,
    next_token: u32,
    now: Timestamp,
    clock: Clock,
}

/// What one call works with.
struct Cx<'a> {
    now: Timestamp,
    random: &'a mut dyn Random,
    out: &'a mut PeerEffects,
    next_link: u64,
    dirty: SortedSet<PersonaId>,
    changed: SortedSet<Changed>,
}

impl Cx<'_> {
    fn new_link(&mut self) -> LinkId {
        self.next_link += 1;
        LinkId(self.next_link)
    }

    /// The record of a contact is to be kept again.
    fn dirty(&mut self, persona: PersonaId) {
        self.dirty.insert(persona);
    }

    fn changed(&mut self, what: Changed) {
        self.changed.insert(what);
    }

    fn changed_chat(&mut self, conversation: ConversationId) {
        self.changed.insert(Changed::Chats);
        self.changed.insert(Changed::Chat(conversation));
    }
}

impl Peer {
    /// First byte of the keys that are not given to [`Self::load`] but read when asked for
    /// ([`io::Job::ReadLast`]).
    pub const LAZY_PREFIX: u8 = records::MESSAGE;

    /// A client from everything that was kept, except keys that begin with [`Self::LAZY_PREFIX`].
    /// Nothing kept: a first visit.
    ///
    /// # Errors
    /// [`LoadError`]; then nothing may be written, or it would be lost.
    pub fn load(kept: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Self, LoadError> {
        let mut peer = Self::default();
        let mut mls = Vec::new();
        let mut contacts: Vec<records::ContactRecord> = Vec::new();
        for (key, value) in kept {
            match key.split_first() {
                Some((b'a', [])) => {
                    let record = codec::decode(&value, RECORD_BYTES_MAX).map_err(|_| LoadError)?;
                    peer.account = Some(Account::load(record).ok_or(LoadError)?);
                }
                Some((&records::CONTACT, _)) => {
                    contacts.push(codec::decode(&value, RECORD_BYTES_MAX).map_err(|_| LoadError)?);
                }
                Some((&records::HOME, rest)) => {
                    let node = NodeId::from_slice(rest).map_err(|_| LoadError)?;
                    let record = codec::decode(&value, RECORD_BYTES_MAX).map_err(|_| LoadError)?;
                    peer.known_homes.insert(node, record);
                }
                Some((&records::MLS, rest)) => mls.push((rest.to_vec(), value)),
                Some((&records::OUT, rest)) if !is_planted(Fault::ForgetOutbox) => {
                    let order = u64::from_be_bytes(rest.try_into().map_err(|_| LoadError)?);
                    let record = codec::decode(&value, RECORD_BYTES_MAX).map_err(|_| LoadError)?;
                    peer.out_order = peer.out_order.max(order);
                    peer.outbox.insert(order, Out::new(record));
                }
                Some((&records::REQUEST, rest)) => peer.requests.load(rest, &value)?,
                // A newer version may have kept something that this one does not know: it stays.
                _ => peer.blocks.load(&key, &value)?,
            }
        }
        if let Some(account) = &peer.account {
            let me = account.persona.id();
            peer.mls = Some(Mls::load(me, account.device.seed(), mls));
            for record in contacts {
                peer.contacts
                    .insert(record.persona, Contact::load(record, &me));
            }
        }
        Ok(peer)
    }

    /// Takes one input. `out` is to be performed as [`crate::base::effects`] says.
    ///
    /// # Errors
    /// [`CommandError`], for [`Input::Command`] only; then nothing has changed.
    pub fn handle(
        &mut self,
        now: Timestamp,
        random: &mut dyn Random,
        input: Input,
        out: &mut PeerEffects,
    ) -> Result<Outcome, CommandError> {
        if let Some(back) = self.clock.read(now) {
            self.mend_moments(&back);
        }
        self.now = now;
        let next_link = self.next_link;
        let mut cx = Cx {
            now,
            random,
            out,
            next_link,
            dirty: SortedSet::new(),
            changed: SortedSet::new(),
        };
        let outcome = self.dispatch(&mut cx, input);
        if core::mem::take(&mut self.pump) {
            self.pump_outbox(&mut cx);
        }
        self.flush(&mut cx);
        self.next_link = cx.next_link;
        outcome
    }

    /// When [`Input::Tick`] is due, and why.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Timestamp, &'static str)> {
        let channels = self
            .contacts
            .values()
            .filter_map(|contact| contact.channel.deadline())
            .min();
        [
            self.lines.deadline().map(|at| (at, "supernode session")),
            channels.map(|at| (at, "data channel")),
            self.outbox_deadline().map(|at| (at, "outbox")),
            self.tally_deadline().map(|at| (at, "tally")),
            self.blocks.deadline().map(|at| (at, "blocks")),
            self.ways_deadline().map(|at| (at, "way to a contact")),
            self.servers.deadline().map(|at| (at, "TURN credential")),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn dispatch(&mut self, cx: &mut Cx<'_>, input: Input) -> Result<Outcome, CommandError> {
        match input {
            Input::Start { supernodes, webrtc } => self.start(cx, supernodes, webrtc),
            Input::Command(command) => return self.command(cx, command),
            Input::LinkUp { link, binding, .. } if self.lines.owns(link) => {
                self.lines.link_up(cx, link, binding)
            }
            Input::LinkUp { link, relayed, .. } => self.channel_up(cx, link, relayed),
            Input::PathChanged { link, relayed } => self.channel_path(cx, link, relayed),
            Input::Trouble { link, trouble } => self.lines.note_trouble(link, trouble),
            Input::LinkDown { link } if self.lines.owns(link) => {
                let events = self.lines.link_down(cx, link);
                self.line_events(cx, events);
            }
            Input::LinkDown { link } => self.channel_down(cx, link),
            Input::Received { link, bytes } if self.lines.owns(link) => {
                let claim = self.account.as_ref().map(Account::claim);
                let events = self.lines.receive(cx, link, &bytes, claim.as_ref());
                self.line_events(cx, events);
            }
            Input::Received { link, bytes } => self.take_channel_message(cx, link, &bytes),
            Input::Signal { link, signal } => self.local_signal(cx, link, signal),
            Input::Worked { token, found } => self.take_work(cx, token, found),
            Input::Read { token, records } => self.take_read(cx, token, &records),
            Input::NetworkChanged { online } => {
                self.lines.network_changed(cx, online);
                self.probe_channels(cx);
                self.everything_changed(cx);
                self.pump = true;
            }
            Input::Visible(visible) => {
                if visible {
                    self.tick(cx);
                }
            }
            Input::Closing => self.say_bye(cx),
            Input::Tick => self.tick(cx),
        }
        Ok(Outcome::Done)
    }

    fn command(&mut self, cx: &mut Cx<'_>, command: Command) -> Result<Outcome, CommandError> {
        match command {
            Command::CreatePersona { name } => self.create_persona(cx, &name),
            Command::Rename { name } => self.rename(cx, &name),
            Command::AcceptInvite { code } => self.accept_invite(cx, &code, ""),
            Command::Ask { code, words } => self.accept_invite(cx, &code, &words),
            Command::OpenTo { work_bits } => self.set_public(cx, work_bits),
            Command::AcceptRequest(persona) => self.accept_request(cx, persona),
            Command::DeclineRequest(persona) => self.decline_request(cx, persona, false),
            Command::BlockRequest(persona) => self.decline_request(cx, persona, true),
            Command::LetAskAgain => self.let_ask_again(cx),
            Command::AskAgain(conversation) => self.ask_again(cx, conversation),
            Command::OpenChat(conversation) => self.open_conversation(cx, conversation),
            Command::CloseChat => {
                self.open = None;
                Ok(Outcome::Done)
            }
            Command::LoadOlder(conversation) => self.load_older(cx, conversation),
            Command::Say { conversation, text } => self.say(cx, conversation, &text),
            Command::Retry {
                conversation,
                message,
            } => self.retry(cx, conversation, message),
            Command::Watch(conversation, seen) => self.watch(cx, conversation, seen),
            Command::Block(conversation) => self.block(cx, conversation),
            Command::Unblock(conversation) => self.unblock(cx, conversation),
            Command::SetAlwaysRelay(on) => self.set_always_relay(cx, on),
            Command::TakeBackInvites => self.take_back_invites(cx),
            Command::BringToken { node, token } => self.bring_token(cx, node, &token),
            Command::SetPinned(conversation, on) => {
                self.set_flag(cx, conversation, |record| record.pinned = on)
            }
            Command::SetMuted(conversation, on) => {
                self.set_flag(cx, conversation, |record| record.muted = on)
            }
        }
    }

    fn tick(&mut self, cx: &mut Cx<'_>) {
        let events = self.lines.tick(cx);
        self.line_events(cx, events);
        self.tick_channels(cx);
        self.tick_outbox(cx);
        self.tick_tally(cx);
        self.tick_blocks(cx);
        self.tick_ways(cx);
        self.tick_servers(cx);
        self.drop_old_requests(cx);
        self.keep_courier(cx);
    }

    fn flush(&mut self, cx: &mut Cx<'_>) {
        for persona in core::mem::take(&mut cx.dirty) {
            if let Some(contact) = self.contacts.get(&persona) {
                cx.out.store.put(
                    records::contact_key(&persona),
                    codec::encode(&contact.record),
                );
            }
        }
        for change in self.mls.as_mut().map(Mls::take_changes).unwrap_or_default() {
            match change {
                Change::Put { key, value } => cx.out.store.put(records::mls_key(&key), value),
                Change::Delete { key } => cx.out.store.delete(records::mls_key(&key)),
            }
        }
        for changed in core::mem::take(&mut cx.changed) {
            cx.out.notify(Notice::Changed(changed));
        }
    }
}
