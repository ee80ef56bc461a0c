//! What of the datagrams that come in is WebRTC-direct's: looked at where they are received, so that
//! junk costs no more than a look.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError, RwLock};

use shared::direct::check::{self, NoCheck};

use super::letter::{Letter, Way};
use crate::metrics::direct::Numbers;

/// Datagrams that may wait for the thread. More are dropped, as by a socket whose buffer is full.
pub const DATAGRAMS_MAX: usize = 4096;

/// From where somebody may send who has shown that they know a route.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<RwLock<HashSet<Way>>>);

impl Known {
    /// From now on, whoever comes this way may.
    pub fn add(&self, way: Way) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(way);
    }

    /// Not any more.
    pub fn remove(&self, way: &Way) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(way);
    }

    fn has(&self, way: &Way) -> bool {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.contains(way)
    }
}

/// Counts what waits for the thread.
pub type Waiting = Arc<AtomicUsize>;

/// Looks at datagrams.
pub struct Gate {
    pub(super) letters: Sender<Letter>,
    pub(super) known: Known,
    pub(super) waiting: Waiting,
    pub(super) password: String,
    pub(super) numbers: Arc<Numbers>,
}

impl Gate {
    /// Takes a datagram that came in on a listening socket. Says whether it is to be forgotten; otherwise it is
    /// for others.
    pub fn take(&self, listener: u16, address: SocketAddr, datagram: &[u8]) -> bool {
        let way = Way { listener, address };
        let is_for_thread = match datagram {
            _ if check::is_dtls(datagram) => self.known.has(&way),
            [0, 1, ..] => match check::read(datagram, &self.password) {
                Ok(_) => true,
                Err(NoCheck::Other) => return false,
                Err(NoCheck::BadIntegrity) => {
                    self.numbers.strangers.add(1);
                    return true;
                }
            },
            [1, 1, ..] if self.known.has(&way) => true,
            _ => return false,
        };
        if !is_for_thread {
            self.numbers.strangers.add(1);
        } else if self.waiting.fetch_add(1, Ordering::Relaxed) < DATAGRAMS_MAX {
            // The thread may have ended.
            let _ = self.letters.send(Letter::Datagram(way, datagram.to_vec()));
        } else {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.numbers.overrun.add(1);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn gate() -> (Gate, Receiver<Letter>) {
        let (letters, told) = channel();
        let gate = Gate {
            letters,
            known: Known::default(),
            waiting: Waiting::default(),
            password: "password".to_owned(),
            numbers: Arc::default(),
        };
        (gate, told)
    }

    const DTLS: &[u8] = &[22, 254, 253];
    /// An empty Binding request, and an answer to one.
    const REQUEST: [u8; 20] = *b"\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl";
    const ANSWER: [u8; 20] = *b"\x01\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl";

    #[test]
    fn who_is_not_known_is_heard_by_nobody() {
        let (gate, told) = gate();
        let address = "192.0.2.1:5".parse().unwrap();
        let way = Way {
            listener: 0,
            address,
        };
        assert!(gate.take(0, address, DTLS));
        assert_eq!(told.try_iter().count(), 0);
        gate.known.add(way);
        assert!(gate.take(1, address, DTLS), "by another socket");
        assert_eq!(told.try_iter().count(), 0);
        assert!(gate.take(0, address, DTLS) && gate.take(0, address, &ANSWER));
        assert_eq!(told.try_iter().count(), 2);
        gate.known.remove(&way);
        assert!(gate.take(0, address, DTLS));
        assert_eq!(told.try_iter().count(), 0);
    }

    #[test]
    fn stun_and_turn_of_others_is_left_to_them() {
        let (gate, _told) = gate();
        let address = "192.0.2.1:5".parse().unwrap();
        let channel_data = [0x40, 0, 0, 0];
        for theirs in [&REQUEST[..], &ANSWER, &channel_data, &[0], &[]] {
            assert!(!gate.take(0, address, theirs));
        }
    }

    #[test]
    fn so_many_wait_and_no_more() {
        let (gate, told) = gate();
        let address = "192.0.2.1:5".parse().unwrap();
        gate.known.add(Way {
            listener: 0,
            address,
        });
        for _ in 0..=DATAGRAMS_MAX {
            assert!(gate.take(0, address, DTLS));
        }
        assert_eq!(told.try_iter().count(), DATAGRAMS_MAX);
        assert_eq!(gate.waiting.load(Ordering::Relaxed), DATAGRAMS_MAX);
    }
}
