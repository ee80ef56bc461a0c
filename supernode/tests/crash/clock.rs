//! Clocks that are set back, between two runs and during one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shared::base::id::EnvelopeId;
use shared::base::time::Timestamp;
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame};

use crate::dice::Dice;
use crate::line::Line;
use crate::people::Person;
use crate::recipient::Recipient;
use crate::sender::{deposit, deposit_with, envelope};
use crate::server::Server;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A machine whose clock a test can set.
struct Clock {
    folder: tempfile::TempDir,
}

impl Clock {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Self { folder };
        clock.set("+0");
        clock
    }

    /// Sets it so far from the true time; programs that run see it at once.
    fn set(&self, offset: &str) {
        fs::write(self.folder.path().join("offset"), offset).unwrap();
    }

    fn start(&self, data: &Path, flags: &[&str]) -> Server {
        let offset = self.folder.path().join("offset");
        let variables = [
            ("LD_PRELOAD", faketime().into_os_string()),
            ("FAKETIME_TIMESTAMP_FILE", offset.into_os_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ];
        Server::start_with(data, flags, &variables)
    }
}

fn faketime() -> PathBuf {
    if let Some(path) = std::env::var_os("KITH_FAKETIME") {
        return path.into();
    }
    let machines = fs::read_dir("/usr/lib").unwrap();
    let mut paths = machines.map(|entry| entry.unwrap().path().join("faketime/libfaketime.so.1"));
    let found = paths.find(|path| path.exists());
    found.expect("libfaketime; install it with: apt-get install libfaketime")
}

fn letter(number: u8) -> EnvelopeId {
    EnvelopeId([number; 16])
}

fn in_two_days() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + 2 * DAY;
    Timestamp(u64::try_from(since.as_millis()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_between_runs_loses_nothing() {
    let clock = Clock::new();
    let data = tempfile::tempdir().unwrap();
    let mut ben = Recipient::new(2, 0);
    let until = Some(in_two_days());
    let (secret, lane) = (ben.person.secret, Lane::Contact);
    let invite = Capability::issue(&secret, &ben.person.id(), lane, until, &mut Dice::new(1));
    let mut given = 0;
    // Right; yesterday; a clock whose battery is empty; right again.
    for offset in ["+0", "-1d", "-4000d", "+0"] {
        clock.set(offset);
        let server = clock.start(data.path(), &[]);
        ben.waiting(server.address).await.unwrap();
        let mut line = Line::open(server.address).await.unwrap();
        for _ in 0..3 {
            given += 1;
            let mut envelope = envelope(&ben.person, letter(given));
            envelope.capability = invite;
            let code = deposit_with(&mut line, envelope).await;
            assert_eq!(code, Some(DepositCode::Ok), "at {offset}");
        }
        server.kill();
    }
    clock.set("-1d");
    let server = clock.start(data.path(), &[]);
    ben.fetch_all(server.address).await.unwrap();
    // What was taken ten years ago, for two days, has gone; the rest is there, and once.
    let expected: Vec<_> = (1..=6).chain(10..=12).map(letter).collect();
    assert_eq!(Vec::from_iter(ben.shown), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_under_open_sessions_stops_nothing() {
    let clock = Clock::new();
    let data = tempfile::tempdir().unwrap();
    let server = clock.start(data.path(), &["--frames-burst", "60"]);
    let ben = Person::new(2);
    let mut bens = Line::open(server.address).await.unwrap();
    assert_eq!(bens.claim(&ben).await, Some((0, 0)));
    let mut anns = Line::open(server.address).await.unwrap();
    let code = deposit(&mut anns, &ben, letter(1)).await;
    assert_eq!(code, Some(DepositCode::Ok));
    assert_eq!(sequence(&mut bens).await, 1);

    clock.set("-1h");
    let code = deposit(&mut anns, &ben, letter(2)).await;
    assert_eq!(code, Some(DepositCode::Ok));
    assert_eq!(sequence(&mut bens).await, 2);
    // More frames than fit a burst: what may be sent grows with the time that passes, as before.
    for token in 0..300 {
        anns.send(&ClientFrame::Ping { token }).await.unwrap();
        let answer = anns.receive().await;
        assert!(matches!(answer, Some(NodeFrame::Pong { .. })), "{answer:?}");
        tokio::time::sleep(Duration::from_millis(7)).await;
    }
    let mut again = Line::open(server.address).await.unwrap();
    assert_eq!(again.claim(&ben).await, Some((0, 2)));
}

async fn sequence(line: &mut Line) -> u64 {
    match line.receive().await {
        Some(NodeFrame::Deliver { deliveries }) => deliveries[0].sequence,
        other => panic!("{other:?} instead of a delivery"),
    }
}
