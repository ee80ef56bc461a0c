//! Many connections that mean harm, and one that does not: the supernode's memory stays flat, and the good
//! one is served all along.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use shared::base::codec::encode;
use shared::base::limits::{FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT};
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::client::{Client, PATIENCE};
use crate::people::Person;
use crate::server::Server;
use crate::wire::{BINARY, PING, Wire, frame};

/// How long an honest deposit may take during a siege, on a machine that also runs the besiegers.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// How long a flood lasts: `KITH_FLOOD_SECONDS`, else long enough to see that memory does not grow with it.
fn flood_span() -> Duration {
    let seconds = std::env::var("KITH_FLOOD_SECONDS").ok();
    Duration::from_secs(seconds.map_or(8, |seconds| seconds.parse().unwrap()))
}

/// Two honest people: one leaves envelopes, the other gets them.
struct Honest {
    ann: Client,
    bens: Client,
    ben: Person,
    served: u32,
    slowest: Duration,
}

impl Honest {
    async fn meet(address: SocketAddr) -> Self {
        let ben = Person::new(2);
        let (bens, ..) = Client::claimed(address, &ben).await;
        Self {
            ann: Client::ready(address).await,
            bens,
            ben,
            served: 0,
            slowest: Duration::ZERO,
        }
    }

    /// One live envelope goes through, and is answered.
    async fn talk(&mut self) {
        let began = Instant::now();
        let words = format!("how are you, for the {}th time?", self.served);
        let envelope = self.ben.envelope(1, 0, words.as_bytes());
        let receipt = timeout(ANSWER_MAX, self.ann.deposit(self.served, envelope)).await;
        assert_eq!(receipt.expect("an answer in time").code, DepositCode::Ok);
        // The flood leaves something for Ben, too.
        let arrived = timeout(ANSWER_MAX, async {
            loop {
                let came = self.bens.deliveries().await;
                if came
                    .iter()
                    .any(|delivery| delivery.bytes == words.as_bytes())
                {
                    return;
                }
            }
        });
        arrived.await.expect("a delivery in time");
        self.served += 1;
        self.slowest = self.slowest.max(began.elapsed());
        // Whoever only listens is not heard of, and in time taken for dead.
        if self.served.is_multiple_of(50) {
            let token = self.served;
            self.bens.send(&ClientFrame::Ping { token }).await;
            assert_eq!(self.bens.receive().await, NodeFrame::Pong { token });
        }
    }
}

/// Sends `bytes` one by one, and says whether the other side ended it before `patience`.
async fn drip(address: SocketAddr, bytes: Vec<u8>, patience: Duration) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let ended = timeout(patience, reading.read_to_end(&mut answer));
    tokio::pin!(ended);
    for byte in bytes.iter().cycle() {
        tokio::select! {
            ended = &mut ended => return ended.is_ok(),
            () = sleep(Duration::from_millis(200)) => {}
        }
        if writing.write_all(&[*byte]).await.is_err() {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn who_speaks_slowly_or_never_finishes_is_cut_off_and_holds_up_nobody() {
    let limits = [
        "--connections-per-source-max",
        "200",
        "--connects-burst",
        "500",
    ];
    let (server, _data) = Server::fresh(&limits);
    let address = server.address;
    let mut honest = Honest::meet(address).await;
    let before = resident_bytes(&server);
    let patience = HANDSHAKE_TIMEOUT + PATIENCE;
    let heads = [
        "GET / HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: aa",
    ];
    let slow: Vec<_> = (0..80)
        .map(|n| tokio::spawn(drip(address, heads[n % 2].into(), patience)))
        .collect();
    let silent: Vec<_> = (0..30)
        .map(|_| {
            tokio::spawn(async move {
                let mut wire = Wire::open(address, "").await;
                let mut rest = Vec::new();
                timeout(patience, wire.stream.read_to_end(&mut rest))
                    .await
                    .is_ok()
            })
        })
        .collect();
    // The largest message, all of it but one byte.
    let mut half = Vec::new();
    for _ in 0..30 {
        let mut wire = Wire::ready(address).await;
        let whole = frame(BINARY, &vec![0; FRAME_BYTES_MAX]);
        wire.send(&whole[..whole.len() - 1]).await;
        half.push(wire);
    }
    let began = Instant::now();
    while began.elapsed() < HANDSHAKE_TIMEOUT + Duration::from_secs(2) {
        honest.talk().await;
    }
    for ended in slow.into_iter().chain(silent) {
        assert!(ended.await.unwrap(), "it stays open for ever");
    }
    let grown = resident_bytes(&server).saturating_sub(before);
    let largest = (30 * FRAME_BYTES_MAX) as u64;
    assert!(
        grown < 4 * largest + MIB * 8,
        "{grown} bytes for 140 of them"
    );
    assert!(honest.served > 25, "{} served", honest.served);
}

const MIB: u64 = 1024 * 1024;

/// Bytes of memory the supernode has now.
fn resident_bytes(server: &Server) -> u64 {
    let status = format!("/proc/{}/status", server.process.id());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() * 1024
}

/// What a flooder sends over and over: the work of each kind of frame, and none that ends the connection.
fn blast() -> Vec<u8> {
    let victim = Person::new(2);
    let mut forged = victim.envelope(3, 60, &[0; 200]);
    forged.capability = Person::new(9).envelope(3, 60, b"").capability;
    let unknown = Person::new(9).envelope(4, 60, &[0; 200]);
    let full = Person::new(3).envelope(5, 60, &[0; 2_000]);
    let deposits = [forged, unknown, full, victim.envelope(6, 60, &[0; 200])];
    let mut out = Vec::new();
    for (request, envelope) in (0..).zip(deposits) {
        let deposit = ClientFrame::Deposit { request, envelope };
        out.extend(frame(BINARY, &encode(&deposit)));
        out.extend(frame(
            BINARY,
            &encode(&ClientFrame::Ping { token: request }),
        ));
    }
    out
}

/// What a flood may take, however long it lasts: outboxes, frames that are read, what the allocator keeps. The
/// unlimited one would leave 80 MB in its seconds, if 200 bytes of each frame stayed.
const FLOOD_MEMORY_MAX: u64 = 48 * MIB;

/// Frames in a [`blast`].
const BLAST_FRAMES: u64 = 8;

/// Sends until told to stop, at most `per_second` frames a second, and comes back whenever it is cut off.
async fn flood(address: SocketAddr, per_second: u64, sent: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    let blast = blast();
    let pause = Duration::from_secs_f64(BLAST_FRAMES as f64 / per_second as f64);
    while !stop.load(Ordering::Relaxed) {
        let Ok(Ok(wire)) = timeout(PATIENCE, tokio::spawn(Wire::ready(address))).await else {
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (mut reading, mut writing) = wire.stream.into_split();
        let drain = tokio::spawn(async move {
            let mut bytes = vec![0; 64 * 1024];
            while reading.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
        });
        let mut due = Instant::now();
        while !stop.load(Ordering::Relaxed) && !drain.is_finished() {
            let written = timeout(PATIENCE, writing.write_all(&blast)).await;
            if !matches!(written, Ok(Ok(()))) {
                break;
            }
            sent.fetch_add(BLAST_FRAMES, Ordering::Relaxed);
            due += pause;
            sleep(due.saturating_duration_since(Instant::now())).await;
        }
        drain.abort();
    }
}

/// Besieges a supernode with `flooders` while honest people talk; returns frames sent a second.
async fn besiege(server: &Server, flooders: u64, per_second: u64, span: Duration) -> u64 {
    let mut honest = Honest::meet(server.address).await;
    let (cleos, ..) = Client::claimed(server.address, &Person::new(3)).await;
    drop(cleos);
    let before = resident_bytes(server);
    let (sent, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let flooders: Vec<_> = (0..flooders)
        .map(|_| {
            tokio::spawn(flood(
                server.address,
                per_second,
                sent.clone(),
                stop.clone(),
            ))
        })
        .collect();
    let settled = span / 4;
    let began = Instant::now();
    let mut memory = Vec::new();
    let mut counted = 0;
    while began.elapsed() < span {
        honest.talk().await;
        if began.elapsed() < settled {
            counted = sent.load(Ordering::Relaxed);
        } else {
            memory.push(resident_bytes(server));
        }
        sleep(Duration::from_millis(50)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let rate = (sent.load(Ordering::Relaxed) - counted) * 4 / (3 * span.as_secs());
    for flooder in flooders {
        flooder.await.unwrap();
    }
    let (first, most) = (memory[0], *memory.iter().max().unwrap());
    println!(
        "{rate} frames a second; memory {} MiB before, {} to {} during; {} honest deposits, the slowest {:?}",
        before / MIB,
        first / MIB,
        most / MIB,
        honest.served,
        honest.slowest
    );
    assert!(
        most < before + FLOOD_MEMORY_MAX,
        "memory grows: {before}, {first}, {most}"
    );
    assert!(honest.served > 20, "{} served", honest.served);
    rate
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_at_five_times_what_is_allowed_changes_nothing_for_others() {
    let limits = "--frames-per-second 100 --frames-burst 100 --connects-per-second 1000 --connects-burst 1000 \
                  --mailbox-envelopes-max 100";
    let limits: Vec<_> = limits.split_whitespace().collect();
    let (server, _data) = Server::fresh(&limits);
    let rate = besiege(&server, 10, 500, flood_span()).await;
    assert!(
        rate > 5 * 10 * 100 / 2,
        "a flood of only {rate} frames a second"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_without_limits_leaves_room_for_others() {
    let limits = "--frames-per-second 10000000 --frames-burst 10000000 --mailbox-envelopes-max 100";
    let limits: Vec<_> = limits.split_whitespace().collect();
    let (server, _data) = Server::fresh(&limits);
    besiege(&server, 8, 1_000_000, flood_span()).await;
}

#[tokio::test]
async fn a_thousand_idle_connections_cost_little() {
    const IDLE: usize = 1_000;
    let limits =
        "--connections-per-source-max 2000 --sockets-per-source-max 2000 --connects-burst 2000";
    let limits: Vec<_> = limits.split_whitespace().collect();
    let (server, _data) = Server::fresh(&limits);
    let mut honest = Honest::meet(server.address).await;
    honest.talk().await;
    let before = resident_bytes(&server);
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        idle.push(Wire::ready(server.address).await);
    }
    let each = resident_bytes(&server).saturating_sub(before) / IDLE as u64;
    println!("{each} bytes for each idle connection");
    // An unoptimized build; `cargo xtask bench sessions` measures the real one.
    assert!(each < 32 * 1024, "{each} bytes for each idle connection");
    honest.talk().await;
    for wire in idle.iter_mut().step_by(100) {
        wire.send(&frame(PING, b"")).await;
        assert_eq!(wire.next().await, crate::wire::Came::Pong(Vec::new()));
    }
}
