//! One client: where it is, what carries its messages, and what waits for the relay.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::base::effects::LinkId;
use shared::direct::check::{self, Check};
use shared::direct::credentials::Username;

use super::carrier::{Carried, Carrier, Over, Settings};
use super::letter::Way;
use super::outbox::DirectOutbox;
use super::record;
use crate::drive::Event;
use crate::drive::outbox::Ending;

/// A client that has not been heard for so long is gone: pages send checks every few seconds (RFC 7675 §5.1).
pub const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long a client may take from its first check to an open data channel.
pub const OPENING_MAX: Duration = Duration::from_secs(10);
/// How long a client may take from its first check to its first flight, which follows the first answer. One that sends
/// none is in the middle of a connection that this process knows nothing of: to a supernode that ended without a
/// word, at the same address.
pub const FLIGHT_MAX: Duration = Duration::from_secs(3);
/// How long a client that is heard keeps its address for itself.
pub const HELD_MAX: Duration = Duration::from_secs(10);
/// How long what a client is told last may take to arrive, before its connection is ended all the same.
pub const LAST_WORD: Duration = Duration::from_secs(2);
/// How often the supernode asks whether a client really is where it seems to have moved to.
const TRIAL_PAUSE: Duration = Duration::from_millis(200);

/// How long it waits for the answer before it asks elsewhere.
const TRIAL_LIFE: Duration = Duration::from_secs(5);

/// Does something with a carrier. What breaks in it, for all that came from outside, ends one client.
fn contained<T>(work: impl FnOnce() -> Result<T, Over>) -> Result<T, Over> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Over::Broken))
}

/// An address that a client seems to have, besides the one that it is known to have.
pub struct Trial {
    pub way: Way,
    transaction: [u8; 12],
    /// The client wants to use it.
    is_nominated: bool,
}

/// One client.
pub struct Client {
    pub username: Box<str>,
    /// What its limits count for.
    pub source: u64,
    /// Where it is.
    pub way: Way,
    pub trial: Option<Trial>,
    /// When it was asked last whether it is somewhere else.
    asked_at: Option<Instant>,
    /// When it was to be ended.
    ending_since: Option<Instant>,
    /// Made when its first flight comes.
    carrier: Option<Box<Carrier>>,
    pub link: Option<(LinkId, Arc<DirectOutbox>)>,
    /// When it was last heard: a check, or something that only it can have made.
    heard: Instant,
    pub began: Instant,
    /// What the relay did not take yet. While something is here, nothing more is read.
    pub held: VecDeque<Event>,
    /// When it is due to be looked at.
    pub due: Option<Instant>,
    /// It is among those to look at in this round.
    pub is_stirred: bool,
}

impl Client {
    pub fn new(username: &Username<'_>, source: u64, way: Way, now: Instant) -> Self {
        Self {
            username: username.text.into(),
            source,
            way,
            trial: None,
            asked_at: None,
            ending_since: None,
            carrier: None,
            link: None,
            heard: now,
            began: now,
            held: VecDeque::new(),
            due: None,
            is_stirred: false,
        }
    }

    /// Whether its data channel has been open.
    pub fn is_open(&self) -> bool {
        self.link.is_some()
    }

    /// A check of it came. Gives back a check of the supernode's own, if it is to be sent the same way back.
    pub fn checked(
        &mut self,
        now: Instant,
        check: &Check<'_>,
        way: Way,
        transaction: [u8; 12],
    ) -> Option<check::Written> {
        if way == self.way {
            self.heard = now;
            return None;
        }
        let is_wanted = check.is_nominated || !self.wants_another(now);
        let may_ask = self.asked_at.is_none_or(|at| now >= at + TRIAL_PAUSE);
        match self.trial.as_mut().filter(|trial| trial.way == way) {
            Some(trial) => {
                trial.is_nominated |= check.is_nominated;
                if !may_ask {
                    return None;
                }
                trial.transaction = transaction;
            }
            // What the page wants to use is not forgotten for what it only tries.
            None if !is_wanted || !may_ask => return None,
            None => {
                self.trial = Some(Trial {
                    way,
                    transaction,
                    is_nominated: check.is_nominated,
                });
            }
        }
        self.asked_at = Some(now);
        Some(check::ask(&check.username, transaction, 0))
    }

    /// Whether it wants to use another address, about which it was asked not long ago.
    fn wants_another(&self, now: Instant) -> bool {
        let is_fresh = self.asked_at.is_some_and(|at| now < at + TRIAL_LIFE);
        let trial = self.trial.as_ref();
        is_fresh && trial.is_some_and(|trial| trial.is_nominated)
    }

    /// An answer to a check of the supernode's own came. Says whether the client has moved.
    pub fn answered(&mut self, now: Instant, datagram: &[u8], way: Way) -> bool {
        let Some(username) = Username::read(self.username.as_bytes()) else {
            return false;
        };
        let fits = self.trial.as_ref().is_some_and(|trial| {
            trial.way == way
                && trial.is_nominated
                && check::answered(datagram) == Some(trial.transaction)
                && check::is_answer_by(datagram, username.password)
        });
        if fits {
            self.heard = now;
            self.trial = None;
            self.way = way;
        }
        fits
    }

    /// A datagram of DTLS came.
    ///
    /// # Errors
    /// [`Over`].
    pub fn receive(
        &mut self,
        now: Instant,
        settings: &Settings,
        datagram: &[u8],
    ) -> Result<(), Over> {
        // Whatever is no handshake is of a connection that this process knows nothing of.
        if self.carrier.is_none() && !record::begins_handshake(datagram) {
            return Ok(());
        }
        let carrier = self
            .carrier
            .get_or_insert_with(|| Box::new(Carrier::new(settings)));
        let proven = contained(|| carrier.receive(now, datagram));
        if self.kept(proven)? {
            self.heard = now;
        }
        Ok(())
    }

    /// Whether it is open, was heard not long ago, and is at this place: then nobody else is.
    pub fn holds(&self, way: &Way, now: Instant) -> bool {
        self.is_open() && self.way == *way && now < self.heard + HELD_MAX
    }

    /// A carrier in which something broke is not touched any more.
    fn kept<T>(&mut self, done: Result<T, Over>) -> Result<T, Over> {
        if matches!(done, Err(Over::Broken)) {
            self.carrier = None;
        }
        done
    }

    /// Whether it is to be forgotten for its silence or slowness.
    pub fn is_lost(&self, now: Instant) -> bool {
        now >= self.lost_at()
    }

    /// Whether it has never begun a handshake.
    pub fn is_stale(&self) -> bool {
        self.carrier.is_none()
    }

    fn lost_at(&self) -> Instant {
        let silent = self.heard + SILENCE_MAX;
        match (self.is_open(), &self.carrier) {
            (true, _) => silent,
            (false, Some(_)) => silent.min(self.began + OPENING_MAX),
            (false, None) => self.began + FLIGHT_MAX,
        }
    }

    /// When it is to be looked at next.
    pub fn next_due(&self) -> Instant {
        let timeout = self.carrier.as_ref().and_then(|carrier| carrier.timeout());
        let last_word = self.ending_since.map(|since| since + LAST_WORD);
        let all = timeout.into_iter().chain(last_word);
        all.fold(self.lost_at(), Instant::min)
    }

    /// Time has passed.
    ///
    /// # Errors
    /// [`Over`].
    pub fn pass(&mut self, now: Instant) -> Result<(), Over> {
        let passed = match &mut self.carrier {
            Some(carrier) => contained(|| carrier.pass(now)),
            None => Ok(()),
        };
        self.kept(passed)
    }

    /// What it says next.
    ///
    /// # Errors
    /// [`Over`].
    pub fn next(&mut self) -> Result<Option<Carried>, Over> {
        let next = match &mut self.carrier {
            Some(carrier) => contained(|| carrier.next()),
            None => Ok(None),
        };
        self.kept(next)
    }

    /// Puts what waits in its outbox on its way, as far as there is room. Says how it is to end, if it is and all is
    /// on its way.
    ///
    /// # Errors
    /// [`Over`].
    pub fn pump(&mut self, now: Instant) -> Result<Option<Ending>, Over> {
        let (Some((_, outbox)), Some(carrier)) = (&self.link, &mut self.carrier) else {
            return Ok(None);
        };
        outbox.look();
        let is_empty = contained(|| {
            while carrier.has_room() {
                match outbox.pop() {
                    Some(frame) => carrier.send(now, &frame)?,
                    None => {
                        carrier.gather(now);
                        return Ok(carrier.is_drained());
                    }
                }
            }
            carrier.gather(now);
            Ok(false)
        });
        let ending = outbox.ending();
        let is_empty = self.kept(is_empty)?;
        if ending.is_some() {
            let since = *self.ending_since.get_or_insert(now);
            return Ok(ending.filter(|_| is_empty || now >= since + LAST_WORD));
        }
        Ok(None)
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant) {
        let closed = self.carrier.as_mut().map_or(Ok(()), |carrier| {
            contained(|| {
                carrier.close(now);
                Ok(())
            })
        });
        // There is nobody left to tell.
        let _ = self.kept(closed);
    }

    /// Datagrams to send.
    pub fn outgoing(&mut self) -> impl Iterator<Item = bytes::BytesMut> {
        self.carrier
            .iter_mut()
            .flat_map(|carrier| carrier.outgoing())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::carrier::tests::settings;
    use super::*;

    const TICK: Duration = Duration::from_millis(1);

    fn client(now: Instant) -> Client {
        let name = Username::read(b"kd1/abcdefghijklmnopqrstuv:abcd").unwrap();
        let way = Way {
            listener: 0,
            address: "192.0.2.1:5".parse().unwrap(),
        };
        Client::new(&name, 7, way, now)
    }

    /// It is lost at this time and not before, and is looked at then.
    fn is_lost_at(client: &Client, at: Instant) {
        assert!(!client.is_lost(at - TICK) && client.is_lost(at));
        assert!(client.next_due() <= at);
    }

    #[test]
    fn who_does_not_begin_a_handshake_was_in_the_middle_of_another() {
        let (settings, now) = (settings(), Instant::now());
        let mut client = client(now);
        is_lost_at(&client, now + FLIGHT_MAX);
        // Encrypted data of a connection that nobody here knows.
        let data = [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 9];
        assert_eq!(client.receive(now, &settings, &data), Ok(()));
        assert!(client.is_stale());
        is_lost_at(&client, now + FLIGHT_MAX);
        let hello = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(client.receive(now, &settings, &hello), Ok(()));
        assert!(!client.is_stale());
        is_lost_at(&client, now + OPENING_MAX);
    }

    #[test]
    fn who_is_silent_is_lost_and_has_their_address_for_a_while() {
        let now = Instant::now();
        let (letters, _told) = channel();
        let mut client = client(now);
        let link = LinkId(1);
        let way = client.way;
        assert!(!client.holds(&way, now), "it is not open");
        client.link = Some((link, Arc::new(DirectOutbox::new(link, letters))));
        is_lost_at(&client, now + SILENCE_MAX);
        assert!(client.holds(&way, now + HELD_MAX - TICK));
        assert!(!client.holds(&way, now + HELD_MAX));
        let elsewhere = Way { listener: 1, ..way };
        assert!(!client.holds(&elsewhere, now));
    }
}
