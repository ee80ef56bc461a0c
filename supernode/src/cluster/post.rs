//! Messages on their way out: in order, and never waited for by those who send them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::Client;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Bytes that may wait for the network. With more, frames are refused as by a slow reader.
const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The way out. A clone is the same way.
#[derive(Clone)]
pub struct Post {
    letters: UnboundedSender<(String, Vec<u8>)>,
    waiting: Arc<AtomicUsize>,
}

impl Post {
    /// A way out by `client`, while anybody holds it.
    pub fn by(client: Client) -> Self {
        let (letters, mut sent) = unbounded_channel::<(String, Vec<u8>)>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some((subject, bytes)) = sent.recv().await {
                let size = bytes.len();
                // What is lost is missed by its number.
                let _ = client.publish(subject, bytes.into()).await;
                left.fetch_sub(size, Ordering::Relaxed);
            }
        });
        Self { letters, waiting }
    }

    /// Whether more may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < WAITING_BYTES_MAX
    }

    /// Sends a message.
    pub fn send(&self, subject: String, bytes: Vec<u8>) {
        self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        // The other end goes with the process.
        let _ = self.letters.send((subject, bytes));
    }
}
