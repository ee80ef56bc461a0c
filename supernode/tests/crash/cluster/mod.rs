//! Two processes that are one supernode, on three NATS servers, all of them real.

mod servers;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use shared::base::id::EnvelopeId;
use shared::mailbox::wire::{DepositCode, Envelope};
use shared::session::wire::{ClientFrame, NodeFrame};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::line::Line;
use crate::recipient::Recipient;
use crate::sender::{Sender, envelope};
use crate::server::Server;
use servers::Servers;

/// How long a takeover may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Processes with one node key.
struct Cluster {
    servers: Servers,
    homes: Vec<TempDir>,
}

impl Cluster {
    fn new(processes: usize) -> Self {
        let homes: Vec<_> = (0..processes)
            .map(|_| tempfile::tempdir().unwrap())
            .collect();
        let (alone, first) = (Server::start(homes[0].path(), &[]), homes[0].path());
        alone.terminate();
        for home in &homes[1..] {
            fs::copy(first.join("node.key"), home.path().join("node.key")).unwrap();
        }
        let servers = Servers::start();
        Self { servers, homes }
    }

    fn start(&self, process: usize) -> Server {
        let addresses = self.servers.addresses().join(",");
        let flags = [
            "--store",
            "nats",
            "--nats-servers",
            &addresses,
            "--frames-burst",
            "100000",
        ];
        Server::start(self.homes[process].path(), &flags)
    }
}

/// Opens a line as soon as somebody leads.
async fn open(server: &Server) -> Line {
    let began = Instant::now();
    loop {
        if let Some(line) = Line::open(server.address).await {
            return line;
        }
        assert!(began.elapsed() < PATIENCE, "nobody leads");
        sleep(Duration::from_millis(100)).await;
    }
}

async fn leave(line: &mut Line, envelope: Envelope) -> (DepositCode, u32) {
    let request = 1;
    let deposit = ClientFrame::Deposit { request, envelope };
    line.send(&deposit).await.expect("a line");
    match line.receive().await.expect("an answer") {
        NodeFrame::Deposited { receipts } => (receipts[0].code, receipts[0].handed),
        other => panic!("{other:?} instead of a receipt"),
    }
}

/// Waits for an envelope, past others that were not acknowledged.
async fn arrives(line: &mut Line, id: EnvelopeId) {
    loop {
        match line.receive().await.expect("a line") {
            NodeFrame::Deliver { deliveries } => {
                if deliveries.iter().any(|delivery| delivery.id == id) {
                    return;
                }
            }
            other => panic!("{other:?} instead of a delivery"),
        }
    }
}

fn letter(number: u8) -> EnvelopeId {
    EnvelopeId([number; 16])
}

/// Somebody who has a mailbox, and their line to this process.
async fn claimed(server: &Server) -> (Recipient, Line) {
    let ben = Recipient::new(2, 0);
    let mut line = open(server).await;
    line.claim(&ben.person).await.expect("a claim");
    (ben, line)
}

#[tokio::test(flavor = "multi_thread")]
async fn envelopes_reach_people_on_every_process_and_survive_the_one_that_leads() {
    let mut cluster = Cluster::new(2);
    let leads = cluster.start(0);
    drop(open(&leads).await);
    let follows = cluster.start(1);
    let mut ben = Recipient::new(2, 0);

    // Ann is on one process, Ben on the other, and then the other way round.
    for (number, (anns, bens)) in [(&leads, &follows), (&follows, &leads)].iter().enumerate() {
        let mut here = open(bens).await;
        here.claim(&ben.person).await.expect("a claim");
        let mut there = open(anns).await;
        let number = u8::try_from(number).unwrap() * 2;
        let kept = envelope(&ben.person, letter(number));
        assert_eq!(leave(&mut there, kept).await, (DepositCode::Ok, 1));
        arrives(&mut here, letter(number)).await;
        let mut live = envelope(&ben.person, letter(number + 1));
        live.keep_seconds = 0;
        assert_eq!(leave(&mut there, live).await, (DepositCode::Ok, 1));
        arrives(&mut here, letter(number + 1)).await;
    }

    // The process that Ben is on dies; the one that leads has his mailbox.
    follows.kill();
    let mut line = open(&leads).await;
    let kept = envelope(&ben.person, letter(9));
    assert_eq!(leave(&mut line, kept).await.0, DepositCode::Ok);
    ben.fetch_all(leads.address).await.expect("a line");
    assert!(ben.shown.contains(&letter(9)));

    // A server dies: nobody notices but by a pause.
    cluster.servers.kill(0);
    let kept = envelope(&ben.person, letter(10));
    assert_eq!(leave(&mut line, kept).await.0, DepositCode::Ok);
    cluster.servers.revive(0);

    // The one that leads dies under load; the other takes over, and nothing acknowledged is lost.
    let follows = cluster.start(1);
    let mut ann = Sender::new(3);
    drop(open(&follows).await);
    let address = follows.address;
    tokio::join!(ann.write(address, &ben.person), async {
        sleep(Duration::from_secs(2)).await;
        leads.kill();
    });
    assert!(ann.acknowledged.len() > 10, "{}", ann.acknowledged.len());
    drop(open(&follows).await);
    ann.writing = false;
    ann.write(address, &ben.person).await.expect("a line");
    ben.fetch_all(address).await.expect("a line");
    let missing: BTreeSet<_> = ann.acknowledged.difference(&ben.shown).collect();
    assert!(missing.is_empty(), "{missing:?} are lost");
    assert!(ben.dropped.is_subset(&ann.repeated));
    let (status, ..) = follows.terminate();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_begin_together_do_not_both_lead() {
    let cluster = Cluster::new(2);
    let both = [cluster.start(0), cluster.start(1)];
    let ben = Recipient::new(2, 0);
    let mut bens = [open(&both[0]).await, open(&both[1]).await];
    for line in &mut bens {
        line.claim(&ben.person).await.expect("a claim");
    }
    for (number, server) in both.iter().enumerate() {
        let id = letter(u8::try_from(number).unwrap());
        let kept = envelope(&ben.person, id);
        let left = leave(&mut open(server).await, kept).await;
        assert_eq!(left, (DepositCode::Ok, 2));
        for line in &mut bens {
            arrives(line, id).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_told_to_end_under_load_hands_over_and_loses_nothing() {
    let cluster = Cluster::new(2);
    let leads = cluster.start(0);
    let (mut ben, _line) = claimed(&leads).await;
    let follows = cluster.start(1);
    drop(open(&follows).await);
    let mut ann = Sender::new(4);
    let address = follows.address;
    tokio::join!(ann.write(address, &ben.person), async {
        sleep(Duration::from_secs(2)).await;
        leads.signal(Signal::SIGTERM);
    });
    let (status, _, log) = leads.ended();
    assert!(status.success(), "{log}");
    assert!(ann.acknowledged.len() > 10, "{}", ann.acknowledged.len());
    drop(open(&follows).await);
    ann.writing = false;
    ann.write(address, &ben.person).await.expect("a line");
    ben.fetch_all(address).await.expect("a line");
    let missing: BTreeSet<_> = ann.acknowledged.difference(&ben.shown).collect();
    assert!(missing.is_empty(), "{missing:?} are lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_end_in_a_takeover_ends_and_another_leads() {
    let cluster = Cluster::new(3);
    let leads = cluster.start(0);
    let (mut ben, mut line) = claimed(&leads).await;
    let kept = envelope(&ben.person, letter(1));
    assert_eq!(leave(&mut line, kept).await.0, DepositCode::Ok);
    let heirs = [cluster.start(1), cluster.start(2)];
    for heir in &heirs {
        drop(open(heir).await);
    }
    let [first, second] = heirs;
    // Nobody leads now, and either may be about to.
    leads.kill();
    first.signal(Signal::SIGTERM);
    let (status, _, log) = first.ended();
    assert!(status.success(), "{log}");
    let mut line = open(&second).await;
    let kept = envelope(&ben.person, letter(2));
    assert_eq!(leave(&mut line, kept).await.0, DepositCode::Ok);
    ben.fetch_all(second.address).await.expect("a line");
    assert_eq!(ben.shown, BTreeSet::from([letter(1), letter(2)]));
    let (status, ..) = second.terminate();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_slept_acknowledges_nothing_any_more() {
    let cluster = Cluster::new(2);
    let slept = cluster.start(0);
    let (mut ben, _line) = claimed(&slept).await;
    let mut anns = open(&slept).await;
    let follows = cluster.start(1);
    drop(open(&follows).await);

    slept.signal(Signal::SIGSTOP);
    let began = Instant::now();
    let mut new = loop {
        // While it sleeps, its follower's sessions hang rather than end.
        let opened = timeout(Duration::from_secs(1), Line::open(follows.address)).await;
        if let Ok(Some(line)) = opened {
            break line;
        }
        assert!(began.elapsed() < PATIENCE, "nobody takes over");
        sleep(Duration::from_millis(100)).await;
    };
    let kept = envelope(&ben.person, letter(1));
    assert_eq!(leave(&mut new, kept).await.0, DepositCode::Ok);
    slept.signal(Signal::SIGCONT);

    let request = 1;
    let late = ClientFrame::Deposit {
        request,
        envelope: envelope(&ben.person, letter(2)),
    };
    let answer = match anns.send(&late).await {
        Some(()) => anns.receive().await,
        None => None,
    };
    if let Some(NodeFrame::Deposited { receipts }) = answer {
        assert_eq!(receipts[0].code, DepositCode::Storage);
    }
    let (status, _, log) = slept.ended();
    assert!(
        !status.success() && log.contains("has taken the store over"),
        "{log}"
    );
    ben.fetch_all(follows.address).await.expect("a line");
    assert_eq!(ben.shown, BTreeSet::from([letter(1)]));
}
