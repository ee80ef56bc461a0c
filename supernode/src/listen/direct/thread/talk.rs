//! Between a client and the relay: what each says to the other, and how it ends.

use std::sync::Arc;
use std::time::Instant;

use tracing::debug;

use super::super::carrier::{Carried, Over};
use super::super::letter::Way;
use super::super::outbox::DirectOutbox;
use super::{AGAIN, Thread};
use crate::drive::Event;

impl Thread {
    /// Tells the relay what a client says, the client what the relay says, and sends.
    pub(super) fn look(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        client.is_stirred = false;
        // When all ends, nobody listens any more, and what waits still goes.
        if self.stop_at.is_none()
            && let Err(over) = self.hear(id)
        {
            return self.over(id, over);
        }
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let ending = match client.pump(self.now) {
            Ok(ending) => ending,
            Err(over) => return self.over(id, over),
        };
        self.flush(id);
        match ending {
            Some(_) => self.remove(id),
            None => self.arm(id),
        }
    }

    /// Tells the relay what a client says, as far as it listens.
    fn hear(&mut self, id: u64) -> Result<(), Over> {
        let Some(client) = self.clients.get_mut(&id) else {
            return Ok(());
        };
        loop {
            while let Some(event) = client.held.pop_front() {
                match self.setup.drive.try_tell(event) {
                    Ok(true) => {}
                    Ok(false) => return Err(Over::Closed),
                    Err(event) => {
                        client.held.push_front(event);
                        return Ok(());
                    }
                }
            }
            let event = match client.next()? {
                None => return Ok(()),
                Some(Carried::Message(bytes)) => match &client.link {
                    Some((link, _)) => Event::Received { link: *link, bytes },
                    None => return Err(Over::Violation),
                },
                Some(Carried::Up(binding)) => {
                    let link = self.setup.drive.new_link();
                    let outbox = Arc::new(DirectOutbox::new(link, self.setup.post.clone()));
                    client.link = Some((link, Arc::clone(&outbox)));
                    self.by_link.insert(link, id);
                    self.opening.remove(&(client.began, id));
                    self.setup.numbers.opened.add(1);
                    Event::Opened {
                        link,
                        source: client.source,
                        binding,
                        outbox,
                    }
                }
            };
            client.held.push_back(event);
        }
    }

    /// Sees to it that a client is looked at in time.
    pub(super) fn arm(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let mut due = client.next_due();
        if !client.held.is_empty() {
            due = due.min(self.now + AGAIN);
        }
        if client.due == Some(due) {
            return;
        }
        if let Some(before) = client.due.replace(due) {
            self.due.remove(&(before, id));
        }
        self.due.insert((due, id));
    }

    fn flush(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let way = client.way;
        let Some(socket) = self.setup.sockets.get(usize::from(way.listener)) else {
            return;
        };
        for datagram in client.outgoing() {
            // What does not go is lost, as anywhere on the way, and sent again.
            if socket.send_to(&datagram, way.address).is_err() {
                self.setup.numbers.unsent.add(1);
            }
        }
    }

    pub(super) fn send(&self, way: Way, datagram: &[u8]) {
        let socket = self.setup.sockets.get(usize::from(way.listener));
        let sent = socket.map(|socket| socket.send_to(datagram, way.address));
        if !matches!(sent, Some(Ok(_))) {
            self.setup.numbers.unsent.add(1);
        }
    }

    /// A client's connection has ended.
    pub(super) fn over(&mut self, id: u64, over: Over) {
        debug!("a direct connection ended: {over}");
        self.remove(id);
    }

    /// Says goodbye to a client, and forgets it.
    pub(super) fn remove(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.close(self.now);
        }
        self.flush(id);
        let Some(client) = self.clients.remove(&id) else {
            return;
        };
        self.setup.doorman.leave(client.source);
        self.by_name.remove(&client.username);
        self.opening.remove(&(client.began, id));
        let ways = client.trial.iter().map(|trial| trial.way);
        for way in ways.chain([client.way]) {
            self.forget_way(&way, id);
        }
        if let Some(due) = client.due {
            self.due.remove(&(due, id));
        }
        if let Some((link, _)) = client.link {
            self.by_link.remove(&link);
            self.unsaid.extend(client.held);
            self.unsaid.push(Event::Closed { link });
            self.say_again();
        }
    }

    /// Tells the relay what it did not take before.
    pub(super) fn say_again(&mut self) {
        let mut events = std::mem::take(&mut self.unsaid).into_iter();
        while let Some(event) = events.next() {
            if let Err(event) = self.setup.drive.try_tell(event) {
                self.unsaid.push(event);
                self.unsaid.extend(events);
                return;
            }
        }
    }

    /// Says goodbye to all that are left.
    pub(super) fn end(&mut self) {
        self.now = Instant::now();
        let all: Vec<_> = self.clients.keys().copied().collect();
        for id in all {
            self.remove(id);
        }
    }
}
