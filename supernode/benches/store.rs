//! `cargo bench -p supernode --bench store [-- MAILBOXES ENVELOPES_EACH]`: a store that is filled, read
//! behind what was acknowledged, swept, and opened by a real supernode.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use shared::base::effects::{Batch, LinkId};
use shared::base::id::{DeviceId, EnvelopeId, PersonaId, SealKey};
use shared::base::limits::DELIVERY_WINDOW;
use shared::base::random::bytes;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::server::record::Key;
use shared::mailbox::server::{MailboxLimits, Mailboxes, Swept};
use shared::mailbox::wire::Envelope;
use supernode::drive::now;
use supernode::random::System;
use supernode::store::Store;
use supernode::store::embedded::Embedded;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Sealed bytes of an envelope.
const BODY_BYTES: usize = 1024;
/// Deposits that share a commit.
const GROUP: usize = 512;
/// Envelopes that were acknowledged before those that are read.
const ACKNOWLEDGED: u64 = 50_000;
/// Reads of which the median counts.
const READS: usize = 201;
/// Envelopes are kept for so long, in seconds.
const KEEP_SECONDS: u32 = 86_400;

struct Person {
    id: PersonaId,
    secret: [u8; 32],
}

fn main() -> Outcome<()> {
    // Cargo itself adds words that begin with a dash.
    let words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let numbers: Vec<u64> = words.map(|word| word.parse()).collect::<Result<_, _>>()?;
    let mailboxes = numbers.first().copied().unwrap_or(10_000);
    let each = numbers.get(1).copied().unwrap_or(100);
    let data = tempfile::tempdir()?;
    let folder = data.path().join("store");
    let store = Embedded::open(&folder)?;
    let people = fill(&store, mailboxes, each)?;
    if each >= DELIVERY_WINDOW as u64 {
        read_behind_acknowledged(&store, &people)?;
    }
    sweep(&store)?;
    drop(store);
    start(data.path())
}

/// Deposits as a supernode does, round after round, so that every mailbox grows all the time.
fn fill(store: &Embedded, mailboxes: u64, each: u64) -> Outcome<Vec<Person>> {
    let limits = MailboxLimits::default();
    let mut relay = Mailboxes::restore(limits, []).0;
    let mut people = Vec::new();
    let mut batch = Batch::default();
    for _ in 0..mailboxes {
        people.push(register(&mut relay, &mut batch)?);
        if batch.changes.len() >= GROUP {
            store.commit(&std::mem::take(&mut batch))?;
        }
    }
    store.commit(&std::mem::take(&mut batch))?;
    let mut per_envelope = Vec::new();
    for round in 0..each {
        let (began, cpu) = (Instant::now(), cpu_time()?);
        for group in people.chunks(GROUP) {
            for person in group {
                let envelope = envelope(person);
                let deposited = relay.deposit(now(), envelope, None, &mut batch);
                deposited.map_err(|code| format!("{code:?}"))?;
            }
            store.commit(&std::mem::take(&mut batch))?;
        }
        let count = u32::try_from(mailboxes)?;
        per_envelope.push((began.elapsed() / count, (cpu_time()? - cpu) / count));
        if round == each / 10 || round + 1 == each {
            let rounds = (per_envelope.len() / 2).max(1);
            let tail = &per_envelope[per_envelope.len() - rounds..];
            let wall = tail.iter().map(|(wall, _)| *wall).sum::<Duration>();
            let cpu = tail.iter().map(|(_, cpu)| *cpu).sum::<Duration>();
            let count = u32::try_from(rounds)?;
            print(
                &format!("deposit, with {} kept: CPU time", (round + 1) * mailboxes),
                cpu / count,
            );
            print("  and until it is committed, for each", wall / count);
            per_envelope.clear();
        }
    }
    Ok(people)
}

fn register(relay: &mut Mailboxes, batch: &mut Batch) -> Outcome<Person> {
    let random = &mut System::default();
    let persona = SigningKey::from_seed(bytes(random));
    let device = DeviceId(SigningKey::from_seed(bytes(random)).public());
    let id = PersonaId(persona.public());
    let list = DeviceList {
        persona: id,
        version: 1,
        previous: None,
        at: Timestamp(0),
        devices: vec![DeviceEntry {
            device,
            seal: SealKey([0; 32]),
            since: Timestamp(0),
        }],
    };
    let devices = VerifiedDeviceList::sign(&list, &persona).map_err(|_| "a list")?;
    let secret = bytes(random);
    let claimed = relay.claim(now(), LinkId(0), &devices, device, &secret, batch);
    claimed.map_err(|error| error.to_string())?;
    relay.close(LinkId(0), &id);
    Ok(Person { id, secret })
}

fn envelope(person: &Person) -> Envelope {
    let random = &mut System::default();
    Envelope {
        to: person.id,
        capability: Capability::issue(&person.secret, &person.id, Lane::Contact, None, random),
        id: EnvelopeId(bytes(random)),
        keep_seconds: KEEP_SECONDS,
        bytes: vec![7; BODY_BYTES],
    }
}

/// A window of a mailbox in which nothing was ever removed, and one behind many that were.
fn read_behind_acknowledged(store: &Embedded, people: &[Person]) -> Outcome<()> {
    let fresh = people.first().ok_or("nobody")?.id;
    let busy = PersonaId([0; 32]);
    let window = DELIVERY_WINDOW as u64;
    let mut batch = Batch::default();
    for sequence in 1..=ACKNOWLEDGED + window {
        let body = bytes::<BODY_BYTES>(&mut System::default()).to_vec();
        batch.put(Key::Body(busy, sequence).to_bytes(), body);
        if batch.changes.len() == GROUP || sequence == ACKNOWLEDGED + window {
            store.commit(&std::mem::take(&mut batch))?;
        }
    }
    for first in (1..=ACKNOWLEDGED).step_by(GROUP) {
        let mut batch = Batch::default();
        for sequence in first..(first + GROUP as u64).min(ACKNOWLEDGED + 1) {
            batch.delete(Key::Body(busy, sequence).to_bytes());
        }
        store.commit(&batch)?;
    }
    let behind = ACKNOWLEDGED + 1;
    print("read of 64 envelopes", read(store, fresh, 1)?);
    print("  behind 50,000 acknowledged", read(store, busy, behind)?);
    Ok(())
}

fn read(store: &Embedded, mailbox: PersonaId, first: u64) -> Outcome<Duration> {
    let last = first + DELIVERY_WINDOW as u64 - 1;
    let (first, last) = (Key::Body(mailbox, first), Key::Body(mailbox, last));
    let mut times = Vec::new();
    for _ in 0..READS {
        let began = Instant::now();
        let records = store.read(&first.to_bytes(), &last.to_bytes(), DELIVERY_WINDOW)?;
        times.push(began.elapsed());
        if records.len() != DELIVERY_WINDOW {
            return Err(format!("{} records", records.len()).into());
        }
    }
    times.sort();
    Ok(times[READS / 2])
}

/// Looking for what has expired when nothing has, and half a day after everything has.
fn sweep(store: &Embedded) -> Outcome<()> {
    let mut relay = Mailboxes::restore(MailboxLimits::default(), store.index()?).0;
    let mut batch = Batch::default();
    let began = Instant::now();
    while !matches!(relay.sweep(now(), &mut batch), Swept::Round(_)) {}
    print("sweep, nothing has expired", began.elapsed());
    let later = now().after(Duration::from_secs(u64::from(KEEP_SECONDS) * 3 / 2));
    let (before, began) = (relay.kept().envelopes, Instant::now());
    let mut longest = Duration::ZERO;
    loop {
        let turn = Instant::now();
        let swept = relay.sweep(later, &mut batch);
        longest = longest.max(turn.elapsed());
        batch = Batch::default();
        if matches!(swept, Swept::Round(_)) {
            break;
        }
    }
    let gone = u32::try_from(before - relay.kept().envelopes)?.max(1);
    print("sweep, all have, for each envelope", began.elapsed() / gone);
    print("  longest turn", longest);
    Ok(())
}

fn start(data: &Path) -> Outcome<()> {
    let began = Instant::now();
    let mut server = Server(
        Command::new(env!("CARGO_BIN_EXE_supernode"))
            .args(["--http", "127.0.0.1:0", "--data"])
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()?,
    );
    let log = server.0.stderr.take().ok_or("no log")?;
    let listening =
        |line: &Result<String, _>| matches!(line, Ok(line) if line.contains("listening port="));
    BufReader::new(log)
        .lines()
        .find(listening)
        .ok_or("it ended")??;
    print("start of a supernode on it", began.elapsed());
    let status = fs::read_to_string(format!("/proc/{}/status", server.0.id()))?;
    for line in status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
    Ok(())
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// CPU time of this process, all threads.
fn cpu_time() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/self/schedstat")?;
    let own: u64 = stat.split_whitespace().next().ok_or("no time")?.parse()?;
    Ok(Duration::from_nanos(own))
}

fn print(what: &str, time: Duration) {
    println!("{what:<44} {time:>12.1?}");
}
