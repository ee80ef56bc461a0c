//! Messages on their way out: in order, and never waited for by those who send them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::Client;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};

/// Bytes that may wait for the network. With more, followers read no more from their connections, and
/// leaders refuse frames as by a slow reader.
pub const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What waits.
pub enum Letter {
    /// A message, and its subject.
    Message(String, Vec<u8>),
    /// Says when all before it is with the servers.
    Flush(oneshot::Sender<()>),
}

/// The way out. A clone is the same way.
#[derive(Clone)]
pub struct Post {
    letters: UnboundedSender<Letter>,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    /// There is room again.
    room: Notify,
}

impl Waiting {
    fn has_room(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) < WAITING_BYTES_MAX
    }

    fn sent(&self, bytes: usize) {
        let had_room = self.has_room();
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        if !had_room && self.has_room() {
            self.room.notify_waiters();
        }
    }
}

/// What was sent, to be carried.
pub struct Letters {
    letters: UnboundedReceiver<Letter>,
    waiting: Arc<Waiting>,
}

impl Letters {
    /// The next one, which from now on does not wait.
    pub async fn next(&mut self) -> Option<Letter> {
        let letter = self.letters.recv().await?;
        if let Letter::Message(_, bytes) = &letter {
            self.waiting.sent(bytes.len());
        }
        Some(letter)
    }
}

impl Post {
    /// A way out, and its other end.
    pub fn new() -> (Self, Letters) {
        let (send, letters) = unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        let post = Self {
            letters: send,
            waiting: Arc::clone(&waiting),
        };
        (post, Letters { letters, waiting })
    }

    /// A way out by `client`, while anybody holds it.
    pub fn by(client: Client) -> Self {
        let (post, mut letters) = Self::new();
        tokio::spawn(async move {
            while let Some(letter) = letters.next().await {
                match letter {
                    // What is lost is missed by its number.
                    Letter::Message(subject, bytes) => {
                        let _ = client.publish(subject, bytes.into()).await;
                    }
                    Letter::Flush(flushed) => {
                        let _ = client.flush().await;
                        let _ = flushed.send(());
                    }
                }
            }
        });
        post
    }

    /// Whether more may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.has_room()
    }

    /// Waits until more may wait.
    pub async fn room(&self) {
        loop {
            let mut room = std::pin::pin!(self.waiting.room.notified());
            room.as_mut().enable();
            if self.has_room() {
                return;
            }
            room.await;
        }
    }

    /// Sends a message.
    pub fn send(&self, subject: String, bytes: Vec<u8>) {
        self.waiting.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        // The other end goes with the process.
        let _ = self.letters.send(Letter::Message(subject, bytes));
    }

    /// Waits until all that was sent is with the servers.
    pub async fn flush(&self) {
        let (flushed, done) = oneshot::channel();
        if self.letters.send(Letter::Flush(flushed)).is_ok() {
            let _ = done.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_byte_limit_is_the_limit_and_who_waits_goes_on_when_a_message_has_left() {
        let (post, mut letters) = Post::new();
        post.send(String::new(), vec![0; WAITING_BYTES_MAX - 1]);
        assert!(post.has_room());
        post.send(String::new(), vec![0]);
        assert!(!post.has_room());
        let waits = post.clone();
        let waits = tokio::spawn(async move { waits.room().await });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        letters.next().await;
        waits.await.unwrap();
    }

    #[tokio::test]
    async fn a_flush_is_over_when_all_before_it_is() {
        let (post, mut letters) = Post::new();
        post.send("subject".to_owned(), b"last words".to_vec());
        let flushes = tokio::spawn(async move { post.flush().await });
        assert!(matches!(letters.next().await, Some(Letter::Message(..))));
        assert!(!flushes.is_finished());
        let Some(Letter::Flush(flushed)) = letters.next().await else {
            panic!("something else");
        };
        flushed.send(()).unwrap();
        flushes.await.unwrap();
    }
}
