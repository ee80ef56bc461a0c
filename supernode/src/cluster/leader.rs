//! The process that leads: it has the relay, and connections that others hold for it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::Client;
use futures_util::StreamExt;
use shared::base::effects::LinkId;
use tokio::time::{Instant, interval};

use super::follower::{closed, subscribe};
use super::post::Post;
use super::queue::Queue;
use super::wire::{Heartbeat, Id, In, Inward, Out, Outward, Subjects};
use super::{ALIVE_INTERVAL, SILENCE_MAX};
use crate::drive::outbox::{Ending, Outbox, Pushed};
use crate::drive::{Drive, Event};
use crate::store::StoreError;

/// Leads, as far as other processes are concerned.
pub struct Leader {
    heartbeat: Heartbeat,
    post: Post,
    subjects: Subjects,
    drive: Drive,
    ties: HashMap<Id, Tie>,
    queue: Queue,
}

/// An event on its way to the relay.
type Telling = Pin<Box<dyn Future<Output = bool> + Send>>;

/// One follower, for some time.
struct Tie {
    way_back: Arc<WayBack>,
    /// Messages received.
    received: u64,
    heard_at: Instant,
    /// The follower's links, and what they are called here.
    links: HashMap<u64, LinkId>,
}

impl Leader {
    /// A leader whose relay is behind `drive`.
    pub fn new(heartbeat: Heartbeat, post: Post, subjects: Subjects, drive: Drive) -> Self {
        Self {
            heartbeat,
            post,
            subjects,
            drive,
            ties: HashMap::new(),
            queue: Queue::default(),
        }
    }

    /// Leads until somebody else does.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] then, and others when the connection to the cluster is closed.
    pub async fn lead(mut self, client: &Client) -> Result<(), StoreError> {
        let mut inwards = subscribe(client, self.subjects.to(&self.heartbeat.leader)).await?;
        let mut heartbeats = subscribe(client, self.subjects.leader()).await?;
        let mut alive = interval(ALIVE_INTERVAL);
        // What the relay has no room for must not keep the leader from saying that it leads.
        let mut telling: Option<Telling> = None;
        loop {
            if telling.is_none() {
                telling = self.tell();
            }
            let told = async {
                match &mut telling {
                    Some(telling) => telling.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = told => telling = None,
                message = inwards.next() => {
                    let message = message.ok_or_else(closed)?;
                    if let Some(inward) = Inward::from_bytes(&message.payload) {
                        self.take(inward);
                    }
                }
                message = heartbeats.next() => {
                    let message = message.ok_or_else(closed)?;
                    let other = Heartbeat::from_bytes(&message.payload);
                    if other.is_some_and(|other| other.takeover > self.heartbeat.takeover) {
                        return Err(StoreError::Overtaken);
                    }
                }
                _ = alive.tick() => {
                    self.post.send(self.subjects.leader(), self.heartbeat.to_bytes());
                    self.drop_silent();
                    self.ties.values().for_each(|tie| tie.way_back.send(Out::Alive));
                }
            }
        }
    }

    /// Tells the relay what waits, as far as it has room; what is returned is to be awaited first.
    fn tell(&mut self) -> Option<Telling> {
        while let Some(event) = self.queue.pop() {
            if let Err(event) = self.drive.try_tell(event) {
                return Some(Box::pin(self.drive.clone().wait_and_tell(event)));
            }
        }
        None
    }

    fn take(&mut self, inward: Inward) {
        if inward.number == 0 && !self.ties.contains_key(&inward.tie) {
            let tie = Tie {
                way_back: Arc::new(WayBack {
                    post: self.post.clone(),
                    subject: self.subjects.back(&inward.tie),
                    sent: Mutex::new(0),
                }),
                received: 0,
                heard_at: Instant::now(),
                links: HashMap::new(),
            };
            self.ties.insert(inward.tie, tie);
        }
        let Some(tie) = self.ties.get_mut(&inward.tie) else {
            // It counts from somewhere: it must begin anew, whatever number this has.
            let reset = Outward {
                number: 0,
                what: Out::Reset,
            };
            let subject = self.subjects.back(&inward.tie);
            return self.post.send(subject, reset.to_bytes());
        };
        let more = matches!(inward.what, In::Opened(..) | In::Received(..));
        if inward.number != tie.received || more && !self.queue.has_room() {
            tie.way_back.send(Out::Reset);
            return self.drop_tie(&inward.tie);
        }
        tie.received += 1;
        tie.heard_at = Instant::now();
        let event = match inward.what {
            In::Alive => return,
            In::Opened(theirs, source, binding) => {
                let link = self.drive.new_link();
                tie.links.insert(theirs, link);
                Event::Opened {
                    link,
                    source,
                    binding: binding.unwrap_or_default(),
                    outbox: Arc::new(Remote {
                        way_back: Arc::clone(&tie.way_back),
                        link: theirs,
                    }),
                }
            }
            In::Received(theirs, bytes) => match tie.links.get(&theirs) {
                Some(link) => Event::Received { link: *link, bytes },
                None => return,
            },
            In::Closed(theirs) => match tie.links.remove(&theirs) {
                Some(link) => Event::Closed { link },
                None => return,
            },
        };
        self.queue.push(event);
    }

    fn drop_silent(&mut self) {
        let silent: Vec<_> = self
            .ties
            .iter()
            .filter(|(_, tie)| tie.heard_at.elapsed() > SILENCE_MAX)
            .map(|(id, _)| *id)
            .collect();
        for id in silent {
            self.drop_tie(&id);
        }
    }

    fn drop_tie(&mut self, id: &Id) {
        if let Some(tie) = self.ties.remove(id) {
            for link in tie.links.into_values() {
                self.queue.push(Event::Closed { link });
            }
        }
    }
}

/// To one follower.
struct WayBack {
    post: Post,
    subject: String,
    sent: Mutex<u64>,
}

impl WayBack {
    fn send(&self, what: Out) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let message = Outward {
            number: *sent,
            what,
        };
        *sent += 1;
        self.post.send(self.subject.clone(), message.to_bytes());
    }
}

/// A connection that a follower holds.
struct Remote {
    way_back: Arc<WayBack>,
    link: u64,
}

impl Outbox for Remote {
    fn push(&self, frame: &[u8]) -> Pushed {
        if self.way_back.post.has_room() {
            self.way_back.send(Out::Frame(self.link, frame.to_vec()));
            Pushed::Behind
        } else {
            self.way_back.send(Out::End(self.link));
            Pushed::TooMuch
        }
    }

    fn flush(&self) {}

    fn end(&self, _: Ending) {
        self.way_back.send(Out::End(self.link));
    }
}

#[cfg(test)]
mod tests {
    use super::super::post::{Letter, Letters};
    use super::super::queue::WAITING_BYTES_MAX;
    use super::*;
    use crate::drive::Forward;

    /// A relay whose disk has stopped.
    struct Stuck;

    impl Forward for Stuck {
        fn forward(&self, event: Event) -> Result<bool, Event> {
            Err(event)
        }

        fn room(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            Box::pin(std::future::pending())
        }
    }

    fn from(follower: u8, number: u64, what: In) -> Inward {
        let tie = [follower; 16];
        Inward { tie, number, what }
    }

    async fn next(letters: &mut Letters) -> (String, Out) {
        match letters.next().await {
            Some(Letter::Message(subject, bytes)) => {
                (subject, Outward::from_bytes(&bytes).unwrap().what)
            }
            _ => panic!("no message"),
        }
    }

    #[tokio::test]
    async fn a_relay_without_room_holds_nobody_up_and_who_sends_too_much_begins_anew() {
        let (post, mut letters) = Post::new();
        let heartbeat = Heartbeat {
            leader: [9; 16],
            takeover: 1,
        };
        let drive = Drive::there(Arc::new(Stuck));
        let mut leader = Leader::new(heartbeat, post, Subjects::of("kith"), drive);
        leader.take(from(1, 0, In::Opened(7, 3, None)));
        leader.take(from(2, 0, In::Alive));
        assert!(leader.tell().is_some(), "it waits for the relay");
        let frame = || In::Received(7, vec![0; WAITING_BYTES_MAX / 4]);
        for number in 1..=4 {
            leader.take(from(1, number, frame()));
        }
        leader.take(from(2, 1, In::Alive));
        assert_eq!(leader.ties.len(), 2, "all that may wait waits");
        leader.take(from(1, 5, frame()));
        let (subject, what) = next(&mut letters).await;
        assert_eq!(
            (subject, what),
            (leader.subjects.back(&[1; 16]), Out::Reset)
        );
        assert!(leader.ties.contains_key(&[2; 16]));
        assert_eq!(leader.ties.len(), 1);
    }
}
