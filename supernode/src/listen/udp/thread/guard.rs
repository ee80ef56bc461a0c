//! In a flood, whoever is relayed has a socket, and so a queue, of their own.

use shared::turn::Link;

use super::{LISTENER_READS, RELAY_READS, Thread};

impl Thread {
    pub(super) fn guard(&mut self) {
        for (relay, client) in self.server.clients() {
            if let Link::Datagrams(number) = client.link
                && let Some(listener) = self.listeners.udp.get(usize::from(number))
            {
                self.relays.guard(relay, number, listener, client.address);
            }
        }
    }

    pub(super) fn unguard(&mut self) {
        for relay in self.relays.all_guarded() {
            // What has come to it already is not lost.
            let left = |thread: &mut Self| thread.guarded(relay) == RELAY_READS;
            let _ = (0..LISTENER_READS).all(|_| left(self));
            self.relays.unguard(relay);
        }
    }
}
