//! The engine on a cluster of real servers. One cluster for all, since it takes seconds to start.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use shared::base::effects::Batch;

use super::places::SLACK_BYTES;
use super::*;
use crate::store::conformance::check;

#[path = "../../../tests/crash/cluster/servers.rs"]
mod servers;

use servers::Servers;

/// How long a server that was started again may take.
const CATCHING_UP: Duration = Duration::from_secs(60);

fn settings(servers: &Servers) -> Settings {
    static STREAMS: AtomicUsize = AtomicUsize::new(0);
    Settings {
        servers: servers.addresses(),
        stream: format!("kith{}", STREAMS.fetch_add(1, Ordering::Relaxed)),
        replicas: 3,
    }
}

fn put(store: &Nats, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    batch.put(key.as_bytes().to_vec(), value.to_vec());
    store.commit(&batch)
}

fn keys(store: &Nats) -> Vec<String> {
    let records = store.index().unwrap();
    let keys = records
        .into_iter()
        .map(|(key, _)| String::from_utf8(key).unwrap());
    keys.collect()
}

#[test]
fn the_engine_on_a_cluster_conforms_and_survives() {
    let mut servers = Servers::start();
    check(|| Nats::open(&settings(&servers)).unwrap());
    who_opens_last_writes(&servers);
    an_unfinished_batch_is_gone(&servers);
    a_stream_does_not_grow_for_ever(&servers);
    a_server_may_die_in_the_middle(&mut servers);
}

fn who_opens_last_writes(servers: &Servers) {
    let settings = settings(servers);
    let first = Nats::open(&settings).unwrap();
    put(&first, "m1", b"by the first").unwrap();
    let second = Nats::open(&settings).unwrap();
    assert_eq!(keys(&second), ["m1"]);
    assert!(matches!(
        put(&first, "m2", b"late"),
        Err(StoreError::Overtaken)
    ));
    put(&second, "m3", b"by the second").unwrap();
    for _ in 0..2 {
        assert!(matches!(first.recover(), Err(StoreError::Overtaken)));
        assert!(matches!(
            put(&first, "m4", b"late"),
            Err(StoreError::Overtaken)
        ));
    }
    second.recover().unwrap();
    assert_eq!(keys(&second), ["m1", "m3"]);
}

fn an_unfinished_batch_is_gone(servers: &Servers) {
    let settings = settings(servers);
    let store = Nats::open(&settings).unwrap();
    put(&store, "m1", b"whole").unwrap();
    let mut batch = Batch::default();
    for key in ["m2", "m3", "m4"] {
        batch.put(key.into(), vec![1; message::PART_BYTES]);
    }
    let mut unfinished = parts(entries(&batch));
    assert_eq!(unfinished.len(), 3);
    unfinished.pop();
    store.wait(store.log.commit(unfinished)).unwrap();
    let store = Nats::open(&settings).unwrap();
    assert_eq!(keys(&store), ["m1"]);
    put(&store, "m5", b"after").unwrap();
    assert_eq!(keys(&Nats::open(&settings).unwrap()), ["m1", "m5"]);
}

fn a_stream_does_not_grow_for_ever(servers: &Servers) {
    let settings = settings(servers);
    let store = Nats::open(&settings).unwrap();
    put(&store, "m-old", b"kept for ever").unwrap();
    let slack = usize::try_from(SLACK_BYTES).unwrap();
    for round in 0..3 * slack / message::PART_BYTES {
        let key = format!("e{}", round % 5);
        put(&store, &key, &vec![1; message::PART_BYTES]).unwrap();
    }
    let (first, last) = store.wait(store.log.bounds()).unwrap();
    let bytes = (last - first) * message::PART_BYTES as u64;
    assert!(first > 1 && bytes < 2 * SLACK_BYTES, "{first} to {last}");
    assert_eq!(keys(&store), ["m-old"]);
    store.recover().unwrap();
    assert_eq!(keys(&store), ["m-old"]);
    put(&store, "m-new", b"after a recovery").unwrap();
    let reopened = Nats::open(&settings).unwrap();
    assert_eq!(keys(&reopened), ["m-new", "m-old"]);
}

fn a_server_may_die_in_the_middle(servers: &mut Servers) {
    let settings = settings(servers);
    let store = Nats::open(&settings).unwrap();
    let mut acknowledged = Vec::new();
    for victim in 0..3 {
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut kept = Vec::new();
                for round in 0..200 {
                    let key = format!("m{victim}-{round:03}");
                    put(&store, &key, b"value").unwrap();
                    kept.push(key);
                }
                kept
            });
            thread::sleep(Duration::from_millis(50));
            servers.kill(victim);
            acknowledged.extend(writer.join().unwrap());
        });
        servers.revive(victim);
        // What it missed must have come to it before the next one may die.
        let began = Instant::now();
        while !store.wait(store.log.is_threefold()).unwrap() {
            assert!(began.elapsed() < CATCHING_UP, "a server does not catch up");
            thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(keys(&store), acknowledged);
    assert_eq!(keys(&Nats::open(&settings).unwrap()), acknowledged);
}
