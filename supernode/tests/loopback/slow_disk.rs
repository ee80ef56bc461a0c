//! A supernode in this process, on a store that takes its time.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use shared::base::codec::encode;
use shared::base::effects::Batch;
use shared::base::id::EnvelopeId;
use shared::base::time::Timestamp;
use shared::mailbox::server::record::{HeaderRecord, Key, MailboxRecord};
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};
use supernode::Node;
use supernode::config::Config;
use supernode::store::memory::Memory;
use supernode::store::{Record, Store, StoreError};
use tempfile::TempDir;

use crate::client::{Client, PATIENCE};
use crate::people::Person;

/// Long enough for whatever does not wait for the disk.
const MEANWHILE: Duration = Duration::from_secs(2);
/// More deletions than may wait for a commit.
const EXPIRED: u64 = 450_000;
/// What may wait for a commit, and what one act adds to it at most.
const WAITING_BYTES_MAX: usize = 33 * 1024 * 1024;

/// Keeps everything in memory, when it is allowed to.
#[derive(Default)]
struct Slow {
    memory: Memory,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    /// A commit is being held.
    waits: bool,
    /// Bytes of the largest batch.
    largest: usize,
}

impl Slow {
    /// From now on commits wait, or they no longer do.
    fn hold(&self, held: bool) {
        self.state.lock().unwrap().held = held;
        self.changed.notify_all();
    }

    /// Waits until a commit is being held.
    fn holds(&self) {
        let state = self.state.lock().unwrap();
        let waited = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !state.waits);
        assert!(!waited.unwrap().1.timed_out(), "nothing is committed");
    }
}

impl Store for Slow {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let changes = batch.changes.iter();
        let bytes =
            changes.map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len));
        let bytes = bytes.sum();
        let mut state = self.state.lock().unwrap();
        state.largest = state.largest.max(bytes);
        while state.held {
            state.waits = true;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap();
        }
        state.waits = false;
        drop(state);
        self.memory.commit(batch)
    }

    fn read(&self, first: &[u8], last: &[u8], max: usize) -> Result<Vec<Record>, StoreError> {
        self.memory.read(first, last, max)
    }

    fn index(&self) -> Result<Vec<Record>, StoreError> {
        self.memory.index()
    }

    fn recover(&self) -> Result<(), StoreError> {
        self.memory.recover()
    }
}

async fn start(store: &Arc<Slow>) -> (Node, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let config = Config {
        http: ([127, 0, 0, 1], 0).into(),
        data: data.path().to_owned(),
        ..Config::default()
    };
    (Node::start_on(&config, store.clone()).await.unwrap(), data)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_sent_away_hears_first_what_became_of_the_last_deposit() {
    let store = Arc::new(Slow::default());
    let (node, _data) = start(&store).await;
    let ben = Person::new(2);
    drop(Client::claimed(node.address(), &ben).await);
    let mut anns = Client::ready(node.address()).await;
    store.hold(true);
    let envelope = ben.envelope(1, 60, b"the last one");
    anns.send(&ClientFrame::Deposit {
        request: 1,
        envelope,
    })
    .await;
    tokio::task::block_in_place(|| store.holds());
    let drained = tokio::spawn(node.drain());
    tokio::time::sleep(MEANWHILE).await;
    store.hold(false);
    assert_eq!(anns.receipt().await.code, DepositCode::Ok);
    let goodbye = anns.receive().await;
    let draining = Refusal::Draining;
    assert!(matches!(goodbye, NodeFrame::Refused { code, .. } if code == draining));
    drained.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_swept_no_faster_than_the_disk_forgets_it() {
    let ben = Person::new(2);
    let store = Arc::new(Slow::default());
    let mut batch = Batch::default();
    let mailbox = MailboxRecord {
        devices: ben.devices().carried().to_vec(),
        secret: ben.secret.to_vec(),
        claimed_day: Some(0),
        public_bits: None,
    };
    batch.put(Key::Mailbox(ben.id()).to_bytes(), encode(&mailbox));
    for sequence in 1..=EXPIRED {
        let mut id = EnvelopeId([0; 16]);
        id.0[..8].copy_from_slice(&sequence.to_be_bytes());
        let (at, expires) = (Timestamp(1), Timestamp(2));
        let header = HeaderRecord {
            id,
            at,
            expires,
            len: 1,
            request: None,
            public: None,
        };
        batch.put(Key::Header(ben.id(), sequence).to_bytes(), encode(&header));
    }
    store.memory.commit(&batch).unwrap();
    store.hold(true);
    let (_node, _data) = start(&store).await;
    tokio::task::block_in_place(|| store.holds());
    tokio::time::sleep(2 * MEANWHILE).await;
    store.hold(false);
    let began = Instant::now();
    while store.index().unwrap().iter().any(|(key, _)| key[0] == b'h') {
        assert!(began.elapsed() < 6 * PATIENCE, "it is not swept");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let largest = store.state.lock().unwrap().largest;
    assert!(
        largest <= WAITING_BYTES_MAX,
        "{largest} bytes of deletions waited"
    );
}
