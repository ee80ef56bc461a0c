//! A flood of requests and rubbish.

use std::fs;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::coturn::{MESSAGES, uclient};
use crate::program::{metric, start};
use crate::server::Server;

/// Bytes by which memory may grow: what the program takes for anything else it does meanwhile.
const GROWTH_MAX: u64 = 4 * 1024 * 1024;

/// Between 64 packets of the flood, and so at most 16,000 a second: dozens of times what four calls send.
const PAUSE: Duration = Duration::from_millis(4);

fn resident(server: &Server) -> u64 {
    let path = format!("/proc/{}/status", server.process.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib * 1024
}

/// UDP sockets of this machine on a port of 127.0.0.1: others may have the same one of another address.
fn sockets_on(port: u16) -> usize {
    let table = fs::read_to_string("/proc/net/udp").unwrap();
    let wanted = format!("0100007F:{port:04X} ");
    let lines = table.lines().skip(1);
    lines
        .filter(|line| {
            line.split_once(": ")
                .is_some_and(|(_, rest)| rest.starts_with(&wanted))
        })
        .count()
}

#[test]
fn in_a_flood_whoever_is_relayed_has_a_socket_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start(folder.path(), "127.0.0.1", &[]);
    assert_eq!(sockets_on(relay.port()), 1);
    // Ten seconds of talk.
    let calls = thread::spawn(move || {
        uclient(
            relay,
            &["-u", "ann", "-w", "pw", "-y", "-s", "-m", "4", "-z", "250"],
        )
    });
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut most = 0;
    while most < 6 && !calls.is_finished() {
        for _ in 0..64 {
            let _ = socket.send_to(&[0x7f; 100], relay);
        }
        most = most.max(sockets_on(relay.port()));
    }
    assert!(most >= 6, "{most} sockets");
    let text = calls.join().unwrap();
    assert!(text.contains("tot_recv_msgs="), "{text}");
}

#[test]
fn a_flood_takes_no_memory_and_calls_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let users = ["-u", "ann", "-w", "pw", "-y", "-s", "-m", "4", "-z", "20"];
    uclient(relay, &users);
    let before = resident(&server);
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    let flood = thread::spawn(move || {
        // Thousands of sources, each with requests that nobody has proved, and rubbish.
        let mut sent = 0_u64;
        let mut kinds = [[0_u8; 60]; 3];
        kinds[0][..8].copy_from_slice(b"\0\x03\0\x28\x21\x12\xa4\x42");
        kinds[1][..8].copy_from_slice(b"\x40\0\0\x38AAAA");
        while !stopping.load(Ordering::Relaxed) {
            let host = sent / 64 % 4000;
            let ip = format!("127.9.{}.{}", host / 250, host % 250 + 1);
            let socket = UdpSocket::bind((ip.as_str(), 0)).unwrap();
            for number in 0..64 {
                kinds[0][8..16].copy_from_slice(&sent.to_be_bytes());
                let _ = socket.send_to(&kinds[number % 3], relay);
                sent += 1;
            }
            // What the system's queues can hold: beyond that it drops, whoever sent it.
            thread::sleep(PAUSE);
        }
        sent
    });
    let mut received = 0;
    for _ in 0..3 {
        let text = uclient(relay, &users);
        let last = text.rsplit_once("tot_recv_msgs=");
        let last = last.map_or("0", |(_, count)| count);
        let digits = last.split(|byte: char| !byte.is_ascii_digit()).next();
        received += digits
            .and_then(|digits| digits.parse::<usize>().ok())
            .unwrap_or(0);
    }
    stop.store(true, Ordering::Relaxed);
    let sent = flood.join().unwrap();
    assert!(sent > 10_000, "a flood of {sent}");
    assert!(
        received * 2 > 3 * 4 * MESSAGES,
        "{received} of {}",
        3 * 4 * MESSAGES
    );
    let after = resident(&server);
    assert!(after < before + GROWTH_MAX, "{before} grew to {after}");
    assert!(metric(&server, "kith_turn_challenges_total") > 0);
}
