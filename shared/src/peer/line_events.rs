//! What lines to supernodes tell, and whom it concerns.

use alloc::vec::Vec;

use super::contact::Contact;
use super::lines::LineEvent;
use super::view::Changed;
use super::{Cx, Peer};
use crate::session::client::Role;

impl Peer {
    pub(super) fn line_events(&mut self, cx: &mut Cx<'_>, events: Vec<LineEvent>) {
        for event in events {
            match event {
                LineEvent::Ready(node, role) => {
                    self.pump = true;
                    if role == Role::Home {
                        self.ask_for_packages(cx, node);
                        self.ask_for_servers(cx, node);
                        self.tell_taken_back(cx, node);
                        self.tell_public(cx, node);
                        let first = !core::mem::replace(&mut self.has_mailbox, true);
                        self.knock_all(cx, node);
                        if first {
                            self.keep_courier(cx);
                        }
                    }
                    self.everything_changed(cx);
                }
                LineEvent::Down(node, role) => {
                    if role == Role::Courier {
                        self.courier_down(node);
                        self.pump = true;
                    }
                    self.everything_changed(cx);
                }
                LineEvent::Receipts(node, receipts) => {
                    for (order, receipt) in receipts {
                        match order {
                            Some(order) => self.take_deposit_receipt(cx, node, order, &receipt),
                            None => self.take_live_receipt(cx, node, &receipt),
                        }
                    }
                }
                LineEvent::Deliveries(node, link, deliveries) => {
                    self.take_deliveries(cx, (node, link), deliveries)
                }
                LineEvent::Packages(node, left, last_resort) => {
                    self.refill_packages(cx, node, left, last_resort);
                }
                LineEvent::Package(persona, found) => self.take_package(cx, persona, found),
                LineEvent::Gate(node, gates) => self.meet_gate(cx, node, gates),
                LineEvent::Asked(node, id, gates) => self.note_asked(node, &id, gates),
                LineEvent::Revoked(node, code, serials) => {
                    self.take_revoked(cx, node, code, &serials);
                }
                LineEvent::Opened(node, code, bits) => self.take_opened(cx, node, code, bits),
                LineEvent::Turn(node, offer) => self.take_offer(cx, node, offer),
                LineEvent::Changed => cx.changed(Changed::Network),
            }
        }
    }

    /// While a chat without a channel is open, a line to its homes is kept, so that what is shown of
    /// the connection is true.
    pub(super) fn keep_courier(&mut self, cx: &mut Cx<'_>) {
        if let Some(contact) = self.open_contact().filter(|contact| {
            contact.channel.open().is_none() && !self.is_blocked(&contact.record.persona)
        }) {
            for home in contact.record.homes.clone() {
                self.lines.want(cx, &home, Role::Courier);
            }
        }
    }

    pub(super) fn everything_changed(&mut self, cx: &mut Cx<'_>) {
        cx.changed(Changed::Network);
        cx.changed(Changed::Chats);
        if let Some(contact) = self.open_contact() {
            cx.changed_chat(contact.conversation);
        }
    }

    /// Whose chat is open.
    fn open_contact(&self) -> Option<&Contact> {
        self.contacts.get(&self.open.as_ref()?.persona)
    }
}
